"""`grant-node-bucket-write`: the role that the node really uses may write session logs to the bucket."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.identity.inline_grant import Grant, allow, granted
from ssmtui.language import say
from ssmtui.model.grants import OwnGrants
from ssmtui.model.identity import NodeRole
from ssmtui.model.permissions import BucketPermissions
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.questions import GET_BUCKET_ENCRYPTION, OBJECT_ENDING
from ssmtui.model.scope import Scope

_SLUG = "grant-node-bucket-write"


@fix(slug=_SLUG, stale=(BucketPermissions, OwnGrants))
def grant_node_bucket_write(
    scope: Scope,
    preferences: SessionPreferences,
    node_role: NodeRole,
    permissions: BucketPermissions,
    held: OwnGrants,
) -> Plan | NotApplicable:
    """Give the role what writing an object takes that it lacks, on what IAM was asked about: prefix and key."""
    denied = [each.question for each in permissions.denied() if each.question.action != GET_BUCKET_ENCRYPTION]
    # What the agent calls an object is its own affair: the grant is for the whole prefix.
    lacking = [replace(each, resource=each.resource.removesuffix(OBJECT_ENDING)) for each in denied]
    resources = dict.fromkeys(each.resource for each in lacking)
    by_resource = {each: [asked.action for asked in lacking if asked.resource == each] for each in resources}
    grant = Grant(
        fix=_SLUG,
        title=say("write session logs to {s3_bucket}", s3_bucket=preferences.s3_bucket),
        policy="ssmtui-log-bucket-write",
        statements=tuple(allow(actions, resource) for resource, actions in by_resource.items()),
        actions=tuple(each.action for each in lacking) or ("s3:PutObject",),
    )
    return granted(grant, scope, node_role, held, permissions)
