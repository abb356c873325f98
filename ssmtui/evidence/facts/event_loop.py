"""The thread with the event loop for evidence, and the number of connections that it can open."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from contextlib import AsyncExitStack
from typing import Any, Self, TypeVar

from ssmtui.evidence.aws.garbage_collection import keep_imports

MAX_OPEN_FILES = 4096
"""32 scopes with 40 calls in flight have 1,280 connections.

The usual limits are 1,024 (Linux) and 256 (macOS).
"""


def raise_open_file_limit(wanted: int = MAX_OPEN_FILES) -> None:
    """Raise the limit of open files as far as the system allows; it is never lowered."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - there is none on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft == resource.RLIM_INFINITY or soft >= most:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    except (OSError, ValueError):
        return  # the system can refuse for its own reasons; the old limit then stays


T = TypeVar("T")

GC_THRESHOLD = (50_000, 20, 20)
"""Newly parsed JSON makes the default collector scan the heap again and again (docs/facts/libraries.md §4)."""

_CANCELLATIONS = 10
_ENDING = 0.2
"""When the thread stops, tasks are cancelled up to `_CANCELLATIONS` times, and have these seconds to end each time."""


class EvidenceThread:
    """A daemon thread with an event loop. Start it once, submit coroutines from any thread, stop it once.

    `loop_factory` makes another event loop than asyncio's.
    """

    def __init__(self, loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None) -> None:
        self._loop_factory = loop_factory
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending: asyncio.Event | None = None
        self._closing = AsyncExitStack()
        self._thread = threading.Thread(target=self._run, name="ssmtui-evidence", daemon=True)
        self._running = threading.Event()
        self._stopped = False

    def start(self) -> None:
        """Start the thread, and return when its loop runs."""
        keep_imports("program")
        gc.set_threshold(*GC_THRESHOLD)
        raise_open_file_limit()
        self._thread.start()
        self._running.wait()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Run a coroutine on the loop. Cancelling the future cancels the coroutine.

        Raises:
            RuntimeError: the thread is not running.

        """
        if self._loop is None or self._stopped:
            work.close()
            raise RuntimeError("the evidence thread does not run")
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def at_stop(self, close: Callable[[], Awaitable[None]]) -> None:
        """Register a function that runs on the loop when the thread stops; the last registered runs first."""
        self._closing.push_async_callback(close)

    def stop(self) -> None:
        """Cancel all tasks, run the registered functions, and wait for the end of the thread."""
        if self._loop is None or self._ending is None or self._stopped:
            return
        self._stopped = True
        self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=self._loop_factory) as runner:
            runner.run(self._live())

    async def _live(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ending = asyncio.Event()
        self._running.set()
        await self._ending.wait()
        await _cancel_all()
        await self._closing.aclose()
        # aiohttp closes TLS transports one iteration of the loop later; without it, they print warnings when collected.
        await asyncio.sleep(0)


async def _cancel_all() -> None:
    """Cancel all tasks, more than once: some libraries suppress a cancellation."""
    for _ in range(_CANCELLATIONS):
        running = {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}
        if not running:
            return
        for task in running:
            task.cancel()
        ended, _ = await asyncio.wait(running, timeout=_ENDING)
        for task in ended:
            if not task.cancelled():
                task.exception()  # nobody else retrieves the exception
