"""What it means that lines of the journal could not be understood, in words."""

from __future__ import annotations

from ssmtui.changes.journal import JournalRead
from ssmtui.language import say, say_many


def damage_sentence(reading: JournalRead) -> str:
    """Which lines they are, by their numbers; empty where all were understood."""
    if not reading.damaged:
        return ""
    sentence = say_many(
        "{count} line of the journal could not be understood: line {numbers}",
        "{count} lines of the journal could not be understood: lines {numbers}",
        count=len(reading.damaged),
        numbers=", ".join(map(str, reading.damaged)),
    )
    if not reading.later:
        return sentence
    numbers = ", ".join(map(str, reading.later))
    return sentence + " " + say("(written by a later version of ssmtui: {numbers})", numbers=numbers)


def obscured_sentence(reading: JournalRead) -> str:
    """Why a change that such lines follow is not taken back."""
    return say(
        "lines of the journal that were written after it cannot be understood ({numbers}), and may say what became of "
        "it: update ssmtui where a later version wrote them, or take them out of the file",
        numbers=", ".join(map(str, reading.damaged)),
    )
