"""`attach-core-policy`: AWS's own policy for managed nodes is attached to the role that the node really uses."""

from __future__ import annotations

from ssmtui.fixes.fix import fix
from ssmtui.fixes.role_policy import allowed_after, cannot_be_given, reach_note
from ssmtui.model.grants import AttachedPolicies
from ssmtui.model.identity import NodeRole
from ssmtui.model.permissions import CorePermissions, HostManagementPermissions
from ssmtui.model.plan import Call, FactChange, Guard, NotApplicable, Plan, Reach, WayBack
from ssmtui.model.questions import CHANNEL_ACTIONS, UPDATE_INSTANCE_INFORMATION
from ssmtui.model.scope import Scope
from ssmtui.model.standing import Observation
from ssmtui.model.subject import Subject, SubjectKind

_SLUG = "attach-core-policy"
_POLICY = "AmazonSSMManagedInstanceCore"
_ACTIONS = (UPDATE_INSTANCE_INFORMATION, *CHANNEL_ACTIONS)
_STALE = (CorePermissions, HostManagementPermissions, AttachedPolicies, Observation)

# aws-facts §2.6: the agent's credential refresher sleeps 25-30 minutes after AccessDeniedException.
_DELAY = (
    "Up to 30 minutes: an SSM Agent that was refused waits that long before it asks again. Restarting the agent, or "
    "the node, shortens it."
)


@fix(slug=_SLUG, stale=_STALE)
def attach_core_policy(
    scope: Scope, node_role: NodeRole, permissions: CorePermissions, held: AttachedPolicies
) -> Plan | NotApplicable:
    """Attach the policy."""
    role = node_role.role
    arn = f"arn:{scope.partition}:iam::aws:policy/{_POLICY}"
    why = cannot_be_given(role, permissions, _ACTIONS)
    if why:
        return NotApplicable(_SLUG, why)
    if arn in held.policy_arns:
        return NotApplicable(_SLUG, f"{_POLICY} is attached to the role {role.name} already: something else denies it")
    before, after = "\n".join(held.policy_arns), "\n".join(sorted((*held.policy_arns, arn)))
    parameters = {"RoleName": role.name, "PolicyArn": arn}
    return Plan(
        fix=_SLUG,
        title=f"Attach {_POLICY} to the role {role.name}",
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
        undo="The policy is detached again.",
        facts_after=(
            FactChange(CorePermissions, allowed_after(permissions, _ACTIONS), replaces=permissions),
            FactChange(
                HostManagementPermissions,
                allowed_after(HostManagementPermissions(permissions.principal, permissions.answers), _ACTIONS),
                replaces=HostManagementPermissions(permissions.principal, permissions.answers),
            ),
        ),
        stale=_STALE,
        delay=_DELAY,
        notes=(reach_note(node_role),),
    )


def _guard(role_name: str, expected: str) -> Guard:
    which = {"RoleName": role_name}
    path = "AttachedPolicies.*.PolicyArn"
    return Guard("what is attached to the role", "iam", "ListAttachedRolePolicies", which, path, expected)
