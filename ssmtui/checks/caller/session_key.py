"""Whether the caller may make data keys with the session key: IAM, the key's policy and its grants."""

from __future__ import annotations

from ssmtui.checks.access import access, is_bounded
from ssmtui.checks.caller.asking import steps_for
from ssmtui.checks.check import check
from ssmtui.checks.denials import fixes_for
from ssmtui.checks.doubt import unknown
from ssmtui.checks.resource_policies import resource_says
from ssmtui.checks.subjects import the_caller
from ssmtui.language import say
from ssmtui.model.answers import Unreadable
from ssmtui.model.finding import Finding, Findings, Status
from ssmtui.model.identity import Role
from ssmtui.model.path import Link
from ssmtui.model.permissions import CallerKeyPermissions, EvaluationResult
from ssmtui.model.policy import Policy
from ssmtui.model.policy_reading import Truth
from ssmtui.model.questions import GENERATE_DATA_KEY
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Key, KeyGrants, KeyPolicy

_CAUSE = "kms-caller-denied"


@check(link=Link.CALLER, causes=(_CAUSE,), subject=the_caller, after=("caller-may-use-its-sessions",))
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
        else resource_says(
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
        return (unknown(_CAUSE, caller, summary, judged.evidence, judged.needs),)
    denials = (answer,) if isinstance(answer, EvaluationResult) and not answer.allowed else ()
    return (
        Finding(
            cause=_CAUSE,
            status=Status.FAIL,
            confidence=judged.confidence,
            subject=caller,
            summary=say(
                "{caller} may not make data keys with the session key {name}: no shell opens.",
                caller=caller.name,
                name=name,
            ),
            evidence=judged.evidence,
            fixes=fixes_for(denials, steps_for(caller) if judged.identity_would_do else None),
        ),
    )
