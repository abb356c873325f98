"""A `ssmtui tunnel` as a process of its own, and the stand-in for the plugin before an echo."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ssmtui.simulator.in_thread import SimulatedAws
from tests.session.tunnels.at_hand import PLUGIN, echo

LEADS = re.compile(r"ssmtui: localhost:(\d+) forwards to web-1:\d+\n")


class UnderWay:
    """A `ssmtui tunnel` that is open."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stderr is not None
        told = process.stderr.readline()
        before = [told]
        if "earlier ssmtui process" in told:  # what a killed one left is told of first
            told = process.stderr.readline()
        leads = LEADS.fullmatch(told)
        assert leads is not None, told + process.stderr.read()
        self.port = int(leads[1])
        self.told = [*(each for each in before if each != told), process.stderr.readline()]

    def end(self, by: signal.Signals) -> int:
        """Send a signal; the exit code."""
        self.process.send_signal(by)
        _, rest = self.process.communicate(timeout=60)
        self.told += rest.splitlines(keepends=True)
        return self.process.returncode


def started(
    aws: SimulatedAws, plugin: Path, home: Path, where: str, *, client: str = "plugin"
) -> subprocess.Popen[str]:
    """`ssmtui tunnel web-1` to a port, by the plugin in a folder or the built-in client, and a home of its own."""
    environment = {"PATH": f"{plugin}:{os.environ['PATH']}", "HOME": str(home), "LANG": "C.UTF-8"}
    return subprocess.Popen(
        [sys.executable, "-m", "ssmtui", "tunnel", "web-1", where],
        env={**environment, "SSMTUI_CLIENT": client, **aws.environment},
        cwd=home,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )


def lives(pid: int) -> bool:
    """Return whether a process exists. One that has just ended exists until init has read its exit code."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def port_plugin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for PATH with the stand-in for the plugin, before an echo. No plugin outlives the test."""
    folder = tmp_path_factory.mktemp("plugin")
    pids = folder / "pids"
    pids.mkdir()
    with echo() as port:
        told = folder / "behaviour.json"
        told.write_text(json.dumps({"ends": "never", "text": "", "target": port, "pids": str(pids)}))
        program = folder / "session-manager-plugin"
        run = shlex.join([sys.executable, "-I", "-S", str(PLUGIN), str(told)])
        program.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo 1.2.835.0 && exit\nexec {run} "$@"\n')
        program.chmod(0o755)
        yield folder
    for each in pids.iterdir():
        try:
            os.kill(int(each.read_text().split()[0]), signal.SIGKILL)
        except ProcessLookupError:
            continue
