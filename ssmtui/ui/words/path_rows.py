"""The rows of a node's path: its links in order, each followed by what was found on it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from ssmtui.language import marked, say
from ssmtui.model.finding import Status
from ssmtui.model.fleet import FleetFinding
from ssmtui.model.node import NodeKey
from ssmtui.model.path import Link, LinkState
from ssmtui.model.plain_text import printable
from ssmtui.ui.words.closer_look_text import sum_of_looks
from ssmtui.ui.words.columns import Column
from ssmtui.ui.words.fleet import Fleet
from ssmtui.ui.words.ink import Cell, Ink
from ssmtui.ui.words.signs import LINKS, STATUSES


class Besides(Enum):
    """A row below the path: what was looked at more closely, because somebody looks at this node."""

    CLOSER_LOOK = marked("closer look")


PathRow = Link | str | Besides
"""A link, the id of a finding on the link above it, or what stands below the path."""

_NAME_ROOM = max(len(link.value) for link in Link)

COLUMNS = (Column("text", marked("path"), 10, None, 0),)


def path_rows(fleet: Fleet, key: NodeKey) -> list[PathRow]:
    """The links of a node's path, each with its findings after it."""
    rows: list[PathRow] = []
    findings = fleet.findings_of(key)
    for link in Link:
        rows.append(link)
        rows.extend(each.id for each in findings if each.link is link)
    return [*rows, Besides.CLOSER_LOOK] if key in fleet.state.closer else rows


_EASY = frozenset({LinkState.OK, LinkState.MOOT, LinkState.PENDING, LinkState.UNTOLD})


def first_row(fleet: Fleet, key: NodeKey) -> PathRow:
    """Where to look first: the root cause, else the worst finding, else the link that is not well."""
    verdict = fleet.verdict(key)
    findings = fleet.findings_of(key)
    worst = sorted(findings, key=lambda each: (each.finding.cause != verdict.root_cause, _severity(each)))
    if worst and worst[0].finding.status is not Status.INFO:
        return worst[0].id
    uneasy = [link for link in Link if verdict.link(link) not in _EASY]
    return uneasy[0] if uneasy else Link.WORKSTATION


def cells(fleet: Fleet, key: NodeKey, row: PathRow) -> Mapping[str, Cell]:
    """One row of the path."""
    if isinstance(row, Link):
        return {"text": _link(fleet, key, row)}
    if isinstance(row, Besides):
        return {"text": _closer_look(fleet, key)}
    held = fleet.state.findings.get(row)
    return {"text": _finding(fleet, key, held)} if held else {}


def _link(fleet: Fleet, key: NodeKey, link: Link) -> Cell:
    state = fleet.verdict(key).link(link)
    sign = LINKS[state]
    root = any(each.link is link and _is_root(fleet, key, each) for each in fleet.findings_of(key))
    return (
        (f"{sign.glyph} ", sign.ink),
        (f"{say(link.value):<{_NAME_ROOM}} ", Ink.STRONG),
        (say("root cause") if root else sign.word, Ink.FAINT if state is LinkState.OK else sign.ink),
    )


def _closer_look(fleet: Fleet, key: NodeKey) -> Cell:
    looks = fleet.state.closer.get(key)
    sign, words = sum_of_looks(looks)
    return (
        (f"{sign.glyph} ", sign.ink),
        (f"{say(Besides.CLOSER_LOOK.value):<{_NAME_ROOM}} ", Ink.STRONG),
        (words, Ink.FAINT if sign.ink is Ink.OK else sign.ink),
    )


def _finding(fleet: Fleet, key: NodeKey, held: FleetFinding) -> Cell:
    sign = STATUSES[held.finding.status]
    title = printable(fleet.finding_title(held.finding))
    return (
        ("│ ", Ink.FAINT),
        (f"{sign.glyph} ", sign.ink),
        (title, Ink.STRONG if _is_root(fleet, key, held) else Ink.PLAIN),
    )


def _is_root(fleet: Fleet, key: NodeKey, held: FleetFinding) -> bool:
    return held.finding.status is Status.FAIL and held.finding.cause == fleet.verdict(key).root_cause


def _severity(held: FleetFinding) -> int:
    return tuple(STATUSES).index(held.finding.status)
