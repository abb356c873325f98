"""Check whether the caller can start and use sessions, and open remote desktops."""

from __future__ import annotations

from ssmtui.analysis.finding_parts import (
    actions_in_words,
    denial_evidence,
    denial_sentence,
    fixes_for,
    least_sure,
    manual_steps_for,
    the_caller,
    unknown_finding,
    unread_conditions,
    unread_evidence,
)
from ssmtui.checks.registry import check
from ssmtui.iam_policy.truth import Truth
from ssmtui.language import say, translatable
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Link, Status
from ssmtui.model.iam_questions import DOCUMENT_ACCESS_CHECK, OPEN_DATA_CHANNEL, RESUME_SESSION, TERMINATE_SESSION
from ssmtui.model.node_facts import WindowsNode
from ssmtui.model.permissions import CallerAtNode, CallerDesktopPermissions, CallerInSessions, EvaluationResult
from ssmtui.model.scope import Scope

_START = "caller-start-denied"
_DOCUMENT = "caller-document-denied"


@check(link=Link.CALLER, causes=(_START, "caller-needs-access-request"), subject=the_caller)
def caller_may_start_sessions(scope: Scope, at_node: CallerAtNode) -> Findings:
    """Whether the caller may start sessions."""
    start, caller = at_node.start, the_caller(scope)
    if start.permits is Truth.YES:
        return ()
    denied = _denied(start, say("on this node"))
    if not start.allowed and at_node.request.permits is Truth.YES:
        return (
            Finding(
                cause="caller-needs-access-request",
                status=Status.WARN,
                confidence=start.confidence,
                subject=caller,
                summary=say(
                    "{caller} starts no session without an access request: just-in-time access is in use.",
                    caller=caller.name,
                ),
                evidence=(denied, Evidence(say("ssm:StartAccessRequest is allowed"), at_node.request.source)),
                fixes=("steps-caller-policy",),
            ),
        )
    if conditions := _open_conditions(start):
        summary = say(
            "Whether {caller} may start sessions depends on conditions that are not known here.", caller=caller.name
        )
        told = (conditions,) if start.allowed else (denied, conditions)
        why, needs = unread_conditions(start)
        return (unknown_finding(_START, caller, summary, (*told, *why), needs),)
    return (
        Finding(
            cause=_START,
            status=Status.FAIL,
            confidence=start.confidence,
            subject=caller,
            summary=say("{caller} may not start a session to these nodes.", caller=caller.name),
            evidence=(denied,),
            fixes=fixes_for((start,), manual_steps_for(caller)),
        ),
    )


@check(link=Link.CALLER, causes=(_DOCUMENT,), subject=the_caller, after=("caller-may-start-sessions",))
def caller_may_use_the_document(scope: Scope, at_node: CallerAtNode, sessions: CallerInSessions) -> Findings:
    """Whether the caller may use the session preferences document."""
    named = scope.document is not None
    if not (named or at_node.document_checked) or not at_node.start.allowed or sessions.document.permits is Truth.YES:
        return ()
    caller, document = the_caller(scope), sessions.document
    denied = _denied(document, say("on {resource}", resource=document.question.resource))
    asked = (
        Evidence(say("a session that names a document is judged on that too"), at_node.start.source)
        if named
        else Evidence(
            say("the caller's policies ask for {document_access_check}", document_access_check=DOCUMENT_ACCESS_CHECK),
            at_node.start.source,
        )
    )
    if conditions := _open_conditions(document):
        summary = say(
            "Whether {caller} may use the session document depends on conditions that are not known here.",
            caller=caller.name,
        )
        told = (asked, conditions) if document.allowed else (denied, asked, conditions)
        why, needs = unread_conditions(document)
        return (unknown_finding(_DOCUMENT, caller, summary, (*told, *why), needs),)
    return (
        Finding(
            cause=_DOCUMENT,
            status=Status.FAIL,
            confidence=document.confidence,
            subject=caller,
            summary=(
                say(
                    "{caller} may start sessions to these nodes, and not by the document {document}.",
                    caller=caller.name,
                    document=scope.session_document,
                )
                if named
                else say(
                    "{caller} may start sessions to these nodes, and not by the session preferences document.",
                    caller=caller.name,
                )
            ),
            evidence=(denied, asked),
            fixes=fixes_for((document,), manual_steps_for(caller)),
        ),
    )


def _denied(answer: EvaluationResult, where: str) -> Evidence:
    """Worded alike for every node, since they share the finding."""
    return Evidence(denial_sentence(answer, f"{answer.question.action} {where}"), answer.source)


def _open_conditions(answer: EvaluationResult) -> Evidence | None:
    keys = [key for key in answer.missing_context if key.casefold() != DOCUMENT_ACCESS_CHECK.casefold()]
    return (
        Evidence(say("the policies have conditions on {keys}", keys=", ".join(keys)), answer.source) if keys else None
    )


# The plugin of every version that is still supported signs OpenDataChannel: no session opens without
# (docs/facts/sessions.md §2).
_MEANING = {
    OPEN_DATA_CHANNEL: ("caller-open-channel-denied", Status.FAIL, translatable("open the channel of a session")),
    TERMINATE_SESSION: ("caller-terminate-denied", Status.WARN, translatable("end its own sessions")),
    RESUME_SESSION: ("caller-resume-denied", Status.WARN, translatable("resume its own sessions")),
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
        why, needs = unread_conditions(answer)
        return unknown_finding(cause, caller, summary, (*evidence, keys, *why), needs)
    return Finding(
        cause=cause,
        status=status,
        # What AWS will call the session is not known before there is one.
        confidence=least_sure((answer.confidence, Confidence.LIKELY)),
        subject=caller,
        summary=say("{caller} may not {doing}.", caller=caller.name, doing=say(doing)),
        evidence=evidence,
        fixes=fixes_for((answer,), manual_steps_for(caller)),
    )


_CAUSE = "caller-desktop-denied"


@check(
    link=Link.CALLER,
    causes=(_CAUSE,),
    subject=the_caller,
    after=("caller-may-change-preferences",),
    without={CallerDesktopPermissions: "a note at most"},
)
def caller_may_open_desktops(
    scope: Scope,
    windows: WindowsNode,  # noqa: ARG001 - a precondition
    permissions: CallerDesktopPermissions | Unreadable,
) -> Findings:
    """Whether the caller may open remote desktops in Fleet Manager."""
    caller = the_caller(scope)
    if isinstance(permissions, Unreadable):
        summary = say("Whether {caller} may open remote desktops could not be told.", caller=caller.name)
        evidence = unread_evidence(permissions)
        needs = (permissions.action,) if permissions.action else ()
        return (Finding(_CAUSE, Status.INFO, Confidence.POSSIBLE, caller, summary, evidence, needs=needs),)
    denials = permissions.denied()
    if not denials:
        return ()
    return (
        Finding(
            cause=_CAUSE,
            status=Status.INFO,
            # What AWS will call the session is not known before there is one.
            confidence=least_sure((*(each.confidence for each in denials), Confidence.LIKELY)),
            subject=caller,
            summary=say(
                "{caller} may not open remote desktops in Fleet Manager: it lacks {actions}.",
                caller=caller.name,
                actions=actions_in_words(denials),
            ),
            evidence=tuple(denial_evidence(each) for each in denials),
            fixes=fixes_for(denials, manual_steps_for(caller)),
        ),
    )
