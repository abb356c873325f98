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
from ssmtui.ui.state.board import Board
from ssmtui.ui.words.closer_look_text import sum_of_looks
from ssmtui.ui.words.columns import Column
from ssmtui.ui.words.ink import Cell, Ink
from ssmtui.ui.words.signs import LINKS, STATUSES


class Besides(Enum):
    """A row below the path: what was looked at more closely, because somebody looks at this node."""

    CLOSER_LOOK = marked("closer look")


PathRow = Link | str | Besides
"""A link, the id of a finding on the link above it, or what stands below the path."""

_NAME_ROOM = max(len(link.value) for link in Link)

COLUMNS = (Column("text", marked("path"), 10, None, 0),)


def path_rows(board: Board, key: NodeKey) -> list[PathRow]:
    """The links of a node's path, each with its findings after it."""
    rows: list[PathRow] = []
    findings = board.findings_of(key)
    for link in Link:
        rows.append(link)
        rows.extend(each.id for each in findings if each.link is link)
    return [*rows, Besides.CLOSER_LOOK] if key in board.state.closer else rows


_EASY = frozenset({LinkState.OK, LinkState.MOOT, LinkState.PENDING})


def first_row(board: Board, key: NodeKey) -> PathRow:
    """Where to look first: the root cause, else the worst finding, else the link that is not well."""
    verdict = board.verdict(key)
    findings = board.findings_of(key)
    worst = sorted(findings, key=lambda each: (each.finding.cause != verdict.root_cause, _severity(each)))
    if worst and worst[0].finding.status is not Status.INFO:
        return worst[0].id
    uneasy = [link for link in Link if verdict.link(link) not in _EASY]
    return uneasy[0] if uneasy else Link.WORKSTATION


def cells(board: Board, key: NodeKey, row: PathRow) -> Mapping[str, Cell]:
    """One row of the path."""
    if isinstance(row, Link):
        return {"text": _link(board, key, row)}
    if isinstance(row, Besides):
        return {"text": _closer_look(board, key)}
    held = board.state.findings.get(row)
    return {"text": _finding(board, key, held)} if held else {}


def _link(board: Board, key: NodeKey, link: Link) -> Cell:
    state = board.verdict(key).link(link)
    sign = LINKS[state]
    root = any(each.link is link and _is_root(board, key, each) for each in board.findings_of(key))
    return (
        (f"{sign.glyph} ", sign.ink),
        (f"{say(link.value):<{_NAME_ROOM}} ", Ink.STRONG),
        (say("root cause") if root else sign.word, Ink.FAINT if state is LinkState.OK else sign.ink),
    )


def _closer_look(board: Board, key: NodeKey) -> Cell:
    looks = board.state.closer.get(key)
    sign, words = sum_of_looks(looks)
    return (
        (f"{sign.glyph} ", sign.ink),
        (f"{say(Besides.CLOSER_LOOK.value):<{_NAME_ROOM}} ", Ink.STRONG),
        (words, Ink.FAINT if sign.ink is Ink.OK else sign.ink),
    )


def _finding(board: Board, key: NodeKey, held: FleetFinding) -> Cell:
    sign = STATUSES[held.finding.status]
    title = printable(board.finding_title(held.finding))
    return (
        ("│ ", Ink.FAINT),
        (f"{sign.glyph} ", sign.ink),
        (title, Ink.STRONG if _is_root(board, key, held) else Ink.PLAIN),
    )


def _is_root(board: Board, key: NodeKey, held: FleetFinding) -> bool:
    return held.finding.status is Status.FAIL and held.finding.cause == board.verdict(key).root_cause


def _severity(held: FleetFinding) -> int:
    return tuple(STATUSES).index(held.finding.status)
