"""A session followed from its channel's opening to its end, over as many connections as it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from ssmtui.language import say
from ssmtui.model.plain_text import printable_lines
from ssmtui.session.calls import SessionProblem, SessionRefused
from ssmtui.session.data_channel.connection import DataChannel, SessionOver
from ssmtui.session.data_channel.events import (
    ChannelClosed,
    ConnectionLost,
    Event,
    ExitCodeTold,
    HandshakeCompleted,
    HandshakeRequested,
    NeverAcknowledged,
    Output,
)
from ssmtui.session.data_channel.socket import CannotConnect
from ssmtui.session.data_channel.stream_url import ForeignStreamUrl

PAUSES = (0.0, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0, 15.0, 15.0, 15.0, 15.0, 30.0, 30.0)
"""Seconds before each attempt to bring a session back: some two and a half minutes, as a laptop wakes up."""
_PORT = "Port"


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended: see `SessionEnding`."""

    text: str = ""
    exit_code: int = 0
    over: bool = False
    is_own: bool = False


Show = Callable[[bytes, bool], Awaitable[None]]
"""Shows what the session says; told whether that is its standard error."""


class Following:
    """Follows one session. `started` is set once it takes input: before, it would disturb the handshake.

    `notes` says that a person reads along, who is told what goes on beside the output.
    """

    def __init__(self, channel: DataChannel, show: Show, *, notes: bool, pauses: Sequence[float] = PAUSES) -> None:
        self.started = asyncio.Event()
        self._channel = channel
        self._show = show
        self._notes = notes
        self._pauses = pauses
        self._exit_code = 0

    async def to_the_end(self) -> Ended:
        """Open the channel, and follow it; tells how the session ended."""
        try:
            await self._channel.open()
        except CannotConnect as error:
            return Ended(error.text)
        except ForeignStreamUrl as error:
            return Ended(str(error), is_own=True)
        while True:
            ended = await self._one_connection()
            if ended is None:
                ended = await self._brought_back()
            if ended is not None:
                return ended

    async def _one_connection(self) -> Ended | None:
        """None: the connection is lost, the session may not be."""
        async for event in self._channel.events():
            match event:
                case ChannelClosed(text):
                    return Ended(text.strip(), self._exit_code, over=True)
                case NeverAcknowledged():
                    return Ended(say("The other side does not acknowledge what is sent to it."), is_own=True)
                case HandshakeRequested(session_type=session_type) if session_type == _PORT:
                    return Ended(say("The document forwards a port, which takes the plugin."), is_own=True)
                case ConnectionLost():
                    break
                case _:
                    await self._happened(event)
        return None

    async def _happened(self, event: Event) -> None:
        match event:
            case Output(data, is_error=is_error):
                self.started.set()
                await self._show(data, is_error)
            case ExitCodeTold(code):
                self._exit_code = code
            case HandshakeCompleted(message):
                self.started.set()
                await self._note(message)
            case _:
                pass

    async def _brought_back(self) -> Ended | None:
        """None: it is open again."""
        told = ""
        for attempt, pause in enumerate(self._pauses):
            if attempt == 1:
                await self._note(say("The connection is lost; it is being opened again. Enter ~ . ends the session."))
            await asyncio.sleep(pause)
            try:
                await self._channel.resume()
            except SessionOver as over:
                return Ended(over.text, self._exit_code, over=True)
            except SessionRefused as problem:
                return Ended(problem.text)
            except ForeignStreamUrl as error:
                return Ended(str(error), is_own=True)
            except (SessionProblem, CannotConnect) as error:
                told = error.text
            else:
                return None
        return Ended(told)

    async def _note(self, text: str) -> None:
        if self._notes and text:
            lines = "".join(f"\r\n{line}" for line in printable_lines(text))
            await self._show(f"{lines}\r\n".encode(), False)  # noqa: FBT003 - a callable has no names
