"""Follow a probed session on the built-in data channel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ssmtui.language import say
from ssmtui.session.calls import SessionProblem
from ssmtui.session.data_channel import events
from ssmtui.session.data_channel.connection import DataChannel, SessionOverError
from ssmtui.session.data_channel.stream_url import ForeignStreamUrlError
from ssmtui.session.data_channel.websocket import ConnectError
from ssmtui.session.opener import OpenSession
from ssmtui.session.probe.runner import (
    ChallengeReceived,
    ChannelLost,
    ConnectionRefused,
    HandshakeCompleted,
    HandshakeStarted,
    OutputReceived,
    ProbeEvent,
    SessionClosed,
    SocketOpened,
    TokenSent,
)

_CONNECTIONS = 5
"""How often a connection is tried, or made again; the plugin is as patient (docs/facts/data-channel.md §5)."""
_PAUSE = 0.5
_REFUSED = frozenset({401, 403})


async def walk(session: OpenSession, met: Callable[[ProbeEvent], None]) -> None:
    """Go through a session, and send nothing but what the protocol itself asks for."""
    channel = DataChannel(session.request, session.opened, session.calls)
    connect, why = channel.open, ""
    try:
        for tries in range(_CONNECTIONS):
            await asyncio.sleep(_PAUSE if tries else 0)
            try:
                await connect()
            except ConnectError as error:
                if error.status in _REFUSED:
                    met(ConnectionRefused(error.text))
                    return
                why = error.text
                continue
            except (SessionOverError, SessionProblem) as error:
                met(ChannelLost(error.text))
                return
            except ForeignStreamUrlError as error:
                met(ChannelLost(str(error)))
                return
            connect = channel.resume
            lost = await _followed(channel, met)
            if lost is None:
                return
            why = lost
        met(ChannelLost(why))
    finally:
        await _closed(channel)


async def _closed(channel: DataChannel) -> None:
    """Close the socket, also where this is cancelled meanwhile: the session may have had its end just before."""
    closing = asyncio.ensure_future(channel.close())
    try:
        await asyncio.shield(closing)
    except asyncio.CancelledError:
        await closing
        raise


async def _followed(channel: DataChannel, met: Callable[[ProbeEvent], None]) -> str | None:
    """Tell what happens on a connection until it ends; why it was lost, None where the session has its end."""
    async for event in channel.events():
        match event:
            case events.SocketOpened():
                met(SocketOpened())
            case events.TokenSent():
                met(TokenSent())
            case events.HandshakeRequested(agent_version, _, key_id):
                met(HandshakeStarted(agent_version, encrypted=bool(key_id)))
            case events.ChallengeAnswered():
                met(ChallengeReceived())
            case events.HandshakeCompleted():
                met(HandshakeCompleted())
            case events.Output():
                met(OutputReceived())
            case events.ChannelClosed(text):
                met(SessionClosed(text))
                return None
            case events.ConnectionLost(code, reason):
                return f"websocket: close {code}: {reason}".rstrip(": ")
            case events.NeverAcknowledged():
                met(ChannelLost(say("what was sent was never acknowledged")))
                return None
            case _:
                pass
    return ""
