"""Ctrl-Z: the shell has a sane terminal while the app is stopped, and the app is back where it was afterwards."""

from __future__ import annotations

import os
import signal
import sys
import time

import pytest

from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import opened
from tests.ui.waiting import until

pty = pytest.importorskip("pty")
termios = pytest.importorskip("termios")

PROGRAM = """
from ssmtui.ui.app.app import SsmtuiApp
from tests.ui.demo_fleet import demo_inquiry
raise SystemExit(SsmtuiApp(demo_inquiry(), mode="demo").run())
"""

_PATIENCE = 60.0


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self) -> None:
        self.child, self.there = pty.fork()
        if not self.child:
            os.environ |= {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
            os.execv(sys.executable, [sys.executable, "-c", PROGRAM])  # noqa: S606 - there is no shell between

    def until_said(self, words: bytes) -> None:
        """Read until the program has written these words."""
        said, end = b"", time.monotonic() + _PATIENCE
        while words not in said:
            assert time.monotonic() < end, said
            said += os.read(self.there, 65_536)

    def press(self, keys: bytes) -> None:
        os.write(self.there, keys)

    def waited(self) -> int:
        """How the program has stopped or ended."""
        return os.waitpid(self.child, os.WUNTRACED)[1]

    @property
    def echoes(self) -> bool:
        """Whether the terminal is as a shell has it: what is typed is shown, a line at a time."""
        local = termios.tcgetattr(self.there)[3]
        return bool(local & termios.ECHO and local & termios.ICANON)


def test_the_shell_has_its_terminal_and_the_app_comes_back() -> None:
    terminal = Terminal()
    terminal.until_said(b"45 nodes")
    assert not terminal.echoes
    terminal.press(b"\x1a")
    terminal.until_said(b"\x1b[?1049l")  # the shell's screen is back
    assert os.WIFSTOPPED(terminal.waited())
    assert terminal.echoes
    os.kill(terminal.child, signal.SIGCONT)
    terminal.until_said(b"45 nodes")
    assert not terminal.echoes
    terminal.press(b"q")
    terminal.until_said(b"\x1b[?1049l")
    assert os.waitstatus_to_exitcode(terminal.waited()) == 0
    assert terminal.echoes


async def test_nothing_is_suspended_in_the_middle_of_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[int] = []
    monkeypatch.setattr(os, "kill", lambda _pid, number: stopped.append(number))
    async with opened(demo_inquiry()) as shown:
        shown.app.context.writing = True
        shown.app.action_suspend_process()
        await until(
            shown.pilot, lambda: any("A change is in progress" in each.message for each in shown.app._notifications)
        )
        assert stopped == []
        shown.app.context.writing = False
