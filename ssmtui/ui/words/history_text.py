"""A change of the journal in full, and what is said where the journal holds nothing or cannot be read."""

from __future__ import annotations

from collections.abc import Sequence

from ssmtui.changes.change import Change
from ssmtui.language import say, say_many
from ssmtui.preview.lines import call_lines, way_back_lines
from ssmtui.ui.words.change_text import call_prose, difference_prose
from ssmtui.ui.words.history_rows import STATES
from ssmtui.ui.words.ink import Ink, pieced
from ssmtui.ui.words.prose import Block, Prose, heading, item, paragraph

_NAME_ROOM = 11


def record_prose(change: Change, shown: str = "", *, is_under_way: bool = False) -> Prose:
    """Everything that the journal knows of a change: how it ended, the difference, the calls, and the way back.

    `shown` is what AWS shows of a change that was interrupted; empty where it was not asked. `is_under_way` says that
    another run of ssmtui is making the change.
    """
    sign = STATES[change.state]
    back = way_back_lines(change)
    return (
        item(sign.glyph, (change.title, Ink.STRONG), ink=sign.ink),
        *((paragraph((_said(change), sign.ink), indent=2)),),
        *((paragraph((change.why, Ink.MUTED), indent=2),) if change.why else ()),
        *(item("•", (note, Ink.WARN), indent=2) for note in change.notes),
        *(_open_still(change, shown, is_under_way=is_under_way) if change.is_open else ()),
        heading(say("Where and by whom")),
        _named(say("when"), f"{change.at:%Y-%m-%d %H:%M:%S} UTC"),
        _named(say("subject"), f"{change.subject.kind.value} {change.subject.id}"),
        _named(say("account"), f"{change.scope.account} · {change.scope.region}"),
        _named(say("caller"), change.scope.caller),
        _named(say("fix"), change.fix),
        _named(say("change"), change.id),
        *((_named(say("takes back"), change.undoes),) if change.undoes else ()),
        heading(say("The difference")),
        *difference_prose(change.before, change.after),
        heading(say("The calls, exactly")),
        *call_prose(call_lines(change)),
        heading(say("Way back")),
        paragraph(change.undo or say("None of its own: it took another change back."), indent=2),
        *call_prose(back),
    )


def _open_still(change: Change, shown: str, *, is_under_way: bool) -> Prose:
    if is_under_way:
        return (item("•", (say("another run of ssmtui is making it"), Ink.WARN), indent=2),)
    return _interrupted(change, shown)


def _interrupted(change: Change, shown: str) -> Prose:
    """What AWS shows of it, and the keys that settle it."""
    keys = (
        (("z", say("takes the change back to the end")),)
        if change.undoes
        else (
            ("f", say("completes it: the calls that are left are shown first")),
            *((("z", say("takes back what was made")),) if change.way_back.calls else ()),
        )
    )
    return (
        heading(say("What AWS shows")),
        paragraph(shown or say("AWS was not asked: the Region is not open here, or nothing may be written."), indent=2),
        *(item(key, words, indent=2, ink=Ink.KEY) for key, words in keys),
    )


def nothing_prose(problem: str, damaged: Sequence[int], *, read_only: bool) -> Prose:
    """What stands in the place of the rows where there are none; `problem` is why the journal tells nothing."""
    if problem:
        return (
            item("✖", (say("The journal cannot be read"), Ink.STRONG), ink=Ink.FAIL),
            paragraph((problem, Ink.MUTED), indent=2, gap=True),
            heading(say("What to do")),
            item(
                "→",
                say("See that the file belongs to you and can be read; ssmtui info says where it is."),
                ink=Ink.ACCENT,
            ),
            item("→", say("Until then nothing is changed: what cannot be written down is not done."), ink=Ink.ACCENT),
            item("→", say("Then press r here."), ink=Ink.ACCENT),
        )
    last = (
        say("This run is read-only: it could not change anything.")
        if read_only
        else say("Every fix is previewed first, written down here before it is sent, and can be taken back from here.")
    )
    return (
        paragraph((say("Nothing has been changed yet."), Ink.STRONG)),
        *damaged_prose(damaged),
        paragraph((last, Ink.MUTED), gap=True),
    )


def damaged_prose(damaged: Sequence[int]) -> Prose:
    """That lines of the journal, by their numbers, could not be understood."""
    if not damaged:
        return ()
    numbers = ", ".join(str(number) for number in damaged)
    words = say_many(
        "{count} line of the journal could not be understood: line {numbers}",
        "{count} lines of the journal could not be understood: lines {numbers}",
        count=len(damaged),
        numbers=numbers,
    )
    return (item("▲", (words, Ink.WARN), ink=Ink.WARN),)


def _said(change: Change) -> str:
    sentences = {
        "planned": say("It was written down, and never said what became of it: taking it back reads that first."),
        "applied": say("It was made."),
        "failed": say("It was not made."),
        "unsure": say("It may have been made: taking it back reads that first."),
        "undone": say("It was made, and has been taken back."),
    }
    return sentences[change.state.value]


def _named(name: str, value: str) -> Block:
    return Block(pieced(value), indent=2, marker=name.ljust(_NAME_ROOM), solid=True)
