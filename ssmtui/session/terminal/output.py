"""Where a session's output goes: a thread writes it, so that whoever reads slowly holds up nothing but the output."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from select import select
from threading import Condition, Thread

_ROOM = 64 * 1024
"""Bytes that may wait to be written. Beyond, no more is read of the session, which then waits as well."""


def write_if_room(target: int, text: bytes) -> None:
    """Write a short text, unless that would have to wait for somebody who reads."""
    with suppress(OSError):
        if select([], [target], [], 0)[1]:
            os.write(target, text)


class Output:
    """Writes to a file descriptor in the order given. `moved` is called, on its thread, whenever there is room again.

    `broken` is why nothing can be written any more: the reader, or the terminal, is gone.
    """

    def __init__(self, target: int, moved: Callable[[], None]) -> None:
        self._target = target
        self._moved = moved
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._ended = False
        self._changed = Condition()
        self.broken: OSError | None = None
        # A terminal that takes nothing any more must not keep the process alive.
        self._thread = Thread(target=self._write, name="session-output", daemon=True)
        self._thread.start()

    @property
    def has_room(self) -> bool:
        """Whether more may be given."""
        return self._size < _ROOM

    def give(self, output: bytes) -> None:
        """Have it written."""
        with self._changed:
            self._waiting.append(output)
            self._size += len(output)
            self._changed.notify()

    def end(self, patience: float) -> bool:
        """Wait until all is written, `patience` seconds at most. Tells whether it is, or can never be."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
            return self._changed.wait_for(lambda: not self._size or self.broken is not None, patience)

    def _write(self) -> None:
        while (output := self._next()) is not None:
            view = memoryview(output)
            while view and self.broken is None:
                try:
                    written = os.write(self._target, view[:4096])
                except OSError as error:
                    self.broken = error
                    break
                view = view[written:]
                self._wrote(written)
            if self.broken is not None:
                self._wrote(0)
                return

    def _next(self) -> bytes | None:
        with self._changed:
            while not self._waiting:
                if self._ended:
                    return None
                self._changed.wait()
            return self._waiting.popleft()

    def _wrote(self, count: int) -> None:
        with self._changed:
            self._size -= count
            self._changed.notify_all()
        self._moved()
