"""What `c` copies: text for a ticket or a command line, every line of it fit to print."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ssmtui.language import say
from ssmtui.model.plain_text import printable

if TYPE_CHECKING:
    from ssmtui.causes.cause import Cause
    from ssmtui.model.fleet import FleetFinding
    from ssmtui.ui.words.fleet import Fleet


def copied(lines: Iterable[str]) -> str:
    """Lines as one text."""
    return "\n".join(printable(line) for line in lines)


def finding_ids(held: FleetFinding) -> str:
    """A finding by its id, as reports and `ssmtui fix` know it, and its subject's own."""
    return copied(dict.fromkeys((held.id, held.finding.subject.id)))


def statement(fleet: Fleet, held: FleetFinding) -> str:
    """A finding told to somebody who has no ssmtui: what is wrong, on what evidence, whom it holds down."""
    return copied(_statement(fleet, held))


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
        yield say("Nodes: {names}", names=", ".join(names))
    if cause := fleet.causes.get(finding.cause):
        yield from _pages(cause)


def _pages(cause: Cause) -> Iterator[str]:
    for page in cause.documentation:
        yield f"{page.title}: {page.url}"
