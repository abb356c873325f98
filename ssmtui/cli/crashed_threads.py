"""A thread that has crashed ends the process: what waits for it would wait for ever, and nobody would know why."""

from __future__ import annotations

import _thread
import logging
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_log = logging.getLogger(__name__)

Tell = Callable[[BaseException], None]


@dataclass(slots=True)
class _Crash:
    """What ended a thread, and who is told of it; where nobody is, the main thread is interrupted."""

    error: BaseException | None = None
    tell: Tell | None = None


_crash = _Crash()


def watch_threads() -> None:
    """Hear of those that crash from here on. Python itself would write a traceback over the screen, and go on."""
    _crash.error, _crash.tell = None, None
    threading.excepthook = _crashed
    sys.unraisablehook = _not_raised


def crash() -> BaseException | None:
    """What ended a thread, where that ended the main thread too."""
    return _crash.error


@contextmanager
def told_of_crashes(tell: Tell) -> Iterator[None]:
    """Have somebody told as long as this lasts, in the thread that crashes."""
    _crash.tell = tell
    try:
        yield
    finally:
        _crash.tell = None


def _crashed(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is None or isinstance(args.exc_value, SystemExit):
        return
    name = args.thread.name if args.thread is not None else "?"
    _log.error("the thread %s has crashed", name, exc_info=args.exc_value)
    if _crash.tell is not None:
        _crash.tell(args.exc_value)
    elif _crash.error is None:
        _crash.error = args.exc_value
        _interrupt_main()


def _interrupt_main() -> None:
    main = threading.main_thread()
    if sys.platform != "win32" and main.ident is not None:
        signal.pthread_kill(main.ident, signal.SIGINT)  # it may wait for a lock, which nothing else wakes it from
    else:
        _thread.interrupt_main()


def _not_raised(args: sys.UnraisableHookArgs) -> None:
    _log.info("nobody was there to be told: %s", args.err_msg, exc_info=args.exc_value)
