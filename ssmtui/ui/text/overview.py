"""Return the text of the overview: groups of nodes, their rows, and the series over time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from ssmtui.language import say, translatable
from ssmtui.model.finding import Link, LinkState, Status, VerdictStatus
from ssmtui.model.ssm_agent import version_numbers
from ssmtui.text.printable import printable
from ssmtui.ui.text.filters import Column
from ssmtui.ui.text.styled_text import (
    LINKS,
    NODE_SIGNS,
    STATUSES,
    VERDICTS,
    Cell,
    Piece,
    Sign,
    TextStyle,
    cell,
    short_duration,
    sign_of,
    word_behind,
)

if TYPE_CHECKING:
    from ssmtui.model.finding import Verdict
    from ssmtui.model.node import Node
    from ssmtui.ui.text.fleet import Fleet


Group = tuple[str, ...]
"""The common value of the nodes of a row: a platform, or an account and a Region."""

UP_TO_DATE = Sign(LINKS[LinkState.OK].glyph, LINKS[LinkState.OK].text_style, translatable("up to date"))
OUTDATED = Sign(STATUSES[Status.WARN].glyph, STATUSES[Status.WARN].text_style, translatable("outdated"))
UNKNOWN_AGE = Sign(STATUSES[Status.UNKNOWN].glyph, STATUSES[Status.UNKNOWN].text_style, translatable("not reported"))

_AGE_CAUSES = frozenset({"agent-outdated", "agent-too-old", "dhmc-agent-too-old", "message-api-retiring"})
"""The causes that report an agent that is too old."""

_JUDGED_STATES = frozenset({LinkState.OK, LinkState.WARN, LinkState.FAIL})
"""The states of the agent's link in which its checks have a result."""


class CountedNode(NamedTuple):
    """A node as it is counted: its fleet, its properties, and its status."""

    fleet: Fleet
    node: Node
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Grouping:
    """A panel: `group_of` returns the row of a node (None: no row), `sign_of` its sign.

    `rank` orders the rows by group and number of nodes; `label` names a row; `wanted` is the filter that shows exactly
    its nodes in the fleet. If it is `summed`, the panel also shows the share of each sign among all nodes.
    """

    key: str
    title: str
    heading: str
    signs: tuple[Sign, ...]
    group_of: Callable[[CountedNode], Group | None]
    sign_of: Callable[[CountedNode], Sign]
    label: Callable[[Fleet, Group], str]
    wanted: Callable[[Group], str]
    rank: Callable[[Group, int], tuple[object, ...]]
    when_empty: str = translatable("No nodes yet.")
    summed: bool = False


def _verdict_sign(counted: CountedNode) -> Sign:
    return sign_of(counted.verdict)


def agent_age_sign(counted: CountedNode) -> Sign:
    """Return whether a node's agent is current, from its findings: nothing is compared here."""
    findings = counted.fleet.state.findings
    by_age = (findings.get(id_) for id_ in counted.verdict.finding_ids if id_.partition("@")[0] in _AGE_CAUSES)
    statuses = {fleet_finding.finding.status for fleet_finding in by_age if fleet_finding is not None}
    if statuses & {Status.FAIL, Status.WARN}:
        return OUTDATED
    verdict = counted.verdict
    # If another finding explains why the agent is away, its link is not ok, but its version was still checked.
    judged = verdict.settled and (verdict.link(Link.AGENT) in _JUDGED_STATES or bool(verdict.passed_on(Link.AGENT)))
    return UP_TO_DATE if judged and not statuses and counted.node.agent_version else UNKNOWN_AGE


def _exactly(field: str, value: str) -> str:
    return f'{field}:"={value}"' if " " in value else f"{field}:={value}" if value else f"{field}:none"


def _several_accounts(fleet: Fleet) -> bool:
    return len({scope.account for scope in fleet.state.scopes.values()}) > 1


def _place_label(fleet: Fleet, group: Group) -> str:
    account, region = group
    return f"{region} {account}" if _several_accounts(fleet) else region


def _place_filter(group: Group) -> str:
    account, region = group
    return f"{_exactly('region', region)} {_exactly('account', account)}"


def _most_first(group: Group, nodes: int) -> tuple[object, ...]:
    return (-nodes, group)


def _newest_first(group: Group, _nodes: int) -> tuple[object, ...]:
    numbers = version_numbers(group[0])
    return (not numbers, [-number for number in numbers], group)


def _root_cause(counted: CountedNode) -> Group | None:
    verdict = counted.verdict
    return (verdict.root_cause,) if verdict.root_cause and verdict.status is VerdictStatus.FAIL else None


GROUPINGS: tuple[Grouping, ...] = (
    Grouping(
        "regions",
        translatable("Results by Region"),
        translatable("Region"),
        NODE_SIGNS,
        group_of=lambda counted: (counted.node.key.account, counted.node.key.region),
        sign_of=_verdict_sign,
        label=_place_label,
        wanted=_place_filter,
        rank=_most_first,
    ),
    Grouping(
        "causes",
        translatable("Most frequent root causes"),
        translatable("root cause"),
        (VERDICTS[VerdictStatus.FAIL],),
        group_of=_root_cause,
        sign_of=_verdict_sign,
        label=lambda fleet, group: fleet.title(group[0]),
        wanted=lambda group: f"{_exactly('root', group[0])} verdict:{VerdictStatus.FAIL.value}",
        rank=_most_first,
        when_empty=translatable("No failing nodes."),
    ),
    Grouping(
        "agents",
        translatable("SSM Agent versions"),
        translatable("agent"),
        (UP_TO_DATE, OUTDATED, UNKNOWN_AGE),
        group_of=lambda counted: (counted.node.agent_version or "",),
        sign_of=agent_age_sign,
        label=lambda _fleet, group: group[0] or say("no agent reported"),
        wanted=lambda group: _exactly("agent", group[0]),
        rank=_newest_first,
        summed=True,
    ),
    Grouping(
        "platforms",
        translatable("Results by platform"),
        translatable("platform"),
        NODE_SIGNS,
        group_of=lambda counted: (counted.node.platform,),
        sign_of=_verdict_sign,
        label=lambda _fleet, group: group[0] or say("not reported"),
        wanted=lambda group: _exactly("platform", group[0]),
        rank=_most_first,
    ),
)


def percentage(part: int, whole: int) -> int:
    """Return a percentage: 100 only for the whole, and 0 only for nothing."""
    if not part or not whole:
        return 0
    return 100 if part == whole else min(99, max(1, round(100 * part / whole)))


def bar_cells(counts: Iterable[int], cells: int, of: int) -> list[int]:
    """Return the cells of a bar for each count, if `of` fills the bar: at least one cell for each count above zero."""
    counts = list(counts)
    if not of or not cells:
        return [0 for _ in counts]
    length = max(round(cells * sum(counts) / of), 1 if any(counts) else 0)
    least = [1 if count else 0 for count in counts]
    spare = max(0, length - sum(least))
    total = sum(counts)
    exact = [spare * count / total if total else 0.0 for count in counts]
    given = [int(each) for each in exact]
    by_rest = sorted(range(len(counts)), key=lambda place: given[place] - exact[place])
    for place in by_rest[: spare - sum(given)]:
        given[place] += 1
    return [low + more for low, more in zip(least, given, strict=True)]


Counts = Mapping[Sign, int]
"""The number of nodes by sign."""


def columns(grouping: Grouping) -> tuple[Column, ...]:
    """Return the columns of a panel: a bar takes the remaining room. With only one sign, the number is enough."""
    name = Column("name", grouping.heading, 14, 64, 1)
    nodes = Column("nodes", translatable("nodes"), 5, 7, 2, numeric=True)
    bar = Column("bar", "", 8, None, 3)
    if len(grouping.signs) == 1:
        return (name, nodes, bar)
    return (
        name,
        nodes,
        Column("share", translatable("share"), 5, 5, 5, numeric=True),
        bar,
        Column("signs", "", 8, 64, 4, whole=True),
    )


def cells(grouping: Grouping, name: str, counts: Counts, room: int, most: int, total: int) -> Mapping[str, Cell]:
    """Return the cells of a group. Its bar fills `room` cells if the group is the largest."""
    there = [sign for sign in grouping.signs if counts.get(sign)]
    nodes = sum(counts.values())
    lengths = bar_cells((counts[sign] for sign in there), room, most)
    return {
        "name": cell(name),
        "nodes": cell(f"{nodes:,}", TextStyle.STRONG),
        "share": cell(f"{percentage(nodes, total)} %", TextStyle.MUTED),
        "bar": tuple((sign.glyph * length, sign.text_style) for sign, length in zip(there, lengths, strict=True)),
        "signs": tuple((_counted(sign, counts[sign]), sign.text_style) for sign in there),
    }


def widths(grouping: Grouping, name: str, counts: Counts) -> Mapping[str, int]:
    """Return the text widths of a group, for the columns that grow with their texts."""
    return {
        "name": cell_len(printable(name)),
        "nodes": len(f"{sum(counts.values()):,}"),
        "signs": sum(cell_len(_counted(sign, counts[sign])) for sign in grouping.signs if counts.get(sign)),
    }


def title(grouping: Grouping, totals: Counts) -> tuple[Piece, ...]:
    """Return the title of a panel; if its signs are no verdicts, with their shares."""
    pieces: list[Piece] = [(f"{say(grouping.title)}  ", TextStyle.HEADING)]
    if grouping.summed:
        all_of_them = sum(totals.values())
        for sign in grouping.signs:
            if count := totals.get(sign):
                told = say("{share} % {word}", share=percentage(count, all_of_them), word=sign.word)
                pieces += [(f"{sign.glyph} ", sign.text_style), (f"{told}  ", TextStyle.MUTED)]
    return tuple(pieces)


def group_text(fleet: Fleet, grouping: Grouping, group: Group, counts: Counts) -> str:
    """Return the text to copy for a row: its name, and its nodes by status."""
    told = ", ".join(f"{counts[sign]} {word_behind(counts[sign], sign)}" for sign in grouping.signs if counts.get(sign))
    return f"{printable(grouping.label(fleet, group))}: {told}"


def _counted(sign: Sign, count: int) -> str:
    return f"{sign.glyph} {count:,} "


MIN_SPAN = timedelta(minutes=1)
"""The shortest time span of a plot, so that the first seconds do not fill it."""


@dataclass(frozen=True, slots=True)
class FleetSample:
    """The state of the fleet from a time on, until the next sample."""

    at: datetime
    nodes: int
    online: int
    connected: int
    failing: int


@dataclass(frozen=True, slots=True)
class Series:
    """A line: its sign, and its value for a sample."""

    sign: Sign
    of: Callable[[FleetSample], int]


SERIES = (
    Series(Sign("◇", TextStyle.HEADING, translatable("Online")), lambda sample: sample.online),
    Series(
        Sign(VERDICTS[VerdictStatus.OK].glyph, TextStyle.OK, translatable("connected")), lambda sample: sample.connected
    ),
    Series(
        Sign(VERDICTS[VerdictStatus.FAIL].glyph, TextStyle.FAIL, translatable("failing")), lambda sample: sample.failing
    ),
)
"""The last series is drawn on top where lines meet."""


@dataclass(frozen=True, slots=True)
class Chart:
    """The plotted data: a value for each column of cells up to now, and the labels of the axes.

    `span` is the number of columns, `top` the highest value. `times` are columns with their labels, `heights` the
    values at the side of the plot.
    """

    lines: tuple[tuple[int, ...], ...]
    span: int
    top: int
    times: tuple[tuple[int, str], ...]
    heights: tuple[int, ...]


def chart(samples: Sequence[FleetSample], now: datetime, columns: int) -> Chart | None:
    """Return the samples as a chart of so many columns, from the first until now; None if there is nothing to show."""
    if not samples or columns < 2:
        return None
    start, span = samples[0].at, max(now - samples[0].at, MIN_SPAN)
    told = 1 + round((columns - 1) * ((now - start) / span))
    starts = [sample.at for sample in samples]
    shown = [
        samples[max(0, bisect_right(starts, start + span * place / (columns - 1)) - 1)] for place in range(told - 1)
    ]
    shown.append(samples[-1])
    top = max(1, *(sample.nodes for sample in samples))
    return Chart(
        tuple(tuple(map(series.of, shown)) for series in SERIES),
        columns,
        top,
        _times(now - start, span, columns),
        tuple(dict.fromkeys((0, top // 2, top))),
    )


def _times(passed: timedelta, span: timedelta, columns: int) -> tuple[tuple[int, str], ...]:
    """Return the columns and labels of the start and of now, and of the middle if both have room for it."""
    here = round((columns - 1) * (passed / span))
    words = [(here, say("now"))]
    for part in (2, 1):
        ago = passed * part / 2
        text = say("{time} ago", time=short_duration(ago))
        place = round(here * (1 - part / 2))
        if ago and all(abs(place - other) > len(text) for other, _ in words):
            words.append((place, text))
    return tuple(sorted(words))


def legend(samples: Sequence[FleetSample]) -> tuple[Piece, ...]:
    """Return the current state of the fleet, by the signs of the lines."""
    if not samples:
        return ()
    pieces: list[Piece] = []
    for series in SERIES:
        sign = series.sign
        pieces += [(f"{sign.glyph} {series.of(samples[-1]):,} ", sign.text_style), (f"{sign.word}  ", TextStyle.MUTED)]
    return tuple(pieces)
