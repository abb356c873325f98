"""Run the websocket server of the data channels, and decide who can join a channel."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from moto.utilities.utils import get_partition
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from ssmtui.simulator.authorisation import Need, permission, principal_of, refusal
from ssmtui.simulator.call import AwsError, caller_of, signature_of
from ssmtui.simulator.gateway.agent_service.admission import access_denied, check_node, node_of
from ssmtui.simulator.gateway.agent_service.control_channels import ControlChannels
from ssmtui.simulator.gateway.agent_service.registration import RegisteredNode, find_registered
from ssmtui.simulator.gateway.agent_service.relay import RealAgent, RelayedChannel
from ssmtui.simulator.gateway.live_session import LiveSession, simulated_session
from ssmtui.simulator.gateway.opening import Opening, agent_tokens, openings
from ssmtui.simulator.gateway.session_overrides import NetworkFaultKind, SessionEnd, faults, pace
from ssmtui.simulator.moto_aws import moto_lock
from ssmtui.simulator.process import ProxySocket

_ACTION: Final = "ssmmessages:OpenDataChannel"
_SERVICE: Final = "ssmmessages"


class UpgradeRefusedError(Exception):
    """The upgrade is refused; the text is the body of the response."""


def check_admission(opening: Opening, authorization: str) -> None:
    """Accept an upgrade by its Authorization header (empty if it is not signed), or raise UpgradeRefusedError."""
    with moto_lock:
        caller = _caller(opening, authorization)
        openings.add(replace(opening, was_signed=bool(authorization)))
        resource = f"arn:{get_partition(opening.region)}:ssm:{opening.region}:{opening.account}:session/"
        need = Need(_ACTION, resource + opening.session_id)
        decision = permission(principal_of(caller), need, opening.region)
    if not decision.allowed:
        said = refusal(_SERVICE, caller, need, decision).message
        raise UpgradeRefusedError(access_denied(said))


def _caller(opening: Opening, authorization: str) -> str:
    # Plugins before 1.2.764.0 do not sign; how AWS treats them today is not known for sure.
    if not authorization:
        if pace.demands_signature:
            raise UpgradeRefusedError(access_denied("Missing Authentication Token"))
        return opening.owner
    signature = signature_of({"HTTP_AUTHORIZATION": authorization})
    if signature is None or signature.service != _SERVICE or signature.region != opening.region:
        raise UpgradeRefusedError(
            access_denied("Credential should be scoped to a valid Region and to service ssmmessages.")
        )
    try:
        return caller_of(signature.access_key, _SERVICE).arn
    except AwsError as error:
        raise UpgradeRefusedError(access_denied(error.message)) from error


_PATH: Final = re.compile(r"/v1/data-channel/(?P<session>[^/?]+)\?role=publish_subscribe")
_FIRST_WORD_SECONDS: Final = 10.0
_CLOSING_SECONDS: Final = 0.2
_POLICY_VIOLATION: Final = 1008
# The client sees the errors of a socket; nothing else needs them.
_SILENT: Final = logging.getLogger("ssmtui.simulator.gateway")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False


class Gateway:
    """A running server. Its methods can be called from any thread."""

    def __init__(self, proxy_sockets: Iterable[ProxySocket] = ()) -> None:
        self._proxy_sockets: list[asyncio.Server] = []
        self._loop = asyncio.new_event_loop()
        self._sessions: dict[str, LiveSession] = {}
        self._relays: dict[str, RelayedChannel] = {}
        self._control = ControlChannels()
        self._over: dict[str, asyncio.Event] = {}
        self._stopped: asyncio.Event = asyncio.Event()
        self._listens = threading.Event()
        self._port = 0
        self._thread = threading.Thread(target=self._run, name="simulated-gateway", daemon=True)
        self._thread.start()
        self._listens.wait()
        for proxy_socket in proxy_sockets:
            self.open(proxy_socket)

    def open(self, proxy_socket: ProxySocket) -> None:
        """Open a proxy; return when it is open."""
        from ssmtui.simulator.gateway.tls_proxy import open_proxy  # noqa: PLC0415 - slow to load, and rarely needed

        opened = open_proxy(proxy_socket, ("127.0.0.1", self._port))
        self._proxy_sockets.append(asyncio.run_coroutine_threadsafe(opened, self._loop).result())

    def url(self, session_id: str) -> str:
        """Return the address of a session's data channel."""
        return f"ws://127.0.0.1:{self._port}/v1/data-channel/{session_id}?role=publish_subscribe"

    def end(self, session_id: str, ending: SessionEnd) -> None:
        """End a session that a client may have joined."""
        self._loop.call_soon_threadsafe(self._end, session_id, ending)

    def kill_workers(self, node_id: str) -> None:
        """Kill the workers of the sessions that clients have joined on a node."""
        self._loop.call_soon_threadsafe(self._kill_workers, node_id)

    def drop_sessions(self) -> None:
        """Forget every session, and close their sockets; return when that is done."""
        asyncio.run_coroutine_threadsafe(self._drop(), self._loop).result()

    def stop(self) -> None:
        """Stop the server."""
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
            for proxy_socket in self._proxy_sockets:
                proxy_socket.close()
            await self._drop()

    async def _asked(self, socket: ServerConnection, request: Request) -> Response | None:
        """Return the response to an upgrade; None accepts it."""
        path = _PATH.match(request.path)
        opening = openings.find(path["session"]) if path is not None else None
        authorization = request.headers.get("Authorization", "")
        registered = _node_of(authorization)
        if registered is not None and (opening is not None or request.path == _control_path(registered)):
            return await self._asked_by_agent(socket, registered, opening)
        if opening is None:
            return socket.respond(HTTPStatus.NOT_FOUND, "There is no such data channel.\n")
        fault = faults.struck(opening.node_id, NetworkFaultKind.REFUSE, NetworkFaultKind.HANG)
        if fault is not None and fault.kind is NetworkFaultKind.REFUSE:
            return socket.respond(fault.status, "Refused by a fault of the simulated network.\n")
        if fault is not None:
            await self._hold(opening)
        try:
            await asyncio.to_thread(check_admission, opening, authorization)
        except UpgradeRefusedError as refused:
            return socket.respond(HTTPStatus.FORBIDDEN, str(refused))
        return None

    async def _asked_by_agent(
        self, socket: ServerConnection, registered: RegisteredNode, opening: Opening | None
    ) -> Response | None:
        if opening is not None and opening.node_id != registered.id:
            return socket.respond(HTTPStatus.NOT_FOUND, "There is no such data channel.\n")
        action = _ACTION if opening is not None else "ssmmessages:OpenControlChannel"
        refusal = await asyncio.to_thread(_refusal, registered, Need(action))
        return None if refusal is None else socket.respond(HTTPStatus.FORBIDDEN, access_denied(refusal))

    async def _joined(self, socket: ServerConnection) -> None:
        asked = socket.request.path if socket.request is not None else ""
        path = _PATH.match(asked)
        opening = openings.find(path["session"]) if path is not None else None
        registered = _node_of(socket.request.headers.get("Authorization", "")) if socket.request is not None else None
        if registered is not None:
            await self._joined_by_agent(socket, registered, opening)
            return
        if opening is None:
            return
        if faults.struck(opening.node_id, NetworkFaultKind.HALF_OPEN) is not None:
            socket.transport.pause_reading()
            await self._hold(opening)
            socket.transport.abort()
            return
        with suppress(ConnectionClosed):
            if not openings.lets_in(opening.session_id, await _token(socket)):
                await socket.close(_POLICY_VIOLATION, "The token is not valid.")
                return
            await self._session(opening).carried_by(socket)

    async def _joined_by_agent(
        self, socket: ServerConnection, registered: RegisteredNode, opening: Opening | None
    ) -> None:
        id_ = opening.session_id if opening is not None else registered.id
        relay = self._relays.get(id_)
        with suppress(ConnectionClosed):
            if not agent_tokens.admits(id_, await _token(socket)):
                await socket.close(_POLICY_VIOLATION, "The token is not valid.")
            elif opening is None:
                await self._control.carry(registered, socket)
            elif relay is not None:
                await relay.carry_agent(socket)

    def _session(self, opening: Opening) -> LiveSession:
        session = self._sessions.get(opening.session_id)
        if session is None:
            session = self._sessions[opening.session_id] = self._new_session(opening)
            record = opening.record
            if record is not None and record.ended_at is not None:
                session.end(SessionEnd(record.end_reason, record.status))
        return session

    def _new_session(self, opening: Opening) -> LiveSession:
        if find_registered(opening.node_id) is None:
            return simulated_session(opening)
        channel = self._relays[opening.session_id] = RelayedChannel()
        return LiveSession(opening, channel, RealAgent(opening, self._control))

    def _end(self, session_id: str, ending: SessionEnd) -> None:
        session, over = self._sessions.get(session_id), self._over.get(session_id)
        if session is not None:
            session.end(ending)
        if over is not None:
            over.set()

    def _kill_workers(self, node_id: str) -> None:
        for session in tuple(self._sessions.values()):
            if session.node_id == node_id:
                session.kill_worker()

    async def _hold(self, opening: Opening) -> None:
        """Keep a socket waiting as long as its session is active."""
        record = opening.record
        if record is not None and record.ended_at is None:
            await self._over.setdefault(opening.session_id, asyncio.Event()).wait()

    async def _drop(self) -> None:
        sessions, held = list(self._sessions.values()), list(self._over.values())
        self._sessions.clear()
        self._relays.clear()
        self._over.clear()
        await self._control.close()
        for over in held:
            over.set()
        for session in sessions:
            session.drop()


async def _token(socket: ServerConnection) -> object:
    """Return the token in the first message of a socket; None if there is none."""
    try:
        async with asyncio.timeout(_FIRST_WORD_SECONDS):
            message = json.loads(await socket.recv())
    except (TimeoutError, ValueError):
        return None
    return message.get("TokenValue") if isinstance(message, dict) else None


def _node_of(authorization: str) -> RegisteredNode | None:
    """Return the real node that signed an upgrade with its role, if one did."""
    signature = signature_of({"HTTP_AUTHORIZATION": authorization})
    return node_of(signature.access_key) if signature is not None else None


def _control_path(registered: RegisteredNode) -> str:
    return f"/v1/control-channel/{registered.id}?role=subscribe&stream=input"


def _refusal(registered: RegisteredNode, need: Need) -> str | None:
    with moto_lock:
        try:
            return check_node(registered, need)
        except AwsError as error:
            return error.message
