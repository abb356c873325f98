"""`grant-node-log-lookup`: the role that the node really uses may find the log group, and see that it is encrypted."""

from __future__ import annotations

from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.identity.inline_grant import Grant, allow, granted
from ssmtui.language import say
from ssmtui.model.grants import OwnGrants
from ssmtui.model.identity import NodeRole
from ssmtui.model.permissions import LogGroupPermissions
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.questions import DESCRIBE_LOG_GROUPS
from ssmtui.model.scope import Scope

_SLUG = "grant-node-log-lookup"


@fix(slug=_SLUG, stale=(LogGroupPermissions, OwnGrants))
def grant_node_log_lookup(
    scope: Scope,
    preferences: SessionPreferences,
    node_role: NodeRole,
    permissions: LogGroupPermissions,
    held: OwnGrants,
) -> Plan | NotApplicable:
    """Give the role logs:DescribeLogGroups on `*`: it cannot be scoped to a group (docs/facts/preferences.md §8)."""
    grant = Grant(
        fix=_SLUG,
        title=say("look up the log group {log_group}", log_group=preferences.log_group),
        policy="ssmtui-log-group-lookup",
        statements=(allow((DESCRIBE_LOG_GROUPS,), "*"),),
        actions=(DESCRIBE_LOG_GROUPS,),
    )
    return granted(grant, scope, node_role, held, permissions)
