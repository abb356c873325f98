"""Follow a data channel to the end of its session, over lost connections."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from ssmtui.language import say
from ssmtui.session.calls import SessionProblem, SessionRefused
from ssmtui.session.data_channel.connection import DataChannel, SessionOverError
from ssmtui.session.data_channel.events import ChannelEvent, ConnectionLost, NeverAcknowledged
from ssmtui.session.data_channel.stream_url import ForeignStreamUrlError
from ssmtui.session.data_channel.websocket import ConnectError

PAUSES = (0.0, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0, 15.0, 15.0, 15.0, 15.0, 30.0, 30.0)
"""Seconds before each attempt to reconnect: about two and a half minutes in total, for a laptop that wakes up."""


@dataclass(frozen=True, slots=True)
class ClientSessionEnd:
    """How a session of the built-in client ended; the fields are those of `SessionEnding`."""

    text: str = ""
    exit_code: int = 0
    over: bool = False
    is_own: bool = False


EventHandler = Callable[[ChannelEvent], Awaitable[ClientSessionEnd | None]]
"""Handles an event. Returns how the session ended if the event ends it."""


async def follow(
    channel: DataChannel,
    handle: EventHandler,
    *,
    lost: Callable[[int], Awaitable[None]],
    pauses: Sequence[float] = PAUSES,
) -> ClientSessionEnd:
    """Open the channel, pass its events to `handle`, and return how the session ended.

    After a lost connection, the session is resumed. `lost` is called with the number of each attempt, from 0.
    """
    try:
        await channel.open()
    except ConnectError as error:
        return ClientSessionEnd(error.text)
    except ForeignStreamUrlError as error:
        return ClientSessionEnd(str(error), is_own=True)
    while True:
        ended = await _one_connection(channel, handle)
        if ended is None:
            ended = await _resumed(channel, lost, pauses)
        if ended is not None:
            return ended


async def _one_connection(channel: DataChannel, handle: EventHandler) -> ClientSessionEnd | None:
    """Return None if the connection is lost: the session may still be open."""
    async for event in channel.events():
        match event:
            case NeverAcknowledged():
                return ClientSessionEnd(say("The node does not acknowledge the data."), is_own=True)
            case ConnectionLost():
                break
            case _:
                ended = await handle(event)
                if ended is not None:
                    return ended
    return None


async def _resumed(
    channel: DataChannel, lost: Callable[[int], Awaitable[None]], pauses: Sequence[float]
) -> ClientSessionEnd | None:
    """Return None if the session is open again."""
    told = ""
    for attempt, pause in enumerate(pauses):
        await lost(attempt)
        await asyncio.sleep(pause)
        try:
            await channel.resume()
        except SessionOverError as over:
            return ClientSessionEnd(over.text, over=True)
        except SessionRefused as problem:
            return ClientSessionEnd(problem.text)
        except ForeignStreamUrlError as error:
            return ClientSessionEnd(str(error), is_own=True)
        except (SessionProblem, ConnectError) as error:
            told = error.text
        else:
            return None
    return ClientSessionEnd(told)
