"""Plugins of tunnels whose ssmtui was killed: they keep a local port and a session, until the next command ends them.

A number of a process is given to another process in time. So a plugin is told by more than its number: it is of this
user, began at the moment that was written down, and was started for a session. What cannot be told is left alone.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

from ssmtui import processes

_STARTED_FOR_A_SESSION = "AWS_SSM_START_SESSION_RESPONSE"
"""An argument of every plugin that ssmtui and newer AWS CLIs start; see `plugin/invocation.py`."""
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_DYING = 2.0
_BETWEEN_LOOKS = 0.02


@dataclass(frozen=True, slots=True)
class StartedPlugin:
    """A plugin's process: its number, and when it began as the system tells it."""

    pid: int
    began: str

    @classmethod
    def of(cls, pid: int) -> StartedPlugin | None:
        """Return a plugin that runs; None if this system cannot tell when it began."""
        began = _began(pid)
        return cls(pid, began) if began else None

    @property
    def is_surely_running(self) -> bool:
        """Whether the number is still that of this very plugin."""
        return self.pid > 1 and _began(self.pid) == self.began and _STARTED_FOR_A_SESSION in _words(self.pid)


def end_plugins(plugins: Sequence[StartedPlugin]) -> None:
    """End plugins in the background: by the signal at which they end their session, else at once."""
    Thread(target=_end, args=(tuple(plugins),), name="ssmtui-left-plugins", daemon=True).start()


def signal_group(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process and to what it started, if it leads a group; a wrapper may have started the plugin."""
    with suppress(OSError):
        if sys.platform != "win32" and os.getpgid(pid) == pid:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)


def _end(plugins: tuple[StartedPlugin, ...]) -> None:
    if sys.platform == "win32":
        return
    for number, patience in ((signal.SIGINT, _DYING), (signal.SIGKILL, 0.0)):
        for each in plugins:
            if each.is_surely_running:
                signal_group(each.pid, number)
        until = monotonic() + patience
        while monotonic() < until and any(each.is_surely_running for each in plugins):
            sleep(_BETWEEN_LOOKS)


if sys.platform == "linux":

    def _began(pid: int) -> str:
        """The boot of the system, and the clock ticks after it at which a process of this user began; or nothing."""
        process = Path(f"/proc/{pid}")
        try:
            if process.stat().st_uid != os.geteuid():
                return ""
            # The name, which stands in brackets, may hold anything; what follows is counted from its end.
            after_name = (process / "stat").read_text(errors="replace").rpartition(")")[2].split()
            if after_name[0] in "ZX":
                return ""
            return f"{_BOOT.read_text().strip()} {after_name[19]}"
        except (OSError, IndexError):
            return ""

    def _words(pid: int) -> Sequence[str]:
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            return ()

elif sys.platform == "win32":

    def _began(_pid: int) -> str:
        return ""

    def _words(_pid: int) -> Sequence[str]:
        return ()

else:

    def _began(pid: int) -> str:
        return _told("lstart", pid)

    def _words(pid: int) -> Sequence[str]:
        return _told("args", pid).split()

    def _told(what: str, pid: int) -> str:
        words = ["/bin/ps", "-o", f"{what}=", "-p", str(pid), "-U", str(os.geteuid())]
        nothing = subprocess.DEVNULL
        try:
            told = processes.run(
                words, {"LC_ALL": "C", "TZ": "UTC"}, stdin=nothing, stdout=subprocess.PIPE, stderr=nothing
            )
        except OSError:
            return ""
        return told.stdout.decode(errors="replace").strip() if told.returncode == 0 else ""
