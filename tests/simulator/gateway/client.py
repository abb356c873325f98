"""A client of the simulated data channel, as plain as it gets: acknowledges what comes, and sends what a test says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from uuid import uuid4

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from ssmtui.simulator.gateway import channel as protocol
from ssmtui.simulator.gateway.channel import Frame, PayloadType
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.process import CALLER_ACCESS_KEY
from tests.simulator.clients import client, ids_by_name

REGION = "eu-west-3"
PATIENCE = 20


class Ended(Exception):
    """The session is over: the text that the service told, or None where the socket was closed without one."""

    def __init__(self, text: str | None) -> None:
        super().__init__(text)
        self.text = text


class DataChannel:
    """An open data channel. What a test does not ask for is kept in `seen`, acknowledged numbers apart."""

    def __init__(self, socket: ClientConnection, session: Mapping[str, str]) -> None:
        self.socket = socket
        self.session_id = session["SessionId"]
        self.seen: list[Frame] = []
        self.acknowledged: list[int] = []
        self.publications: list[str] = []
        self.acknowledges = True
        self._sent = 0
        self._expected = 0
        self._early: dict[int, Frame] = {}
        self._ready: list[Frame] = []

    def say(self, payload_type: PayloadType, payload: bytes, *, number: int | None = None) -> None:
        """Send a message of the input stream; by a number of its own where that is given."""
        if number is None:
            number, self._sent = self._sent, self._sent + 1
        self.socket.send(protocol.packed(Frame(protocol.INPUT, payload, payload_type, number)))

    def type(self, text: str) -> None:
        """Type at the terminal."""
        self.say(PayloadType.OUTPUT, text.encode())

    def resize(self, columns: int, rows: int) -> None:
        """Tell how large the window is."""
        self.say(PayloadType.SIZE, json.dumps({"cols": columns, "rows": rows}).encode())

    def expect(self, number: int) -> None:
        """Have received the agent's messages before that number already, over another socket."""
        self._expected = number

    def next(self, timeout: float = PATIENCE) -> Frame:
        """The agent's next message in its order; raises Ended, or TimeoutError."""
        while not self._ready:
            self._take(protocol.unpacked(self._received(timeout)))
        return self._ready.pop(0)

    def raw_next(self) -> Frame:
        """The next message as it comes."""
        return protocol.unpacked(self._received(PATIENCE))

    def next_of(self, payload_type: PayloadType) -> Any:
        """The JSON of the next message of a type."""
        while (told := self.next()).payload_type != payload_type:
            self.seen.append(told)
        return json.loads(told.payload)

    def agree(self) -> Any:
        """Answer a handshake without a key; gives the agent's request."""
        request = self.next_of(PayloadType.HANDSHAKE_REQUEST)
        (action,) = request["RequestedClientActions"]
        told = {"ActionType": action["ActionType"], "ActionStatus": 1, "ActionResult": None, "Error": ""}
        response = {"ClientVersion": "1.2.764.0", "ProcessedClientActions": [told], "Errors": None}
        self.say(PayloadType.HANDSHAKE_RESPONSE, json.dumps(response).encode())
        self.next_of(PayloadType.HANDSHAKE_COMPLETE)
        return request

    def shown_until(self, ending: str) -> str:
        """What the terminal shows, up to that."""
        shown = ""
        while not shown.endswith(ending):
            shown += self.next().payload.decode()
        return shown

    def ending(self) -> str | None:
        """The text that the session ends with, whatever comes before."""
        try:
            while True:
                self.seen.append(self.next())
        except Ended as ended:
            return ended.text

    def _received(self, timeout: float) -> bytes:
        try:
            message = self.socket.recv(timeout=timeout)
        except ConnectionClosed as closed:
            raise Ended(None) from closed
        return message if isinstance(message, bytes) else message.encode()

    def _take(self, told: Frame) -> None:
        if told.type == protocol.CHANNEL_CLOSED:
            raise Ended(json.loads(told.payload)["Output"])
        if told.type.endswith("_publication"):
            self.publications.append(told.type)
            return
        if told.type != protocol.OUTPUT:
            self.acknowledged.append(json.loads(told.payload)["AcknowledgedMessageSequenceNumber"])
            return
        if self.acknowledges:
            # A socket that was closed meanwhile is noticed with the next message.
            with suppress(ConnectionClosed):
                self.socket.send(protocol.packed(protocol.acknowledgement(told)))
        if told.sequence >= self._expected:
            self._early[told.sequence] = told
        while (following := self._early.pop(self._expected, None)) is not None:
            self._expected += 1
            self._ready.append(following)


class Visitor:
    """Somebody who opens sessions, by the caller's credentials where no others are given."""

    def __init__(self, aws: SimulatedAws, access_key: str = CALLER_ACCESS_KEY) -> None:
        self.aws = aws
        self.ssm = client(aws, "ssm", access_key=access_key)
        self.kms = client(aws, "kms", access_key=access_key)

    def start(self, node: str, **parameters: Any) -> Mapping[str, str]:
        """StartSession, by the node's name or id."""
        target = ids_by_name(REGION).get(node, node)
        session: Mapping[str, str] = self.ssm.start_session(Target=target, **parameters)
        return session

    @contextmanager
    def joined(self, session: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Iterator[DataChannel]:
        """The data channel of a session, its token told."""
        with connect(session["StreamUrl"], additional_headers=headers, compression=None, proxy=None) as socket:
            told = {
                "MessageSchemaVersion": "1.0",
                "RequestId": str(uuid4()),
                "TokenValue": session["TokenValue"],
                "ClientId": str(uuid4()),
                "ClientVersion": "1.2.764.0",
            }
            socket.send(json.dumps(told))
            yield DataChannel(socket, session)

    @contextmanager
    def session(self, node: str, **parameters: Any) -> Iterator[DataChannel]:
        """A session from StartSession to whatever a test does with it."""
        with self.joined(self.start(node, **parameters)) as channel:
            yield channel
