"""A `ssmtui tunnel` as a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from ssmtui.simulator.in_thread import SimulatedAws

LEADS = re.compile(r"ssmtui: localhost:(\d+) leads to web-1:\d+\n")


class UnderWay:
    """A `ssmtui tunnel` that is open."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stderr is not None
        told = process.stderr.readline()
        leads = LEADS.fullmatch(told)
        assert leads is not None, told + process.stderr.read()
        self.port = int(leads[1])
        self.told = [process.stderr.readline()]

    def end(self, by: signal.Signals) -> int:
        """Send a signal; the exit code."""
        self.process.send_signal(by)
        _, rest = self.process.communicate(timeout=60)
        self.told += rest.splitlines(keepends=True)
        return self.process.returncode


def started(aws: SimulatedAws, plugin: Path, home: Path, where: str) -> subprocess.Popen[str]:
    """`ssmtui tunnel web-1` to a port, with the plugin in a folder, and a home of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "ssmtui", "tunnel", "web-1", where],
        env={"PATH": f"{plugin}:{os.environ['PATH']}", "HOME": str(home), "LANG": "C.UTF-8", **aws.environment},
        cwd=home,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
