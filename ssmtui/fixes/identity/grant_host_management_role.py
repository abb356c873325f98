"""`grant-host-management-role`: AWS's policy for nodes under host management is attached to the role it names."""

from __future__ import annotations

from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.identity.managed_policy import STALE, ManagedPolicy, attached
from ssmtui.language import say
from ssmtui.model.grants import AttachedPolicies
from ssmtui.model.identity import HostManagementRole, NodeRole, RoleSource
from ssmtui.model.permissions import HostManagementPermissions
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.scope import Scope

_POLICY = ManagedPolicy("grant-host-management-role", "AmazonSSMManagedEC2InstanceDefaultPolicy")


@fix(slug=_POLICY.fix, stale=STALE)
def grant_host_management_role(
    scope: Scope,
    shared: HostManagementRole,
    node_role: NodeRole,
    permissions: HostManagementPermissions,
    held: AttachedPolicies,
) -> Plan | NotApplicable:
    """Attach it. What the role holds is known where the node uses the role."""
    if node_role.role != shared.role:
        why = say("{role} is not the role that this node uses", role=shared.role.name)
        return NotApplicable(_POLICY.fix, why)
    return attached(_POLICY, scope, NodeRole(shared.role, RoleSource.HOST_MANAGEMENT), permissions, held)
