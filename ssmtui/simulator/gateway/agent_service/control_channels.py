"""Hold the control channels of real nodes: sessions are announced on them, and their ends come back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Final
from uuid import UUID

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from ssmtui.simulator.gateway.agent_service.registration import RegisteredNode
from ssmtui.simulator.gateway.channel import Frame, FrameError, channel_closed, json_in, packed, unpacked
from ssmtui.simulator.gateway.opening import Opening
from ssmtui.simulator.gateway.session_overrides import SessionEnd
from ssmtui.simulator.node_state.session_attempt import run_as_user

_START: Final = "interactive_shell"
_COMPLETE: Final = "agent_task_complete"
_ACKNOWLEDGE: Final = "agent_task_acknowledge"
_TOPIC: Final = "aws.ssm.startSession"


class ControlChannels:
    """The control channels that are open, by node, and the sessions that wait for their end. One event loop's."""

    def __init__(self) -> None:
        self._open: dict[str, ServerConnection] = {}
        self._ends: dict[str, asyncio.Future[SessionEnd]] = {}

    async def carry(self, registered: RegisteredNode, socket: ServerConnection) -> None:
        """Use a socket as a node's control channel until it is closed."""
        self._open[registered.id] = socket
        registered.update_agent(channel_stuck=False)
        try:
            with suppress(ConnectionClosed):
                async for message in socket:
                    if isinstance(message, bytes):
                        await self._receive(socket, message)
        finally:
            if self._open.get(registered.id) is socket:
                del self._open[registered.id]
                registered.update_agent(channel_stuck=True)

    async def run_session(self, opening: Opening) -> SessionEnd:
        """Let a node open a session, and return the end that its agent reports. A cancelled session is closed."""
        end: asyncio.Future[SessionEnd] = asyncio.get_running_loop().create_future()
        self._ends[opening.session_id] = end
        try:
            await self._send(opening.node_id, _start_of(opening))
            return await end
        except asyncio.CancelledError:
            await self._send(opening.node_id, channel_closed(opening.session_id, opening.node_id, ""))
            raise
        finally:
            del self._ends[opening.session_id]

    async def close(self) -> None:
        """Drop every channel: the agents connect again, and are refused if their world is gone."""
        for socket in tuple(self._open.values()):
            socket.transport.abort()

    async def _send(self, node_id: str, frame: Frame) -> None:
        socket = self._open.get(node_id)
        if socket is not None:
            with suppress(ConnectionClosed):
                await socket.send(packed(frame))

    async def _receive(self, socket: ServerConnection, message: bytes) -> None:
        """Process a message of the agent. Other messages (telemetry, replies of commands) have no meaning here."""
        try:
            frame = unpacked(message)
            content = json_in(frame.payload) if frame.type == _COMPLETE else {}
        except FrameError:
            return
        if not content:
            return
        await socket.send(packed(_acknowledgement(frame.id, content)))
        end = self._ends.get(str(content.get("TaskId")))
        if end is not None and not end.done():
            status = "Terminated" if content.get("FinalTaskStatus") == "Success" else "Failed"
            end.set_result(SessionEnd(str(content.get("Output", "")), status))


def _start_of(opening: Opening) -> Frame:
    task = {
        "DocumentName": opening.document,
        "DocumentContent": opening.content,
        "SessionId": opening.session_id,
        "Parameters": {},
        "RunAsUser": run_as_user(opening.account, opening.region),
        "SessionOwner": opening.owner,
    }
    content = {"Content": json.dumps(task), "TaskId": opening.session_id, "Topic": _TOPIC, "SchemaVersion": 1}
    return Frame(_START, json.dumps(content).encode())


def _acknowledgement(of: UUID, content: Mapping[str, object]) -> Frame:
    told = {
        "SchemaVersion": 1,
        "MessageId": str(of),
        "TaskId": content.get("TaskId"),
        "Topic": content.get("Topic"),
    }
    return Frame(_ACKNOWLEDGE, json.dumps(told).encode())
