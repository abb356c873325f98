"""Why a session ended, in words, as far as its record tells: AWS keeps its times and its limits, and no reason."""

from __future__ import annotations

from datetime import timedelta

from ssmtui.language import say
from ssmtui.model.listed_session import ListedSession, SessionStatus
from ssmtui.model.probe import PROBE_REASON
from ssmtui.ui.words.durations import short_duration

_AT_ONCE = timedelta(seconds=5)
# The shortest idle timeout that preferences can hold (docs/facts/sessions.md §7).
_SHORTEST_IDLE = timedelta(minutes=1)
_SLACK = timedelta(seconds=30)


def ending_word(session: ListedSession, *, from_here: bool) -> str:
    """In a few words, for a row."""
    lasted = _lasted(session)
    if session.status is SessionStatus.FAILED:
        return say("it failed")
    if from_here:
        return say("ended from here")
    if session.reason == PROBE_REASON:
        return say("a probe's end")
    if _reached_its_limit(session, lasted):
        return say("longest duration over")
    if lasted is not None and lasted < _AT_ONCE:
        return say("over at once")
    if lasted is not None and lasted < _SHORTEST_IDLE:
        return say("it was ended")
    return say("it was ended, or idle")


def ending_sentence(session: ListedSession, *, from_here: bool) -> str:
    """In a sentence or two, with what the record does not tell."""
    lasted = _lasted(session)
    if session.status is SessionStatus.FAILED:
        return say(
            "It failed before it opened. AWS keeps no text of it: open one here, or probe the node, to see the reason."
        )
    if session.reason == PROBE_REASON:
        return say("It was a probe of ssmtui's, which ends by itself.")
    if from_here:
        return say("It was ended from this computer: the journal of changes says when and by whom.")
    if _reached_its_limit(session, lasted):
        return say("The longest duration that its preferences allow was over: {minutes} min.", minutes=session.longest)
    if lasted is not None and lasted < _AT_ONCE:
        return say(
            "It was over after {duration}: a program that opened it and went, or a handshake that failed, of which AWS "
            "keeps no text. A probe of the node tells.",
            duration=short_duration(lasted),
        )
    if lasted is not None and lasted < _SHORTEST_IDLE:
        return say("Its owner left it, or somebody ended it (TerminateSession): it was too short to have been idle.")
    return say(
        "Its owner left it, somebody ended it (TerminateSession), or it was idle for too long: AWS does not tell which."
    )


def _lasted(session: ListedSession) -> timedelta | None:
    return session.ended - session.started if session.ended is not None else None


def _reached_its_limit(session: ListedSession, lasted: timedelta | None) -> bool:
    if session.longest is None or lasted is None:
        return False
    return (lasted + _SLACK).total_seconds() >= 60 * session.longest
