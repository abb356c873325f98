"""The signs of verdicts, links and findings. Colour is never the only one: each has its own glyph and its own word."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.language import marked, say
from ssmtui.model.finding import Confidence, Status
from ssmtui.model.fleet import Verdict, VerdictStatus
from ssmtui.model.path import LinkState
from ssmtui.ui.words.ink import Ink


@dataclass(frozen=True, slots=True, eq=False)
class Sign:
    """A glyph of one cell, its ink, and the word that says the same. Each is made once, and is itself alone."""

    glyph: str
    ink: Ink
    sentence: str

    @property
    def word(self) -> str:
        """The word, in the language in force."""
        return say(self.sentence)


VERDICTS = {
    VerdictStatus.FAIL: Sign("✖", Ink.FAIL, marked("fail")),
    VerdictStatus.UNKNOWN: Sign("?", Ink.UNKNOWN, marked("unknown")),
    VerdictStatus.WARN: Sign("▲", Ink.WARN, marked("warn")),
    VerdictStatus.OK: Sign("●", Ink.OK, marked("ok")),
    VerdictStatus.STOPPED: Sign("■", Ink.FAINT, marked("stopped")),
}
"""Worst first."""

PRESUMED = Sign("○", Ink.OK, marked("presumed ok"))
"""A node that nobody has asked whether it is connected, and one like it is: hollow until its own answer fills it."""

CHECKING = Sign("·", Ink.FAINT, marked("checking"))

CHANGED = Sign("Δ", Ink.CHANGED, marked("changed just now"))

MARKED = Sign("◆", Ink.KEY, marked("marked"))

LINKS = {
    LinkState.OK: Sign("●", Ink.OK, marked("ok")),
    LinkState.WARN: Sign("▲", Ink.WARN, marked("warning")),
    LinkState.FAIL: Sign("✖", Ink.FAIL, marked("broken")),
    LinkState.UNKNOWN: Sign("?", Ink.UNKNOWN, marked("could not be read")),
    LinkState.PENDING: Sign("·", Ink.FAINT, marked("checking…")),
    LinkState.MOOT: Sign("–", Ink.FAINT, marked("does not apply")),
    LinkState.UNTOLD: Sign("·", Ink.FAINT, marked("not told")),
}

STATUSES = {
    Status.FAIL: Sign("✖", Ink.FAIL, marked("fail")),
    Status.UNKNOWN: Sign("?", Ink.UNKNOWN, marked("unknown")),
    Status.WARN: Sign("▲", Ink.WARN, marked("warn")),
    Status.INFO: Sign("i", Ink.MUTED, marked("info")),
}
"""Worst first."""


def sign_of(verdict: Verdict) -> Sign:
    """The sign of a node: its verdict's, or that it is still being checked where nothing bad is known yet."""
    if not verdict.settled and verdict.status is VerdictStatus.UNKNOWN:
        return CHECKING
    if verdict.status is VerdictStatus.OK and verdict.confidence is Confidence.POSSIBLE:
        return PRESUMED
    return VERDICTS[verdict.status]
