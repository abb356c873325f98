"""Blocking work on its own daemon thread. A cancelled future asks the work to stop; exit does not wait for it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from threading import Event, Thread
from typing import TypeVar

_T = TypeVar("_T")


def in_background(work: Callable[[Event], _T], *, discard: Callable[[_T], object] | None = None) -> Future[_T]:
    """Run `work` on a thread and return its future.

    The event that `work` receives is set if the future is cancelled. `discard` then gets the unused result.
    """
    future: Future[_T] = Future()
    given_up = Event()
    future.add_done_callback(lambda done: given_up.set() if done.cancelled() else None)
    Thread(target=_do, args=(work, given_up, future, discard), name="ssmtui-sessions", daemon=True).start()
    return future


def _do(
    work: Callable[[Event], _T], given_up: Event, future: Future[_T], discard: Callable[[_T], object] | None
) -> None:
    try:
        done = work(given_up)
    except BaseException as error:  # noqa: BLE001 - every exception goes to the future
        with suppress(InvalidStateError):
            future.set_exception(error)
        return
    try:
        future.set_result(done)
    except InvalidStateError:
        if discard is not None:
            discard(done)
