"""What is known of a node's requests besides what they ask for: the organization, the role's tags, the way they leave.

By which way they leave is found out in `request_origins`; the questions that hang on it are `open_questions`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from ssmtui.evidence.gathering.reading import derives, reads
from ssmtui.evidence.wire.aws import Aws
from ssmtui.model.agent_requests import agent_context, passes_through_s3
from ssmtui.model.answers import Absent, Unreadable
from ssmtui.model.identity import NodeRole, OrganizationId, RoleTags
from ssmtui.model.node import Instance
from ssmtui.model.permissions import Question
from ssmtui.model.policy_patterns import Context
from ssmtui.model.questions import node_arn
from ssmtui.model.request_origin import RequestOrigin, outside_ec2
from ssmtui.model.scope import Scope
from ssmtui.model.standing import RunningNode

_TAG_KEY = "aws:principaltag/"
_ORGANIZATION_KEY = "aws:PrincipalOrgID"


@dataclass(frozen=True, slots=True)
class NodeAtItsWay:
    """A node with all that is known of its requests besides what they ask for."""

    running: RunningNode
    role_arn: str
    origin: RequestOrigin
    organization: OrganizationId | Absent | Unreadable
    tags: RoleTags | Unreadable


def _role_arn(node_role: NodeRole) -> Hashable:
    return node_role.role.arn


@reads("iam:ListRoleTags", key=_role_arn)
async def role_tags(aws: Aws, node_role: NodeRole) -> RoleTags:
    """What the role's sessions on nodes have as `aws:PrincipalTag`: those bring no tags of their own."""
    tags = [
        (tag.text("Key"), tag.text("Value"))
        async for page in aws.pages("iam", "ListRoleTags", RoleName=node_role.role.name)
        for tag in page.parts("Tags")
    ]
    return RoleTags(tuple(tags))


@derives
def node_at_its_way(
    running: RunningNode,
    node_role: NodeRole,
    origin: RequestOrigin,
    organization: OrganizationId | Absent | Unreadable,
    tags: RoleTags | Unreadable,
) -> NodeAtItsWay:
    """Asked for only where a question is open."""
    return NodeAtItsWay(running, node_role.role.arn, origin, organization, tags)


def known_of_request(scope: Scope, node: NodeAtItsWay, question: Question, asked: Iterable[str]) -> Context:
    """The values of condition keys; of the tags that policies `asked` for, also which of them the role has not."""
    return {
        **agent_context(scope, node.role_arn, question.action),
        **_of_organization(node.organization),
        **_of_tags(node.tags, asked),
        **_of_way(scope, node, question.action),
    }


def unread_of_request(node: NodeAtItsWay, keys: Iterable[str]) -> tuple[Unreadable, ...]:
    """The reads that would have told the values of these condition keys, and gave nothing."""
    wanted = tuple(key.lower() for key in keys)
    read = {
        _ORGANIZATION_KEY.lower(): node.organization,
        **{key: node.tags for key in wanted if key.startswith(_TAG_KEY)},
    }
    found = (read[key] for key in wanted if key in read)
    return tuple(dict.fromkeys(each for each in found if isinstance(each, Unreadable)))


def _of_organization(organization: OrganizationId | Absent | Unreadable) -> Context:
    if isinstance(organization, Unreadable):
        return {}
    return {_ORGANIZATION_KEY: (organization.id,) if isinstance(organization, OrganizationId) else ()}


def _of_tags(tags: RoleTags | Unreadable, asked: Iterable[str]) -> Context:
    if isinstance(tags, Unreadable):
        return {}
    own = {name.lower(): value for name, value in tags.tags}
    lacking = {key: () for key in asked if key.lower().startswith(_TAG_KEY) and key[len(_TAG_KEY) :].lower() not in own}
    return {**lacking, **{f"aws:PrincipalTag/{name}": (value,) for name, value in tags.tags}}


def _of_way(scope: Scope, at: NodeAtItsWay, action: str) -> Context:
    if passes_through_s3(action):
        return {}  # who asks then is S3
    node, origin, service = at.running.node, at.origin, action.partition(":")[0]
    if origin.vpc_id is None:
        return outside_ec2() if node.id.startswith("mi-") else {}
    instance = node.instance
    if not isinstance(instance, Instance):
        return origin.known(service)
    own = origin.known_of_node(service, instance.private_ip or "", instance.public_ip, node_arn(scope, node.id))
    return {**own, **origin.known(service)}
