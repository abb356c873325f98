"""A shell over the data channel, on a thread of its own; the terminal's thread types, resizes and ends it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Event, Thread

from ssmtui.session.builtin.escape import INTERRUPT, Escape
from ssmtui.session.builtin.following import PAUSES, Ended, Following
from ssmtui.session.builtin.pipes import Pipes
from ssmtui.session.data_channel.connection import DataChannel
from ssmtui.session.data_channel.payloads import Size

_TYPED_AHEAD = 256 * 1024
"""Bytes typed while the session takes none. Beyond, no more is read, and the escape would not be seen."""
_LINE_FEED, _RETURN = b"\n", b"\r"
_ERRORS = 2
_INTERRUPTED = 130


class Shell:
    """One session's shell. `ended` is set at its end, and `told` is called then, on its own thread.

    `is_terminal`: a person types, who may type the escape; errors go the way of the output.
    """

    def __init__(
        self,
        channel: DataChannel,
        told: Callable[[], None],
        *,
        is_terminal: bool,
        size: Size,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self.pipes = Pipes()
        self.ended = Event()
        self._channel = channel
        self._told = told
        self._is_terminal = is_terminal
        self._size = size
        self._escape = Escape()
        self._following = Following(channel, self._show, notes=is_terminal, pauses=pauses)
        self._interrupted = False
        self._waiting = bytearray()
        self._result: Ended | None = None
        self._defect: BaseException | None = None
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._changed = asyncio.Event()
        self._thread = Thread(target=self._run, name="ssmtui-shell", daemon=True)

    @property
    def has_started(self) -> bool:
        """Whether the session takes input."""
        return self._following.started.is_set()

    def start(self) -> None:
        """Open it."""
        self._thread.start()

    def type(self, keys: bytes) -> None:
        """Type something that came by another way than the terminal. From any thread, as are the two below."""
        self._call(self._pressed, keys)

    def resize(self, size: Size) -> None:
        """Tell the session the window's size."""
        self._call(self._resized, size)

    def end(self) -> None:
        """Close the channel at once."""
        self._call(self._stop.set)

    def result(self) -> Ended:
        """How it ended. Raises what went wrong here."""
        self._thread.join()
        self.pipes.close()
        if self._defect is not None:
            raise self._defect
        return self._result or Ended()

    def _call(self, do: Callable[..., object], *values: object) -> None:
        with suppress(RuntimeError):  # the loop is over
            self._loop.call_soon_threadsafe(do, *values)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                self._result = runner.run(self._held())
        except BaseException as defect:  # noqa: BLE001 - raised again by `result`, where somebody sees it
            self._defect = defect
        finally:
            self.pipes.end_output()
            self.ended.set()
            self._told()

    async def _held(self) -> Ended:
        parts = [
            asyncio.create_task(self._following.to_the_end()),
            asyncio.create_task(self._stop.wait()),
            asyncio.create_task(self._read_typed()),
            asyncio.create_task(self._send()),
        ]
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                result = each.result()
                if isinstance(result, Ended):
                    return result
            return Ended(exit_code=_INTERRUPTED if self._interrupted else 0)
        finally:
            for each in parts:
                each.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
            await self._channel.close()

    async def _show(self, data: bytes, is_error: bool) -> None:  # noqa: FBT001 - a callable has no names
        if is_error and not self._is_terminal:
            with suppress(OSError):
                os.write(_ERRORS, data)
        else:
            await self.pipes.say(data)

    async def _read_typed(self) -> None:
        """Until the person is gone, or has typed the escape."""
        while keys := await self.pipes.typed():
            self._take(keys)
            while len(self._waiting) >= _TYPED_AHEAD:
                self._changed.clear()
                await self._changed.wait()
            if self._escape.ended:
                return
        await self._stop.wait()

    def _take(self, keys: bytes) -> None:
        if self._is_terminal:
            self._pressed(self._escape.typed(keys))
        else:
            self._waiting += keys
            self._changed.set()

    def _pressed(self, keys: bytes) -> None:
        # As long as nobody else is there to be interrupted, we are.
        if INTERRUPT in keys and not self.has_started:
            self._interrupted = True
        if self._interrupted or self._escape.ended:
            self._stop.set()
        self._waiting += keys
        self._changed.set()

    def _resized(self, size: Size) -> None:
        self._size = size
        self._changed.set()

    async def _send(self) -> None:
        """Send the size and what is typed, once the session takes it."""
        await self._following.started.wait()
        sent: Size | None = None
        while True:
            if sent != self._size:
                sent = self._size
                await self._channel.send_size(sent)
            while self._waiting:
                keys = bytes(self._waiting)
                self._waiting.clear()
                # The plugin sends a line feed that comes alone as what Enter is (docs/facts/data-channel.md §2).
                await self._channel.send(_RETURN if keys == _LINE_FEED else keys)
            self._changed.clear()
            if not self._waiting and sent == self._size:
                await self._changed.wait()
