"""Whether the role that a node really uses may decrypt with the session key: IAM, the key's policy and its grants."""

from __future__ import annotations

from ssmtui.checks.access import access, is_bounded
from ssmtui.checks.check import check
from ssmtui.checks.denials import fixes_for
from ssmtui.checks.doubt import unknown
from ssmtui.checks.resource_policies import resource_says
from ssmtui.checks.subjects import the_role
from ssmtui.language import say
from ssmtui.model.answers import Unreadable
from ssmtui.model.finding import Finding, Findings, Status
from ssmtui.model.identity import NodeRole
from ssmtui.model.path import Link
from ssmtui.model.permissions import EvaluationResult, KeyPermissions
from ssmtui.model.policy_reading import Truth
from ssmtui.model.questions import DECRYPT
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Key, KeyGrants, KeyPolicy

_CAUSE = "kms-node-denied"


@check(
    link=Link.PREFERENCES,
    causes=(_CAUSE,),
    subject=the_role,
    after=("session-key-is-usable", "session-key-serves-access-requests"),
)
def role_may_decrypt_with_session_key(
    node_role: NodeRole,
    key: Key,
    scope: Scope,
    permissions: KeyPermissions | Unreadable,
    policy: KeyPolicy | Unreadable,
    grants: KeyGrants | Unreadable,
) -> Findings:
    """Whether the node's role may decrypt with the session key."""
    role = node_role.role
    answer = permissions if isinstance(permissions, Unreadable) else permissions.answer_to(DECRYPT)
    judged = access(
        answer,
        policy
        if isinstance(policy, Unreadable)
        else resource_says(
            policy.policy,
            say("the key's policy"),
            "kms:GetKeyPolicy",
            scope=scope,
            role=role,
            action=DECRYPT,
            resource=key.arn,
            bounded=is_bounded(answer),
        ),
        same_account=key.account == role.account,
        granted=grants if isinstance(grants, Unreadable) else grants.allow(role.arn, "Decrypt"),
    )
    name = key.arn.rpartition("/")[2]
    if judged.allowed is Truth.YES:
        return ()
    if judged.allowed is Truth.PERHAPS:
        summary = say(
            "Whether the role {role} may decrypt with the session key {name} could not be told.",
            role=role.name,
            name=name,
        )
        return (unknown(_CAUSE, the_role(node_role), summary, judged.evidence, judged.needs),)
    grant = "grant-node-key-access" if judged.identity_would_do else None
    denials = (answer,) if isinstance(answer, EvaluationResult) and not answer.allowed else ()
    return (
        Finding(
            cause=_CAUSE,
            status=Status.FAIL,
            confidence=judged.confidence,
            subject=the_role(node_role),
            summary=say("The role {role} may not decrypt with the session key {name}.", role=role.name, name=name),
            evidence=judged.evidence,
            fixes=fixes_for(denials, grant, "clear-session-key"),
        ),
    )
