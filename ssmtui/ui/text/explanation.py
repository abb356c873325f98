"""Explain findings, and the causes that a pasted error text names."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from ssmtui.causes.catalogue import Cause
from ssmtui.causes.matching import Match, is_normal_end
from ssmtui.causes.pasted_text import find_denials, node_ids_in
from ssmtui.causes.placeholders import NO_NAMES, Names, cause_with_names, names_of_finding
from ssmtui.causes.ranking import match_paste
from ssmtui.diagnosis.explanation import ENDED_NORMALLY, PossibleCause, names_for_match
from ssmtui.language import say, say_many, translatable
from ssmtui.model.access_denied import Denial, LookedUp, authorization_sentence, denial_sentence
from ssmtui.model.finding import Finding, FleetFinding, Status
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import FixNotApplicable, Plan
from ssmtui.ui.text.cause_rows import fix_title, subject_name
from ssmtui.ui.text.filters import Column
from ssmtui.ui.text.fleet import Fleet
from ssmtui.ui.text.markdown_prose import prose_from_markdown
from ssmtui.ui.text.styled_text import (
    STATUSES,
    Block,
    Cell,
    Piece,
    Prose,
    Sign,
    TextStyle,
    cell,
    heading,
    indented,
    item,
    paragraph,
    to_pieces,
)

MANUAL_STEPS = translatable("not automated yet: follow the steps")

FixPlans = Mapping[str, Plan | FixNotApplicable]
"""The known plans of a finding's fixes, by slug; a missing plan is still being computed."""

NO_PLANS: FixPlans = MappingProxyType({})


def finding_explanation(
    fleet: Fleet, fleet_finding: FleetFinding, nodes: Collection[NodeKey], offers: FixPlans, now: datetime
) -> Prose:
    """Return a finding explained for a user who looks at these nodes."""
    return (
        *finding_prose(fleet, fleet_finding, now),
        *_fixes(fleet, fleet_finding, offers),
        *resolution_prose(fleet, fleet_finding, nodes),
    )


def finding_prose(fleet: Fleet, fleet_finding: FleetFinding, now: datetime) -> Prose:
    """Return what was found, and the evidence."""
    return (*_head(fleet, fleet_finding, now), *_evidence(fleet_finding.finding))


def resolution_prose(fleet: Fleet, fleet_finding: FleetFinding, nodes: Collection[NodeKey]) -> Prose:
    """Return what is wrong and how AWS says to resolve it, with the names of this account."""
    return cause_prose(fleet.causes.get(fleet_finding.finding.cause), names_of_finding(fleet_finding, nodes))


def cause_prose(cause: Cause | None, names: Names = NO_NAMES) -> Prose:
    """Return the text of a cause's file: the problem, the documented resolution, and the source pages."""
    return () if cause is None else (*_sections(cause_with_names(cause, names)), *_documentation(cause))


def _head(fleet: Fleet, fleet_finding: FleetFinding, now: datetime) -> Prose:
    finding = fleet_finding.finding
    sign = STATUSES[finding.status]
    count = len(fleet_finding.nodes)
    who: list[Piece] = [
        (f"{say(finding.subject.kind.value)} ", TextStyle.MUTED),
        (subject_name(fleet, fleet_finding), TextStyle.STRONG),
        (" · ", TextStyle.FAINT),
        (fleet_finding.scope.region, TextStyle.PLAIN),
        (" · ", TextStyle.FAINT),
        (say_many("{count} node", "{count} nodes", count=count), TextStyle.PLAIN),
        (" · ", TextStyle.FAINT),
        (say(finding.confidence.value), TextStyle.MUTED),
    ]
    blocks = [
        item(sign.glyph, (fleet.finding_title(finding), TextStyle.STRONG), text_style=sign.text_style),
        paragraph(*who, indent=2),
        paragraph(finding.summary, gap=True),
    ]
    if finding.status is Status.UNKNOWN and finding.needs:
        blocks.append(paragraph(say("To decide, ssmtui needs: "), (", ".join(finding.needs), TextStyle.CODE)))
    if finding.until is not None:
        blocks.append(
            paragraph(
                (say("AWS shows the change after a delay: "), TextStyle.WARN),
                (time_remaining(finding.until, now), TextStyle.WARN),
            )
        )
    return tuple(blocks)


def time_remaining(until: datetime, now: datetime) -> str:
    """Return the remaining time of the delay of AWS."""
    seconds = round((until - now).total_seconds())
    if seconds <= 0:
        return say("the delay has passed; press r to re-check")
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
        source: tuple[Piece, ...] = ((f"  {each.source}", TextStyle.CODE),) if each.source else ()
        blocks.append(item("•", each.fact, *source))
    return tuple(blocks)


def _fixes(fleet: Fleet, fleet_finding: FleetFinding, offers: FixPlans) -> Prose:
    finding = fleet_finding.finding
    if not finding.fixes:
        return ()
    blocks = [heading(say("Fixes"))]
    for number, fix in enumerate(finding.fixes, start=1):
        blocks += _fix_line(number, fix_title(fleet, finding.cause, fix), offers.get(fix))
        cause = fleet.causes.get(finding.cause)
        offer = cause.offer(fix) if cause else None
        if offer and offer.loses:
            blocks.append(paragraph((say("trade-off: "), TextStyle.WARN), (offer.loses, TextStyle.MUTED), indent=2))
    return tuple(blocks)


def _fix_line(number: int, title: str, offer: Plan | FixNotApplicable | None) -> list[Block]:
    if isinstance(offer, Plan) or (offer is not None and (offer.choices or offer.steps is not None)):
        return [item(str(number), title, text_style=TextStyle.KEY)]
    if offer is None:
        return [
            item(
                str(number),
                (title, TextStyle.MUTED),
                (say("  computing…"), TextStyle.FAINT),
                text_style=TextStyle.FAINT,
            )
        ]
    return [
        item(str(number), (title, TextStyle.MUTED), text_style=TextStyle.FAINT),
        paragraph((offer.why, TextStyle.FAINT), indent=2),
    ]


def _sections(cause: Cause) -> Prose:
    blocks: list[Block] = []
    sections = (
        (say("What is wrong"), cause.what_is_wrong),
        (say("Resolution in the AWS documentation"), cause.how_to_resolve),
        (say("What to know"), cause.to_know),
    )
    for title, text in sections:
        if text:
            blocks += [heading(title), *prose_from_markdown(text)]
    return tuple(blocks)


def _documentation(cause: Cause) -> Prose:
    if not cause.documentation:
        return ()
    pages: list[Block] = []
    for page in cause.documentation:
        pages += [item("•", page.title), *indented((Block(to_pieces((page.url, TextStyle.LINK)), solid=True),), 2)]
    return (heading(say("Documentation")), *pages)


COLUMNS = (
    Column("likelihood", translatable("likely"), 6, 8, 1, numeric=True),
    Column("here", "", 18, 24, 2),
    Column("cause", translatable("cause"), 20, None, 0),
)

_APPLIES = Sign("✖", TextStyle.FAIL, translatable("true here"))
_DOES_NOT_APPLY = Sign("●", TextStyle.OK, translatable("not found here"))
_NOT_YET = Sign("·", TextStyle.FAINT, translatable("unknown yet"))
_CANNOT_TELL = Sign("?", TextStyle.UNKNOWN, translatable("unknown"))
CAUSE_SIGNS = (_APPLIES, _DOES_NOT_APPLY, _CANNOT_TELL, _NOT_YET)
"""The signs of the causes of a text: whether they are true here."""


@dataclass(frozen=True, slots=True)
class TextMatches:
    """What a pasted text names: causes, refusals, node ids; or that a session ended normally."""

    causes: tuple[Match, ...] = ()
    denials: tuple[Denial, ...] = ()
    node_ids: tuple[str, ...] = ()
    ended_normally: bool = False


def read_text(fleet: Fleet, text: str) -> TextMatches:
    """Return what a text names. Call it in a thread: a long text takes some time."""
    matches = match_paste(text, fleet.causes.values())
    denials = find_denials(text, certain=bool(matches))
    return TextMatches(matches, denials, node_ids_in(text), is_normal_end(text, matches))


def nodes_with_ids(fleet: Fleet, ids: Collection[str]) -> tuple[NodeKey, ...]:
    """Return the nodes with these ids, as far as they exist."""
    return tuple(key for key in fleet.state.nodes if key.id in ids) if ids else ()


def cells(fleet: Fleet, possible_cause: PossibleCause) -> Mapping[str, Cell]:
    """Return the cells of a row."""
    sign = sign_here(fleet, possible_cause)
    return {
        "likelihood": cell(possible_cause.match.percentage, TextStyle.STRONG),
        "here": cell(f"{sign.glyph} {sign.word}", sign.text_style),
        "cause": cell(fleet.title(possible_cause.match.cause)),
    }


def sign_here(fleet: Fleet, possible_cause: PossibleCause) -> Sign:
    """Return the sign for whether a cause is true here, during and after the diagnosis."""
    match possible_cause.here:
        case True:
            return _APPLIES
        case False:
            return _DOES_NOT_APPLY
        case None:
            return _NOT_YET if fleet.pending or not fleet.scopes else _CANNOT_TELL


def findings_of(fleet: Fleet, cause: str, nodes: Collection[NodeKey] | None = None) -> list[FleetFinding]:
    """Return the findings of a cause on these nodes (on all, if none are named), the one with the most nodes first."""
    fleet_finding = (
        each
        for each in fleet.state.findings.values()
        if each.finding.cause == cause and (nodes is None or not each.nodes.isdisjoint(nodes))
    )
    return sorted(fleet_finding, key=lambda each: (each.finding.status is Status.UNKNOWN, -len(each.nodes), each.id))


_MAX_FINDINGS = 8
_MAX_NAMES = 4


def paste_hint() -> Prose:
    """Return what to do if nothing has been pasted yet."""
    return (
        paragraph(say("Paste the error, or all the terminal output around it.")),
        paragraph(
            say(
                "Line breaks, quotes and translations are accepted. The text stays on this computer. ssmtui sends "
                "AWS only the authorization ID that an access error can contain."
            ),
            gap=True,
        ),
        paragraph(
            say("ssmtui lists the possible causes, the most likely first, and shows which causes apply to your nodes."),
            gap=True,
        ),
    )


def no_match_prose(looked_up: Sequence[LookedUp] = (), *, ended_normally: bool = False) -> Prose:
    """Return the text if no cause matches: ssmtui does not guess."""
    if ended_normally:
        return (item("●", (say(ENDED_NORMALLY), TextStyle.STRONG), text_style=TextStyle.OK),)
    return (
        item(
            "?",
            (say("Unknown text: ssmtui does not know this error text of Session Manager."), TextStyle.STRONG),
            text_style=TextStyle.UNKNOWN,
        ),
        paragraph(
            say("ssmtui does not know this error. Check that the end of the text is there: it contains the reason."),
            gap=True,
        ),
        paragraph(say("The fleet shows the findings of the checks. Press Esc to go back to the fleet."), gap=True),
        *_denials(looked_up),
    )


def possible_cause_prose(
    fleet: Fleet,
    possible_cause: PossibleCause,
    nodes: Collection[NodeKey] | None,
    looked_up: Sequence[LookedUp] = (),
    offers: FixPlans = NO_PLANS,
) -> Prose:
    """Return a possible cause of a text: whether it is true here, its fixes, what the text tells, the resolution."""
    found = findings_of(fleet, possible_cause.match.cause, nodes)
    sign = sign_here(fleet, possible_cause)
    title = fleet.title(possible_cause.match.cause)
    names = names_for_match(fleet.state, possible_cause.match, fleet.state.nodes if nodes is None else nodes)
    return (
        item(sign.glyph, (title, TextStyle.STRONG), text_style=sign.text_style),
        paragraph(
            (sign.word, sign.text_style), ("  ", TextStyle.PLAIN), (_why(possible_cause), TextStyle.MUTED), indent=2
        ),
        *_held(fleet, found),
        *(_fixes(fleet, found[0], offers) if found else ()),
        *_denials(looked_up),
        *_fields(possible_cause.match.fields),
        *cause_prose(fleet.causes.get(possible_cause.match.cause), names),
    )


def _why(possible_cause: PossibleCause) -> str:
    match possible_cause.here:
        case True:
            return say("the checks report this cause: press Enter to open it")
        case False:
            return say("the checks for this cause passed")
        case None:
            return say("no check has determined this cause")


def _held(fleet: Fleet, findings: Sequence[FleetFinding]) -> Prose:
    if not findings:
        return ()
    rows: list[Block] = []
    for fleet_finding in findings[:_MAX_FINDINGS]:
        sign = STATUSES[fleet_finding.finding.status]
        rows.append(
            item(
                sign.glyph,
                (f"{say(fleet_finding.finding.subject.kind.value)} ", TextStyle.FAINT),
                (subject_name(fleet, fleet_finding), TextStyle.STRONG),
                (f" · {fleet_finding.scope.region} · ", TextStyle.MUTED),
                say_many("{count} node", "{count} nodes", count=len(fleet_finding.nodes)),
                (f"  {_names(fleet, fleet_finding)}", TextStyle.MUTED),
                text_style=sign.text_style,
            )
        )
        rows.append(paragraph((fleet_finding.finding.summary, TextStyle.MUTED), indent=2))
    return (heading(say("Found here")), *rows)


def _names(fleet: Fleet, fleet_finding: FleetFinding) -> str:
    shown = sorted(node.name or node.id for key in fleet_finding.nodes if (node := fleet.node(key)))
    more = len(shown) - _MAX_NAMES
    return ", ".join(shown[:_MAX_NAMES]) + (say(" and {more} more", more=more) if more > 0 else "")


def _denials(looked_up: Sequence[LookedUp]) -> Prose:
    if not looked_up:
        return ()
    rows: list[Block] = []
    for each in looked_up:
        rows.append(item("•", denial_sentence(each.denial)))
        rows += [paragraph((line, TextStyle.MUTED), indent=2) for line in authorization_sentence(each)]
    return (heading(say("Details of the denial")), *rows)


def _fields(told: Mapping[str, str]) -> Prose:
    if not told:
        return ()
    width = max(len(name) for name in told)
    rows = (
        Block(to_pieces((value, TextStyle.CODE)), marker=name.replace("_", " ").ljust(width), solid=True)
        for name, value in told.items()
    )
    return (heading(say("Found in the text")), *rows)
