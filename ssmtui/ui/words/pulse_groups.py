"""What the pulse counts the nodes by, in the order of its panels. One more value here is one more panel."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ssmtui.language import marked, say
from ssmtui.model.agent_version import numbers_in
from ssmtui.model.finding import Status
from ssmtui.model.fleet import VerdictStatus
from ssmtui.model.path import Link, LinkState
from ssmtui.ui.words.signs import CHECKING, LINKS, PRESUMED, STATUSES, VERDICTS, Sign, sign_of

if TYPE_CHECKING:
    from ssmtui.model.fleet import Verdict
    from ssmtui.model.node import Node
    from ssmtui.ui.words.fleet import Fleet

Group = tuple[str, ...]
"""What the nodes of a row have in common: a platform; an account and a Region."""

UP_TO_DATE = Sign(LINKS[LinkState.OK].glyph, LINKS[LinkState.OK].ink, marked("up to date"))
OUTDATED = Sign(STATUSES[Status.WARN].glyph, STATUSES[Status.WARN].ink, marked("outdated"))
UNTOLD = Sign(STATUSES[Status.UNKNOWN].glyph, STATUSES[Status.UNKNOWN].ink, marked("not told"))

_BY_AGE = frozenset({"agent-outdated", "agent-too-old", "dhmc-agent-too-old", "message-api-retiring"})
"""The causes by which a diagnosis says that a node's agent is older than it should be."""

_JUDGED = frozenset({LinkState.OK, LinkState.WARN, LinkState.FAIL})
"""States of the link of the agent in which its checks have said something."""


class Counted(NamedTuple):
    """A node as it is counted: which fleet it is of, what it is, and how it stands."""

    fleet: Fleet
    node: Node
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Grouping:
    """A panel: `group_of` says which row a node counts in (None: in none), `sign_of` as what.

    `rank` orders the rows by their groups and numbers of nodes; `label` names one; `wanted` is the filter of the fleet
    that shows exactly its nodes. Where it is `summed`, the shares of the signs in all nodes are told, too.
    """

    key: str
    title: str
    heading: str
    signs: tuple[Sign, ...]
    group_of: Callable[[Counted], Group | None]
    sign_of: Callable[[Counted], Sign]
    label: Callable[[Fleet, Group], str]
    wanted: Callable[[Group], str]
    rank: Callable[[Group, int], tuple[object, ...]]
    when_empty: str = marked("No node so far.")
    summed: bool = False


def _verdict_sign(counted: Counted) -> Sign:
    return sign_of(counted.verdict)


def agent_sign(counted: Counted) -> Sign:
    """Whether a node's agent is as new as it should be, by what was found: nothing is compared here."""
    findings = counted.fleet.state.findings
    by_age = (findings.get(id_) for id_ in counted.verdict.finding_ids if id_.partition("@")[0] in _BY_AGE)
    statuses = {held.finding.status for held in by_age if held is not None}
    if statuses & {Status.FAIL, Status.WARN}:
        return OUTDATED
    judged = counted.verdict.settled and counted.verdict.link(Link.AGENT) in _JUDGED
    return UP_TO_DATE if judged and not statuses and counted.node.agent_version else UNTOLD


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
    numbers = numbers_in(group[0])
    return (not numbers, [-number for number in numbers], group)


def _root_cause(counted: Counted) -> Group | None:
    verdict = counted.verdict
    return (verdict.root_cause,) if verdict.root_cause and verdict.status is VerdictStatus.FAIL else None


_BY_VERDICT = (
    *(VERDICTS[status] for status in (VerdictStatus.FAIL, VerdictStatus.UNKNOWN, VerdictStatus.WARN)),
    CHECKING,
    PRESUMED,
    *(VERDICTS[status] for status in (VerdictStatus.OK, VerdictStatus.STOPPED)),
)

GROUPINGS: tuple[Grouping, ...] = (
    Grouping(
        "regions",
        marked("Verdicts by Region"),
        marked("Region"),
        _BY_VERDICT,
        group_of=lambda counted: (counted.node.key.account, counted.node.key.region),
        sign_of=_verdict_sign,
        label=_place_label,
        wanted=_place_filter,
        rank=_most_first,
    ),
    Grouping(
        "causes",
        marked("What most nodes fail by"),
        marked("root cause"),
        (VERDICTS[VerdictStatus.FAIL],),
        group_of=_root_cause,
        sign_of=_verdict_sign,
        label=lambda fleet, group: fleet.title(group[0]),
        wanted=lambda group: f"{_exactly('root', group[0])} verdict:{VerdictStatus.FAIL.value}",
        rank=_most_first,
        when_empty=marked("No node fails."),
    ),
    Grouping(
        "agents",
        marked("Versions of SSM Agent"),
        marked("agent"),
        (UP_TO_DATE, OUTDATED, UNTOLD),
        group_of=lambda counted: (counted.node.agent_version or "",),
        sign_of=agent_sign,
        label=lambda _fleet, group: group[0] or say("no agent told"),
        wanted=lambda group: _exactly("agent", group[0]),
        rank=_newest_first,
        summed=True,
    ),
    Grouping(
        "platforms",
        marked("Verdicts by platform"),
        marked("platform"),
        _BY_VERDICT,
        group_of=lambda counted: (counted.node.platform,),
        sign_of=_verdict_sign,
        label=lambda _fleet, group: group[0] or say("not told"),
        wanted=lambda group: _exactly("platform", group[0]),
        rank=_most_first,
    ),
)


def share(part: int, whole: int) -> int:
    """A part in hundredths of the whole: never all of it where some is missing, never nothing where there is some."""
    if not part or not whole:
        return 0
    return 100 if part == whole else min(99, max(1, round(100 * part / whole)))


def in_cells(counts: Iterable[int], cells: int, of: int) -> list[int]:
    """How many cells of a bar each count takes, where `of` fills it: one at the least, however few they are."""
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
