"""The signs of verdicts, links and findings. Colour is never the only one: each has its own glyph and its own word."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.model.finding import Status
from ssmtui.model.fleet import Verdict, VerdictStatus
from ssmtui.model.path import LinkState
from ssmtui.ui.ink import Ink


@dataclass(frozen=True, slots=True)
class Sign:
    """A glyph of one cell, its ink, and the word that says the same."""

    glyph: str
    ink: Ink
    word: str


VERDICTS = {
    VerdictStatus.FAIL: Sign("✖", Ink.FAIL, "fail"),
    VerdictStatus.UNKNOWN: Sign("?", Ink.UNKNOWN, "unknown"),
    VerdictStatus.WARN: Sign("▲", Ink.WARN, "warn"),
    VerdictStatus.OK: Sign("●", Ink.OK, "ok"),
    VerdictStatus.STOPPED: Sign("■", Ink.FAINT, "stopped"),
}
"""Worst first."""

CHECKING = Sign("·", Ink.FAINT, "checking")

LINKS = {
    LinkState.OK: Sign("●", Ink.OK, "ok"),
    LinkState.WARN: Sign("▲", Ink.WARN, "warning"),
    LinkState.FAIL: Sign("✖", Ink.FAIL, "broken"),
    LinkState.UNKNOWN: Sign("?", Ink.UNKNOWN, "could not be read"),
    LinkState.PENDING: Sign("·", Ink.FAINT, "checking…"),
    LinkState.MOOT: Sign("–", Ink.FAINT, "does not apply"),
}

STATUSES = {
    Status.FAIL: Sign("✖", Ink.FAIL, "fail"),
    Status.UNKNOWN: Sign("?", Ink.UNKNOWN, "unknown"),
    Status.WARN: Sign("▲", Ink.WARN, "warn"),
    Status.INFO: Sign("i", Ink.MUTED, "info"),
}
"""Worst first."""


def sign_of(verdict: Verdict) -> Sign:
    """The sign of a node: its verdict's, or that it is still being checked where nothing bad is known yet."""
    if not verdict.settled and verdict.status is VerdictStatus.UNKNOWN:
        return CHECKING
    return VERDICTS[verdict.status]
