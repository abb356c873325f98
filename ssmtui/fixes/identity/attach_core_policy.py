"""`attach-core-policy`: AWS's own policy for managed nodes is attached to the role that the node really uses."""

from __future__ import annotations

from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.identity.managed_policy import STALE, ManagedPolicy, attached
from ssmtui.model.grants import AttachedPolicies
from ssmtui.model.identity import NodeRole
from ssmtui.model.permissions import CorePermissions
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.scope import Scope

_POLICY = ManagedPolicy("attach-core-policy", "AmazonSSMManagedInstanceCore")


@fix(slug=_POLICY.fix, stale=STALE)
def attach_core_policy(
    scope: Scope, node_role: NodeRole, permissions: CorePermissions, held: AttachedPolicies
) -> Plan | NotApplicable:
    """Attach it."""
    return attached(_POLICY, scope, node_role, permissions, held)
