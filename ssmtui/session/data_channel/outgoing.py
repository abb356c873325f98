"""Keep sent stream frames until they are acknowledged, and decide which are sent again, and how many at a time."""

from __future__ import annotations

from dataclasses import dataclass

MOST_UNACKNOWLEDGED = 1000
"""Frames that may be unacknowledged at the same time, at most: about a megabyte."""
_FIRST_WINDOW = 64
_SMALLEST_WINDOW = 16
_OUT_OF_ORDER = 3
"""A frame counts as lost if a frame this far behind it is acknowledged."""


@dataclass(frozen=True, slots=True)
class RetransmissionTiming:
    """Acknowledgement timeouts in seconds, and retransmissions of a frame; as in the plugin."""

    first: float = 0.2
    round_trip: float = 0.1
    granularity: float = 0.01
    longest: float = 1.0
    resends: int = 3000


class UnacknowledgedError(Exception):
    """A frame was retransmitted as often as allowed and was never acknowledged."""


@dataclass(slots=True)
class _SentFrame:
    data: bytes
    sent_at: float
    resends: int = 0


class OutgoingFrames:
    """Sent stream frames in their order. The methods get the time (seconds, any monotonic clock).

    A frame is retransmitted at once if frames that were sent later are acknowledged; otherwise, the oldest frame is
    retransmitted after a timeout. The number of unacknowledged frames grows while all arrive, and is halved after a
    loss, as in TCP (RFC 5681, RFC 8985): the service says neither what it accepts nor what it has dropped.
    """

    def __init__(self, retransmission: RetransmissionTiming | None = None) -> None:
        self._retransmission = retransmission or RetransmissionTiming()
        self._next = 0
        self._sent: dict[int, _SentFrame] = {}
        self._timeout = self._retransmission.first
        self._round_trip = self._retransmission.round_trip
        self._variation = 0.0
        self._progress_at = 0.0
        self._window = float(_FIRST_WINDOW)
        self._fast_below = float(MOST_UNACKNOWLEDGED)
        self._halved_at = 0

    @property
    def next_sequence(self) -> int:
        """Return the number of the next frame."""
        return self._next

    @property
    def unacknowledged(self) -> int:
        """Return the number of unacknowledged frames."""
        return len(self._sent)

    @property
    def full(self) -> bool:
        """Return whether the next frame should wait because too many are unacknowledged."""
        return len(self._sent) >= self._window

    def sent(self, data: bytes, now: float) -> None:
        """Keep the frame `next_sequence`, which was just sent."""
        self._sent[self._next] = _SentFrame(data, now)
        self._next += 1

    def acknowledged(self, sequence: int, now: float) -> tuple[bytes, ...]:
        """Forget a frame that has arrived, and return the frames that were lost before it, to send them again at once.

        Ignore an unknown or repeated acknowledgement.
        """
        sent = self._sent.pop(sequence, None)
        if sent is None:
            return ()
        self._progress_at = now
        step = 1 if self._window < self._fast_below else 1 / self._window
        self._window = min(self._window + step, MOST_UNACKNOWLEDGED)
        # If a frame was sent twice, it is unknown which one was acknowledged (Karn and Partridge, 1987).
        if sent.resends:
            return ()
        self._learn(max(now - sent.sent_at, 0.0))
        lost = self._lost_before(sequence, sent.sent_at)
        for number in lost:
            self._halve(number)
        return tuple(self._resend(self._sent[number], now) for number in lost)

    def due_at(self) -> float | None:
        """Return when the oldest frame must be retransmitted; None if no frame is unacknowledged."""
        oldest = next(iter(self._sent.values()), None)
        # While others are acknowledged, the other side is only busy.
        return None if oldest is None else max(oldest.sent_at, self._progress_at) + self._timeout

    def due(self, now: float) -> bytes | None:
        """Return the oldest frame if it must be retransmitted now.

        Raises:
            UnacknowledgedError: the frame was retransmitted as often as allowed.

        """
        due_at = self.due_at()
        if due_at is None or now < due_at:
            return None
        sequence, oldest = next(iter(self._sent.items()))
        if oldest.resends >= self._retransmission.resends:
            raise UnacknowledgedError(f"sent {oldest.resends + 1} times")
        self._halve(sequence)
        return self._resend(oldest, now)

    def again(self, now: float) -> tuple[bytes, ...]:
        """Return all unacknowledged frames, to send them on a new connection."""
        return tuple(self._resend(each, now) for each in self._sent.values())

    def _resend(self, frame: _SentFrame, now: float) -> bytes:
        frame.resends += 1
        frame.sent_at = now
        return frame.data

    def _lost_before(self, arrived: int, sent_at: float) -> list[int]:
        """Return the frames that were sent before a frame that has arrived, and have not arrived themselves."""
        lost: list[int] = []
        for sequence, frame in self._sent.items():
            if sequence > arrived - _OUT_OF_ORDER:
                break
            if not frame.resends or frame.sent_at + self._timeout < sent_at:
                lost.append(sequence)
        return lost

    def _halve(self, sequence: int) -> None:
        """Send less after a loss, once for all frames that were on their way."""
        if sequence >= self._halved_at:
            self._halved_at = self._next
            self._fast_below = self._window = max(self._window / 2, _SMALLEST_WINDOW)

    def _learn(self, taken: float) -> None:
        """Update the retransmission timeout from a round trip, as TCP does (RFC 6298): it is never below the first."""
        self._variation += (abs(self._round_trip - taken) - self._variation) / 4
        self._round_trip += (taken - self._round_trip) / 8
        waited = self._round_trip + max(self._retransmission.granularity, 4 * self._variation)
        self._timeout = min(max(waited, self._retransmission.first), self._retransmission.longest)
