"""`grant-node-log-write`: the role that the node really uses may write session logs to the log group."""

from __future__ import annotations

from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.identity.inline_grant import Grant, allow, granted
from ssmtui.language import say
from ssmtui.model.grants import OwnGrants
from ssmtui.model.identity import NodeRole
from ssmtui.model.permissions import LogGroupPermissions
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.questions import LOG_WRITE_ACTIONS
from ssmtui.model.scope import Scope

_SLUG = "grant-node-log-write"


@fix(slug=_SLUG, stale=(LogGroupPermissions, OwnGrants))
def grant_node_log_write(
    scope: Scope,
    preferences: SessionPreferences,
    node_role: NodeRole,
    permissions: LogGroupPermissions,
    held: OwnGrants,
) -> Plan | NotApplicable:
    """Give the role what writing a log stream takes, on that group and its streams."""
    group = scope.arn("logs", f"log-group:{preferences.log_group}")
    grant = Grant(
        fix=_SLUG,
        title=say("write session logs to {log_group}", log_group=preferences.log_group),
        policy="ssmtui-log-group-write",
        statements=(allow(LOG_WRITE_ACTIONS, group, f"{group}:*"),),
        actions=LOG_WRITE_ACTIONS,
    )
    return granted(grant, scope, node_role, held, permissions)
