"""The change that attaches one of AWS's own policies to the role of a node."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.fixes.frame.delays import CREDENTIALS_REFUSED
from ssmtui.fixes.identity.role_policy import allowed_after, cannot_be_given, reach_note
from ssmtui.language import marked, say
from ssmtui.model.grants import AttachedPolicies
from ssmtui.model.identity import NodeRole
from ssmtui.model.permissions import CorePermissions, HostManagementPermissions, Permissions
from ssmtui.model.plan import Call, FactChange, Guard, NotApplicable, Plan, Reach, WayBack
from ssmtui.model.questions import CHANNEL_ACTIONS, UPDATE_INSTANCE_INFORMATION
from ssmtui.model.scope import Scope
from ssmtui.model.standing import Observation
from ssmtui.model.subject import Subject, SubjectKind

STALE = (CorePermissions, HostManagementPermissions, AttachedPolicies, Observation)
ACTIONS = (UPDATE_INSTANCE_INFORMATION, *CHANNEL_ACTIONS)
"""What both of AWS's policies for managed nodes allow, as far as sessions need it (docs/facts/nodes.md §6)."""

# docs/facts/nodes.md §6: the agent's credential refresher sleeps 25-30 minutes after AccessDeniedException.
_DELAY = marked(
    "Up to 30 minutes: an SSM Agent that was refused waits that long before it asks again. "
    "Restarting the agent, or the node, shortens it."
)


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    """One of AWS's policies by its name, and the fix that attaches it."""

    fix: str
    name: str


def attached(
    policy: ManagedPolicy, scope: Scope, node_role: NodeRole, permissions: Permissions, held: AttachedPolicies
) -> Plan | NotApplicable:
    """The plan that attaches the policy, or why that cannot be done or would not help."""
    role = node_role.role
    arn = f"arn:{scope.partition}:iam::aws:policy/{policy.name}"
    why = cannot_be_given(role, permissions, ACTIONS)
    if why:
        return NotApplicable(policy.fix, why)
    if arn in held.policy_arns:
        return NotApplicable(
            policy.fix,
            say(
                "{policy} is attached to the role {role} already: something else denies it",
                policy=policy.name,
                role=role.name,
            ),
        )
    before, after = "\n".join(held.policy_arns), "\n".join(sorted((*held.policy_arns, arn)))
    parameters = {"RoleName": role.name, "PolicyArn": arn}
    return Plan(
        fix=policy.fix,
        title=say("Attach {policy} to the role {role}", policy=policy.name, role=role.name),
        scope=scope,
        subject=Subject(SubjectKind.ROLE, role.arn),
        calls=(Call("iam", "AttachRolePolicy", parameters, "iam:AttachRolePolicy", role.arn),),
        before=before,
        after=after,
        guards=(_guard(role.name, before),),
        way_back=WayBack(
            (_guard(role.name, after),),
            (Call("iam", "DetachRolePolicy", parameters, "iam:DetachRolePolicy", role.arn),),
        ),
        reach=Reach.SUBJECT,
        undo=say("The policy is detached again."),
        facts_after=tuple(
            FactChange(kind, allowed_after(now, ACTIONS), replaces=now)
            for kind in (CorePermissions, HostManagementPermissions)
            for now in (kind(permissions.principal, permissions.answers),)
        ),
        stale=STALE,
        settles_within=CREDENTIALS_REFUSED,
        delay=say(_DELAY),
        notes=(reach_note(node_role),),
    )


def _guard(role_name: str, expected: str) -> Guard:
    which = {"RoleName": role_name}
    path = "AttachedPolicies.*.PolicyArn"
    return Guard(say("what is attached to the role"), "iam", "ListAttachedRolePolicies", which, path, expected)
