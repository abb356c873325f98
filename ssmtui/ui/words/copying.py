"""What `c` copies: text for a ticket or a command line, every line of it fit to print."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ssmtui.language import say
from ssmtui.model.command_lines import connect_command, fix_command
from ssmtui.model.plain_text import printable
from ssmtui.ui.words.cause_rows import fix_title

if TYPE_CHECKING:
    from ssmtui.causes.cause import Cause
    from ssmtui.model.fleet import FleetFinding
    from ssmtui.model.node import NodeKey
    from ssmtui.ui.words.fleet import Fleet


_NAMED = 20
"""Nodes that a finding is told with: a ticket has no room for thousands, and no terminal takes so much."""


def copied(lines: Iterable[str]) -> str:
    """Lines as one text."""
    return "\n".join(printable(line) for line in lines)


def finding_ids(held: FleetFinding) -> str:
    """A finding by its id, as reports and `ssmtui fix` know it, and its subject's own."""
    return copied(dict.fromkeys((held.id, held.finding.subject.id)))


def connect_commands(fleet: Fleet, keys: Iterable[NodeKey]) -> str:
    """The commands that open a session on these nodes."""
    scopes = ((key, fleet.scope_of(key)) for key in keys)
    return copied(connect_command(key, scope.name if scope else None) for key, scope in scopes)


def statement(fleet: Fleet, held: FleetFinding) -> str:
    """A finding told to somebody who has no ssmtui: what is wrong, on what evidence, whom it holds down.

    What mends it is told as the command that previews it.
    """
    return copied(_statement(fleet, held))


def statements(fleet: Fleet, ids: Iterable[str]) -> str:
    """Findings told one after the other: those that still stand."""
    found = (fleet.state.findings.get(id_) for id_ in ids)
    return "\n\n".join(statement(fleet, held) for held in found if held)


def cause_statement(cause: Cause) -> str:
    """A cause told without a finding: what it is, and where AWS writes about it."""
    return copied((f"{cause.title} ({cause.slug})", *_pages(cause)))


def _statement(fleet: Fleet, held: FleetFinding) -> Iterator[str]:
    finding = held.finding
    yield f"{fleet.finding_title(finding)} ({held.id})"
    yield f"{say(finding.subject.kind.value)} {finding.subject.id} · {held.scope.account} · {held.scope.region}"
    yield finding.summary
    for each in finding.evidence:
        yield f"- {each.fact} ({each.source})" if each.source else f"- {each.fact}"
    if finding.needs:
        yield say("Would be settled by: ") + ", ".join(finding.needs)
    names = sorted(f"{node.name or node.id} ({node.id})" for key in held.nodes if (node := fleet.node(key)))
    if names:
        more = say(" and {more} more", more=len(names) - _NAMED) if len(names) > _NAMED else ""
        yield say("Nodes: {names}", names=", ".join(names[:_NAMED]) + more)
    if command := fix_command(held):
        yield say("What mends it: {fix}", fix=fix_title(fleet, finding.cause, finding.fixes[0]))
        yield f"  {command}"
    if cause := fleet.causes.get(finding.cause):
        yield from _pages(cause)


def _pages(cause: Cause) -> Iterator[str]:
    for page in cause.documentation:
        yield f"{page.title}: {page.url}"
