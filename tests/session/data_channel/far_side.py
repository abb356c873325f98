"""The other side of a data channel, on loopback: a server that does what a test tells it, and the calls beside."""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from ssmtui.model.node import PlatformFamily
from ssmtui.model.scope import Scope, ScopeName, SharedCredentials
from ssmtui.model.sessions import OpenedSession, SessionRequest
from ssmtui.session.calls import DataKey, SessionCalls, SessionProblem
from ssmtui.session.data_channel import frames
from ssmtui.session.data_channel.connection import ChannelTiming, DataChannel
from ssmtui.session.data_channel.conversation import SessionCipher
from ssmtui.session.data_channel.events import ChannelEvent
from ssmtui.session.data_channel.frames import Frame
from ssmtui.session.data_channel.outgoing import RetransmissionTiming
from ssmtui.session.data_channel.payloads import Acknowledgement, PayloadType

SILENT = logging.Logger("the other side", logging.CRITICAL)
SESSION = "ann-0123456789abcdef0"
SCOPE = Scope(
    name=ScopeName(None, "eu-west-3"),
    account="123456789012",
    region="eu-west-3",
    partition="aws",
    dns_suffix="amazonaws.com",
    caller="arn:aws:iam::123456789012:user/ann",
    principal="arn:aws:iam::123456789012:user/ann",
)
REQUEST = SessionRequest(SCOPE, "i-0123456789abcdef0")
KEY = bytes(range(64))
SWIFT = ChannelTiming(opening=5, closing=0.1, retransmission=RetransmissionTiming(first=0.02, granularity=0.01))
"""Nothing is waited for for long, and nothing is pinged."""


@dataclass
class FakeCalls:
    """What AWS says to the calls of a session."""

    resumed: list[OpenedSession] = field(default_factory=list)
    key: DataKey | SessionProblem = field(default_factory=lambda: DataKey(b"the key, enciphered", KEY))
    asked_keys: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def platform(self, node: str) -> PlatformFamily | None:
        raise NotImplementedError

    def start(self, request: SessionRequest) -> OpenedSession:
        raise NotImplementedError

    def resume(self, session_id: str) -> OpenedSession:
        assert session_id == SESSION
        return self.resumed.pop(0)

    def terminate(self, session_id: str) -> None:
        raise NotImplementedError

    def data_key(self, key_id: str, context: Mapping[str, str]) -> DataKey:
        self.asked_keys.append((key_id, dict(context)))
        if isinstance(self.key, SessionProblem):
            raise self.key
        return self.key

    def request_access(self, request: SessionRequest) -> str:
        raise NotImplementedError

    def with_access(self, access_request: str) -> SessionCalls | None:
        raise NotImplementedError

    def credentials(self) -> SharedCredentials:
        return SharedCredentials("AKIDEXAMPLE", "canary-secret", "canary-session-token")


class FarSide:
    """One connection, as the agent and the service see it."""

    def __init__(self, socket: ServerConnection, sequence: int = 0) -> None:
        self.socket = socket
        self.sequence = sequence
        self.acknowledged: list[int] = []
        self._cipher: SessionCipher | None = None

    def encrypt(self) -> None:
        """What is said from here on is enciphered."""
        self._cipher = SessionCipher(KEY[32:] + KEY[:32])

    def frame(self, kind: PayloadType, payload: bytes) -> bytes:
        """The next stream frame, not sent yet."""
        if self._cipher is not None and kind in {PayloadType.OUTPUT, PayloadType.STDERR, PayloadType.EXIT_CODE}:
            payload = self._cipher.encipher(payload)
        frame = Frame(frames.OUTPUT, self.sequence, payload, uuid.uuid4(), created=1, payload_type=kind)
        self.sequence += 1
        return frames.encode(frame)

    async def say(self, kind: PayloadType, payload: bytes | dict[str, object]) -> None:
        """Send a stream frame."""
        data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        await self.socket.send(self.frame(kind, data))

    async def tell(self, message_type: str, payload: dict[str, object] | None = None) -> None:
        """Send a message that is no stream."""
        data = json.dumps(payload or {}).encode()
        await self.socket.send(frames.encode(Frame(message_type, 0, data, uuid.uuid4(), created=1)))

    async def end(self, output: str = "") -> None:
        """End the session, and stay until the client has gone."""
        await self.tell(frames.CHANNEL_CLOSED, {"SessionId": SESSION, "Output": output})
        await self.socket.wait_closed()

    async def hear(self) -> Frame:
        """The next stream frame, which is not acknowledged; acknowledgements are noted."""
        while True:
            frame = frames.decode(bytes_of(await self.socket.recv()))
            if frame.message_type != frames.ACKNOWLEDGE:
                return frame
            self.acknowledged.append(Acknowledgement.of(frame.payload).sequence)

    async def heard(self) -> tuple[PayloadType, bytes]:
        """The next stream frame, acknowledged and deciphered."""
        frame = await self.hear()
        await self.acknowledge(frame)
        payload = frame.payload
        if self._cipher is not None and frame.payload_type == PayloadType.OUTPUT:
            payload = self._cipher.decipher(payload)
        return PayloadType(frame.payload_type), payload

    async def acknowledge(self, frame: Frame) -> None:
        """Acknowledge a frame."""
        told = Acknowledgement(frame.message_type, str(frame.message_id), frame.sequence)
        data = Frame(frames.ACKNOWLEDGE, 0, told.payload(), uuid.uuid4(), created=1)
        await self.socket.send(frames.encode(data))

    async def acknowledgement(self) -> int:
        """The number of the next frame that is acknowledged."""
        while not self.acknowledged:
            frame = frames.decode(bytes_of(await self.socket.recv()))
            if frame.message_type == frames.ACKNOWLEDGE:
                self.acknowledged.append(Acknowledgement.of(frame.payload).sequence)
        return self.acknowledged.pop(0)


def bytes_of(data: bytes | str) -> bytes:
    assert isinstance(data, bytes), "after the first message all are binary"
    return data


Part = Callable[[FarSide], Awaitable[None]]


@dataclass
class Served:
    """A server that plays its parts, one a connection; `requests` and `openings` are what it got."""

    url: str = ""
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    openings: list[dict[str, str]] = field(default_factory=list)

    def opened(self) -> OpenedSession:
        return OpenedSession(SESSION, self.url, "canary-token", endpoint=self.url)


@asynccontextmanager
async def served(
    *parts: Part, refusal: Response | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Served]:
    """Serve one part after the other."""
    told, left = Served(), list(parts)

    async def joined(socket: ServerConnection) -> None:
        told.openings.append(json.loads(await socket.recv()))
        await left.pop(0)(FarSide(socket))

    async def asked(_: ServerConnection, request: Request) -> Response | None:
        told.requests.append(request)
        return refusal

    async with serve(
        joined,
        "127.0.0.1",
        0,
        process_request=asked,
        compression=None,
        ping_interval=None,
        close_timeout=0.1,
        logger=SILENT,
        ssl=tls,
    ) as server:
        told.port = next(iter(server.sockets)).getsockname()[1]
        told.url = f"ws://127.0.0.1:{told.port}/v1/data-channel/{SESSION}?role=publish_subscribe"
        yield told


@asynccontextmanager
async def connected(
    server: Served, calls: FakeCalls | None = None, timing: ChannelTiming = SWIFT, request: SessionRequest = REQUEST
) -> AsyncIterator[DataChannel]:
    """A channel that is open."""
    channel = DataChannel(request, server.opened(), calls or FakeCalls(), timing=timing)
    try:
        await channel.open()
        yield channel
    finally:
        await channel.close()


async def told_by(channel: DataChannel) -> list[ChannelEvent]:
    """Everything until the last event of this connection."""
    async with asyncio.timeout(10):
        return [event async for event in channel.events()]


def with_target(target: str) -> SessionRequest:
    return replace(REQUEST, target=target)
