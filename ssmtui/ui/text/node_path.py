"""Return the text of the node screen: the node, the rows of its path, deep inspections, and the raw facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import Enum

from ssmtui.diagnosis.diagnosis_handle import RawFact
from ssmtui.language import say, translatable
from ssmtui.model.finding import FleetFinding, InspectionResult, Link, LinkState, Status
from ssmtui.model.node import NodeKey
from ssmtui.text.printable import printable
from ssmtui.ui.text.columns import Column
from ssmtui.ui.text.fleet import Fleet
from ssmtui.ui.text.node_rows import status_reason
from ssmtui.ui.text.probes import probed_pieces
from ssmtui.ui.text.styled_text import (
    LINKS,
    STATUSES,
    Block,
    Cell,
    Prose,
    Sign,
    TextStyle,
    item,
    lines_of,
    paragraph,
    sign_of,
    to_pieces,
)


def deep_inspection_summary(looks: Sequence[InspectionResult] | None) -> tuple[Sign, str]:
    """One sign and a few words for all of it; None means that it is under way."""
    if looks is None:
        sign = LINKS[LinkState.PENDING]
        return sign, sign.word
    asked = [each for each in looks if not each.moot]
    unread = sum(each.unread is not None for each in asked)
    if unread:
        return LINKS[LinkState.UNKNOWN], say("{count} not read", count=unread)
    if not asked:
        sign = LINKS[LinkState.MOOT]
        return sign, sign.word
    return LINKS[LinkState.OK], say("{count} read", count=len(asked))


def deep_inspection_prose(looks: Sequence[InspectionResult] | None) -> Prose:
    """Each thing with its source and what was found."""
    sign, words = deep_inspection_summary(looks)
    return (
        item(
            sign.glyph,
            (say("closer look"), TextStyle.STRONG),
            ("  ", TextStyle.PLAIN),
            (words, sign.text_style),
            text_style=sign.text_style,
        ),
        paragraph(
            say("A node that somebody looks at, or names, is examined for more than the whole fleet is."), gap=True
        ),
        *(block for look in looks or () for block in _inspection_line(look)),
    )


def _inspection_line(look: InspectionResult) -> Iterator[Block]:
    sign = LINKS[LinkState.UNKNOWN if look.unread else LinkState.MOOT if look.moot else LinkState.OK]
    yield Block(
        to_pieces((look.what, TextStyle.STRONG), (f"  {look.source}", TextStyle.CODE)),
        marker=sign.glyph,
        marker_style=sign.text_style,
        gap=True,
    )
    if look.unread is not None:
        why = look.unread.why
        yield paragraph(say("It could not be read: {why}", why=why) if why else say("It could not be read."), indent=2)
        if look.unread.action:
            yield paragraph((say("needs"), TextStyle.MUTED), f"  {look.unread.action}", indent=2)
    elif look.moot:
        yield paragraph((say("Not looked at: {why}", why=look.moot), TextStyle.MUTED), indent=2)
    else:
        yield paragraph(look.found, indent=2)
        if look.limits:
            yield paragraph((look.limits, TextStyle.FAINT), indent=2)


class PathExtra(Enum):
    """A row below the path: what was looked at more closely, because somebody looks at this node."""

    CLOSER_LOOK = translatable("closer look")


PathRow = Link | str | PathExtra
"""A link, the id of a finding on the link above it, or what stands below the path."""

_NAME_WIDTH = max(len(link.value) for link in Link)

COLUMNS = (Column("text", translatable("path"), 10, None, 0),)


def path_rows(fleet: Fleet, key: NodeKey) -> list[PathRow]:
    """The links of a node's path, each with its findings after it."""
    rows: list[PathRow] = []
    findings = fleet.findings_of(key)
    for link in Link:
        rows.append(link)
        rows.extend(each.id for each in findings if each.link is link)
    return [*rows, PathExtra.CLOSER_LOOK] if key in fleet.state.inspections else rows


_FINE_STATES = frozenset({LinkState.OK, LinkState.MOOT, LinkState.PENDING, LinkState.UNTOLD})


def initial_row(fleet: Fleet, key: NodeKey) -> PathRow:
    """Where to look first: the root cause, else the worst finding, else the link that is not well."""
    verdict = fleet.verdict(key)
    findings = fleet.findings_of(key)
    worst = sorted(findings, key=lambda each: (each.finding.cause != verdict.root_cause, _severity(each)))
    if worst and worst[0].finding.status is not Status.INFO:
        return worst[0].id
    uneasy = [link for link in Link if verdict.link(link) not in _FINE_STATES]
    return uneasy[0] if uneasy else Link.WORKSTATION


def cells(fleet: Fleet, key: NodeKey, row: PathRow) -> Mapping[str, Cell]:
    """One row of the path."""
    if isinstance(row, Link):
        return {"text": _link(fleet, key, row)}
    if isinstance(row, PathExtra):
        return {"text": _deep_inspection(fleet, key)}
    fleet_finding = fleet.state.findings.get(row)
    return {"text": _finding(fleet, key, fleet_finding)} if fleet_finding else {}


def _link(fleet: Fleet, key: NodeKey, link: Link) -> Cell:
    state = fleet.verdict(key).link(link)
    sign = LINKS[state]
    root = any(each.link is link and _is_root(fleet, key, each) for each in fleet.findings_of(key))
    return (
        (f"{sign.glyph} ", sign.text_style),
        (f"{say(link.value):<{_NAME_WIDTH}} ", TextStyle.STRONG),
        (say("root cause") if root else sign.word, TextStyle.FAINT if state is LinkState.OK else sign.text_style),
    )


def _deep_inspection(fleet: Fleet, key: NodeKey) -> Cell:
    looks = fleet.state.inspections.get(key)
    sign, words = deep_inspection_summary(looks)
    return (
        (f"{sign.glyph} ", sign.text_style),
        (f"{say(PathExtra.CLOSER_LOOK.value):<{_NAME_WIDTH}} ", TextStyle.STRONG),
        (words, TextStyle.FAINT if sign.text_style is TextStyle.OK else sign.text_style),
    )


def _finding(fleet: Fleet, key: NodeKey, fleet_finding: FleetFinding) -> Cell:
    sign = STATUSES[fleet_finding.finding.status]
    title = printable(fleet.finding_title(fleet_finding.finding))
    return (
        ("│ ", TextStyle.FAINT),
        (f"{sign.glyph} ", sign.text_style),
        (title, TextStyle.STRONG if _is_root(fleet, key, fleet_finding) else TextStyle.PLAIN),
    )


def _is_root(fleet: Fleet, key: NodeKey, fleet_finding: FleetFinding) -> bool:
    return fleet_finding.finding.status is Status.FAIL and fleet_finding.finding.cause == fleet.verdict(key).root_cause


def _severity(fleet_finding: FleetFinding) -> int:
    return tuple(STATUSES).index(fleet_finding.finding.status)


def node_header(fleet: Fleet, key: NodeKey, now: datetime) -> Cell:
    """Both lines."""
    node = fleet.node(key)
    if node is None:
        return ((say("This node is there no more."), TextStyle.WARN),)
    sign = sign_of(fleet.verdict(key))
    words = (key.region, node.state.value if node.state else say("hybrid"), node.platform)
    return (
        (f"{sign.glyph} ", sign.text_style),
        (node.name or node.id, TextStyle.STRONG),
        ("  ", TextStyle.PLAIN),
        *status_reason(fleet, key),
        ("\n", TextStyle.PLAIN),
        (node.id, TextStyle.MUTED),
        *probed_pieces(fleet, fleet.state.probed(key), now),
        (" · " + " · ".join(word for word in words if word), TextStyle.MUTED),
    )


def raw_facts_prose(facts: Sequence[RawFact]) -> Prose:
    """The facts one after another, each with the API that it came from."""
    if not facts:
        return (paragraph(say("Nothing has been read for this node yet.")),)
    blocks: list[Block] = []
    for fact in facts:
        blocks.append(
            paragraph(
                (fact.name, TextStyle.HEADING), (f"  {fact.source}" if fact.source else "", TextStyle.CODE), gap=True
            )
        )
        blocks += lines_of(fact.value, indent=2)
    return tuple(blocks)
