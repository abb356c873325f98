"""What there is to say of a finding: what is wrong, on what evidence, how AWS says to resolve it, what can be done."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from ssmtui.causes.cause import Cause
from ssmtui.causes.placeholders import NOTHING_KNOWN, Names, addressed, names_of_finding
from ssmtui.language import marked, say, say_many
from ssmtui.model.finding import Finding, Status
from ssmtui.model.fleet import FleetFinding
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.ui.words.cause_rows import fix_title, subject_name
from ssmtui.ui.words.cause_text import prose_of
from ssmtui.ui.words.fleet import Fleet
from ssmtui.ui.words.ink import Ink, Piece, pieced
from ssmtui.ui.words.prose import Block, Prose, heading, indented, item, paragraph
from ssmtui.ui.words.signs import STATUSES

BY_HAND = marked("not automated yet: follow the steps")

Offers = Mapping[str, Plan | NotApplicable]
"""What is known of the fixes of a finding, by slug; one that is missing is still being worked out."""


def explanation(fleet: Fleet, held: FleetFinding, nodes: Collection[NodeKey], offers: Offers, now: datetime) -> Prose:
    """A finding explained, to somebody who looks at these nodes."""
    return (*found(fleet, held, now), *_fixes(fleet, held, offers), *resolution(fleet, held, nodes))


def found(fleet: Fleet, held: FleetFinding, now: datetime) -> Prose:
    """What was found, and by which evidence."""
    return (*_head(fleet, held, now), *_evidence(held.finding))


def resolution(fleet: Fleet, held: FleetFinding, nodes: Collection[NodeKey]) -> Prose:
    """What is wrong where this is found, and how AWS says to resolve it: with the names that are known here."""
    return cause_prose(fleet.causes.get(held.finding.cause), names_of_finding(held, nodes))


def cause_prose(cause: Cause | None, names: Names = NOTHING_KNOWN) -> Prose:
    """What a cause's file says: what is wrong, the documented resolution, and the pages it comes from."""
    return () if cause is None else (*_sections(addressed(cause, names)), *_documentation(cause))


def _head(fleet: Fleet, held: FleetFinding, now: datetime) -> Prose:
    finding = held.finding
    sign = STATUSES[finding.status]
    count = len(held.nodes)
    who: list[Piece] = [
        (f"{say(finding.subject.kind.value)} ", Ink.MUTED),
        (subject_name(fleet, held), Ink.STRONG),
        (" · ", Ink.FAINT),
        (held.scope.region, Ink.PLAIN),
        (" · ", Ink.FAINT),
        (say_many("{count} node", "{count} nodes", count=count), Ink.PLAIN),
        (" · ", Ink.FAINT),
        (say(finding.confidence.value), Ink.MUTED),
    ]
    blocks = [
        item(sign.glyph, (fleet.finding_title(finding), Ink.STRONG), ink=sign.ink),
        paragraph(*who, indent=2),
        paragraph(finding.summary, gap=True),
    ]
    if finding.status is Status.UNKNOWN and finding.needs:
        blocks.append(paragraph(say("Would be settled by: "), (", ".join(finding.needs), Ink.CODE)))
    if finding.until is not None:
        blocks.append(
            paragraph((say("AWS shows it with a delay: "), Ink.WARN), (remaining(finding.until, now), Ink.WARN))
        )
    return tuple(blocks)


def remaining(until: datetime, now: datetime) -> str:
    """How long AWS's own delay still runs."""
    seconds = round((until - now).total_seconds())
    if seconds <= 0:
        return say("it should show by now; r checks again")
    minutes, rest = divmod(seconds, 60)
    return (
        say("{minutes} min {rest:02d} s left", minutes=minutes, rest=rest)
        if minutes
        else say("{rest} s left", rest=rest)
    )


def _evidence(finding: Finding) -> Prose:
    if not finding.evidence:
        return ()
    blocks = [heading(say("Evidence"))]
    for each in finding.evidence:
        source: tuple[Piece, ...] = ((f"  {each.source}", Ink.CODE),) if each.source else ()
        blocks.append(item("•", each.fact, *source))
    return tuple(blocks)


def _fixes(fleet: Fleet, held: FleetFinding, offers: Offers) -> Prose:
    finding = held.finding
    if not finding.fixes:
        return ()
    blocks = [heading(say("What can be done"))]
    for number, fix in enumerate(finding.fixes, start=1):
        blocks += _fix(number, fix_title(fleet, finding.cause, fix), offers.get(fix))
        cause = fleet.causes.get(finding.cause)
        offer = cause.offer(fix) if cause else None
        if offer and offer.loses:
            blocks.append(paragraph((say("gives up: "), Ink.WARN), (offer.loses, Ink.MUTED), indent=2))
    return tuple(blocks)


def _fix(number: int, title: str, offer: Plan | NotApplicable | None) -> list[Block]:
    if isinstance(offer, Plan) or (offer is not None and (offer.choices or offer.steps is not None)):
        return [item(str(number), title, ink=Ink.KEY)]
    if offer is None:
        return [item(str(number), (title, Ink.MUTED), (say("  working it out…"), Ink.FAINT), ink=Ink.FAINT)]
    return [
        item(str(number), (title, Ink.MUTED), ink=Ink.FAINT),
        paragraph((offer.why, Ink.FAINT), indent=2),
    ]


def _sections(cause: Cause) -> Prose:
    blocks: list[Block] = []
    sections = (
        (say("What is wrong"), cause.what_is_wrong),
        (say("How to resolve it, by AWS's documentation"), cause.how_to_resolve),
        (say("What to know"), cause.to_know),
    )
    for title, text in sections:
        if text:
            blocks += [heading(title), *prose_of(text)]
    return tuple(blocks)


def _documentation(cause: Cause) -> Prose:
    if not cause.documentation:
        return ()
    pages: list[Block] = []
    for page in cause.documentation:
        pages += [item("•", page.title), *indented((Block(pieced((page.url, Ink.LINK)), solid=True),), 2)]
    return (heading(say("Documentation")), *pages)
