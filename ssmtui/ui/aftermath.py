"""What the change screen says once a change has been asked for: how it ended, and how the nodes stand now."""

from __future__ import annotations

from collections.abc import Sequence

from ssmtui.changes.outcome import Applied, Disagreement, Failed, Refused, Unsure
from ssmtui.model.fleet import VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.ui.board import Board
from ssmtui.ui.change_text import difference_prose
from ssmtui.ui.ink import Ink, inked
from ssmtui.ui.prose import Block, Prose, heading, item, paragraph
from ssmtui.ui.signs import sign_of
from ssmtui.ui.undertaking import Undertaking
from ssmtui.ui.why import why

_BAR = 30
_LISTED = 200


def under_way(undertaking: Undertaking) -> Prose:
    """The change is being written."""
    return (
        Block(inked((undertaking.title, Ink.STRONG)), marker="…", marker_ink=Ink.ACCENT),
        paragraph("It is in the journal, and AWS is being asked.", indent=2),
    )


def not_done(outcome: Refused | Failed | Unsure) -> Prose:
    """The change was not made, or may have been: what that means, and what to do."""
    steps: tuple[str, ...]
    match outcome:
        case Refused(why_, Disagreement() as disagreement):
            title = "Somebody else changed it since the preview. Nothing was written."
            steps = ("Esc goes back; preview it again, against what is there now.",)
            extra: Prose = (
                heading("What they changed"),
                *difference_prose(disagreement.expected, disagreement.found),
            )
            return (*_said("▲", Ink.WARN, title, why_, steps), *extra)
        case Refused(why_, _, action) if action:
            steps = (f"Ask for a policy that allows {action}, or let somebody do it who may.", "Esc goes back.")
            return _said("✖", Ink.FAIL, "AWS refused it. Nothing was changed.", why_, steps)
        case Refused(why_):
            return _said("✖", Ink.FAIL, "It was not done. Nothing was changed.", why_, ("Esc goes back.",))
        case Failed(why_):
            steps = ("Esc goes back; it can be tried again from there.",)
            return _said("✖", Ink.FAIL, "It failed. Nothing was changed.", why_, steps)
        case Unsure(why_):
            steps = (
                "It stays in the journal as unsure, and is not sent a second time.",
                "The checks read now what is so. z settles it first, then takes it back.",
            )
            return _said("?", Ink.UNKNOWN, "AWS gave no answer: it may have been carried out.", why_, steps)


def followed_up(board: Board, undertaking: Undertaking, applied: Applied, keys: Sequence[NodeKey]) -> Prose:
    """The change is made: the nodes it touches, as the checks come back."""
    settled = undertaking.scope in board.state.settled
    verdicts = {key: board.verdict(key) for key in keys}
    good = {key for key, each in verdicts.items() if each.settled and each.status is VerdictStatus.OK}
    counted = sum(each.status is not VerdictStatus.STOPPED for each in verdicts.values())
    filled = len(good) * _BAR // counted if counted else 0
    blocks = [
        Block(inked((f"{undertaking.title}: done", Ink.STRONG)), marker="●", marker_ink=Ink.OK),
        *(paragraph((note, Ink.WARN), indent=2) for note in applied.notes),
        paragraph(
            ("━" * filled, Ink.OK),
            ("━" * (_BAR - filled) + " ", Ink.FAINT),
            (f"{len(good)} of {counted} green", Ink.STRONG),
            ("" if settled else "  the checks run again…", Ink.MUTED),
            indent=2,
            gap=True,
        ),
    ]
    if settled:
        undo = (("z ", Ink.KEY), ("takes it back  ", Ink.MUTED)) if undertaking.plan else ()
        blocks.append(paragraph(*undo, ("Esc ", Ink.KEY), ("goes back", Ink.MUTED), indent=2))
    blocks.append(heading("The nodes now"))
    for key in sorted(keys, key=lambda each: (each in good, _name(board, each)))[:_LISTED]:
        sign = sign_of(verdicts[key])
        blocks.append(item(sign.glyph, f"{_name(board, key):<20} ", *why(board, key), ink=sign.ink))
    return tuple(blocks)


def _said(glyph: str, ink: Ink, title: str, message: str, steps: Sequence[str]) -> Prose:
    return (
        Block(inked((title, Ink.STRONG)), marker=glyph, marker_ink=ink),
        *((paragraph((message, Ink.MUTED), indent=2, gap=True),) if message else ()),
        heading("What to do"),
        *(item("→", step, ink=Ink.ACCENT) for step in steps),
    )


def _name(board: Board, key: NodeKey) -> str:
    node = board.node(key)
    return node.name or key.id if node else key.id
