"""Check whether the caller can use the session key and change the session preferences."""

from __future__ import annotations

from ssmtui.analysis.access import access, evaluate_resource_policy, is_bounded
from ssmtui.analysis.finding_parts import (
    actions_in_words,
    denial_evidence,
    fixes_for,
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
from ssmtui.language import say
from ssmtui.model.fact import Absent, Unreadable
from ssmtui.model.finding import Confidence, Finding, Findings, Link, Status
from ssmtui.model.iam_questions import GENERATE_DATA_KEY
from ssmtui.model.identity import Role
from ssmtui.model.permissions import CallerKeyPermissions, CallerPreferencesPermissions, EvaluationResult
from ssmtui.model.preferences import PreferencesDocument
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Key, KeyGrants, KeyPolicy

_SESSION_KEY_CAUSE = "kms-caller-denied"


@check(link=Link.CALLER, causes=(_SESSION_KEY_CAUSE,), subject=the_caller, after=("caller-may-use-its-sessions",))
def caller_may_make_data_keys(
    scope: Scope,
    key: Key,
    permissions: CallerKeyPermissions | Unreadable,
    policy: KeyPolicy | Unreadable,
    grants: KeyGrants | Unreadable,
) -> Findings:
    """Whether the caller may make data keys with the session key."""
    caller = the_caller(scope)
    # To a key's policy a user is a principal like a role.
    principal = Role(scope.judged_principal or caller.id, caller.name, Policy(()))
    answer = permissions if isinstance(permissions, Unreadable) else permissions.answer_to(GENERATE_DATA_KEY)
    judged = access(
        answer,
        policy
        if isinstance(policy, Unreadable)
        else evaluate_resource_policy(
            policy.policy,
            say("the key's policy"),
            "kms:GetKeyPolicy",
            scope=scope,
            role=principal,
            action=GENERATE_DATA_KEY,
            resource=key.arn,
            bounded=is_bounded(answer),
        ),
        same_account=key.account == principal.account,
        granted=grants if isinstance(grants, Unreadable) else grants.allow(principal.arn, "GenerateDataKey"),
    )
    if judged.allowed is Truth.YES:
        return ()
    name = key.arn.rpartition("/")[2]
    conditional = isinstance(answer, EvaluationResult) and not answer.allowed and bool(answer.missing_context)
    if judged.allowed is Truth.PERHAPS or conditional:
        summary = say(
            "Whether {caller} may make data keys with the session key {name} could not be told.",
            caller=caller.name,
            name=name,
        )
        return (unknown_finding(_SESSION_KEY_CAUSE, caller, summary, judged.evidence, judged.needs),)
    denials = (answer,) if isinstance(answer, EvaluationResult) and not answer.allowed else ()
    return (
        Finding(
            cause=_SESSION_KEY_CAUSE,
            status=Status.FAIL,
            confidence=judged.confidence,
            subject=caller,
            summary=say(
                "{caller} may not make data keys with the session key {name}: no shell opens.",
                caller=caller.name,
                name=name,
            ),
            evidence=judged.evidence,
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
)
def caller_may_change_preferences(
    scope: Scope,
    permissions: CallerPreferencesPermissions | Unreadable,
    document: PreferencesDocument | Absent | Unreadable,
) -> Findings:
    """Whether the caller may change the session preferences."""
    caller = the_caller(scope)
    if isinstance(permissions, Unreadable):
        summary = say("Whether {caller} may change the session preferences could not be told.", caller=caller.name)
        evidence = unread_evidence(permissions)
        needs = (permissions.action,) if permissions.action else ()
        return (Finding(_PREFERENCES_CAUSE, Status.INFO, Confidence.POSSIBLE, caller, summary, evidence, needs=needs),)
    there = isinstance(document, PreferencesDocument)
    denials = tuple(each for each in permissions.denied() if not (there and each.question.action == _FIRST_TIME))
    unsure = [each for each in permissions.undecided() if not (there and each.question.action == _FIRST_TIME)]
    if not denials and unsure:
        summary = say("Whether {caller} may change the session preferences depends on conditions.", caller=caller.name)
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
                "{caller} may not change the session preferences: it lacks {actions}.",
                caller=caller.name,
                actions=actions_in_words(denials),
            ),
            evidence=tuple(denial_evidence(each) for each in denials),
            fixes=fixes_for(denials, manual_steps_for(caller)),
        ),
    )
