"""Measure ssh and scp through ssmtui and through the AWS CLI, beside a real node with a real sshd.

    AGENT=… PLUGIN=… python -m tools.real_node -- python -m tools.benchmarks.ssh

The server runs on the machine of the real node. Each round runs the clients one after the other: ssmtui with the
built-in client, ssmtui with the plugin, and each AWS CLI that is found. A wrong exit code, a wrong checksum, or a
message of ssmtui despite `ssh -q` ends the run with an error. The medians are printed.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shlex
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ssmtui import processes
from ssmtui.simulator.real_node.isolation import Root
from ssmtui.simulator.real_node.programs import run_program
from tools.benchmarks.aws_cli import aws_clis

_FOLDER: Final = "/etc/ssmtui-sshd"
_REMOTE: Final = "/root/ssmtui-file"
_PORT: Final = 22
_SERVER: Final = f"""\
ListenAddress 127.0.0.1
Port {_PORT}
HostKey {_FOLDER}/host
AuthorizedKeysFile {_FOLDER}/id.pub
StrictModes no
UsePAM no
PidFile none
Subsystem sftp internal-sftp
"""
_LOOKS_EVERY: Final = 0.05
_OPTIONS: Final = ("-o", "User=root", "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=accept-new")


class WrongError(Exception):
    """A command did not do what it should."""


@dataclass(frozen=True, slots=True)
class Client:
    """A client of sessions: its name, the SSH configuration that names it, and the variables that select it.

    The AWS CLI has no variables; its plugin warns of an old version each time.
    """

    name: str
    configuration: Path
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command took and said."""

    seconds: float
    output: str
    errors: str


class Measurement:
    """Commands of OpenSSH to one node."""

    def __init__(self, node: str, folder: Path, content: bytes) -> None:
        """Write a file with this content, which is copied."""
        self._node = node
        self._folder = folder
        self._sum = hashlib.sha256(content).hexdigest()
        self._file = folder / "file"
        self._file.write_bytes(content)
        self._back = folder / "back"

    def ssh(self, client: Client) -> float:
        """Return the seconds of `ssh -q NODE true`. Raises WrongError if ssmtui shows anything."""
        ran = self._run(client, "ssh", "-q", self._node, "true")
        if ran.errors and client.variables:
            raise WrongError(f"{client.name}: ssh -q shows {ran.errors}")
        return ran.seconds

    def upload(self, client: Client) -> float:
        """Return the seconds of scp to the node."""
        ran = self._run(client, "scp", "-q", str(self._file), f"{self._node}:{_REMOTE}")
        arrived = self._run(client, "ssh", "-q", self._node, f"sha256sum {_REMOTE}")
        self._check(client, arrived.output.split()[0])
        return ran.seconds

    def download(self, client: Client) -> float:
        """Return the seconds of scp from the node."""
        ran = self._run(client, "scp", "-q", f"{self._node}:{_REMOTE}", str(self._back))
        self._check(client, hashlib.sha256(self._back.read_bytes()).hexdigest())
        self._back.unlink()
        return ran.seconds

    def _check(self, client: Client, found: str) -> None:
        if found != self._sum:
            raise WrongError(f"{client.name}: the copy differs")

    def _run(self, client: Client, program: str, *words: str) -> Ran:
        known = f"UserKnownHostsFile={self._folder / 'known'}"
        files = ("-F", str(client.configuration), "-i", str(self._folder / "id"), "-o", known)
        begun = time.perf_counter()
        ended = subprocess.run(
            (program, *files, *_OPTIONS, *words),
            check=False,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **client.variables},
        )
        seconds = time.perf_counter() - begun
        if ended.returncode:
            raise WrongError(f"{client.name}: {program} ends with {ended.returncode}: {ended.stderr}")
        return Ran(seconds, ended.stdout, ended.stderr)


def clients(node: str, folder: Path) -> tuple[Client, ...]:
    """Return ssmtui with both clients, by the configuration that it prints, and each AWS CLI that is found."""
    own = folder / "ssmtui.conf"
    own.write_bytes(subprocess.check_output(processes.python("-m", "ssmtui", "ssh-config", node)))
    found = [
        Client("ssmtui, built-in client", own, {"SSMTUI_CLIENT": "builtin"}),
        Client("ssmtui, plugin", own, {"SSMTUI_CLIENT": "plugin"}),
    ]
    for cli in aws_clis():
        configuration = folder / f"aws-{cli.major}.conf"
        document = ("--document-name", "AWS-StartSSHSession", "--parameters", "portNumber=%p")
        words = (*cli.command, "ssm", "start-session", "--target", "%h", *document)
        configuration.write_text(f"Host {node}\n    ProxyCommand {shlex.join(words)}\n", encoding="utf-8")
        found.append(Client(cli.name, configuration))
    return tuple(found)


@contextmanager
def server(root: Root, folder: Path) -> Iterator[None]:
    """Run sshd on the node's machine. The keys are made for this run."""
    for name in ("host", "id"):
        run_program("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name))
    place = root.file(_FOLDER)
    place.mkdir()
    root.file("/run/sshd").mkdir(parents=True, exist_ok=True)
    for name in ("host", "id.pub"):
        shutil.copy(folder / name, place)
    (place / "config").write_text(_SERVER, encoding="utf-8")
    words = root.command("/usr/sbin/sshd", "-D", "-e", "-f", f"{_FOLDER}/config")
    with (folder / "sshd.log").open("wb") as log, subprocess.Popen(words, stderr=log) as running:
        try:
            while not _answers():
                if running.poll() is not None:
                    raise WrongError(f"sshd ended: {(folder / 'sshd.log').read_text()}")
                time.sleep(_LOOKS_EVERY)
            yield
        finally:
            running.terminate()


def _answers() -> bool:
    try:
        socket.create_connection(("127.0.0.1", _PORT)).close()
    except OSError:
        return False
    return True


def main(words: Sequence[str]) -> None:
    """Print a line for each client."""
    parser = argparse.ArgumentParser(prog="python -m tools.benchmarks.ssh", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="of ssh")
    parser.add_argument("--copies", type=int, default=1, help="rounds of scp")
    parser.add_argument("--megabytes", type=int, default=20)
    asked = parser.parse_args(words)
    node, root = os.environ["NODE"], Root(Path(os.environ["NODE_ROOT"]))
    with tempfile.TemporaryDirectory() as name, server(root, Path(name)):
        folder = Path(name)
        measured = Measurement(node, folder, os.urandom(asked.megabytes * 1_000_000))
        found = clients(node, folder)
        measures = {
            "`ssh NODE true`": (measured.ssh, asked.rounds),
            f"scp up, {asked.megabytes} MB": (measured.upload, asked.copies),
            f"scp down, {asked.megabytes} MB": (measured.download, asked.copies),
        }
        measured.ssh(found[0])  # The host becomes known, and the session's user is created.
        print(f"| | {' | '.join(client.name for client in found)} |\n|---|{'---|' * len(found)}")
        for title, (measure, rounds) in measures.items():
            seconds = [[measure(client) for client in found] for _ in range(rounds)]
            medians = map(statistics.median, zip(*seconds, strict=True))
            print(f"| {title} | {' | '.join(f'{each:.2f} s' for each in medians)} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
