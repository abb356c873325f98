"""What is told below a table of the row under its cursor: all that its columns may have cut off, and the first fix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssmtui.language import say
from ssmtui.model.finding import Status
from ssmtui.ui.words.cause_rows import fix_title
from ssmtui.ui.words.ink import Ink, Piece, pieced
from ssmtui.ui.words.prose import Block, Prose
from ssmtui.ui.words.signs import STATUSES, sign_of
from ssmtui.ui.words.why import why

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from ssmtui.model.fleet import FleetFinding
    from ssmtui.model.node import NodeKey
    from ssmtui.ui.words.fleet import Fleet

_MENDED = (Status.FAIL, Status.WARN)


def node_told(fleet: Fleet, key: NodeKey) -> Prose:
    """A node: its whole *why*; below it the id, and the first fix of its root cause, or of what else was found."""
    node = fleet.node(key)
    if node is None:
        return ()
    sign = sign_of(fleet.verdict(key))
    first = _first_to_mend(fleet, key)
    # The blanks stand behind: leading ones are lost in some SVG viewers.
    fix = (("  ", Ink.PLAIN), *_fix(fleet, first, "F")) if first else ()
    return (
        Block(why(fleet, key), marker=sign.glyph, marker_ink=sign.ink),
        Block(pieced((node.id, Ink.MUTED), *fix), indent=2),
    )


def cause_told(fleet: Fleet, id_: str) -> Prose:
    """A finding: its whole title; below it its subject's id, and its first fix, by its number."""
    held = fleet.state.findings.get(id_)
    if held is None:
        return ()
    sign = STATUSES[held.finding.status]
    return (
        Block(pieced(fleet.finding_title(held.finding)), marker=sign.glyph, marker_ink=sign.ink),
        Block(pieced((held.finding.subject.id, Ink.MUTED)), indent=2),
        Block(pieced(*(_fix(fleet, held, "1") or ((say("no fix is known"), Ink.FAINT),))), indent=2),
    )


def node_explained(fleet: Fleet, key: NodeKey, now: datetime) -> Prose:
    """A node where there is room: its root cause explained; its *why* alone where nothing was found."""
    root = fleet.verdict(key).root_cause
    held = next((each for each in fleet.findings_of(key) if each.finding.cause == root), None)
    held = held or _first_to_mend(fleet, key)
    if held is None:
        return node_told(fleet, key)
    return _explained(fleet, held, (key,), _fix(fleet, held, "F"), now)


def cause_explained(fleet: Fleet, id_: str, now: datetime) -> Prose:
    """A finding where there is room."""
    held = fleet.state.findings.get(id_)
    if held is None:
        return ()
    return _explained(fleet, held, held.nodes, _fix(fleet, held, "1"), now)


def _explained(
    fleet: Fleet, held: FleetFinding, nodes: Collection[NodeKey], fix: tuple[Piece, ...], now: datetime
) -> Prose:
    # With the first row: causes and plans come with it.
    from ssmtui.ui.words.explanation import found, resolution  # noqa: PLC0415

    return (
        *found(fleet, held, now),
        *((Block(pieced(*fix), gap=True),) if fix else ()),
        *resolution(fleet, held, nodes),
    )


def _first_to_mend(fleet: Fleet, key: NodeKey) -> FleetFinding | None:
    """The finding behind the verdict; where nothing mends it, the first of the path that something mends."""
    root = fleet.verdict(key).root_cause
    found = [each for each in fleet.findings_of(key) if each.finding.fixes and each.finding.status in _MENDED]
    return min(found, key=lambda each: each.finding.cause != root, default=None)


def _fix(fleet: Fleet, held: FleetFinding, key: str) -> tuple[Piece, ...]:
    """The first fix, and the key that leads to it."""
    if not held.finding.fixes:
        return ()
    title = fix_title(fleet, held.finding.cause, held.finding.fixes[0])
    return ((f"{key} ", Ink.KEY), (title, Ink.PLAIN))
