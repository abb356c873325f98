"""The two lines above the sessions: which are shown, how many there are, and whether more are still being read."""

from __future__ import annotations

from collections.abc import Sequence

from ssmtui.language import say, say_many
from ssmtui.model.listed_session import SessionState
from ssmtui.ui.words.ink import Ink, Piece


def standing(
    state: SessionState,
    count: int,
    *,
    by_programs: int,
    reading: bool,
    regions: Sequence[str],
    unread: int,
    marked: int,
) -> tuple[str, Sequence[Piece]]:
    """What is shown, and the pieces of the line below; `unread` is how many Regions could not be read."""
    if state is SessionState.HISTORY:
        title = say("Sessions of the last 30 days that have ended")
        words = say_many("{count} session", "{count} sessions", count=count)
        programs = 0
    else:
        title = say("Active sessions")
        words = say_many("{count} session is open", "{count} sessions are open", count=count)
        programs = by_programs
    pieces: list[Piece] = [(words, Ink.MUTED)]
    if not regions:
        return title, [(say("no Region is open yet"), Ink.WARN)]
    if unread and not count:
        pieces = [(say("not all sessions could be read"), Ink.WARN)]
    if programs:
        held = say_many("{count} held by a program", "{count} held by programs", count=programs)
        pieces += [(" · ", Ink.FAINT), (held, Ink.WARN)]
    pieces += [(" · ", Ink.FAINT), (", ".join(regions) or "…", Ink.MUTED)]
    if marked:
        pieces.append(("  ◆ " + say_many("{count} marked", "{count} marked", count=marked), Ink.KEY))
    if reading:
        pieces.append(("  " + say("reading…"), Ink.FAINT))
    return title, pieces


def when_empty(state: SessionState, *, reading: bool, of: int, unread: int, regions: int) -> str:
    """What stands in the place of the rows where there are none.

    `of` is how many there are without the filter, `unread` how many of the `regions` that are open could not be read.
    """
    if not regions:
        return say("Which sessions there are is not known.")
    if reading:
        return say("The sessions are being read…")
    if of:
        return say("No session is like that. Esc shows them all.")
    if unread:
        return say("Which sessions there are is not known.")
    if state is SessionState.HISTORY:
        return say("No session has ended in the last 30 days.")
    return say("No session is open.")
