"""What goes out: kept until it is acknowledged, and sent again (docs/facts/data-channel.md §2)."""

from __future__ import annotations

from dataclasses import dataclass

WINDOW = 1000
"""Frames that may be on their way at once: about a megabyte."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an acknowledgement is waited for, in seconds, and how often a frame is sent again. The plugin's own."""

    first: float = 0.2
    round_trip: float = 0.1
    granularity: float = 0.01
    longest: float = 1.0
    resends: int = 3000


class Unacknowledged(Exception):
    """A frame was sent as often as it may be, and was never acknowledged."""


@dataclass(slots=True)
class _Sent:
    data: bytes
    sent_at: float
    resends: int = 0


class Outgoing:
    """Frames of ours in their order. It is given the time (seconds, of any steady clock), and reads none."""

    def __init__(self, patience: Patience | None = None) -> None:
        self._patience = patience or Patience()
        self._next = 0
        self._sent: dict[int, _Sent] = {}
        self._timeout = self._patience.first
        self._round_trip = self._patience.round_trip
        self._variation = 0.0

    @property
    def next_sequence(self) -> int:
        """The number of the next frame."""
        return self._next

    @property
    def unacknowledged(self) -> int:
        """How many frames are on their way."""
        return len(self._sent)

    @property
    def full(self) -> bool:
        """Whether so many are on their way that the next had better wait."""
        return len(self._sent) >= WINDOW

    def sent(self, data: bytes, now: float) -> None:
        """Keep the frame `next_sequence`, which has just been sent."""
        self._sent[self._next] = _Sent(data, now)
        self._next += 1

    def acknowledged(self, sequence: int, now: float) -> None:
        """Forget a frame that has arrived; one that is not known is none of ours, or was acknowledged before."""
        sent = self._sent.pop(sequence, None)
        # Of a frame that was sent twice nobody knows which one was answered (Karn and Partridge, 1987).
        if sent is not None and not sent.resends:
            self._learn(max(now - sent.sent_at, 0.0))

    def due_at(self) -> float | None:
        """When the oldest frame is to be sent again; None where nothing is on its way."""
        oldest = next(iter(self._sent.values()), None)
        return None if oldest is None else oldest.sent_at + self._timeout

    def due(self, now: float) -> bytes | None:
        """The oldest frame, if it is to be sent again now.

        Raises:
            Unacknowledged: it has been sent as often as it may be.

        """
        oldest = next(iter(self._sent.values()), None)
        if oldest is None or now < oldest.sent_at + self._timeout:
            return None
        if oldest.resends >= self._patience.resends:
            raise Unacknowledged(f"sent {oldest.resends + 1} times")
        oldest.resends += 1
        oldest.sent_at = now
        return oldest.data

    def again(self, now: float) -> tuple[bytes, ...]:
        """Everything that is on its way, to be sent on a new connection."""
        for each in self._sent.values():
            each.sent_at = now
            each.resends += 1
        return tuple(each.data for each in self._sent.values())

    def _learn(self, taken: float) -> None:
        """How long the next one may take, as TCP has it (RFC 6298)."""
        self._variation += (abs(self._round_trip - taken) - self._variation) / 4
        self._round_trip += (taken - self._round_trip) / 8
        waited = self._round_trip + max(self._patience.granularity, 4 * self._variation)
        self._timeout = min(waited, self._patience.longest)
