"""A data channel without its socket: what arrives goes in, what is to be sent and what has happened come out."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from ssmtui.session.data_channel import frames
from ssmtui.session.data_channel.events import (
    ChannelClosed,
    Event,
    Malformed,
    PublicationPaused,
    PublicationStarted,
)
from ssmtui.session.data_channel.frames import Frame, MalformedFrame
from ssmtui.session.data_channel.incoming import Incoming
from ssmtui.session.data_channel.json_payload import MalformedPayload
from ssmtui.session.data_channel.outgoing import Outgoing, Patience
from ssmtui.session.data_channel.payloads import Acknowledgement, Closing, PayloadType
from ssmtui.session.data_channel.reading import Reading


@dataclass(slots=True)
class Turn:
    """What comes of something: frames to be sent, in order, and what is to be told. Frames are sent first."""

    sends: list[bytes] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing comes of it."""
        return not self.sends and not self.events


class Conversation:
    """One session's channel, over as many connections as it takes.

    Methods are given the time in seconds of any steady clock. `date` gives milliseconds since 1970, which frames
    carry. `reading` is what stream frames are taken by.
    """

    def __init__(self, reading: Reading, date: Callable[[], int], patience: Patience | None = None) -> None:
        self._reading = reading
        self._date = date
        self._incoming = Incoming()
        self._outgoing = Outgoing(patience)
        self._paused = False
        self._held: deque[tuple[PayloadType, bytes]] = deque()
        self._progress_at = 0.0

    @property
    def full(self) -> bool:
        """Whether so much is on its way, or held back, that more had better wait."""
        return self._outgoing.full or len(self._held) >= frames.CHUNK

    @property
    def unsent(self) -> int:
        """How many frames are held back, or not acknowledged."""
        return self._outgoing.unacknowledged + len(self._held)

    def untaken_for(self, now: float) -> float:
        """Seconds since the other side last took something of what was sent; 0 if it has taken all."""
        return now - self._progress_at if self.unsent else 0.0

    def received(self, data: bytes | str, now: float) -> Turn:
        """A frame of the websocket has come; a text frame counts like a binary one."""
        turn = Turn()
        raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
        # A service's note may come as a text that is nothing else.
        note = raw.strip().decode("ascii", "replace") if len(raw) <= 32 else ""
        try:
            if note in {frames.START_PUBLICATION, frames.PAUSE_PUBLICATION}:
                self._publication(note, turn, now)
            else:
                self._frame(frames.decode(raw), turn, now)
        except (MalformedFrame, MalformedPayload) as error:
            turn.events.append(Malformed(str(error)))
        return turn

    def send(self, payload_type: PayloadType, payload: bytes, now: float) -> Turn:
        """Send a payload, in as many frames as it takes."""
        turn = Turn()
        self._send(turn, payload_type, payload, now)
        return turn

    def key_made(self, ciphertext: bytes, plaintext: bytes, now: float) -> Turn:
        """The data key that `KeyWanted` asked for."""
        return self._answered(self._reading.key_made(ciphertext, plaintext), now)

    def key_failed(self, why: str, now: float) -> Turn:
        """There is none; `why` is what the agent is told."""
        return self._answered(self._reading.key_failed(why), now)

    def due_at(self) -> float | None:
        """When `due` is to be called next, at the latest; None for not before something happens."""
        return None if self._paused else self._outgoing.due_at()

    def due(self, now: float) -> bytes | None:
        """A frame that is to be sent again now.

        Raises:
            Unacknowledged: it has been sent too often.

        """
        return None if self._paused else self._outgoing.due(now)

    def reconnected(self, now: float) -> Turn:
        """There is a new connection: what was not acknowledged is sent again."""
        turn = Turn(sends=list(self._outgoing.again(now)))
        self._resume(turn, now)
        return turn

    def _frame(self, frame: Frame, turn: Turn, now: float) -> None:
        match frame.message_type:
            case frames.OUTPUT:
                self._stream(frame, turn, now)
            case frames.ACKNOWLEDGE:
                self._outgoing.acknowledged(Acknowledgement.of(frame.payload).sequence, now)
                self._progress_at = now
            case frames.CHANNEL_CLOSED:
                turn.events.append(ChannelClosed(Closing.of(frame.payload).output))
            case frames.START_PUBLICATION | frames.PAUSE_PUBLICATION:
                self._publication(frame.message_type, turn, now)
            case _:
                turn.events.append(Malformed("a message of a type that no client is sent"))

    def _stream(self, frame: Frame, turn: Turn, now: float) -> None:
        arrival = self._incoming.take(frame)
        if arrival.acknowledged:
            turn.sends.append(self._acknowledgement(frame))
        if arrival.delivered and self._paused:
            # Who speaks listens: a note that was lost must not hold a session up.
            self._resume(turn, now)
        for each in arrival.delivered:
            try:
                events, answers = self._reading.read(each)
            except MalformedPayload as error:
                turn.events.append(Malformed(str(error)))
                continue
            for kind, payload in answers:
                self._send(turn, kind, payload, now)
            turn.events += events

    def _publication(self, note: str, turn: Turn, now: float) -> None:
        if note == frames.PAUSE_PUBLICATION:
            self._paused = True
            turn.events.append(PublicationPaused())
        else:
            turn.events.append(PublicationStarted())
            self._resume(turn, now)

    def _resume(self, turn: Turn, now: float) -> None:
        self._paused = False
        while self._held:
            kind, payload = self._held.popleft()
            self._send(turn, kind, payload, now)

    def _answered(self, answered: tuple[list[Event], list[tuple[PayloadType, bytes]]], now: float) -> Turn:
        turn = Turn()
        events, answers = answered
        for kind, payload in answers:
            self._send(turn, kind, payload, now)
        turn.events += events
        return turn

    def _send(self, turn: Turn, payload_type: PayloadType, payload: bytes, now: float) -> None:
        size = frames.CHUNK if payload_type is PayloadType.OUTPUT else max(len(payload), 1)
        for start in range(0, len(payload), size):
            self._send_one(turn, payload_type, payload[start : start + size], now)

    def _send_one(self, turn: Turn, payload_type: PayloadType, payload: bytes, now: float) -> None:
        if not self.unsent:
            self._progress_at = now
        if self._paused:
            self._held.append((payload_type, payload))
            return
        frame = Frame(
            message_type=frames.INPUT,
            sequence=self._outgoing.next_sequence,
            payload=self._reading.enciphered(payload_type, payload),
            message_id=uuid.uuid4(),
            created=self._date(),
            payload_type=payload_type,
        )
        data = frames.encode(frame)
        self._outgoing.sent(data, now)
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
