"""Relay a session between its client and the agent of a real node: every message passes as it is."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from ssmtui.simulator.gateway.agent_service.control_channels import ControlChannels
from ssmtui.simulator.gateway.channel import INPUT, Frame, FrameError, MessageSink, packed, unpacked
from ssmtui.simulator.gateway.opening import Opening
from ssmtui.simulator.gateway.session_overrides import SessionEnd

_STATE: Final = "agent_session_state"


class RelayedChannel:
    """The data channel of a session on a real node. The agent numbers and resends its messages itself."""

    def __init__(self) -> None:
        self._client: MessageSink | None = None
        self._to_agent: asyncio.Queue[bytes] = asyncio.Queue()
        self.received = 0

    def attach(self, wire: MessageSink | None) -> None:
        """Use another socket of the client from now on, or none: the agent pauses until there is one."""
        if wire is None or self._client is not None:
            self._publication("pause_publication")
        if wire is not None:
            self._publication("start_publication")
        self._client = wire

    def receive(self, data: bytes) -> None:
        """Pass bytes of the client's socket to the agent."""
        if _type_of(data) == INPUT:
            self.received += 1
        self._to_agent.put_nowait(data)

    async def keep_sending(self) -> None:
        """Do nothing: the agent resends; never returns."""
        await asyncio.Event().wait()

    async def acknowledged(self, _seconds: float) -> None:
        """Do nothing: an agent reports the end after the client has acknowledged everything, or after its timeout."""

    async def carry_agent(self, socket: ServerConnection) -> None:
        """Use a socket as the agent's until it is closed."""
        sending = asyncio.create_task(self._send(socket))
        try:
            with suppress(ConnectionClosed):
                async for message in socket:
                    if self._client is not None and isinstance(message, bytes) and _type_of(message) != _STATE:
                        self._client.write(message)
        finally:
            sending.cancel()

    async def _send(self, socket: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            while True:
                await socket.send(await self._to_agent.get())

    def _publication(self, kind: str) -> None:
        self._to_agent.put_nowait(packed(Frame(kind, b"")))


class RealAgent:
    """The agent of a real node, behind its control channel."""

    def __init__(self, opening: Opening, control: ControlChannels) -> None:
        self._opening = opening
        self._control = control

    async def run(self) -> SessionEnd:
        """Let the agent serve the session to its end."""
        return await self._control.run_session(self._opening)


def _type_of(data: bytes) -> str:
    try:
        return unpacked(data).type
    except FrameError:
        return ""
