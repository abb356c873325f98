"""The signals that reach this process while a session has the terminal."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

_NAMES = ("SIGINT", "SIGQUIT", "SIGTSTP", "SIGWINCH", "SIGCONT", "SIGTERM", "SIGHUP")
CAUGHT = frozenset(getattr(signal, name) for name in _NAMES if hasattr(signal, name))
"""The signals that are caught while a session has the terminal. Windows has only some of them."""
ENDING = frozenset(each for each in CAUGHT if each.name in {"SIGTERM", "SIGHUP"})
"""The signals that end this process, and the session with it."""
KEYS = frozenset(each for each in CAUGHT if each.name in {"SIGINT", "SIGQUIT", "SIGTSTP"})
"""The signals that a terminal's keys send. They are for the session, never for this process."""


class EndedBySignal(SystemExit):
    """A signal asked the process to end, and the terminal is restored. The exit code is a shell's for that signal."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)


@contextmanager
def signals_handled(take: Callable[[signal.Signals], None], alarm: Alarm | None = None) -> Iterator[None]:
    """Call `take` for each signal, between two steps of the main thread, and restore the old handlers at the end.

    A signal just before the main thread waits would be handled only after the wait, so it also rings the `alarm`.
    In another thread than the main thread, this changes nothing.
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
    """Raise a deferred signal again. Raises EndedBySignal if the signal would end the process at once."""
    if signal.getsignal(number) in {signal.SIG_DFL, None}:
        raise EndedBySignal(number)
    signal.raise_signal(number)


class Alarm:
    """Wakes a thread that waits for file descriptors, from another thread or from a signal handler."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()
        os.set_blocking(self.writer, False)
        os.set_blocking(self.reader, False)
        # After `close`, the same number may be another file. A handler may interrupt its own thread.
        self._lock = threading.RLock()
        self._closed = False

    def ring(self) -> None:
        """Wake the waiting thread. Does nothing after `close`."""
        with self._lock, suppress(BlockingIOError):
            if not self._closed:
                os.write(self.writer, b"!")

    def silence(self) -> None:
        """Clear the alarm."""
        with suppress(BlockingIOError):
            while os.read(self.reader, 4096):
                pass

    def close(self) -> None:
        """Close the file descriptors."""
        with self._lock:
            self._closed = True
            os.close(self.reader)
            os.close(self.writer)
