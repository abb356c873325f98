"""Handle the signals that end the process, wake the main thread for them, and end the process if a thread crashes."""

from __future__ import annotations

import _thread
import atexit
import logging
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from types import FrameType
from typing import Final

_WAKE_PAUSES: Final = (0.05, 0.5)
"""Seconds until the main thread is woken, twice: the first wake-up may fall between two waits."""

_for_process: int | None = None


def wake_for_signals() -> None:
    """Wake the main thread for signals. Call it in the main thread; it acts once per process."""
    global _for_process  # noqa: PLW0603 - a process has one, and a fork of it none
    if sys.platform == "win32" or _for_process == os.getpid():
        return
    _for_process = os.getpid()
    heard, told = os.pipe()
    os.set_blocking(told, False)
    # SIGURG has no other use here. A signal with a handler interrupts a wait.
    signal.signal(signal.SIGURG, _do_nothing)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    threading.Thread(target=_wake, args=(heard, threading.get_ident()), name="ssmtui-signals", daemon=True).start()


if sys.platform != "win32":

    def _wake(heard: int, main: int) -> None:
        while numbers := os.read(heard, 4096):
            if set(numbers) == {signal.SIGURG}:
                continue
            for pause in _WAKE_PAUSES:
                time.sleep(pause)
                signal.pthread_kill(main, signal.SIGURG)


def _do_nothing(_number: int, _frame: FrameType | None) -> None:
    """Handle a signal by doing nothing."""


_log = logging.getLogger(__name__)

_REPEAT_SECONDS = 2.0
"""Seconds in which a repeated signal counts as the same one. A later one means that the end takes too long."""

_ANSWERED, _ENDED, _TORN = 5.0, 30.0, 10.0
"""Seconds for an orderly end to begin, for it to complete, and for it to complete after an interruption."""

ShutdownHandler = Callable[[int], bool]
"""Starts an orderly end with an exit code; False if that is not possible."""
IsEnding = Callable[[], bool]
"""Returns whether the end has begun: a loop that is busy forever never does."""
LetGo = Callable[[], None]
"""Releases the terminal before the process is killed."""


def _nothing() -> None:
    """Release nothing."""


@dataclass(slots=True)
class _SignalState:
    """The last handled signal and its time, the handlers of an orderly end, and the final exit code."""

    number: int | None = None
    at: float = 0.0
    in_order: ShutdownHandler | None = None
    has_begun: IsEnding = bool
    let_go: LetGo = _nothing
    over: threading.Event = field(default_factory=threading.Event)
    is_ending: bool = False
    code: int | None = None


_signal_state = _SignalState()


def install_signal_handlers() -> None:
    """Install the handlers. A signal that the parent process ignores (nohup) stays ignored."""
    _signal_state.number, _signal_state.in_order, _signal_state.is_ending, _signal_state.code = None, None, False, None
    # Registered first, so that it runs last.
    atexit.unregister(_restore_signal_handlers)
    atexit.register(_restore_signal_handlers)
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _on_signal)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _on_signal)
    wake_for_signals()


def received_exit_code() -> int | None:
    """Return a shell's exit code for the received signal; None if there was none.

    Ctrl-C does not count: it may end less than the process.
    """
    return None if _signal_state.number in (None, signal.SIGINT) else 128 + _signal_state.number


def note_ctrl_c() -> None:
    """Record a Ctrl-C that was read as a key. A second one is a signal, after the terminal is the shell's again."""
    if _signal_state.number is None:
        _signal_state.number, _signal_state.at = signal.SIGINT, monotonic()


def set_final_exit_code(code: int) -> None:
    """Set the final exit code. From now on a signal changes nothing; a later repetition exits at once."""
    _signal_state.code = code


@contextmanager
def shut_down_with(end: ShutdownHandler, has_begun: IsEnding = bool, let_go: LetGo = _nothing) -> Iterator[None]:
    """End something in an orderly way on a signal, while this lasts. Interrupt it if it does not end in time."""
    _signal_state.in_order, _signal_state.has_begun, _signal_state.let_go, _signal_state.over = (
        end,
        has_begun,
        let_go,
        threading.Event(),
    )
    try:
        yield
    finally:
        _signal_state.in_order = None
        _signal_state.over.set()


def _on_signal(number: int, _frame: FrameType | None) -> None:
    now = monotonic()
    if _signal_state.number is not None and now - _signal_state.at < _REPEAT_SECONDS:
        return
    again = _signal_state.number is not None
    _signal_state.number, _signal_state.at = number, now
    if _signal_state.code is not None:
        if again:
            os._exit(_signal_state.code)
        return
    if _signal_state.in_order is not None and not _signal_state.is_ending and _signal_state.in_order(128 + number):
        _signal_state.is_ending = True
        watcher = (number, _signal_state.over, _signal_state.has_begun, _signal_state.let_go)
        threading.Thread(target=_see_it_end, args=watcher, name="ssmtui-end", daemon=True).start()
        return
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(128 + number)


def _see_it_end(number: int, over: threading.Event, has_begun: IsEnding, let_go: LetGo) -> None:
    """Interrupt the main thread if it does not end, and kill the process if that does not help."""
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


def _restore_signal_handlers() -> None:
    """Ignore our signals at exit: Python restores the default handlers, and a signal would kill the process."""
    for name in ("SIGTERM", "SIGHUP", "SIGINT"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is _on_signal:
            signal.signal(number, signal.SIG_IGN)


def silence_libraries() -> None:
    """Keep libraries from writing over the screen: their messages go to the log."""
    logging.getLogger().addHandler(logging.NullHandler())
    if not sys.warnoptions:
        warnings.simplefilter("ignore")


CrashCallback = Callable[[BaseException], None]


@dataclass(slots=True)
class _Crash:
    """The exception that ended a thread, and its callback. Without a callback, the main thread is interrupted."""

    error: BaseException | None = None
    tell: CrashCallback | None = None


_crash = _Crash()


def watch_threads() -> None:
    """Report threads that crash. Python itself would write a traceback over the screen and continue."""
    _crash.error, _crash.tell = None, None
    threading.excepthook = _crashed
    sys.unraisablehook = _not_raised


def crashed_thread_error() -> BaseException | None:
    """Return the exception of a crashed thread that interrupted the main thread."""
    return _crash.error


@contextmanager
def report_crashes_to(tell: CrashCallback) -> Iterator[None]:
    """Call `tell` for a crash while this lasts, in the thread that crashes."""
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
        signal.pthread_kill(main.ident, signal.SIGINT)  # it may wait for a lock: only a signal wakes it
    else:
        _thread.interrupt_main()


def _not_raised(args: sys.UnraisableHookArgs) -> None:
    _log.info("nobody was there to be told: %s", args.err_msg, exc_info=args.exc_value)
