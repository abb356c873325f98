"""A change as a person reads it first: what turns, what is given up, the difference, the calls, the way back."""

from __future__ import annotations

from collections.abc import Sequence

from ssmtui.language import say
from ssmtui.model.fleet import VerdictStatus
from ssmtui.model.plan import Forecast, Plan
from ssmtui.preview.lines import LineKind, call_lines, diff_lines
from ssmtui.preview.reach_words import reach_words
from ssmtui.preview.what_turns import Turn, turnings
from ssmtui.ui.words.fleet import Fleet
from ssmtui.ui.words.ink import Ink, Piece, pieced
from ssmtui.ui.words.prose import Block, Prose, heading, item, paragraph
from ssmtui.ui.words.signs import CHECKING, VERDICTS

_NAMED = 12
_TURNED = {
    Turn.GREEN: VERDICTS[VerdictStatus.OK],
    Turn.AWAITED: CHECKING,
    Turn.WARN: VERDICTS[VerdictStatus.WARN],
    Turn.WORSE: VERDICTS[VerdictStatus.FAIL],
    Turn.RED: VERDICTS[VerdictStatus.FAIL],
}


def change_prose(fleet: Fleet, plan: Plan, forecast: Forecast | None) -> Prose:
    """The whole preview of a plan. `forecast` is None while it is worked out."""
    return (
        heading(say("What turns")),
        *forecast_prose(fleet, plan, forecast),
        *_given_up(plan),
        *_notes(plan),
        heading(say("The difference")),
        *difference_prose(plan.before, plan.after),
        heading(say("The calls, exactly")),
        *call_prose(call_lines(plan)),
        heading(say("Reach and way back")),
        _named(say("needs"), ", ".join(plan.actions)),
        *_lacking(plan),
        _named(say("reach"), reach_words(plan)),
        _named(say("costs"), plan.costs or say("nothing")),
        *((_named(say("delay"), plan.delay),) if plan.delay else ()),
        _named(say("way back"), plan.undo),
    )


def _lacking(plan: Plan) -> Prose:
    if not plan.lacks:
        return ()
    words = say("{actions}: AWS will refuse it", actions=", ".join(plan.lacks))
    return (paragraph((say("you lack "), Ink.WARN), (words, Ink.WARN), indent=2),)


def call_prose(lines: Sequence[str]) -> Prose:
    """Calls, one a line."""
    return tuple(item("→", (line, Ink.CODE), ink=Ink.FAINT) for line in lines)


def forecast_prose(fleet: Fleet, plan: Plan, forecast: Forecast | None) -> Prose:
    """Which nodes turn green, warn or worse, and which stay red."""
    if forecast is None:
        return (item(CHECKING.glyph, (say("the checks are run on the facts as they would be…"), Ink.FAINT)),)
    blocks: list[Block] = []
    _, colon, _ = say("{turned}: {nodes}", turned="\0", nodes="\0").split("\0")
    for each in turnings(forecast):
        sign = _TURNED[each.turn]
        named = (names(fleet, plan, each.nodes), Ink.MUTED)
        blocks.append(item(sign.glyph, (each.sentence, Ink.STRONG), colon, named, ink=sign.ink))
    for slug in forecast.new_findings:
        title = fleet.title(slug.partition("@")[0])
        blocks.append(item("▲", say("brings about: "), title, ink=Ink.WARN))
    return tuple(blocks) or (item("·", (say("no check foretells that a node's verdict changes"), Ink.MUTED)),)


def names(fleet: Fleet, plan: Plan, ids: Sequence[str]) -> str:
    """Nodes by their names, the first dozen."""
    keys = fleet.keys_named(plan.scope, ids)
    shown = [node.name or node.id if (node := fleet.node(key)) else key.id for key in keys]
    more = say(" and {more} more", more=len(shown) - _NAMED) if len(shown) > _NAMED else ""
    return ", ".join(sorted(shown)[:_NAMED]) + more


def difference_prose(before: str, after: str) -> Prose:
    """A difference, line by line, with its signs."""
    if not before and not after:
        return (paragraph((say("nothing that AWS stores: what happens is in the calls"), Ink.MUTED), indent=2),)
    lines = diff_lines(before, after)
    blocks = [Block(pieced((line.signed, _LINE_INKS[line.kind])), indent=2, solid=True) for line in lines]
    return tuple(blocks) or (paragraph((say("nothing but white space"), Ink.MUTED), indent=2),)


_LINE_INKS = {
    LineKind.ADDED: Ink.ADDED,
    LineKind.REMOVED: Ink.REMOVED,
    LineKind.CONTEXT: Ink.MUTED,
    LineKind.HUNK: Ink.FAINT,
}


def _given_up(plan: Plan) -> Prose:
    if not plan.loses:
        return ()
    return (heading(say("What is given up")), item("▲", (plan.loses, Ink.WARN), ink=Ink.WARN))


def _notes(plan: Plan) -> Prose:
    return (heading(say("To know before")), *(item("•", note) for note in plan.notes)) if plan.notes else ()


def _named(name: str, *pieces: Piece | str) -> Block:
    return item(name.ljust(9), *pieces, indent=2)
