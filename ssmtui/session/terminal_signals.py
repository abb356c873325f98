"""What reaches this process by signal while a session has the terminal, and who it is for."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

_NAMES = ("SIGINT", "SIGQUIT", "SIGTSTP", "SIGWINCH", "SIGCONT", "SIGTERM", "SIGHUP")
CAUGHT = frozenset(getattr(signal, name) for name in _NAMES if hasattr(signal, name))
"""Those that are taken while a session is held; Windows has few of them."""
ENDING = frozenset(each for each in CAUGHT if each.name in {"SIGTERM", "SIGHUP"})
"""Those that end this process, and the session with it."""
KEYS = frozenset(each for each in CAUGHT if each.name in {"SIGINT", "SIGQUIT", "SIGTSTP"})
"""Those that keys of a terminal send: they are the session's, and never this process's."""


class EndedBySignal(SystemExit):
    """The process was asked to end, and the terminal is sane again. The exit code is a shell's for that signal."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)


@contextmanager
def signals_handled(take: Callable[[signal.Signals], None], alarm: Alarm | None = None) -> Iterator[None]:
    """Have `take` called for each that comes, between two steps of the main thread; they are as before afterwards.

    One that comes when the main thread is about to wait would be taken only after the wait: it rings the `alarm`.
    Only the main thread can have this: in another, nothing is changed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def taken(number: int, _frame: FrameType | None) -> None:
        take(signal.Signals(number))

    before = {each: signal.getsignal(each) for each in CAUGHT}
    try:
        with _woken_by(alarm):
            for each in CAUGHT:
                signal.signal(each, taken)
            yield
    finally:
        for each, handler in before.items():
            # None: a handler that was not set from Python cannot be set again.
            signal.signal(each, signal.SIG_DFL if handler is None else handler)


@contextmanager
def _woken_by(alarm: Alarm | None) -> Iterator[None]:
    if alarm is None:
        yield
        return
    before = signal.set_wakeup_fd(alarm.writer, warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)


def raise_again(number: signal.Signals) -> None:
    """Have a signal that was put off do what it does. Raises EndedBySignal where that would end the process at once."""
    if signal.getsignal(number) in {signal.SIG_DFL, None}:
        raise EndedBySignal(number)
    signal.raise_signal(number)


class Alarm:
    """Wakes whoever waits for file descriptors: from another thread, or from a signal's handler."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()
        os.set_blocking(self.writer, False)
        os.set_blocking(self.reader, False)
        # A number that was given back may be another file by now. A handler may interrupt its own thread.
        self._lock = threading.RLock()
        self._closed = False

    def ring(self) -> None:
        """Wake it. Once it is closed, nobody."""
        with self._lock, suppress(BlockingIOError):
            if not self._closed:
                os.write(self.writer, b"!")

    def silence(self) -> None:
        """Forget that it rang."""
        with suppress(BlockingIOError):
            while os.read(self.reader, 4096):
                pass

    def close(self) -> None:
        """Give the file descriptors back."""
        with self._lock:
            self._closed = True
            os.close(self.reader)
            os.close(self.writer)
