"""Scripts run by bash with the stock AWS CLI, on the simulated AWS."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ssmtui.simulator.in_thread import SimulatedAws

_CLIENT = """#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as there:
    there.connect({socket!r})
    asked = json.dumps({{"arguments": sys.argv[1:], "environment": dict(os.environ)}})
    socket.send_fds(there, [b" "], [0, 1, 2])
    there.sendall(asked.encode())
    there.shutdown(socket.SHUT_WR)
    sys.exit(json.loads(there.recv(64))[0])
"""


@dataclass(frozen=True)
class StockCli:
    """A folder with `aws` in it."""

    folder: Path

    def run(self, script: str, aws: SimulatedAws) -> subprocess.CompletedProcess[str]:
        """Have bash run a script; `aws` is where the CLI sends to."""
        environment = {**aws.environment, "PATH": f"{self.folder}:/usr/bin:/bin", "HOME": str(self.folder)}
        return subprocess.run(
            ["/bin/bash"], input=script, capture_output=True, text=True, env=environment, timeout=60, check=False
        )


@contextmanager
def stock_cli(folder: Path) -> Iterator[StockCli]:
    """The AWS CLI of this environment, ready to run commands."""
    socket = folder / "socket"
    command = folder / "aws"
    command.write_text(_CLIENT.format(python=sys.executable, socket=str(socket)))
    command.chmod(0o700)
    serving = subprocess.Popen(
        [sys.executable, "-m", "tests.remediation.export.preloaded_cli", str(socket)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull},
    )
    try:
        assert serving.stdout is not None
        assert serving.stdout.readline() == "ready\n"
        yield StockCli(folder)
    finally:
        serving.communicate()


@pytest.fixture(scope="session")
def cli(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StockCli]:
    """The stock AWS CLI, for tests of any folder."""
    with stock_cli(tmp_path_factory.mktemp("cli")) as ready:
        yield ready
