"""`grant-node-bucket-lookup`: the role that the node really uses may read how the log bucket is encrypted."""

from __future__ import annotations

from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.identity.inline_grant import Grant, allow, granted
from ssmtui.language import say
from ssmtui.model.grants import OwnGrants
from ssmtui.model.identity import NodeRole
from ssmtui.model.permissions import BucketPermissions
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.questions import GET_BUCKET_ENCRYPTION, bucket_arn
from ssmtui.model.scope import Scope

_SLUG = "grant-node-bucket-lookup"


@fix(slug=_SLUG, stale=(BucketPermissions, OwnGrants))
def grant_node_bucket_lookup(
    scope: Scope,
    preferences: SessionPreferences,
    node_role: NodeRole,
    permissions: BucketPermissions,
    held: OwnGrants,
) -> Plan | NotApplicable:
    """Give the role s3:GetEncryptionConfiguration on that bucket."""
    grant = Grant(
        fix=_SLUG,
        title=say("look up how the log bucket {s3_bucket} is encrypted", s3_bucket=preferences.s3_bucket),
        policy="ssmtui-log-bucket-lookup",
        statements=(allow((GET_BUCKET_ENCRYPTION,), bucket_arn(scope, preferences)),),
        actions=(GET_BUCKET_ENCRYPTION,),
    )
    return granted(grant, scope, node_role, held, permissions)
