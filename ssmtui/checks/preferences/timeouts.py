"""Whether the timeouts of sessions are numbers that Session Manager takes."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.doubt import READ_PARAMETER, unknown
from ssmtui.checks.subjects import the_document
from ssmtui.language import say
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.preferences import SessionPreferences, is_reference
from ssmtui.model.scope import Scope

_CAUSE = "timeout-out-of-range"
_SOURCE = "ssm:GetDocument"
# User Guide, session-preferences-timeout and session-preferences-max-timeout: minutes.
_IDLE_AT_MOST = 60
_DURATION_AT_MOST = 1440


@check(link=Link.PREFERENCES, causes=(_CAUSE,), subject=the_document, after=("preferences-are-well-formed",))
def timeouts_are_in_range(scope: Scope, preferences: SessionPreferences) -> Findings:
    """Whether the timeouts of sessions are in range."""
    asked = (
        ("idleSessionTimeout", preferences.idle_timeout.strip(), _IDLE_AT_MOST),
        ("maxSessionDuration", preferences.max_duration.strip(), _DURATION_AT_MOST),
    )
    wrong = [
        Evidence(
            say(
                "{name} is {value!r}; it is a number of minutes from 1 to {most}",
                name=name,
                value=value[:20],
                most=most,
            ),
            _SOURCE,
        )
        for name, value, most in asked
        if value and not is_reference(value) and not _fits(value, most)
    ]
    if wrong:
        summary = say("A timeout in the session preferences is not one that Session Manager takes.")
        document = the_document(scope)
        return (
            Finding(_CAUSE, Status.WARN, Confidence.PROVED, document, summary, tuple(wrong), ("edit-preferences",)),
        )
    references = [
        Evidence(say("{name} is a reference", name=name), _SOURCE) for name, value, _ in asked if is_reference(value)
    ]
    if references:
        summary = say("Whether the timeouts of sessions are in range could not be told: a parameter holds them.")
        return (unknown(_CAUSE, the_document(scope), summary, tuple(references), (READ_PARAMETER,)),)
    return ()


def _fits(value: str, most: int) -> bool:
    return value.isascii() and value.isdigit() and 1 <= int(value[:9]) <= most
