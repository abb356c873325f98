"""Just-in-time node access: where the caller may not open a session, but may ask for access that somebody approves."""

from __future__ import annotations

from collections.abc import Callable

from ssmtui.language import say
from ssmtui.session.calls import SessionCalls, SessionProblem, SessionRefused, SessionUnanswered

POLL_SECONDS = 5.0

Wait = Callable[[float], bool]
"""Waits that many seconds; whether nobody wants the answer any more."""


def may_ask_for_access(problem: SessionProblem) -> bool:
    """Whether access could be asked for after this: it is for those who may not open sessions by themselves."""
    # docs/facts/sessions.md §6.
    return isinstance(problem, SessionRefused) and problem.action == "ssm:StartSession"


def await_access(calls: SessionCalls, access_request: str, wait: Wait) -> SessionCalls:
    """The calls by an access request, once it is approved. Blocks.

    Raises:
        SessionProblem: it was rejected, revoked, has expired, cannot be asked about, or nobody waits any more.

    """
    while True:
        try:
            by = calls.with_access(access_request)
        except SessionUnanswered:
            by = None
        if by is not None:
            return by
        if wait(POLL_SECONDS):
            why = say("nobody waits for the access request {id} any more", id=access_request)
            raise SessionProblem(why, is_own=True)
