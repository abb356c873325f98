"""The websocket server of the data channels, on loopback, in a thread of its own from the first session on."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import threading
from collections.abc import Iterable
from contextlib import suppress
from http import HTTPStatus
from typing import Final

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from ssmtui.simulator.doorway import Door
from ssmtui.simulator.gateway.admission import Refused, admitted
from ssmtui.simulator.gateway.door import open_door
from ssmtui.simulator.gateway.ending import Ending
from ssmtui.simulator.gateway.live import LiveSession
from ssmtui.simulator.gateway.network import NetworkFaultKind, faults
from ssmtui.simulator.gateway.opening import Opening, openings

_PATH: Final = re.compile(r"/v1/data-channel/(?P<session>[^/?]+)\?role=publish_subscribe")
_FIRST_WORD_SECONDS: Final = 10.0
_CLOSING_SECONDS: Final = 0.2
_POLICY_VIOLATION: Final = 1008
# What goes wrong with a socket is told to the client, and there is nobody else to tell.
_SILENT: Final = logging.getLogger("ssmtui.simulator.gateway")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False


class Gateway:
    """A running server. Its methods may be called from any thread."""

    def __init__(self, doors: Iterable[Door] = ()) -> None:
        self._doors: list[asyncio.Server] = []
        self._loop = asyncio.new_event_loop()
        self._sessions: dict[str, LiveSession] = {}
        self._over: dict[str, asyncio.Event] = {}
        self._stopped: asyncio.Event = asyncio.Event()
        self._listens = threading.Event()
        self._port = 0
        self._thread = threading.Thread(target=self._run, name="simulated-gateway", daemon=True)
        self._thread.start()
        self._listens.wait()
        for door in doors:
            self.open(door)

    def open(self, door: Door) -> None:
        """Lead whoever comes through a door; returns when it is open."""
        self._doors.append(asyncio.run_coroutine_threadsafe(open_door(door), self._loop).result())

    def url(self, session_id: str) -> str:
        """Where the data channel of a session is."""
        return f"ws://127.0.0.1:{self._port}/v1/data-channel/{session_id}?role=publish_subscribe"

    def end(self, session_id: str, ending: Ending) -> None:
        """End a session that somebody may have joined."""
        self._loop.call_soon_threadsafe(self._end, session_id, ending)

    def drop_sessions(self) -> None:
        """Forget every session, and close their sockets; returns when that is done."""
        asyncio.run_coroutine_threadsafe(self._drop(), self._loop).result()

    def stop(self) -> None:
        """Serve no longer."""
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        async with serve(
            self._joined,
            "127.0.0.1",
            0,
            process_request=self._asked,
            compression=None,
            open_timeout=None,
            ping_interval=None,
            close_timeout=_CLOSING_SECONDS,
            logger=_SILENT,
        ) as server:
            self._port = next(iter(server.sockets)).getsockname()[1]
            self._listens.set()
            await self._stopped.wait()
            for door in self._doors:
                door.close()
            await self._drop()

    async def _asked(self, socket: ServerConnection, request: Request) -> Response | None:
        """What answers the upgrade; None lets it in."""
        path = _PATH.match(request.path)
        opening = openings.find(path["session"]) if path is not None else None
        if opening is None:
            return socket.respond(HTTPStatus.NOT_FOUND, "There is no such data channel.\n")
        fault = faults.struck(opening.node_id, NetworkFaultKind.REFUSE, NetworkFaultKind.HANG)
        if fault is not None and fault.kind is NetworkFaultKind.REFUSE:
            return socket.respond(fault.status, "Refused by a fault of the simulated network.\n")
        if fault is not None:
            await self._hold(opening)
        try:
            await asyncio.to_thread(admitted, opening, request.headers.get("Authorization", ""))
        except Refused as refused:
            return socket.respond(HTTPStatus.FORBIDDEN, str(refused))
        return None

    async def _joined(self, socket: ServerConnection) -> None:
        path = _PATH.match(socket.request.path) if socket.request is not None else None
        opening = openings.find(path["session"]) if path is not None else None
        if opening is None:
            return
        if faults.struck(opening.node_id, NetworkFaultKind.HALF_OPEN) is not None:
            socket.transport.pause_reading()
            await self._hold(opening)
            socket.transport.abort()
            return
        with suppress(ConnectionClosed):
            if not await _knows_token(socket, opening):
                await socket.close(_POLICY_VIOLATION, "The token is not valid.")
                return
            await self._session(opening).carried_by(socket)

    def _session(self, opening: Opening) -> LiveSession:
        session = self._sessions.get(opening.session_id)
        if session is None:
            session = self._sessions[opening.session_id] = LiveSession(opening)
            record = opening.record
            if record is not None and record.ended_at is not None:
                session.end(Ending(record.why_ended, record.status))
        return session

    def _end(self, session_id: str, ending: Ending) -> None:
        session, over = self._sessions.get(session_id), self._over.get(session_id)
        if session is not None:
            session.end(ending)
        if over is not None:
            over.set()

    async def _hold(self, opening: Opening) -> None:
        """Keep a socket waiting for as long as its session is active."""
        record = opening.record
        if record is not None and record.ended_at is None:
            await self._over.setdefault(opening.session_id, asyncio.Event()).wait()

    async def _drop(self) -> None:
        sessions, held = list(self._sessions.values()), list(self._over.values())
        self._sessions.clear()
        self._over.clear()
        for over in held:
            over.set()
        for session in sessions:
            session.drop()


async def _knows_token(socket: ServerConnection, opening: Opening) -> bool:
    try:
        async with asyncio.timeout(_FIRST_WORD_SECONDS):
            told = json.loads(await socket.recv())
    except (TimeoutError, ValueError):
        return False
    return isinstance(told, dict) and openings.lets_in(opening.session_id, told.get("TokenValue"))
