"""Whether the caller may start sessions: on the node, and on the document where its policies ask for that."""

from __future__ import annotations

from ssmtui.checks.caller.asking import steps_for
from ssmtui.checks.check import check
from ssmtui.checks.denials import denied_words, fixes_for
from ssmtui.checks.doubt import unknown, unread_behind
from ssmtui.checks.subjects import the_caller
from ssmtui.language import say
from ssmtui.model.finding import Evidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.permissions import CallerAtNode, CallerInSessions, EvaluationResult
from ssmtui.model.questions import DOCUMENT_ACCESS_CHECK
from ssmtui.model.scope import Scope
from ssmtui.model.truth import Truth

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
        why, needs = unread_behind(start)
        return (unknown(_START, caller, summary, (*told, *why), needs),)
    return (
        Finding(
            cause=_START,
            status=Status.FAIL,
            confidence=start.confidence,
            subject=caller,
            summary=say("{caller} may not start a session to these nodes.", caller=caller.name),
            evidence=(denied,),
            fixes=fixes_for((start,), steps_for(caller)),
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
        why, needs = unread_behind(document)
        return (unknown(_DOCUMENT, caller, summary, (*told, *why), needs),)
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
            fixes=fixes_for((document,), steps_for(caller)),
        ),
    )


def _denied(answer: EvaluationResult, where: str) -> Evidence:
    """Worded alike for every node, since they share the finding."""
    return Evidence(denied_words(answer, f"{answer.question.action} {where}"), answer.source)


def _open_conditions(answer: EvaluationResult) -> Evidence | None:
    keys = [key for key in answer.missing_context if key.casefold() != DOCUMENT_ACCESS_CHECK.casefold()]
    return (
        Evidence(say("the policies have conditions on {keys}", keys=", ".join(keys)), answer.source) if keys else None
    )
