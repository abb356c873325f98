"""What is said where a snapshot is looked at, and not AWS: how old it is, and what cannot be done by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ssmtui.language import say
from ssmtui.ui.words.durations import short_duration
from ssmtui.ui.words.fleet import Fleet
from ssmtui.ui.words.ink import Ink, Piece
from ssmtui.ui.words.notices import Notice, notice_of
from ssmtui.ui.words.prose import paragraph

_AT_ONCE = timedelta(minutes=10)
"""Scopes that were looked at within that time were looked at together."""


@dataclass(frozen=True, slots=True)
class SnapshotShown:
    """A snapshot that is looked at. `made` is when it was recorded (UTC), `looked_at` when each of its scopes was.

    Its present is then; `clock` tells the time here, by which its age is told.
    """

    made: datetime
    looked_at: tuple[datetime, ...]
    why_not: str
    clock: Callable[[], datetime]
    redacted: bool = False

    def pieces(self, _then: datetime) -> tuple[Piece, ...]:
        """That it is a snapshot, and how old: as old as the oldest of what it holds."""
        oldest = min((self.made, *self.looked_at))
        parts = say(" in part") if max(self.looked_at, default=oldest) - oldest > _AT_ONCE else ""
        kind = say("redacted snapshot") if self.redacted else say("snapshot")
        return (
            (kind, Ink.KEY),
            (say(" of {made}", made=f"{self.made:%Y-%m-%d %H:%M} UTC"), Ink.MUTED),
            (say("  {age} old{parts}", age=short_duration(self.clock() - oldest), parts=parts), Ink.WARN),
        )

    def notice(self, fleet: Fleet) -> Notice | None:
        """What to show in the fleet's place: while nothing is told yet, nobody is asked for credentials."""
        if fleet.scopes or fleet.state.errors or fleet.state.crashes:
            return notice_of(fleet)
        return Notice(
            say("Reading the snapshot…"), (paragraph(say("Every check is run again, by what was read then.")),)
        )
