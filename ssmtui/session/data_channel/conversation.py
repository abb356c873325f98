"""The data channel protocol without its socket: handshake, decryption, order of frames, retransmission."""

from __future__ import annotations

import os
import re
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from ssmtui.model.sessions import NO_EXIT_CODE
from ssmtui.session.calls import SessionProblem
from ssmtui.session.data_channel import frames
from ssmtui.session.data_channel.events import (
    ChallengeFailed,
    ChallengeResponseSent,
    ChannelClosed,
    ChannelEvent,
    DataKeyRequested,
    ExitCodeReceived,
    FlagReceived,
    HandshakeCompleted,
    HandshakeRequested,
    HandshakeResponseSent,
    KeyFailed,
    KeyMade,
    Malformed,
    OtherPayload,
    Output,
    PublicationPaused,
    PublicationStarted,
)
from ssmtui.session.data_channel.frames import Frame, MalformedFrame
from ssmtui.session.data_channel.outgoing import OutgoingFrames, RetransmissionTiming
from ssmtui.session.data_channel.payloads import (
    KMS_ENCRYPTION,
    SESSION_TYPE,
    SESSION_TYPES,
    Acknowledgement,
    ActionStatus,
    Closing,
    EncryptionAction,
    HandshakeComplete,
    HandshakeRequest,
    HandshakeResponse,
    MalformedPayload,
    OtherAction,
    PayloadType,
    ProcessedAction,
    SessionTypeAction,
    challenge_of,
    challenge_payload,
    exit_code_of,
    flag_of,
)

CLIENT_VERSION = "1.2.764.0"
"""The plugin version with the same capabilities: the agent leaves out what an older version lacks."""

_ENVELOPE = re.compile(r"An error occurred \((\w+)\) when calling the \w+ operation(?: \([^)]*\))?: ")


def key_failure(problem: SessionProblem) -> str:
    """Return the error text of AWS KMS in the plugin's form (docs/facts/failure-texts.md §2.2)."""
    told = _ENVELOPE.sub(r"\1: ", problem.text, count=1)
    return f"Error calling KMS GenerateDataKey API: {told}"


def handshake_response(request: HandshakeRequest, key: bytes | None, key_error: str) -> HandshakeResponse:
    """Return the response. `key` is the encrypted data key, or None if there is none; then `key_error` says why."""
    actions: list[ProcessedAction] = []
    for each in request.actions:
        match each:
            case SessionTypeAction(session_type) if session_type in SESSION_TYPES:
                actions.append(ProcessedAction(SESSION_TYPE, ActionStatus.SUCCESS))
            case SessionTypeAction(session_type):
                actions.append(_failed(SESSION_TYPE, f"Unknown session type {session_type}"))
            case EncryptionAction(challenge=challenge) if key is not None:
                processed = ProcessedAction(KMS_ENCRYPTION, ActionStatus.SUCCESS, key=key, acknowledges=bool(challenge))
                actions.append(processed)
            case EncryptionAction():
                actions.append(_failed(KMS_ENCRYPTION, key_error))
            case OtherAction(action_type):
                error = f"Unsupported action {action_type}"
                actions.append(ProcessedAction(action_type, ActionStatus.UNSUPPORTED, error))
    return HandshakeResponse(CLIENT_VERSION, tuple(actions))


def _failed(action_type: str, why: str) -> ProcessedAction:
    return ProcessedAction(action_type, ActionStatus.FAILED, f"Failed to process action {action_type}: {why}")


NONCE = 12
TAG = 16
HALF = 32


class DecryptionError(Exception):
    """The data was not encrypted with this session's key, or was changed in transit."""


class SessionCipher:
    """Decrypts data from the agent and encrypts data for it. `repr` does not show the key.

    Raises:
        DecryptionError: the data key does not have 64 bytes.

    """

    def __init__(self, data_key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        if len(data_key) != 2 * HALF:
            raise DecryptionError(f"a data key of {len(data_key)} bytes")
        self._agents = AESGCM(data_key[:HALF])
        self._ours = AESGCM(data_key[HALF:])

    def decipher(self, data: bytes) -> bytes:
        """Decrypt data of the agent: nonce, ciphertext and tag.

        Raises:
            DecryptionError: the data was not encrypted with this key.

        """
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415

        if len(data) < NONCE + TAG:
            raise DecryptionError("less than a nonce and a tag")
        try:
            return self._agents.decrypt(data[:NONCE], data[NONCE:], None)
        except InvalidTag:
            raise DecryptionError("not of this session's key") from None

    def encipher(self, data: bytes) -> bytes:
        """Encrypt data for the agent."""
        nonce = os.urandom(NONCE)
        return nonce + self._ours.encrypt(nonce, data, None)


PayloadResult = tuple[list[ChannelEvent], list[tuple[PayloadType, bytes]]]
"""The events, and the answers to send."""

_ENCIPHERED = frozenset({PayloadType.OUTPUT, PayloadType.STDERR, PayloadType.EXIT_CODE})


class PayloadReader:
    """Reads the stream frames of one session in their order.

    After a `DataKeyRequested` event, the caller calls `key_made` or `key_failed`.
    """

    def __init__(self) -> None:
        self._request: HandshakeRequest | None = None
        self._is_handshake_over = False
        self._cipher: SessionCipher | None = None
        self._enciphers = False

    def read(self, frame: Frame) -> PayloadResult:
        """Read a frame.

        Raises:
            MalformedPayload: the payload has the wrong form, or was not encrypted with this session's key.

        """
        match frame.payload_type:
            case PayloadType.OUTPUT | PayloadType.ERROR | PayloadType.STDERR:
                return [Output(self._plain(frame), is_error=frame.payload_type != PayloadType.OUTPUT)], []
            case PayloadType.EXIT_CODE:
                return [ExitCodeReceived(self._exit_code(frame))], []
            case PayloadType.FLAG:
                return [FlagReceived(flag_of(frame.payload))], []
            case PayloadType.HANDSHAKE_REQUEST:
                return self._requested(HandshakeRequest.of(frame.payload))
            case PayloadType.CHALLENGE_REQUEST:
                return self._challenged(challenge_of(frame.payload))
            case PayloadType.HANDSHAKE_COMPLETE:
                return self._completed(HandshakeComplete.of(frame.payload))
            case _:
                return [OtherPayload(frame.payload_type, len(frame.payload))], []

    def enciphered(self, payload_type: PayloadType, payload: bytes) -> bytes:
        """Return the payload to send: in an encrypted session, typed input is encrypted."""
        if self._enciphers and self._cipher is not None and payload_type is PayloadType.OUTPUT:
            return self._cipher.encipher(payload)
        return payload

    def key_made(self, ciphertext: bytes, plaintext: bytes) -> PayloadResult:
        """Continue the handshake with the data key."""
        key_id = self._request.key_id if self._request is not None else ""
        try:
            self._cipher = SessionCipher(plaintext)
        except DecryptionError as error:
            return self.key_failed(str(error))
        events, answers = self._answer(ciphertext, "")
        return [KeyMade(key_id), *events], answers

    def key_failed(self, why: str) -> PayloadResult:
        """Continue the handshake without a data key."""
        key_id = self._request.key_id if self._request is not None else ""
        events, answers = self._answer(None, why)
        return [KeyFailed(key_id, f"Failed to process action KMSEncryption: {why}"), *events], answers

    def _requested(self, request: HandshakeRequest) -> PayloadResult:
        if self._request is not None:
            raise MalformedPayload("a second handshake request")
        self._request = request
        unsupported = tuple(each.action_type for each in request.actions if isinstance(each, OtherAction))
        told = HandshakeRequested(
            request.agent_version, request.session_type, request.key_id, unsupported, request.port_type
        )
        if request.key_id:
            return [told, DataKeyRequested(request.key_id, request.challenge)], []
        events, answers = self._answer(None, "there is no key")
        return [told, *events], answers

    def _completed(self, complete: HandshakeComplete) -> PayloadResult:
        if self._is_handshake_over:
            raise MalformedPayload("a second end of the handshake")
        self._is_handshake_over = True
        self._enciphers = self._cipher is not None
        return [HandshakeCompleted(complete.message, complete.seconds)], []

    def _answer(self, key: bytes | None, error: str) -> PayloadResult:
        if self._request is None:
            return [], []
        response = handshake_response(self._request, key, error)
        actions = tuple((each.action_type, each.status) for each in response.actions)
        return [HandshakeResponseSent(actions)], [(PayloadType.HANDSHAKE_RESPONSE, response.payload())]

    def _challenged(self, challenge: bytes) -> PayloadResult:
        if self._cipher is None:
            return [ChallengeFailed("there is no data key")], []
        try:
            plain = self._cipher.decipher(challenge)
        except DecryptionError as error:
            return [ChallengeFailed(str(error))], []
        answered = challenge_payload(self._cipher.encipher(plain))
        return [ChallengeResponseSent()], [(PayloadType.CHALLENGE_RESPONSE, answered)]

    def _plain(self, frame: Frame) -> bytes:
        if not self._enciphers or self._cipher is None or frame.payload_type not in _ENCIPHERED:
            return frame.payload
        try:
            return self._cipher.decipher(frame.payload)
        except DecryptionError as error:
            raise MalformedPayload(str(error)) from None

    def _exit_code(self, frame: Frame) -> int:
        """Return the exit code. If it cannot be decrypted, the result is a failure: the command has ended anyway."""
        try:
            return exit_code_of(self._plain(frame))
        except MalformedPayload:
            return NO_EXIT_CODE


FRAMES_KEPT = 10_000
"""Frames that may wait for an earlier one, as in the plugin."""

BYTES_KEPT = 64 * 2**20


@dataclass(frozen=True, slots=True)
class FrameArrival:
    """The result of a frame's arrival: whether to acknowledge it, and the frames that can be read now."""

    acknowledged: bool
    delivered: tuple[Frame, ...] = ()


class IncomingFrames:
    """Puts received stream frames into their order, from number 0.

    A frame that is too early waits in a limited buffer. If the buffer is full, the frame is not acknowledged, so that
    the other side sends it again. A frame that arrives again is acknowledged again: the first acknowledgement may be
    lost.
    """

    def __init__(self, *, frames_kept: int = FRAMES_KEPT, bytes_kept: int = BYTES_KEPT) -> None:
        self._expected = 0
        self._early: dict[int, Frame] = {}
        self._frames_kept = frames_kept
        self._bytes_left = bytes_kept

    @property
    def waiting(self) -> int:
        """Return the number of frames that wait for an earlier one."""
        return len(self._early)

    def take(self, frame: Frame) -> FrameArrival:
        """Accept a frame."""
        if frame.sequence < self._expected or frame.sequence in self._early:
            return FrameArrival(acknowledged=True)
        if frame.sequence > self._expected:
            return FrameArrival(acknowledged=self._keep(frame))
        delivered = [frame]
        self._expected += 1
        while (early := self._early.pop(self._expected, None)) is not None:
            self._bytes_left += len(early.payload)
            delivered.append(early)
            self._expected += 1
        return FrameArrival(acknowledged=True, delivered=tuple(delivered))

    def _keep(self, frame: Frame) -> bool:
        if len(self._early) >= self._frames_kept or len(frame.payload) > self._bytes_left:
            return False
        self._early[frame.sequence] = frame
        self._bytes_left -= len(frame.payload)
        return True


@dataclass(slots=True)
class ConversationOutput:
    """The output of a step: frames to send, in order, and events. The frames are sent first."""

    sends: list[bytes] = field(default_factory=list)
    events: list[ChannelEvent] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Return whether there is neither a frame nor an event."""
        return not self.sends and not self.events


class Conversation:
    """The data channel of one session, over any number of connections.

    The methods get the time in seconds of any monotonic clock. `date` returns milliseconds since 1970, for the frames.
    `payload_reader` reads the stream frames.
    """

    def __init__(
        self, payload_reader: PayloadReader, date: Callable[[], int], retransmission: RetransmissionTiming | None = None
    ) -> None:
        self._payload_reader = payload_reader
        self._date = date
        self._incoming_frames = IncomingFrames()
        self._outgoing_frames = OutgoingFrames(retransmission)
        self._paused = False
        self._held: deque[tuple[PayloadType, bytes]] = deque()
        self._progress_at = 0.0

    @property
    def full(self) -> bool:
        """Return whether more input should wait because too much is unacknowledged or queued."""
        return self._outgoing_frames.full or len(self._held) >= frames.CHUNK

    @property
    def unsent(self) -> int:
        """Return the number of frames that are queued or not acknowledged."""
        return self._outgoing_frames.unacknowledged + len(self._held)

    def untaken_for(self, now: float) -> float:
        """Return the seconds since the other side last acknowledged a frame; 0 if it has acknowledged all."""
        return now - self._progress_at if self.unsent else 0.0

    def received(self, data: bytes | str, now: float) -> ConversationOutput:
        """Handle a received websocket frame. A text frame is handled like a binary one."""
        turn = ConversationOutput()
        raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
        # A note of the service may also be a plain text frame.
        note = raw.strip().decode("ascii", "replace") if len(raw) <= 32 else ""
        try:
            if note in {frames.START_PUBLICATION, frames.PAUSE_PUBLICATION}:
                self._publication(note, turn, now)
            else:
                self._frame(frames.decode(raw), turn, now)
        except (MalformedFrame, MalformedPayload) as error:
            turn.events.append(Malformed(str(error)))
        return turn

    def send(self, payload_type: PayloadType, payload: bytes, now: float) -> ConversationOutput:
        """Send a payload in as many frames as necessary."""
        turn = ConversationOutput()
        self._send(turn, payload_type, payload, now)
        return turn

    def key_made(self, ciphertext: bytes, plaintext: bytes, now: float) -> ConversationOutput:
        """Continue with the data key that `DataKeyRequested` requested."""
        return self._answered(self._payload_reader.key_made(ciphertext, plaintext), now)

    def key_failed(self, why: str, now: float) -> ConversationOutput:
        """Continue without a data key. The agent receives `why`."""
        return self._answered(self._payload_reader.key_failed(why), now)

    def due_at(self) -> float | None:
        """Return when to call `due` next, at the latest; None if only an event can change that."""
        return None if self._paused else self._outgoing_frames.due_at()

    def due(self, now: float) -> bytes | None:
        """Return a frame that must be retransmitted now.

        Raises:
            UnacknowledgedError: the frame was retransmitted too often.

        """
        return None if self._paused else self._outgoing_frames.due(now)

    def reconnected(self, now: float) -> ConversationOutput:
        """Retransmit the unacknowledged frames on a new connection."""
        turn = ConversationOutput(sends=list(self._outgoing_frames.again(now)))
        self._resume(turn, now)
        return turn

    def _frame(self, frame: Frame, turn: ConversationOutput, now: float) -> None:
        match frame.message_type:
            case frames.OUTPUT:
                self._stream(frame, turn, now)
            case frames.ACKNOWLEDGE:
                lost = self._outgoing_frames.acknowledged(Acknowledgement.of(frame.payload).sequence, now)
                turn.sends += lost if not self._paused else ()
                self._progress_at = now
            case frames.CHANNEL_CLOSED:
                turn.events.append(ChannelClosed(Closing.of(frame.payload).output))
            case frames.START_PUBLICATION | frames.PAUSE_PUBLICATION:
                self._publication(frame.message_type, turn, now)
            case _:
                turn.events.append(Malformed("a message of a type that no client is sent"))

    def _stream(self, frame: Frame, turn: ConversationOutput, now: float) -> None:
        arrival = self._incoming_frames.take(frame)
        if arrival.acknowledged:
            turn.sends.append(self._acknowledgement(frame))
        if arrival.delivered and self._paused:
            # An agent that sends can also receive: a lost start note must not block the session.
            self._resume(turn, now)
        for each in arrival.delivered:
            try:
                events, answers = self._payload_reader.read(each)
            except MalformedPayload as error:
                turn.events.append(Malformed(str(error)))
                continue
            for kind, payload in answers:
                self._send(turn, kind, payload, now)
            turn.events += events

    def _publication(self, note: str, turn: ConversationOutput, now: float) -> None:
        if note == frames.PAUSE_PUBLICATION:
            self._paused = True
            turn.events.append(PublicationPaused())
        else:
            turn.events.append(PublicationStarted())
            self._resume(turn, now)

    def _resume(self, turn: ConversationOutput, now: float) -> None:
        self._paused = False
        while self._held:
            kind, payload = self._held.popleft()
            self._send(turn, kind, payload, now)

    def _answered(
        self, answered: tuple[list[ChannelEvent], list[tuple[PayloadType, bytes]]], now: float
    ) -> ConversationOutput:
        turn = ConversationOutput()
        events, answers = answered
        for kind, payload in answers:
            self._send(turn, kind, payload, now)
        turn.events += events
        return turn

    def _send(self, turn: ConversationOutput, payload_type: PayloadType, payload: bytes, now: float) -> None:
        size = frames.CHUNK if payload_type is PayloadType.OUTPUT else max(len(payload), 1)
        for start in range(0, len(payload), size):
            self._send_one(turn, payload_type, payload[start : start + size], now)

    def _send_one(self, turn: ConversationOutput, payload_type: PayloadType, payload: bytes, now: float) -> None:
        if not self.unsent:
            self._progress_at = now
        if self._paused:
            self._held.append((payload_type, payload))
            return
        frame = Frame(
            message_type=frames.INPUT,
            sequence=self._outgoing_frames.next_sequence,
            payload=self._payload_reader.enciphered(payload_type, payload),
            message_id=uuid.uuid4(),
            created=self._date(),
            payload_type=payload_type,
        )
        data = frames.encode(frame)
        self._outgoing_frames.sent(data, now)
        turn.sends.append(data)

    def _acknowledgement(self, frame: Frame) -> bytes:
        told = Acknowledgement(frame.message_type, str(frame.message_id), frame.sequence)
        return frames.encode(
            Frame(
                message_type=frames.ACKNOWLEDGE,
                sequence=0,
                payload=told.payload(),
                message_id=uuid.uuid4(),
                created=self._date(),
                flags=frames.SYN | frames.FIN,
            )
        )
