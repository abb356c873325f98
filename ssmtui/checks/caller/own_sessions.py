"""What the caller may do with sessions of its own: open their channel, end them, take them up again."""

from __future__ import annotations

from ssmtui.checks.caller.asking import steps_for
from ssmtui.checks.check import check
from ssmtui.checks.denials import denial_evidence, fixes_for, least_sure
from ssmtui.checks.doubt import unknown, unread_behind
from ssmtui.checks.subjects import the_caller
from ssmtui.language import marked, say
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.permissions import CallerInSessions, EvaluationResult
from ssmtui.model.questions import OPEN_DATA_CHANNEL, RESUME_SESSION, TERMINATE_SESSION
from ssmtui.model.scope import Scope
from ssmtui.model.truth import Truth

# The plugin of every version that is still supported signs OpenDataChannel: no session opens without
# (docs/facts/sessions.md §2).
_MEANING = {
    OPEN_DATA_CHANNEL: ("caller-open-channel-denied", Status.FAIL, marked("open the channel of a session")),
    TERMINATE_SESSION: ("caller-terminate-denied", Status.WARN, marked("end its own sessions")),
    RESUME_SESSION: ("caller-resume-denied", Status.WARN, marked("resume its own sessions")),
}


@check(
    link=Link.CALLER,
    causes=("caller-open-channel-denied", "caller-terminate-denied", "caller-resume-denied"),
    subject=the_caller,
    after=("caller-may-use-the-document",),
)
def caller_may_use_its_sessions(scope: Scope, sessions: CallerInSessions) -> Findings:
    """Whether the caller may use sessions of its own."""
    return tuple(_finding(scope, each) for each in sessions.own if each.permits is not Truth.YES)


def _finding(scope: Scope, answer: EvaluationResult) -> Finding:
    cause, status, doing = _MEANING[answer.question.action]
    caller = the_caller(scope)
    evidence = () if answer.allowed else (denial_evidence(answer),)
    if answer.missing_context:
        keys = Evidence(
            say("the policies have conditions on {missing_context}", missing_context=", ".join(answer.missing_context)),
            answer.source,
        )
        summary = say(
            "Whether {caller} may {doing} depends on conditions that are not known here.",
            caller=caller.name,
            doing=say(doing),
        )
        why, needs = unread_behind(answer)
        return unknown(cause, caller, summary, (*evidence, keys, *why), needs)
    return Finding(
        cause=cause,
        status=status,
        # What AWS will call the session is not known before there is one.
        confidence=least_sure((answer.confidence, Confidence.LIKELY)),
        subject=caller,
        summary=say("{caller} may not {doing}.", caller=caller.name, doing=say(doing)),
        evidence=evidence,
        fixes=fixes_for((answer,), steps_for(caller)),
    )
