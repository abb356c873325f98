"""What is known of a node's requests besides what they ask for: the organization, the role's tags, the way they leave.

What no request of a node is without, whatever its value, is told besides by `present_in_request`.

By which way they leave is found out in `request_origins`; the questions that hang on it are `open_questions`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from ssmtui.evidence.gathering.reading import derives, reads
from ssmtui.evidence.wire.aws import Aws
from ssmtui.model.agent_requests import agent_context, passes_through_s3
from ssmtui.model.answers import Absent, Unreadable
from ssmtui.model.identity import NodeRole, OrganizationId, RoleSource, RoleTags
from ssmtui.model.node import Instance, MetadataTokens
from ssmtui.model.permissions import Question
from ssmtui.model.policy_patterns import Context
from ssmtui.model.questions import node_arn
from ssmtui.model.request_origin import TELLING_WHOSE, RequestOrigin, outside_ec2
from ssmtui.model.resource_owner import ACCOUNT_KEY, ORGANIZATION_KEY, PATHS_KEY, known_of_owner, owner_in
from ssmtui.model.scope import Scope
from ssmtui.model.stand_ins import stand_ins
from ssmtui.model.standing import RunningNode

_TAG_KEY = "aws:principaltag/"
_ORGANIZATION_KEY = "aws:PrincipalOrgID"


@dataclass(frozen=True, slots=True)
class NodeAtItsWay:
    """A node with all that is known of its requests besides what they ask for.

    `metadata` says how strict the metadata service is that gives it its credentials, of nodes with a profile.
    """

    running: RunningNode
    role_arn: str
    origin: RequestOrigin
    organization: OrganizationId | Absent | Unreadable
    tags: RoleTags | Unreadable
    metadata: MetadataTokens | None

    @property
    def organization_id(self) -> str | None:
        """The organization's id: empty where there is none, None where it could not be read."""
        if isinstance(self.organization, Unreadable):
            return None
        return self.organization.id if isinstance(self.organization, OrganizationId) else ""


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
    instance = running.node.instance
    by_profile = node_role.source is RoleSource.INSTANCE_PROFILE and isinstance(instance, Instance)
    metadata = instance.metadata.tokens if by_profile and isinstance(instance, Instance) else None
    return NodeAtItsWay(running, node_role.role.arn, origin, organization, tags, metadata)


def known_of_request(scope: Scope, node: NodeAtItsWay, question: Question, asked: Iterable[str]) -> Context:
    """The values of condition keys; of the tags that policies `asked` for, also which of them the role has not."""
    return {
        **agent_context(scope, node.role_arn, question),
        **_of_organization(node.organization),
        **_of_tags(node.tags, asked),
        **_of_delivery(node),
        **known_of_owner(owner_in(question.resource, scope.account), scope.account, node.organization_id),
        **_of_way(scope, node, question),
    }


def present_in_request(scope: Scope, node: NodeAtItsWay, question: Question, asked: Iterable[str]) -> Context:
    """Something for each key that a request of a member's role has in any case, of those of which more is not known.

    Those that its own policies `asked` for are left open: IAM names them itself.
    """
    own = owner_in(question.resource, scope.account) == scope.account
    unsure = () if own else (PATHS_KEY,)
    known = known_of_request(scope, node, question, ())
    by_metadata = node.metadata is not None and not passes_through_s3(question)
    return stand_ins(known, (*asked, *unsure), node.organization_id, by_metadata=by_metadata)


def withheld_of_request(scope: Scope, node: NodeAtItsWay, question: Question, asked: Iterable[str]) -> Context:
    """What would stand for the keys that are left open because its own policies `asked` for them.

    The organization's policies may ask for them as well, and IAM judges those as if the request had none.
    """
    present = present_in_request(scope, node, question, asked)
    return {key: values for key, values in present_in_request(scope, node, question, ()).items() if key not in present}


def perhaps_in_request(scope: Scope, node: NodeAtItsWay, question: Question, asked: Iterable[str]) -> Context:
    """What a request has besides where the resource, whose owner is not known or another, is the organization's too.

    Where the organization was not told, the resource may be the account's own all the same.
    """
    owner = owner_in(question.resource, scope.account)
    if owner == scope.account:
        return {}
    organization: Context = {ORGANIZATION_KEY: (node.organization_id,)} if node.organization_id else {}
    told: Context = {ACCOUNT_KEY: (owner or scope.account,), **organization}
    open_ = {key.lower() for key in asked}
    return {key: values for key, values in told.items() if key.lower() not in open_}


def all_of_request(scope: Scope, node: NodeAtItsWay, question: Question, asked: Iterable[str]) -> Context:
    """What it may have and what is withheld, together, where that is more than either; else nothing.

    The organization's policies may ask for one of each in one condition, or for what is withheld of what it may have.
    """
    perhaps = perhaps_in_request(scope, node, question, ())
    withheld = withheld_of_request(scope, node, question, asked)
    told = perhaps_in_request(scope, node, question, asked)
    return {**withheld, **perhaps} if perhaps and (withheld or perhaps != told) else {}


def unread_of_request(node: NodeAtItsWay, keys: Iterable[str]) -> tuple[Unreadable, ...]:
    """The reads that would have told the values of these condition keys, and gave nothing."""
    wanted = tuple(key.lower() for key in keys)
    read = {
        _ORGANIZATION_KEY.lower(): node.organization,
        **{key: node.tags for key in wanted if key.startswith(_TAG_KEY)},
    }
    found = (read[key] for key in wanted if key in read)
    return tuple(dict.fromkeys(each for each in found if isinstance(each, Unreadable)))


def _of_delivery(node: NodeAtItsWay) -> Context:
    return {"ec2:RoleDelivery": ("2.0",)} if node.metadata is MetadataTokens.REQUIRED else {}


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


def _of_way(scope: Scope, at: NodeAtItsWay, question: Question) -> Context:
    if passes_through_s3(question):
        return {}  # who asks then is S3
    node, origin, service = at.running.node, at.origin, question.action.partition(":")[0]
    if origin.vpc_id is None:
        return outside_ec2() if node.id.startswith("mi-") else {}
    instance = node.instance
    if not isinstance(instance, Instance):
        return {**origin.known(service), **_of_endpoint(scope, at, service)}
    own = origin.known_of_node(service, instance.private_ip or "", instance.public_ip, node_arn(scope, node.id))
    return {**own, **origin.known(service), **_of_endpoint(scope, at, service)}


def _of_endpoint(scope: Scope, at: NodeAtItsWay, service: str) -> Context:
    """Whose the endpoint is: the way is only known through a VPC of the account, whose endpoints are its own."""
    by_endpoint = at.origin.by_endpoint(service)
    if by_endpoint is None:
        return {}
    if not by_endpoint or service not in TELLING_WHOSE:
        return {"aws:VpceAccount": (), "aws:VpceOrgID": (), "aws:VpceOrgPaths": ()}
    if at.organization_id is None:
        return {"aws:VpceAccount": (scope.account,)}
    return {"aws:VpceAccount": (scope.account,), "aws:VpceOrgID": (at.organization_id,) if at.organization_id else ()}
