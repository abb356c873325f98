"""What the change screen says once a change has been asked for: how it ended, and how the nodes stand now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len

from ssmtui.changes.outcome import (
    Applied,
    ChangeOutcome,
    Defective,
    Disagreement,
    Failed,
    FailedOnNode,
    Refused,
    Unsure,
)
from ssmtui.language import say, say_many
from ssmtui.model.fleet import VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.model.scope import ScopeName
from ssmtui.ui.words.change_text import difference_prose
from ssmtui.ui.words.explanation import remaining
from ssmtui.ui.words.fleet import Fleet
from ssmtui.ui.words.ink import Ink, plain
from ssmtui.ui.words.prose import Block, Prose, heading, item, paragraph
from ssmtui.ui.words.signs import sign_of
from ssmtui.ui.words.why import why

_BAR = 30
_LISTED = 200


@dataclass(frozen=True, slots=True)
class Done:
    """A change that was made: what was noted meanwhile, and whether there is a way back that a key takes."""

    title: str
    scope: ScopeName
    notes: tuple[str, ...]
    has_way_back: bool


def under_way(title: str) -> Prose:
    """The change is being written."""
    return (
        item("…", (title, Ink.STRONG), ink=Ink.ACCENT),
        paragraph(say("It is in the journal, and AWS is being asked."), indent=2),
        paragraph(
            ("Esc ", Ink.KEY),
            (say("goes back: it goes on, and how it ends is told wherever you are then"), Ink.MUTED),
            indent=2,
        ),
    )


def ended(title: str, outcome: ChangeOutcome) -> str:
    """How the change ended, for somebody who looks elsewhere."""
    if isinstance(outcome, Applied):
        return " ".join((say("{title}: done", title=title), *outcome.notes))
    return f"{title}: {plain(not_done(outcome)[0].pieces)}"


def not_done(outcome: Refused | Failed | FailedOnNode | Unsure | Defective) -> Prose:
    """The change was not made, or may have been: what that means, and what to do."""
    steps: tuple[str, ...]
    match outcome:
        case Refused(why_, Disagreement() as disagreement):
            title = say("Somebody else changed it since the preview. Nothing was written.")
            steps = (say("Esc goes back; preview it again, against what is there now."),)
            extra: Prose = (
                heading(say("What they changed")),
                *difference_prose(disagreement.expected, disagreement.found),
            )
            return (*_said("▲", Ink.WARN, title, why_, steps), *extra)
        case Refused(why_, _, action) if action:
            steps = (
                say("Ask for a policy that allows {action}, or let somebody do it who may.", action=action),
                say("Esc goes back."),
            )
            return _said("✖", Ink.FAIL, say("AWS refused it. Nothing was changed."), why_, steps)
        case Refused(why_):
            return _said("✖", Ink.FAIL, say("It was not done. Nothing was changed."), why_, (say("Esc goes back."),))
        case Failed(why_):
            steps = (say("Esc goes back; it can be tried again from there."),)
            return _said("✖", Ink.FAIL, say("It failed. Nothing was changed."), why_, steps)
        case FailedOnNode(why_):
            title = say("The command failed on the node. What it did before that stays done.")
            steps = (say("The checks read now what is so."), say("Esc goes back; it can be tried again from there."))
            return _said("✖", Ink.FAIL, title, why_, steps)
        case Unsure(why_, in_part=True):
            steps = (
                say("It stays in the journal as unsure. Z completes it, or takes back what was made."),
                say("The checks read now what is so. z takes back what was made."),
            )
            return _said("▲", Ink.WARN, say("The change was made in part."), why_, steps)
        case Unsure(why_):
            steps = (
                say("It stays in the journal as unsure, and is not sent a second time."),
                say("The checks read now what is so. z settles it first, then takes it back."),
            )
            return _said("?", Ink.UNKNOWN, say("AWS gave no answer: it may have been carried out."), why_, steps)
        case Defective(why_, None):
            title = say("A defect in ssmtui ended it before anything was sent. Nothing was changed.")
            return _said(
                "✖", Ink.FAIL, title, why_, (_reported(), say("Esc goes back; it can be tried again from there."))
            )
        case Defective(why_):
            title = say("A defect in ssmtui ended it while it was written: it may have been carried out, or in part.")
            steps = (
                say("It is in the journal as unsure: Z shows its calls, and ssmtui undo --list names it."),
                say("The checks read now what is so. z settles it first, then takes it back."),
                _reported(),
            )
            return _said("?", Ink.UNKNOWN, title, why_, steps)


def _reported() -> str:
    return say("Please report it: ssmtui report-bug says how.")


def followed_up(fleet: Fleet, done: Done, keys: Sequence[NodeKey], waiting: Prose = ()) -> Prose:
    """The change is made: the nodes it touches, as the checks come back. `waiting` tells what has yet to show."""
    settled = done.scope in fleet.state.settled
    undo = (("z ", Ink.KEY), (say("takes it back  "), Ink.MUTED)) if done.has_way_back else ()
    keys_now = (paragraph(*undo, ("Esc ", Ink.KEY), (say("goes back"), Ink.MUTED), indent=2),) if settled else ()
    return (
        item("●", (say("{title}: done", title=done.title), Ink.STRONG), ink=Ink.OK),
        *(paragraph((note, Ink.WARN), indent=2) for note in done.notes),
        *((_bar(fleet, keys, settled=settled),) if keys else _nobody(settled=settled)),
        *waiting,
        *keys_now,
        *(nodes_now(fleet, keys) if keys else ()),
    )


def green_bar(fleet: Fleet, keys: Sequence[NodeKey]) -> Block:
    """How many of these nodes are green, and whether the checks still run."""
    scopes = {scope.name for key in keys if (scope := fleet.scope_of(key))}
    return _bar(fleet, keys, settled=scopes <= fleet.state.settled)


def nodes_now(fleet: Fleet, keys: Sequence[NodeKey]) -> Prose:
    """How nodes stand, as the checks come back: those that are not green first."""
    blocks = [heading(say("The nodes now"))]
    shown = sorted(keys, key=lambda each: (_is_green(fleet, each), _name(fleet, each)))[:_LISTED]
    room = max((cell_len(_name(fleet, key)) for key in shown), default=0)
    for key in shown:
        sign, name = sign_of(fleet.verdict(key)), _name(fleet, key)
        blocks.append(item(sign.glyph, f"{name}{' ' * (room - cell_len(name))}  ", *why(fleet, key), ink=sign.ink))
    return tuple(blocks)


def _bar(fleet: Fleet, keys: Sequence[NodeKey], *, settled: bool) -> Block:
    good = sum(_is_green(fleet, key) for key in keys)
    counted = sum(fleet.verdict(key).status is not VerdictStatus.STOPPED for key in keys)
    filled = good * _BAR // counted if counted else 0
    return paragraph(
        ("━" * filled, Ink.OK),
        ("━" * (_BAR - filled) + " ", Ink.FAINT),
        (say_many("{number} of {count} green", "{number} of {count} green", count=counted, number=good), Ink.STRONG),
        ("" if settled else say("  the checks run again…"), Ink.MUTED),
        indent=2,
        gap=True,
    )


def _nobody(*, settled: bool) -> Prose:
    """No node is known to be touched: the checks tell."""
    words = say("No node stands otherwise than before.") if settled else say("the checks run again…")
    return (paragraph((words, Ink.MUTED), indent=2, gap=True),)


def _is_green(fleet: Fleet, key: NodeKey) -> bool:
    verdict = fleet.verdict(key)
    return verdict.settled and verdict.status is VerdictStatus.OK


def still_to_show(delay: str, until: datetime, now: datetime) -> Prose:
    """That a change does not show everywhere yet, which is no failure: how long it may take, and what is done."""
    if now >= until:
        return (
            item("▲", (say("The longest delay that is documented has passed."), Ink.WARN), indent=2, ink=Ink.WARN),
            paragraph((say("r checks again; what is red now has a reason of its own."), Ink.MUTED), indent=4),
        )
    left = say("Red is no failure yet: up to {left}", left=remaining(until, now))
    return (
        item("…", (left, Ink.WARN), indent=2, ink=Ink.WARN),
        paragraph((delay, Ink.MUTED), indent=4),
        paragraph((say("It is looked at again every minute; r checks now."), Ink.MUTED), indent=4),
    )


def _said(glyph: str, ink: Ink, title: str, message: str, steps: Sequence[str]) -> Prose:
    return (
        item(glyph, (title, Ink.STRONG), ink=ink),
        *((paragraph((message, Ink.MUTED), indent=2, gap=True),) if message else ()),
        heading(say("What to do")),
        *(item("→", step, ink=Ink.ACCENT) for step in steps),
    )


def _name(fleet: Fleet, key: NodeKey) -> str:
    node = fleet.node(key)
    return node.name or key.id if node else key.id
