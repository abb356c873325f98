"""Run the simulated AWS as a child process that ends with its parent, and set the environment that points to it.

Importing this module loads no AWS SDK. The child lives as long as its standard input is open: only the parent has the
write end of that pipe, so the operating system closes it however the parent ends.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from ssmtui import processes

CALLER_ACCESS_KEY: Final = "ASIASIMULATORCALLER1"
"""The access key of the role that reads the simulated account; the role's policies decide what it can do."""


def environment(endpoint_url: str, region: str, token: str = "simulated") -> dict[str, str]:  # noqa: S107 - made up
    """Return the variables to set; the credentials are invented and only work with this simulator.

    `token` identifies the process that started the simulator.
    """
    return {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": CALLER_ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": "simulated",
        "AWS_SESSION_TOKEN": token,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
        # The user's own proxy must not be used for loopback.
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }


def without_aws_variables(surroundings: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without the user's AWS variables (profile, endpoint, …), with these variables added."""
    others = {name: value for name, value in surroundings.items() if not name.startswith("AWS_")}
    return others | dict(variables)


_PATIENCE_SECONDS: Final = 5


class SimulatorError(Exception):
    """The simulator did not start; the text says why, in one sentence."""


class Simulator:
    """A running simulator. `regions` are those of its scenario, the home Region first.

    `organization` is the role of the caller in the other accounts, None if there are none.
    """

    def __init__(
        self,
        child: subprocess.Popen[bytes],
        endpoint_url: str,
        regions: tuple[str, ...],
        variables: Mapping[str, str],
        token: str,
        organization: str | None = None,
    ) -> None:
        self._child = child
        self.endpoint_url = endpoint_url
        self.regions = regions
        self.organization = organization
        self._variables = variables
        self._token = token

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point an SDK or the AWS CLI to this simulator; see also `environment.isolated`."""
        return {**environment(self.endpoint_url, self.regions[0], self._token), **self._variables}

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._child.pid

    def stop(self) -> None:
        """End the child and wait for it; a second call does nothing."""
        _end(self._child)

    def __enter__(self) -> Self:
        """Return the running simulator."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop it."""
        self.stop()


def start(scenario: str = "demo", real_node: Path | None = None) -> Simulator:
    """Start a simulator with a scenario. Return as soon as it listens: requests wait until the scenario is built.

    `real_node` is the folder of the SSM Agent, if the agent itself is to be one more node. Raises SimulatorError.
    """
    agent = () if real_node is None else ("--real-node", str(real_node))
    child = processes.start(
        processes.python("-m", "ssmtui.simulator", "--scenario", scenario, *agent),
        os.environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # The screen belongs to the parent: the child must not write to it.
        stderr=subprocess.DEVNULL,
        # The parent handles Ctrl-C in the terminal.
        start_new_session=True,
    )
    try:
        announcement = _announcement(child)
    except BaseException:
        _end(child)
        raise
    return Simulator(
        child,
        announcement["endpoint_url"],
        tuple(announcement["regions"]),
        announcement["variables"],
        announcement["token"],
        announcement["organization"],
    )


def _announcement(child: subprocess.Popen[bytes]) -> dict[str, Any]:
    stdout = child.stdout
    line = stdout.readline() if stdout is not None else b""
    try:
        announcement: dict[str, Any] = json.loads(line)
    except ValueError as error:
        raise SimulatorError("The simulator ended before it listened.") from error
    if "error" in announcement:
        raise SimulatorError(announcement["error"])
    return announcement


def _end(child: subprocess.Popen[bytes]) -> None:
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
    try:
        child.wait(timeout=_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def listen() -> socket.socket:
    """Return a socket that queues connections from now on, even if nothing serves them yet."""
    return socket.create_server(("127.0.0.1", 0), backlog=128)


@dataclass(frozen=True, slots=True)
class ProxySocket:
    """A socket that queues connections, and the file of the certificates to trust behind it.

    The file has the SDK's certificates from the start; the proxy's own certificate is added when it is opened.
    """

    listening: socket.socket
    folder: Path
    simulator: tuple[str, int]

    @classmethod
    def prepared(cls, folder: Path, simulator: tuple[str, int]) -> ProxySocket:
        """Prepare a proxy to a port of the simulated AWS, which costs nothing until it is opened."""
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
        """The variables that send a program through the proxy."""
        host, port = self.listening.getsockname()[:2]
        proxy = f"http://{host}:{port}"
        return {"HTTPS_PROXY": proxy, "https_proxy": proxy, "AWS_CA_BUNDLE": str(self.bundle)}
