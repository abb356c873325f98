"""`grant-node-key-access`: the role that the node really uses may decrypt with the session key."""

from __future__ import annotations

from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.identity.inline_grant import Grant, allow, granted
from ssmtui.language import say
from ssmtui.model.grants import OwnGrants
from ssmtui.model.identity import NodeRole
from ssmtui.model.permissions import KeyPermissions
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.questions import DECRYPT
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Key

_SLUG = "grant-node-key-access"


@fix(slug=_SLUG, stale=(KeyPermissions, OwnGrants))
def grant_node_key_access(
    scope: Scope, node_role: NodeRole, key: Key, permissions: KeyPermissions, held: OwnGrants
) -> Plan | NotApplicable:
    """Give the role kms:Decrypt on that key: a key policy that names only the account leaves it to this."""
    grant = Grant(
        fix=_SLUG,
        title=say("decrypt with the session key {key}", key=key.arn.rpartition("/")[2]),
        policy="ssmtui-session-key",
        statements=(allow((DECRYPT,), key.arn),),
        actions=(DECRYPT,),
    )
    return granted(grant, scope, node_role, held, permissions)
