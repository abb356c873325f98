"""Work that blocks, on a thread of its own that nobody waits for at exit; given up where its future is cancelled."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from threading import Event, Thread
from typing import TypeVar

_T = TypeVar("_T")


def in_background(work: Callable[[Event], _T], *, discard: Callable[[_T], object] | None = None) -> Future[_T]:
    """Do something in the background. Its event is set where the future is cancelled, which is possible at any time.

    `unwanted` gets what came of it all the same.
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
    except BaseException as error:  # noqa: BLE001 - whatever it is, whoever waits for the future is told
        with suppress(InvalidStateError):
            future.set_exception(error)
        return
    try:
        future.set_result(done)
    except InvalidStateError:
        if discard is not None:
            discard(done)
