"""The order of what comes in: each frame once, in its turn, whatever the network does with them."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.session.data_channel.frames import Frame

FRAMES_KEPT = 10_000
"""Frames that wait for an earlier one; the plugin keeps as many."""

BYTES_KEPT = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a frame came to: whether it is to be acknowledged, and which frames have their turn now."""

    acknowledged: bool
    delivered: tuple[Frame, ...] = ()


class Incoming:
    """Stream frames by their number, from 0.

    One that is too early waits, in a buffer that has a limit: what does not fit is not acknowledged, so that the other
    side sends it again. One that was here before is acknowledged again, for its acknowledgement may be what was lost.
    """

    def __init__(self, *, frames_kept: int = FRAMES_KEPT, bytes_kept: int = BYTES_KEPT) -> None:
        self._expected = 0
        self._early: dict[int, Frame] = {}
        self._frames_kept = frames_kept
        self._bytes_left = bytes_kept

    @property
    def waiting(self) -> int:
        """How many frames wait for an earlier one."""
        return len(self._early)

    def take(self, frame: Frame) -> Arrival:
        """Take a frame in."""
        if frame.sequence < self._expected or frame.sequence in self._early:
            return Arrival(acknowledged=True)
        if frame.sequence > self._expected:
            return Arrival(acknowledged=self._keep(frame))
        delivered = [frame]
        self._expected += 1
        while (early := self._early.pop(self._expected, None)) is not None:
            self._bytes_left += len(early.payload)
            delivered.append(early)
            self._expected += 1
        return Arrival(acknowledged=True, delivered=tuple(delivered))

    def _keep(self, frame: Frame) -> bool:
        if len(self._early) >= self._frames_kept or len(frame.payload) > self._bytes_left:
            return False
        self._early[frame.sequence] = frame
        self._bytes_left -= len(frame.payload)
        return True
