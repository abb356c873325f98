"""How far the diagnosis has come, in as many words as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from ssmtui.language import say, say_many
from ssmtui.ui.words.durations import short_duration
from ssmtui.ui.words.ink import Ink, Piece

if TYPE_CHECKING:
    from ssmtui.diagnosis.events import Progressed
    from ssmtui.ui.words.fleet import Fleet

_BAR = 12

Pieces = tuple[Piece, ...]


def progress_pieces(fleet: Fleet, calls: int, again: str = "") -> Sequence[Pieces]:
    """The same in fewer and fewer words; the first that there is room for is to be shown.

    `calls` have been asked of AWS so far. `again` says when all is looked at again by itself.
    """
    told = tuple(fleet.state.progress.values())
    if not told:
        return ((),)
    listed = sum(each.listed for each in told)
    listing = ((say("listing "), Ink.FAINT),) if any(each.listing for each in told) else ()
    asked = ((say("· {calls} calls", calls=calls), Ink.MUTED),)
    hindered = _hindrances(fleet, told)
    if not fleet.pending or not listed:
        count = ((say_many("{count} node", "{count} nodes", count=listed) + " ", Ink.PLAIN),)
        then = ((f"· {again} ", Ink.ACCENT),) if again else ()
        return ((*hindered, *count, *listing, *then, *asked), (*hindered, *count, *then), (*count, *then), count)
    settled = sum(each.settled for each in told)
    left = _time_left(told)
    long = ((say("checking {settled:,} of {listed:,} ", settled=settled, listed=listed), Ink.PLAIN), *left)
    short = ((say("{settled:,} of {listed:,} ", settled=settled, listed=listed), Ink.PLAIN), *left)
    bar = _bar(settled, listed)
    # That AWS slows it down is told however narrow it is.
    slowed = ((say("throttled "), Ink.WARN),) if any(each.throttled for each in told) else ()
    return (
        (*hindered, *bar, *long, *listing, *asked),
        (*hindered, *bar, *long, *listing),
        (*hindered, *long, *listing),
        (*hindered, *long),
        (*hindered, *short),
        (*slowed, *long),
        (*slowed, *short),
    )


def _hindrances(fleet: Fleet, told: Sequence[Progressed]) -> Pieces:
    pieces: list[Piece] = []
    if any(each.throttled for each in told):
        pieces.append((say("AWS throttles: slower  "), Ink.WARN))
    if turn := len(fleet.state.waiting):
        wait = say_many("{count} Region waits its turn  ", "{count} Regions wait their turn  ", count=turn)
        pieces.append((wait, Ink.MUTED))
    if waiting := fleet.waiting_for:
        more = say(" and {more} more", more=len(waiting) - 1) if len(waiting) > 1 else ""
        pieces.append((say("waits for {call}{more}  ", call=waiting[0], more=more), Ink.WARN))
    return tuple(pieces)


def _bar(settled: int, listed: int) -> Pieces:
    done = settled * _BAR // listed
    return (("━" * done, Ink.OK), ("━" * (_BAR - done) + " ", Ink.FAINT))


def _time_left(told: Sequence[Progressed]) -> Pieces:
    """What asking takes at AWS's pace: scopes are asked side by side, each at a pace of its own."""
    seconds = max(each.seconds_of_asking for each in told)
    if seconds < 1:
        return ()
    return ((say("· {time} left ", time=short_duration(timedelta(seconds=seconds))), Ink.MUTED),)
