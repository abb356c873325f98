"""What the pulse plots over time: a line of what is Online, of what is connected, and of what fails."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ssmtui.language import marked, say
from ssmtui.model.fleet import VerdictStatus
from ssmtui.ui.words.durations import short_duration
from ssmtui.ui.words.ink import Ink, Piece
from ssmtui.ui.words.signs import PRESUMED, VERDICTS, Sign

SHORTEST = timedelta(minutes=1)
"""What a plot shows at the least, so that the first seconds do not fill it."""


@dataclass(frozen=True, slots=True)
class Moment:
    """How the fleet stood from a time on, until the next moment."""

    at: datetime
    nodes: int
    online: int
    connected: int
    failing: int


@dataclass(frozen=True, slots=True)
class Series:
    """A line: its sign, and what it shows of a moment."""

    sign: Sign
    of: Callable[[Moment], int]


SERIES = (
    Series(Sign(PRESUMED.glyph, Ink.HEADING, marked("Online")), lambda moment: moment.online),
    Series(Sign(VERDICTS[VerdictStatus.OK].glyph, Ink.OK, marked("connected")), lambda moment: moment.connected),
    Series(Sign(VERDICTS[VerdictStatus.FAIL].glyph, Ink.FAIL, marked("failing")), lambda moment: moment.failing),
)
"""Where lines meet, the last one is seen."""


@dataclass(frozen=True, slots=True)
class Chart:
    """What is plotted: a value for each column of cells up to now, and the words at the axes.

    `span` is how many columns there are, `top` the highest value there is room for. `times` are columns with what
    stands below them, `heights` the values that stand beside the plot.
    """

    lines: tuple[tuple[int, ...], ...]
    span: int
    top: int
    times: tuple[tuple[int, str], ...]
    heights: tuple[int, ...]


def chart(moments: Sequence[Moment], now: datetime, columns: int) -> Chart | None:
    """What the moments look like in so many columns, from the first until now; None where there is nothing to show."""
    if not moments or columns < 2:
        return None
    start, span = moments[0].at, max(now - moments[0].at, SHORTEST)
    told = 1 + round((columns - 1) * ((now - start) / span))
    starts = [moment.at for moment in moments]
    shown = [
        moments[max(0, bisect_right(starts, start + span * place / (columns - 1)) - 1)] for place in range(told - 1)
    ]
    shown.append(moments[-1])
    top = max(1, *(moment.nodes for moment in moments))
    return Chart(
        tuple(tuple(map(series.of, shown)) for series in SERIES),
        columns,
        top,
        _times(now - start, span, columns),
        tuple(dict.fromkeys((0, top // 2, top))),
    )


def _times(passed: timedelta, span: timedelta, columns: int) -> tuple[tuple[int, str], ...]:
    """The columns of the start and of now; of what lies between where both have room for it."""
    here = round((columns - 1) * (passed / span))
    words = [(here, say("now"))]
    for part in (2, 1):
        ago = passed * part / 2
        text = say("{time} ago", time=short_duration(ago))
        place = round(here * (1 - part / 2))
        if ago and all(abs(place - other) > len(text) for other, _ in words):
            words.append((place, text))
    return tuple(sorted(words))


def legend(moments: Sequence[Moment]) -> tuple[Piece, ...]:
    """How the fleet stands now, by the signs of the lines."""
    if not moments:
        return ()
    pieces: list[Piece] = []
    for series in SERIES:
        sign = series.sign
        pieces += [(f"{sign.glyph} {series.of(moments[-1]):,} ", sign.ink), (f"{sign.word}  ", Ink.MUTED)]
    return tuple(pieces)
