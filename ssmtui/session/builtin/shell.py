"""A shell over the data channel, on a thread of its own; the terminal's thread types, resizes and ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Event, Thread

from ssmtui.language import say
from ssmtui.model.plain_text import printable
from ssmtui.session.builtin.escape import INTERRUPT, Escape
from ssmtui.session.builtin.following import PAUSES, Ended, Following
from ssmtui.session.builtin.pipes import Pipes
from ssmtui.session.data_channel.connection import DataChannel
from ssmtui.session.data_channel.payloads import Size
from ssmtui.session.terminal.output import Output

_TYPED_AHEAD = 256 * 1024
"""Bytes of input that are kept while the session takes none. Beyond that a pipe waits, and so does a terminal at first:
if the session is stuck, what is typed is read on for the escape and for Ctrl-C, and discarded."""
_STUCK = 3.0
"""Seconds without an acknowledgement after which a session is stuck."""
_LOOK_UP = 0.25
_FLUSHING = 0.5
"""Seconds after which the rest of the errors is not waited for, if the person has ended the session."""
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
        self._errors = None if is_terminal else Output(_ERRORS, lambda: self._call(self._errors_moved.set))
        self._errors_moved = asyncio.Event()
        self._notes: asyncio.Queue[str] = asyncio.Queue()
        self._interrupted = False
        self._is_warned = False
        self._discards = False
        self._waiting = bytearray()
        self._result: Ended | None = None
        self._defect: BaseException | None = None
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._changed = asyncio.Event()
        self._has_room = asyncio.Event()
        self._thread = Thread(target=self._run, name="ssmtui-shell", daemon=True)

    @property
    def has_started(self) -> bool:
        """Whether the session takes input."""
        return self._following.started.is_set()

    @property
    def is_given_up(self) -> bool:
        """Whether the person, or this process, has ended it: nobody waits for its output any more."""
        return self._stop.is_set()

    def start(self) -> None:
        """Open it."""
        self._thread.start()

    def type(self, keys: bytes) -> None:
        """Type something that came by another way than the terminal. From any thread, as are the three below."""
        self._call(self._pressed, keys)

    def interrupt(self) -> None:
        """Pass on a Ctrl-C that came as a signal."""
        self._call(self._pressed, INTERRUPT)

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
            if self._errors is not None:
                while not self._errors.end(_FLUSHING) and not self.is_given_up:
                    pass
            self.ended.set()
            self._told()

    async def _held(self) -> Ended:
        parts = [
            asyncio.create_task(self._following.to_the_end()),
            asyncio.create_task(self._stop.wait()),
            asyncio.create_task(self._read_typed()),
            asyncio.create_task(self._send()),
            asyncio.create_task(self._show_notes()),
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
        if not is_error or self._errors is None:
            await self.pipes.say(data)
            return
        while not self._errors.has_room and self._errors.broken is None:
            self._errors_moved.clear()
            await self._errors_moved.wait()
        if self._errors.broken is None:
            self._errors.give(data)

    async def _show_notes(self) -> None:
        while True:
            note = printable(await self._notes.get())
            await self._show(f"\r\n{note}\r\n".encode() if self._is_terminal else f"{note}\n".encode(), True)  # noqa: FBT003

    async def _read_typed(self) -> None:
        """Until the person is gone, or has typed the escape."""
        while keys := await self.pipes.typed():
            self._take(keys)
            while self._is_full and not self._is_to_be_read_on:
                self._has_room.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_UP):
                        await self._has_room.wait()
            if self._escape.ended:
                return
        await self._stop.wait()

    @property
    def _is_full(self) -> bool:
        return len(self._waiting) >= _TYPED_AHEAD

    @property
    def _is_to_be_read_on(self) -> bool:
        """Whether keys are read though the session takes none: one of them may be to end it."""
        return self._is_terminal and (self._escape.ended or not self.has_started or self._is_stuck)

    @property
    def _is_stuck(self) -> bool:
        return self._channel.untaken_for() >= _STUCK

    def _take(self, keys: bytes) -> None:
        if self._is_terminal:
            self._pressed(self._escape.typed(keys))
        else:
            self._waiting += keys
            self._changed.set()

    def _pressed(self, keys: bytes) -> None:
        if INTERRUPT in keys:
            self._interrupt()
        elif keys:
            self._is_warned = False
        if self._interrupted or self._escape.ended:
            self._stop.set()
        if self._interrupted:
            return  # this Ctrl-C ends the session, and is not sent to it
        if self._is_full:
            self._discard()
            return
        self._discards = False
        self._waiting += keys
        self._changed.set()

    def _interrupt(self) -> None:
        """Ctrl-C is the session's. It ends the session if it cannot be known to reach anybody: at the second time.

        On pipes nobody can type the escape, so the second one always ends the session.
        """
        if not self.has_started or self._is_warned:
            # As long as nobody else is there to be interrupted, we are.
            self._interrupted = True
        elif not self._is_terminal or self._is_stuck:
            self._is_warned = True
            self._note(say("Ctrl-C was sent to the session. Press Ctrl-C again to end the session."))

    def _discard(self) -> None:
        if not self._discards:
            self._discards = True
            self._note(say("The session takes no input. What you type now is discarded. Enter ~ . ends the session."))

    def _note(self, text: str) -> None:
        if self._notes.empty():  # else nobody reads what is said
            self._notes.put_nowait(text)

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
                self._has_room.set()
                # The plugin sends a line feed that comes alone as what Enter is (docs/facts/data-channel.md §2).
                await self._channel.send(_RETURN if keys == _LINE_FEED else keys)
            self._changed.clear()
            if not self._waiting and sent == self._size:
                await self._changed.wait()
