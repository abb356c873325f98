"""A proxy for the official plugin, whose older versions ask KMS at amazonaws.com whatever endpoint they are told.

Their connections to AWS come to this computer (HTTPS_PROXY), meet a certificate that they trust (AWS_CA_BUNDLE), and
are led to the simulated AWS. Whatever is no name of AWS's goes nowhere: nothing leaves by this door.
"""

from __future__ import annotations

import shutil
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ssmtui.simulator.listening import listen


@dataclass(frozen=True, slots=True)
class Door:
    """A socket that queues connections, and the file of the certificates that are trusted behind it.

    The file is there from the beginning, with those that the SDK brings; the door's own is added when it is opened.
    """

    listening: socket.socket
    folder: Path
    simulator: tuple[str, int]

    @classmethod
    def prepared(cls, folder: Path, simulator: tuple[str, int]) -> Door:
        """A door that leads to a port of the simulated AWS, and costs nothing yet."""
        door = cls(listen(), folder, simulator)
        sdk = find_spec("botocore")
        for place in sdk.submodule_search_locations or () if sdk is not None else ():
            with suppress(FileNotFoundError):
                shutil.copyfile(Path(place) / "cacert.pem", door.bundle)
        return door

    @property
    def bundle(self) -> Path:
        """The file of trusted certificates."""
        return self.folder / "trusted.pem"

    @property
    def variables(self) -> Mapping[str, str]:
        """What leads a program through the door."""
        host, port = self.listening.getsockname()[:2]
        proxy = f"http://{host}:{port}"
        return {"HTTPS_PROXY": proxy, "https_proxy": proxy, "AWS_CA_BUNDLE": str(self.bundle)}
