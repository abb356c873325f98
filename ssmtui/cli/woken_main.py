"""The main thread, woken for a signal that came as it was about to wait.

Python runs a signal's handler between two steps of the main thread, and a wait for a lock or a socket is one step: what
comes after the last look and before the wait begins is heard when the wait is over, perhaps never. A file descriptor is
written to at once, whatever the main thread does: whoever reads it there interrupts the wait.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from types import FrameType
from typing import Final

_PAUSES: Final = (0.05, 0.5)
"""Seconds until it is woken, and once more: who was between two waits may have been missed the first time."""

_for_process: int | None = None


def wake_for_signals() -> None:
    """Have the main thread woken from here on. Called in the main thread; once for a process."""
    global _for_process  # noqa: PLW0603 - a process has one, and a fork of it none
    if sys.platform == "win32" or _for_process == os.getpid():
        return
    _for_process = os.getpid()
    heard, told = os.pipe()
    os.set_blocking(told, False)
    # It says nothing, and nobody sends it otherwise: a wait is interrupted by whatever has a handler.
    signal.signal(signal.SIGURG, _nothing)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    threading.Thread(target=_wake, args=(heard, threading.get_ident()), name="ssmtui-signals", daemon=True).start()


if sys.platform != "win32":

    def _wake(heard: int, main: int) -> None:
        while numbers := os.read(heard, 4096):
            if set(numbers) == {signal.SIGURG}:
                continue
            for pause in _PAUSES:
                time.sleep(pause)
                signal.pthread_kill(main, signal.SIGURG)


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """A handler."""
