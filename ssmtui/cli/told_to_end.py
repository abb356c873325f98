"""Signals by which this process is told to end: heeded once, in order, and not again by what follows at once.

A window that is closed says so twice, by the terminal and by the shell; who presses Ctrl-C presses it twice. What is
being put away is not to be torn from that.
"""

from __future__ import annotations

import _thread
import atexit
import logging
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from types import FrameType

from ssmtui.cli.woken_main import wake_for_signals

_log = logging.getLogger(__name__)

_SAME_WISH = 2.0
"""Seconds within which another signal says what the first has said. A later one says that it takes too long."""

_ANSWERED, _ENDED, _TORN = 5.0, 30.0, 10.0
"""Seconds in which what is ended in order begins to end, in which it has ended, and in which it has once it is torn."""

EndInOrder = Callable[[int], bool]
"""Ends what is under way by an exit code, soon; False where it cannot."""
IsEnding = Callable[[], bool]
"""Whether it has begun to end: who is busy for ever never hears that it should."""
LetGo = Callable[[], None]
"""Gives back what would stay taken when the process is ended at once: the terminal."""


def _nothing() -> None:
    """What is let go where nothing is held."""


@dataclass(slots=True)
class _Told:
    """The signal that was heeded last, and when; who ends in order; and the exit code, once that stands."""

    number: int | None = None
    at: float = 0.0
    in_order: EndInOrder | None = None
    has_begun: IsEnding = bool
    let_go: LetGo = _nothing
    over: threading.Event = field(default_factory=threading.Event)
    is_ending: bool = False
    code: int | None = None


_told = _Told()


def hear() -> None:
    """Hear them from here on. What whoever started the process has it ignore (nohup) stays ignored."""
    _told.number, _told.in_order, _told.is_ending, _told.code = None, None, False, None
    # Of what is done at the end the last: it is registered first.
    atexit.unregister(_hear_no_more)
    atexit.register(_hear_no_more)
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _heard)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _heard)
    wake_for_signals()


def told_to_end() -> int | None:
    """The exit code of a shell for the signal by which this process was told to end; None where it was not.

    Ctrl-C is none of them: it may end less than the process.
    """
    return None if _told.number in (None, signal.SIGINT) else 128 + _told.number


def interrupted_by_key() -> None:
    """Ctrl-C was read as a key: pressed twice, it comes as a signal once the terminal is a shell's again."""
    if _told.number is None:
        _told.number, _told.at = signal.SIGINT, monotonic()


def stands(code: int) -> None:
    """The exit code stands: a signal changes nothing any more, and only one that is repeated later ends at once."""
    _told.code = code


@contextmanager
def ended_in_order(end: EndInOrder, has_begun: IsEnding = bool, let_go: LetGo = _nothing) -> Iterator[None]:
    """Have something ended in order as long as this lasts; torn from what it does if it does not end in time."""
    _told.in_order, _told.has_begun, _told.let_go, _told.over = end, has_begun, let_go, threading.Event()
    try:
        yield
    finally:
        _told.in_order = None
        _told.over.set()


def _heard(number: int, _frame: FrameType | None) -> None:
    now = monotonic()
    if _told.number is not None and now - _told.at < _SAME_WISH:
        return
    again = _told.number is not None
    _told.number, _told.at = number, now
    if _told.code is not None:
        if again:
            os._exit(_told.code)
        return
    if _told.in_order is not None and not _told.is_ending and _told.in_order(128 + number):
        _told.is_ending = True
        watch = (number, _told.over, _told.has_begun, _told.let_go)
        threading.Thread(target=_see_it_end, args=watch, name="ssmtui-end", daemon=True).start()
        return
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(128 + number)


def _see_it_end(number: int, over: threading.Event, has_begun: IsEnding, let_go: LetGo) -> None:
    """Tear the main thread from what it does without end; if that does not help either, end the process."""
    if over.wait(_ANSWERED) or (has_begun() and over.wait(_ENDED)):
        return
    _log.warning("told to end by signal %d, it does not end: it is torn from what it does", number)
    if sys.platform == "win32":
        _thread.interrupt_main(number)
    else:
        signal.pthread_kill(threading.main_thread().ident or 0, number)
    if not over.wait(_TORN):
        let_go()
        os._exit(128 + number)


def _hear_no_more() -> None:
    """Python gives every signal that we hear back to the system before it is gone, which would end it by the signal."""
    for name in ("SIGTERM", "SIGHUP", "SIGINT"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is _heard:
            signal.signal(number, signal.SIG_IGN)


def keep_libraries_quiet() -> None:
    """Have nothing written to the terminal by anybody but us, over a screen that is there: it goes to the log."""
    logging.getLogger().addHandler(logging.NullHandler())
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
