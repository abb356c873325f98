"""Fixes that attach an AWS managed policy to a node role."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.language import say, translatable
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.iam_questions import CHANNEL_ACTIONS, UPDATE_INSTANCE_INFORMATION
from ssmtui.model.identity import AttachedPolicies, HostManagementRole, NodeRole, RoleSource
from ssmtui.model.node_facts import Observation
from ssmtui.model.permissions import CorePermissions, HostManagementPermissions, Permissions
from ssmtui.model.plan import Call, FactChange, FixNotApplicable, Guard, Plan, Reach, UndoPlan
from ssmtui.model.scope import Scope
from ssmtui.remediation.plans.common.fix import fix
from ssmtui.remediation.plans.common.plan_parts import CREDENTIALS_REFUSED
from ssmtui.remediation.plans.identity.roles import cannot_grant_reason, reach_note, with_allowed_actions

STALE = (CorePermissions, HostManagementPermissions, AttachedPolicies, Observation)
ACTIONS = (UPDATE_INSTANCE_INFORMATION, *CHANNEL_ACTIONS)
"""What both of AWS's policies for managed nodes allow, as far as sessions need it (docs/facts/nodes.md §6)."""

# docs/facts/nodes.md §6: the agent's credential refresher sleeps 25-30 minutes after AccessDeniedException.
_DELAY = translatable(
    "Up to 30 minutes: an SSM Agent that was refused waits that long before it asks again. "
    "Restarting the agent, or the node, shortens it."
)


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    """One of AWS's policies by its name, and the fix that attaches it."""

    fix: str
    name: str


def managed_policy_plan(
    policy: ManagedPolicy, scope: Scope, node_role: NodeRole, permissions: Permissions, held: AttachedPolicies
) -> Plan | FixNotApplicable:
    """The plan that attaches the policy, or why that cannot be done or would not help."""
    role = node_role.role
    arn = f"arn:{scope.partition}:iam::aws:policy/{policy.name}"
    why = cannot_grant_reason(role, permissions, ACTIONS)
    if why:
        return FixNotApplicable(policy.fix, why)
    if arn in held.policy_arns:
        return FixNotApplicable(
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
        way_back=UndoPlan(
            (_guard(role.name, after),),
            (Call("iam", "DetachRolePolicy", parameters, "iam:DetachRolePolicy", role.arn),),
        ),
        reach=Reach.SUBJECT,
        undo=say("The policy is detached again."),
        facts_after=tuple(
            FactChange(kind, with_allowed_actions(now, ACTIONS), replaces=now)
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


_CORE_POLICY = ManagedPolicy("attach-core-policy", "AmazonSSMManagedInstanceCore")


@fix(slug=_CORE_POLICY.fix, stale=STALE)
def attach_core_policy(
    scope: Scope, node_role: NodeRole, permissions: CorePermissions, held: AttachedPolicies
) -> Plan | FixNotApplicable:
    """Attach it."""
    return managed_policy_plan(_CORE_POLICY, scope, node_role, permissions, held)


_HOST_MANAGEMENT_POLICY = ManagedPolicy("grant-host-management-role", "AmazonSSMManagedEC2InstanceDefaultPolicy")


@fix(slug=_HOST_MANAGEMENT_POLICY.fix, stale=STALE)
def grant_host_management_role(
    scope: Scope,
    shared: HostManagementRole,
    node_role: NodeRole,
    permissions: HostManagementPermissions,
    held: AttachedPolicies,
) -> Plan | FixNotApplicable:
    """Attach it. What the role holds is known where the node uses the role."""
    if node_role.role != shared.role:
        why = say("{role} is not the role that this node uses", role=shared.role.name)
        return FixNotApplicable(_HOST_MANAGEMENT_POLICY.fix, why)
    return managed_policy_plan(
        _HOST_MANAGEMENT_POLICY, scope, NodeRole(shared.role, RoleSource.HOST_MANAGEMENT), permissions, held
    )
