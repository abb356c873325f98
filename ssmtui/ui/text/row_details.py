"""Return the text about the row under the cursor, and the text that is copied from rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ssmtui.language import say
from ssmtui.model.command_lines import connect_command, fix_command
from ssmtui.model.finding import Status
from ssmtui.text.printable import printable
from ssmtui.ui.text.cause_rows import fix_title
from ssmtui.ui.text.node_rows import status_reason
from ssmtui.ui.text.styled_text import STATUSES, Block, Piece, Prose, TextStyle, sign_of, to_pieces

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from ssmtui.causes.catalogue import Cause
    from ssmtui.model.finding import FleetFinding
    from ssmtui.model.node import NodeKey
    from ssmtui.ui.text.fleet import Fleet


_MAX_NAMES = 20
"""Nodes that a finding is told with: a ticket has no room for thousands, and no terminal takes so much."""


def text_to_copy(lines: Iterable[str]) -> str:
    """Lines as one text."""
    return "\n".join(printable(line) for line in lines)


def finding_ids(fleet_finding: FleetFinding) -> str:
    """A finding by its id, as reports and `ssmtui fix` know it, and its subject's own."""
    return text_to_copy(dict.fromkeys((fleet_finding.id, fleet_finding.finding.subject.id)))


def connect_commands(fleet: Fleet, keys: Iterable[NodeKey]) -> str:
    """The commands that open a session on these nodes."""
    scopes = ((key, fleet.scope_of(key)) for key in keys)
    return text_to_copy(connect_command(key, scope.name if scope else None) for key, scope in scopes)


def finding_statement(fleet: Fleet, fleet_finding: FleetFinding) -> str:
    """A finding told to somebody who has no ssmtui: what is wrong, on what evidence, whom it holds down.

    What mends it is told as the command that previews it.
    """
    return text_to_copy(_statement(fleet, fleet_finding))


def finding_statements(fleet: Fleet, ids: Iterable[str]) -> str:
    """Findings told one after the other: those that still stand."""
    found = (fleet.state.findings.get(id_) for id_ in ids)
    return "\n\n".join(finding_statement(fleet, fleet_finding) for fleet_finding in found if fleet_finding)


def cause_statement(cause: Cause) -> str:
    """A cause told without a finding: what it is, and where AWS writes about it."""
    return text_to_copy((f"{cause.title} ({cause.slug})", *_pages(cause)))


def _statement(fleet: Fleet, fleet_finding: FleetFinding) -> Iterator[str]:
    finding = fleet_finding.finding
    yield f"{fleet.finding_title(finding)} ({fleet_finding.id})"
    scope = fleet_finding.scope
    yield f"{say(finding.subject.kind.value)} {finding.subject.id} · {scope.account} · {scope.region}"
    yield finding.summary
    for each in finding.evidence:
        yield f"- {each.fact} ({each.source})" if each.source else f"- {each.fact}"
    if finding.needs:
        yield say("Would be settled by: ") + ", ".join(finding.needs)
    names = sorted(f"{node.name or node.id} ({node.id})" for key in fleet_finding.nodes if (node := fleet.node(key)))
    if names:
        more = say(" and {more} more", more=len(names) - _MAX_NAMES) if len(names) > _MAX_NAMES else ""
        yield say("Nodes: {names}", names=", ".join(names[:_MAX_NAMES]) + more)
    if command := fix_command(fleet_finding):
        yield say("What mends it: {fix}", fix=fix_title(fleet, finding.cause, finding.fixes[0]))
        yield f"  {command}"
    if cause := fleet.causes.get(finding.cause):
        yield from _pages(cause)


def _pages(cause: Cause) -> Iterator[str]:
    for page in cause.documentation:
        yield f"{page.title}: {page.url}"


_FIXABLE = (Status.FAIL, Status.WARN)


def node_summary(fleet: Fleet, key: NodeKey) -> Prose:
    """A node: its whole *why*; below it the id, and the first fix of its root cause, or of what else was found."""
    node = fleet.node(key)
    if node is None:
        return ()
    sign = sign_of(fleet.verdict(key))
    first = _first_fixable(fleet, key)
    # The blanks stand behind: leading ones are lost in some SVG viewers.
    fix = (("  ", TextStyle.PLAIN), *_fix(fleet, first, "F")) if first else ()
    return (
        Block(status_reason(fleet, key), marker=sign.glyph, marker_style=sign.text_style),
        Block(to_pieces((node.id, TextStyle.MUTED), *fix), indent=2),
    )


def cause_summary(fleet: Fleet, id_: str) -> Prose:
    """A finding: its whole title; below it its subject's id, and its first fix, by its number."""
    fleet_finding = fleet.state.findings.get(id_)
    if fleet_finding is None:
        return ()
    sign = STATUSES[fleet_finding.finding.status]
    return (
        Block(to_pieces(fleet.finding_title(fleet_finding.finding)), marker=sign.glyph, marker_style=sign.text_style),
        Block(to_pieces((fleet_finding.finding.subject.id, TextStyle.MUTED)), indent=2),
        Block(to_pieces(*(_fix(fleet, fleet_finding, "1") or ((say("no fix is known"), TextStyle.FAINT),))), indent=2),
    )


def node_details(fleet: Fleet, key: NodeKey, now: datetime) -> Prose:
    """A node where there is room: its root cause explained; its *why* alone where nothing was found."""
    root = fleet.verdict(key).root_cause
    fleet_finding = next((each for each in fleet.findings_of(key) if each.finding.cause == root), None)
    fleet_finding = fleet_finding or _first_fixable(fleet, key)
    if fleet_finding is None:
        return node_summary(fleet, key)
    return _finding_details(fleet, fleet_finding, (key,), _fix(fleet, fleet_finding, "F"), now)


def cause_details(fleet: Fleet, id_: str, now: datetime) -> Prose:
    """A finding where there is room."""
    fleet_finding = fleet.state.findings.get(id_)
    if fleet_finding is None:
        return ()
    return _finding_details(fleet, fleet_finding, fleet_finding.nodes, _fix(fleet, fleet_finding, "1"), now)


def _finding_details(
    fleet: Fleet, fleet_finding: FleetFinding, nodes: Collection[NodeKey], fix: tuple[Piece, ...], now: datetime
) -> Prose:
    # With the first row: causes and plans come with it.
    from ssmtui.ui.text.explanation import finding_prose, resolution_prose  # noqa: PLC0415

    return (
        *finding_prose(fleet, fleet_finding, now),
        *((Block(to_pieces(*fix), gap=True),) if fix else ()),
        *resolution_prose(fleet, fleet_finding, nodes),
    )


def _first_fixable(fleet: Fleet, key: NodeKey) -> FleetFinding | None:
    """The finding behind the verdict; where nothing mends it, the first of the path that something mends."""
    root = fleet.verdict(key).root_cause
    found = [each for each in fleet.findings_of(key) if each.finding.fixes and each.finding.status in _FIXABLE]
    return min(found, key=lambda each: each.finding.cause != root, default=None)


def _fix(fleet: Fleet, fleet_finding: FleetFinding, key: str) -> tuple[Piece, ...]:
    """The first fix, and the key that leads to it."""
    if not fleet_finding.finding.fixes:
        return ()
    title = fix_title(fleet, fleet_finding.finding.cause, fleet_finding.finding.fixes[0])
    return ((f"{key} ", TextStyle.KEY), (title, TextStyle.PLAIN))
