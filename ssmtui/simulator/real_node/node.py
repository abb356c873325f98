"""Register the real agent with the simulated AWS, and start, stop and restart it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ssmtui import processes
from ssmtui.simulator import state
from ssmtui.simulator.node_state.registration import registration_status
from ssmtui.simulator.real_node.isolation import Root
from ssmtui.simulator.real_node.programs import MissingError

_BUNDLE: Final = "/etc/ssl/certs/simulated-aws.pem"
_AGENT: Final = "/usr/bin/amazon-ssm-agent"
_LOG: Final = "/var/log/amazon/ssm/amazon-ssm-agent.log"
_PATIENCE: Final = 90.0
"""The agent looks each minute whether its worker is still there."""

_LOOKS_EVERY: Final = 0.05


@dataclass(frozen=True, slots=True)
class Activation:
    """A hybrid activation, as its creator knows it."""

    region: str
    id: str
    code: str


class RealNode:
    """A machine with the real agent, registered as a hybrid node of the simulated AWS."""

    def __init__(self, root: Root, activation: Activation, proxy: Mapping[str, str], name: str) -> None:
        """Register the machine; `proxy` are the variables that lead programs to the simulated AWS.

        Raises MissingError if the agent cannot register.
        """
        self.root = root
        self.name = name
        self.region = activation.region
        self._agent: subprocess.Popen[bytes] | None = None
        shutil.copyfile(proxy["AWS_CA_BUNDLE"], root.file(_BUNDLE))
        self._variables = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HTTPS_PROXY": proxy["HTTPS_PROXY"],
            "https_proxy": proxy["HTTPS_PROXY"],
            "NO_PROXY": "169.254.169.254",
            "SSL_CERT_FILE": _BUNDLE,
        }
        words = ("-register", "-id", activation.id, "-code", activation.code, "-region", activation.region, "-y")
        code, output = root.run((_AGENT, *words), self._variables)
        nodes = state.hidden(state.ACCOUNT, self.region).hybrid_nodes.values()
        own = [node.node_id for node in nodes if node.activation_id == activation.id]
        if code != 0 or not own:
            raise MissingError(f"The agent could not register: {output}")
        self.id = own[0]

    @property
    def log(self) -> str:
        """The agent's own log."""
        with suppress(FileNotFoundError):
            return self.root.file(_LOG).read_text(encoding="utf-8", errors="replace")
        return ""

    def start(self, *prefix: str) -> None:
        """Start the agent, by a program if one is given, and wait until it is connected. Raises MissingError."""
        with self.root.file("/var/log/agent-output").open("ab") as output:
            self._agent = processes.start(
                (*prefix, *self.root.command(_AGENT)),
                self._variables,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.wait_until_connected()

    def wait_until_connected(self) -> None:
        """Wait until the agent reports and has its control channel. Raises MissingError."""
        self._wait_until("connected")

    def wait_until_disconnected(self) -> None:
        """Wait until the agent has lost its control channel. Raises MissingError."""
        self._wait_until("notconnected")

    def _wait_until(self, connection: str) -> None:
        deadline = time.monotonic() + _PATIENCE
        while registration_status(state.ACCOUNT, self.region, self.id).connection != connection:
            if time.monotonic() > deadline:
                raise MissingError(
                    f"The agent was not {connection} within {_PATIENCE:.0f} seconds.\n{self.log[-2000:]}"
                )
            time.sleep(_LOOKS_EVERY)

    def stop(self, *, workers_too: bool = True) -> None:
        """Stop the agent with the worker that it watches; with the workers of sessions, unless they are to stay."""
        if self._agent is None:
            return
        self._agent.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._agent.wait(10)
        self._agent.kill()
        self._agent.wait()
        for pid in self.processes("ssm-agent-worker", *(("ssm-session-worker",) if workers_too else ())):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._agent = None

    def processes(self, *names: str) -> list[int]:
        """Return the processes of these programs. No other process is in the namespace."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if Path((folder / "cmdline").read_bytes().split(b"\0")[0].decode()).name in names:
                    found.append(int(folder.name))
        return found
