"""Sockets on loopback: the port of the simulated AWS, and the proxy that older plugins reach it by."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path


def listen() -> socket.socket:
    """A socket that queues connections from now on, whether somebody serves them yet or not."""
    return socket.create_server(("127.0.0.1", 0), backlog=128)


@dataclass(frozen=True, slots=True)
class ProxySocket:
    """A socket that queues connections, and the file of the certificates that are trusted behind it.

    The file is there from the beginning, with those that the SDK brings; the door's own is added when it is opened.
    """

    listening: socket.socket
    folder: Path
    simulator: tuple[str, int]

    @classmethod
    def prepared(cls, folder: Path, simulator: tuple[str, int]) -> ProxySocket:
        """A door that leads to a port of the simulated AWS, and costs nothing yet."""
        proxy_socket = cls(listen(), folder, simulator)
        sdk = find_spec("botocore")
        for place in sdk.submodule_search_locations or () if sdk is not None else ():
            with suppress(FileNotFoundError):
                shutil.copyfile(Path(place) / "cacert.pem", proxy_socket.bundle)
        return proxy_socket

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
