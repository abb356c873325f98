"""Checks of the caller: what the principal that starts sessions is allowed to do."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.analysis.access import access, evaluate_resource_policy, is_bounded
from ssmtui.analysis.finding_parts import (
    actions_in_words,
    condition_finding,
    denial_evidence,
    denial_sentence,
    fixes_for,
    least_sure,
    manual_steps_for,
    most_sure,
    the_caller,
    undecided_evidence,
    unknown_finding,
    unread_conditions,
    unread_evidence,
)
from ssmtui.checks.registry import check
from ssmtui.iam_policy.document import Policy
from ssmtui.iam_policy.truth import Truth
from ssmtui.language import say, translatable
from ssmtui.model.fact import Absent, NoFact, NotApplicable, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Link, Status
from ssmtui.model.iam_questions import (
    DOCUMENT_ACCESS_CHECK,
    GENERATE_DATA_KEY,
    OPEN_DATA_CHANNEL,
    RESUME_SESSION,
    TERMINATE_SESSION,
)
from ssmtui.model.identity import Role
from ssmtui.model.key_requests import CallerKeyRequest, known_request
from ssmtui.model.node_facts import WindowsNode
from ssmtui.model.permissions import (
    CallerAtNode,
    CallerDesktopPermissions,
    CallerInSessions,
    CallerKeyPermissions,
    CallerPreferencesPermissions,
    DataKeyDryRun,
    EvaluationResult,
    Question,
)
from ssmtui.model.preferences import PreferencesDocument
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Key, KeyGrants, KeyPolicy

_START = "caller-start-denied"
_DOCUMENT = "caller-document-denied"


@check(link=Link.CALLER, causes=(_START, "caller-needs-access-request"), subject=the_caller)
def caller_may_start_sessions(scope: Scope, at_node: CallerAtNode) -> Findings:
    """Whether the caller is allowed to start sessions."""
    start, caller = at_node.start, the_caller(scope)
    if start.permits is Truth.YES:
        return ()
    denied = _denied(start, say("on this node"))
    if start.permits is Truth.NO and at_node.request.permits is Truth.YES:
        return (
            Finding(
                cause="caller-needs-access-request",
                status=Status.WARN,
                confidence=start.confidence,
                subject=caller,
                summary=say(
                    "{caller} cannot start a session without an access request: just-in-time node access is in use.",
                    caller=caller.name,
                ),
                evidence=(denied, Evidence(say("ssm:StartAccessRequest is allowed"), at_node.request.source)),
                fixes=("steps-caller-policy",),
            ),
        )
    if start.permits is Truth.NO and at_node.request.permits is Truth.PERHAPS:
        summary = say(
            "{caller} is not allowed to start sessions on these nodes, but perhaps to request access to them.",
            caller=caller.name,
        )
        why, needs = unread_conditions(at_node.request)
        perhaps = undecided_evidence(_on_any_node(at_node.request))
        return (unknown_finding(_START, caller, summary, (denied, perhaps, *why), needs),)
    if _is_open_without_keys(start):
        summary = say("Cannot determine whether {caller} is allowed to start sessions.", caller=caller.name)
        return condition_finding(_START, caller, summary, (_on_any_node(start),))
    if conditions := _open_conditions(start):
        summary = say(
            "Cannot determine whether {caller} is allowed to start sessions: the policies have conditions.",
            caller=caller.name,
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
            summary=say("{caller} is not allowed to start sessions on these nodes.", caller=caller.name),
            evidence=(denied,),
            fixes=fixes_for((start,), manual_steps_for(caller)),
        ),
    )


@check(link=Link.CALLER, causes=(_DOCUMENT,), subject=the_caller, after=("caller-may-start-sessions",))
def caller_may_use_the_document(
    scope: Scope, at_node: CallerAtNode, sessions: CallerInSessions
) -> Findings | NotApplicable:
    """Whether the caller is allowed to use the session preferences document."""
    named = scope.document is not None
    if not (named or at_node.document_checked):
        return NotApplicable(say("the caller's policies do not ask for the document"))
    if not at_node.start.allowed:
        return NotApplicable(say("the caller is not allowed to start sessions"))
    if sessions.document.permits is Truth.YES:
        return ()
    caller, document = the_caller(scope), sessions.document
    denied = _denied(document, say("on {resource}", resource=document.question.resource))
    asked = (
        Evidence(say("a session that names a document also needs permission for the document"), at_node.start.source)
        if named
        else Evidence(
            say("the caller's policies require {document_access_check}", document_access_check=DOCUMENT_ACCESS_CHECK),
            at_node.start.source,
        )
    )
    if _is_open_without_keys(document):
        summary = say("Cannot determine whether {caller} is allowed to use the session document.", caller=caller.name)
        return condition_finding(_DOCUMENT, caller, summary, (document,))
    if conditions := _open_conditions(document):
        summary = say(
            "Cannot determine whether {caller} is allowed to use the session document: the policies have conditions.",
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
                    "{caller} is allowed to start sessions on these nodes, but not with the document {document}.",
                    caller=caller.name,
                    document=scope.session_document,
                )
                if named
                else say(
                    "{caller} is allowed to start sessions on these nodes, but not with the session preferences "
                    "document.",
                    caller=caller.name,
                )
            ),
            evidence=(denied, asked),
            fixes=fixes_for((document,), manual_steps_for(caller)),
        ),
    )


def _denied(answer: EvaluationResult, where: str) -> Evidence:
    """Return the denial as evidence with the same text for every node, because the nodes share the finding."""
    return Evidence(denial_sentence(answer, f"{answer.question.action} {where}"), answer.source)


def _on_any_node(answer: EvaluationResult) -> EvaluationResult:
    """Return the answer without its node, for the same text for every node."""
    return replace(answer, question=replace(answer.question, resource="*"))


def _is_open_without_keys(answer: EvaluationResult) -> bool:
    """Return whether the answer is open, not because of a condition key: no policy of the organization was evaluated.

    For an action without a resource type, IAM's simulation can be wrong.
    """
    return answer.undecided and not answer.missing_context


def _open_conditions(answer: EvaluationResult) -> Evidence | None:
    keys = [key for key in answer.missing_context if key.casefold() != DOCUMENT_ACCESS_CHECK.casefold()]
    return (
        Evidence(say("the policies have conditions on {keys}", keys=", ".join(keys)), answer.source) if keys else None
    )


# Every supported version of the plugin signs OpenDataChannel: without it, no session opens (docs/facts/sessions.md §2).
_MEANING = {
    OPEN_DATA_CHANNEL: ("caller-open-channel-denied", Status.FAIL, translatable("open the data channel of a session")),
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
    """Whether the caller is allowed to resume and terminate its own sessions."""
    return tuple(_finding(scope, each) for each in sessions.own if each.permits is not Truth.YES)


def _finding(scope: Scope, answer: EvaluationResult) -> Finding:
    cause, status, doing = _MEANING[answer.question.action]
    caller = the_caller(scope)
    evidence = () if answer.allowed else (denial_evidence(answer),)
    if _is_open_without_keys(answer):
        summary = say("Cannot determine whether {caller} is allowed to {doing}.", caller=caller.name, doing=say(doing))
        return condition_finding(cause, caller, summary, (answer,))[0]
    if answer.missing_context:
        keys = Evidence(
            say("the policies have conditions on {missing_context}", missing_context=", ".join(answer.missing_context)),
            answer.source,
        )
        summary = say(
            "Cannot determine whether {caller} is allowed to {doing}: the policies have conditions.",
            caller=caller.name,
            doing=say(doing),
        )
        why, needs = unread_conditions(answer)
        return unknown_finding(cause, caller, summary, (*evidence, keys, *why), needs)
    return Finding(
        cause=cause,
        status=status,
        # The name of a session is not known before the session exists.
        confidence=least_sure((answer.confidence, Confidence.LIKELY)),
        subject=caller,
        summary=say("{caller} is not allowed to {doing}.", caller=caller.name, doing=say(doing)),
        evidence=evidence,
        fixes=fixes_for((answer,), manual_steps_for(caller)),
    )


_DESKTOP_CAUSE = "caller-desktop-denied"


@check(
    link=Link.CALLER,
    causes=(_DESKTOP_CAUSE,),
    subject=the_caller,
    after=("caller-may-change-preferences",),
    without={CallerDesktopPermissions: "a note at most"},
    confirms=False,
)
def caller_may_open_desktops(
    scope: Scope,
    windows: WindowsNode,  # noqa: ARG001 - a precondition
    permissions: CallerDesktopPermissions | Unreadable,
) -> Findings:
    """Whether the caller is allowed to open Remote Desktop sessions in Fleet Manager."""
    caller = the_caller(scope)
    if isinstance(permissions, Unreadable):
        summary = say("Cannot determine whether {caller} is allowed to open remote desktops.", caller=caller.name)
        evidence = unread_evidence(permissions)
        needs = (permissions.action,) if permissions.action else ()
        return (Finding(_DESKTOP_CAUSE, Status.INFO, Confidence.POSSIBLE, caller, summary, evidence, needs=needs),)
    denials = permissions.denied()
    if not denials:
        return ()
    return (
        Finding(
            cause=_DESKTOP_CAUSE,
            status=Status.INFO,
            # The name of a session is not known before the session exists.
            confidence=least_sure((*(each.confidence for each in denials), Confidence.LIKELY)),
            subject=caller,
            summary=say(
                "{caller} is not allowed to open remote desktops in Fleet Manager: missing {actions}.",
                caller=caller.name,
                actions=actions_in_words(denials),
            ),
            evidence=tuple(denial_evidence(each) for each in denials),
            fixes=fixes_for(denials, manual_steps_for(caller)),
        ),
    )


_SESSION_KEY_CAUSE = "kms-caller-denied"


@check(
    link=Link.CALLER,
    causes=(_SESSION_KEY_CAUSE,),
    subject=the_caller,
    after=("caller-may-use-its-sessions",),
    without={
        CallerKeyRequest: "conditions on the request are open without",
        DataKeyDryRun: "a proof that is only asked for of a selected node",
    },
)
def caller_may_make_data_keys(
    scope: Scope,
    permissions: CallerKeyPermissions | Unreadable,
    key: Key,
    policy: KeyPolicy | Unreadable,
    grants: KeyGrants | Unreadable,
    request: CallerKeyRequest | NoFact,
    dry_run: DataKeyDryRun | NoFact,
) -> Findings:
    """Whether the caller is allowed to generate data keys with the session key.

    KMS's answer to a dry run outranks the evaluation of policies.
    """
    caller, asked = the_caller(scope), known_request(request)
    tried = dry_run if isinstance(dry_run, DataKeyDryRun) and dry_run.key_arn == key.arn else None
    if tried is not None and not tried.refusal:
        return ()
    # For a key's policy, a user is a principal like a role.
    principal = Role(scope.judged_principal or caller.id, caller.name, Policy(()))
    answer = permissions if isinstance(permissions, Unreadable) else permissions.answer_to(GENERATE_DATA_KEY)
    judged = access(
        answer,
        policy
        if isinstance(policy, Unreadable)
        else evaluate_resource_policy(
            policy.policy,
            say("the key policy"),
            "kms:GetKeyPolicy",
            scope=scope,
            role=principal,
            question=Question(GENERATE_DATA_KEY, key.arn),
            key_request=asked,
            bounded=is_bounded(answer),
        ),
        same_account=key.account == principal.account,
        granted=grants
        if isinstance(grants, Unreadable)
        else grants.allow(principal.arn, "GenerateDataKey", asked.session, asked.encryption_context),
    )
    if judged.allowed is Truth.YES and tried is None:
        return ()
    name = key.arn.rpartition("/")[2]
    conditional = isinstance(answer, EvaluationResult) and not answer.allowed and bool(answer.missing_context)
    refused = (
        (Evidence(say("KMS refused a dry run: {answer}", answer=tried.refusal), GENERATE_DATA_KEY),) if tried else ()
    )
    if not tried and (judged.allowed is Truth.PERHAPS or conditional):
        summary = say(
            "Cannot determine whether {caller} is allowed to generate data keys with the session key {name}.",
            caller=caller.name,
            name=name,
        )
        return (unknown_finding(_SESSION_KEY_CAUSE, caller, summary, judged.evidence, judged.needs),)
    denials = (answer,) if isinstance(answer, EvaluationResult) and not answer.allowed else ()
    return (
        Finding(
            cause=_SESSION_KEY_CAUSE,
            status=Status.FAIL,
            confidence=Confidence.PROVED if tried else judged.confidence,
            subject=caller,
            summary=say(
                "{caller} is not allowed to generate data keys with the session key {name}: no shell opens.",
                caller=caller.name,
                name=name,
            ),
            evidence=(*refused, *judged.evidence),
            fixes=fixes_for(denials, manual_steps_for(caller) if judged.identity_would_do else None),
        ),
    )


_PREFERENCES_CAUSE = "caller-preferences-denied"
_FIRST_TIME = "ssm:CreateDocument"


@check(
    link=Link.CALLER,
    causes=(_PREFERENCES_CAUSE,),
    subject=the_caller,
    after=("caller-may-make-data-keys",),
    without={PreferencesDocument: "a note at most", CallerPreferencesPermissions: "a note at most"},
    confirms=False,
)
def caller_may_change_preferences(
    scope: Scope,
    permissions: CallerPreferencesPermissions | Unreadable,
    document: PreferencesDocument | Absent | Unreadable,
) -> Findings:
    """Whether the caller is allowed to change the session preferences."""
    caller = the_caller(scope)
    if isinstance(permissions, Unreadable):
        summary = say(
            "Cannot determine whether {caller} is allowed to change the session preferences.", caller=caller.name
        )
        evidence = unread_evidence(permissions)
        needs = (permissions.action,) if permissions.action else ()
        return (Finding(_PREFERENCES_CAUSE, Status.INFO, Confidence.POSSIBLE, caller, summary, evidence, needs=needs),)
    there = isinstance(document, PreferencesDocument)
    denials = tuple(each for each in permissions.denied() if not (there and each.question.action == _FIRST_TIME))
    unsure = [each for each in permissions.undecided() if not (there and each.question.action == _FIRST_TIME)]
    if not denials and unsure:
        summary = say(
            "Cannot determine whether {caller} is allowed to change the session preferences: the policies have "
            "conditions.",
            caller=caller.name,
        )
        doubts = tuple(undecided_evidence(each) for each in unsure)
        why, needed = unread_conditions(*unsure)
        return (
            Finding(
                _PREFERENCES_CAUSE, Status.INFO, Confidence.POSSIBLE, caller, summary, (*doubts, *why), needs=needed
            ),
        )
    if not denials:
        return ()
    return (
        Finding(
            cause=_PREFERENCES_CAUSE,
            status=Status.INFO,
            confidence=most_sure(each.confidence for each in denials),
            subject=caller,
            summary=say(
                "{caller} is not allowed to change the session preferences: missing {actions}.",
                caller=caller.name,
                actions=actions_in_words(denials),
            ),
            evidence=tuple(denial_evidence(each) for each in denials),
            fixes=fixes_for(denials, manual_steps_for(caller)),
        ),
    )
