"""What has been given to a node's role: read for fixes, which add to it and must be able to take it away again."""

from __future__ import annotations

from collections.abc import Hashable

from ssmtui.evidence.gathering.reading import reads
from ssmtui.evidence.readers.identity.policies import document_in
from ssmtui.evidence.wire.aws import Aws
from ssmtui.model.grants import OWN_PREFIX, AttachedPolicies, OwnGrants
from ssmtui.model.identity import NodeRole
from ssmtui.model.plan import json_text


def _role_arn(node_role: NodeRole) -> Hashable:
    return node_role.role.arn


@reads("iam:GetRolePolicy", "iam:ListRolePolicies", key=_role_arn)
async def own_grants(aws: Aws, node_role: NodeRole) -> OwnGrants:
    """The inline policies whose names say that ssmtui wrote them."""
    role = node_role.role
    names = [
        name
        async for page in aws.pages("iam", "ListRolePolicies", RoleName=role.name)
        for name in page.texts("PolicyNames")
        if name.startswith(OWN_PREFIX)
    ]
    documents: list[tuple[str, str]] = []
    for name in names:
        answer = await aws.call("iam", "GetRolePolicy", RoleName=role.name, PolicyName=name)
        documents.append((name, json_text(document_in(answer, "PolicyDocument"))))
    return OwnGrants(role.arn, tuple(documents))


@reads("iam:ListAttachedRolePolicies", key=_role_arn)
async def attached_policies(aws: Aws, node_role: NodeRole) -> AttachedPolicies:
    """In the order of their ARNs: IAM documents none."""
    role = node_role.role
    arns = [
        each.arn("PolicyArn")
        async for page in aws.pages("iam", "ListAttachedRolePolicies", RoleName=role.name)
        for each in page.parts("AttachedPolicies")
    ]
    return AttachedPolicies(role.arn, tuple(sorted(arns)))
