"""The two pipes between the terminal's thread and the channel's loop, which waits for neither of them."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress

_PIECE = 16 * 1024


class Pipes:
    """What is typed comes in by one, what the session says goes out by the other.

    `sink` and `output` are the terminal's ends, of the kind that a relay takes; closing them is `close`'s.
    """

    def __init__(self) -> None:
        self._typed, self.sink = os.pipe()
        self.output, self._said = os.pipe()
        for each in (self._typed, self.sink, self._said):
            os.set_blocking(each, False)
        self._saying = asyncio.Lock()

    async def typed(self) -> bytes:
        """What was typed next, as soon as there is something; empty where there is nobody any more."""
        while True:
            await _until(self._typed, writable=False)
            with suppress(BlockingIOError):
                return os.read(self._typed, _PIECE)

    async def say(self, output: bytes) -> None:
        """Have something shown. Where nobody reads it any more it is dropped."""
        left = memoryview(output)
        async with self._saying:
            while left:
                try:
                    left = left[os.write(self._said, left) :]
                except BlockingIOError:
                    await _until(self._said, writable=True)
                except BrokenPipeError:
                    return

    def end_output(self) -> None:
        """Say that nothing more will come."""
        if self._said >= 0:
            os.close(self._said)
            self._said = -1

    def close(self) -> None:
        """Give all of it back."""
        self.end_output()
        for each in (self._typed, self.sink, self.output):
            os.close(each)


async def _until(descriptor: int, *, writable: bool) -> None:
    loop = asyncio.get_running_loop()
    ready = loop.create_future()

    def is_ready() -> None:
        if not ready.done():
            ready.set_result(None)

    (loop.add_writer if writable else loop.add_reader)(descriptor, is_ready)
    try:
        await ready
    finally:
        (loop.remove_writer if writable else loop.remove_reader)(descriptor)
