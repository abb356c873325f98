"""Read the known keys of a node's requests: organization, role tags, and the network path."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from ssmtui.evidence.aws.reader_api import Aws, all_parts, tag_from_answer
from ssmtui.evidence.facts.sources import derives, reads
from ssmtui.iam_policy.patterns import Context
from ssmtui.model.fact import Absent, NoFact, Unreadable
from ssmtui.model.iam_questions import node_arn
from ssmtui.model.identity import NodeRole, OrganizationId, RoleSource, RoleTags
from ssmtui.model.network import (
    Endpoints,
    EndpointType,
    NatGateways,
    Placement,
    RouteTable,
    RouteTables,
    RouteTarget,
    Subnets,
    VpcDns,
    endpoint_in_use,
)
from ssmtui.model.node import Instance, InstanceTraits, MetadataTokens, Node
from ssmtui.model.node_facts import RunningNode
from ssmtui.model.permissions import Question
from ssmtui.model.request_context import (
    ACCOUNT_KEY,
    ORGANIZATION_KEY,
    PATHS_KEY,
    SERVICES,
    SERVICES_WITH_OWNER,
    RequestOrigin,
    ServiceOrigin,
    agent_context,
    outside_ec2,
    owner_context,
    passes_through_s3,
    placeholder_values,
    resource_account,
)
from ssmtui.model.scope import Scope

_ANYWHERE = "0.0.0.0/0"
_TO_THE_INTERNET = (RouteTarget.INTERNET_GATEWAY, RouteTarget.NAT_GATEWAY)
_NEAR = (*_TO_THE_INTERNET, RouteTarget.LOCAL, RouteTarget.GATEWAY_ENDPOINT, RouteTarget.EGRESS_ONLY_GATEWAY)


@derives
def request_origin(
    running: RunningNode,
    scope: Scope,
    placement: Placement | NoFact,
    subnets: Subnets | NoFact,
    routes: RouteTables | NoFact,
    endpoints: Endpoints | NoFact,
    dns: VpcDns | NoFact,
    nats: NatGateways | NoFact,
) -> RequestOrigin:
    """Return the origin of requests; unknown if facts cannot be read or belong to another account."""
    if not isinstance(placement, Placement):
        return RequestOrigin(None)
    unknown = RequestOrigin(placement.vpc_id)
    if not isinstance(subnets, Subnets) or not isinstance(routes, RouteTables):
        return unknown
    if not isinstance(endpoints, Endpoints) or not isinstance(dns, VpcDns):
        return unknown
    subnet, table = subnets.get(placement.subnet_id), routes.of(placement.subnet_id, placement.vpc_id)
    if subnet is None or subnet.owner != scope.account or table is None:
        return unknown
    instance = running.node.instance
    by_own = isinstance(instance, InstanceTraits) and instance.has_public_ip
    public = _public(table, nats, by_own_address=by_own)
    found: list[ServiceOrigin] = []
    for service in SERVICES:
        endpoint = endpoint_in_use(placement, endpoints, routes, dns, service)
        # A gateway endpoint only affects IPv4.
        if endpoint is not None and not (endpoint.type is EndpointType.GATEWAY and subnet.ipv6_native):
            found.append(ServiceOrigin(service, endpoint.id))
        elif public is not None and not subnet.ipv6_native:
            found.append(ServiceOrigin(service, None, *public))
    return RequestOrigin(placement.vpc_id, tuple(found))


def _public(
    table: RouteTable, nats: NatGateways | NoFact, *, by_own_address: bool
) -> tuple[tuple[str, ...], bool] | None:
    """Return the public addresses of a subnet, or that the nodes use their own; None if unknown.

    With a route to another network, DNS names may resolve to endpoints there.
    """
    if any(route.target_kind not in _NEAR for route in table.routes):
        return None
    default = next((each for each in table.routes if each.destination == _ANYWHERE and not each.blackhole), None)
    if default is None or default.target_kind not in _TO_THE_INTERNET:
        return None
    if default.target_kind is RouteTarget.INTERNET_GATEWAY:
        return (), by_own_address
    gateway = nats.get(default.target_id) if isinstance(nats, NatGateways) else None
    return (gateway.public_ips if gateway is not None else (), False) if gateway is None or gateway.public else None


_TAG_KEY = "aws:principaltag/"
_ORGANIZATION_KEY = "aws:PrincipalOrgID"


@dataclass(frozen=True, slots=True)
class NodeAtItsWay:
    """A node with the known keys of its requests, apart from the question.

    `metadata` says which tokens the metadata service that provides the credentials requires, for nodes with a profile.
    """

    role_arn: str
    origin: RequestOrigin
    organization: OrganizationId | Absent | Unreadable
    tags: RoleTags | Unreadable
    metadata: MetadataTokens | None

    @property
    def organization_id(self) -> str | None:
        """Return the organization's ID; empty if there is none, None if it could not be read."""
        if isinstance(self.organization, Unreadable):
            return None
        return self.organization.id if isinstance(self.organization, OrganizationId) else ""


def _role_arn(node_role: NodeRole) -> Hashable:
    return node_role.role.arn


@reads("iam:ListRoleTags", key=_role_arn)
async def role_tags(aws: Aws, node_role: NodeRole) -> RoleTags:
    """Read the tags that the role's sessions on nodes have as `aws:PrincipalTag`.

    These sessions have no tags of their own.
    """
    tags = await all_parts(aws, "iam", "ListRoleTags", "Tags", RoleName=node_role.role.name)
    return RoleTags(tuple(map(tag_from_answer, tags)))


@derives
def node_at_its_way(
    running: RunningNode,
    node_role: NodeRole,
    origin: RequestOrigin,
    organization: OrganizationId | Absent | Unreadable,
    tags: RoleTags | Unreadable,
) -> NodeAtItsWay:
    """Return the node with its known keys; used only for open questions."""
    instance = running.node.instance
    by_profile = node_role.source is RoleSource.INSTANCE_PROFILE
    metadata = instance.metadata.tokens if by_profile and isinstance(instance, InstanceTraits) else None
    return NodeAtItsWay(node_role.role.arn, origin, organization, tags, metadata)


def known_context(scope: Scope, node: NodeAtItsWay, one: Node, question: Question, asked: Iterable[str]) -> Context:
    """Return the known condition keys of requests of `one` node.

    For tags in `asked`, this includes those that the role does not have.
    """
    return {
        **agent_context(scope, node.role_arn, question),
        **_of_organization(node.organization),
        **_of_tags(node.tags, asked),
        **_of_delivery(node),
        **owner_context(resource_account(question.resource, scope.account), scope.account, node.organization_id),
        **_of_way(scope, node, one, question),
    }


def assumed_context(scope: Scope, node: NodeAtItsWay, one: Node, question: Question, asked: Iterable[str]) -> Context:
    """Return placeholder values for the unknown keys that each request of an organization member has.

    Keys in `asked`, which its own policies use, stay missing: IAM names them itself.
    """
    own = resource_account(question.resource, scope.account) == scope.account
    unsure = () if own else (PATHS_KEY,)
    known = known_context(scope, node, one, question, ())
    by_metadata = node.metadata is not None and not passes_through_s3(question)
    return placeholder_values(known, (*asked, *unsure), node.organization_id, by_metadata=by_metadata)


def withheld_context(scope: Scope, node: NodeAtItsWay, one: Node, question: Question, asked: Iterable[str]) -> Context:
    """Return placeholder values for the keys that stay missing because its own policies use them (`asked`).

    The organization's policies can use them too, and IAM would evaluate these as if the request had no value.
    """
    present = assumed_context(scope, node, one, question, asked)
    return {
        key: values for key, values in assumed_context(scope, node, one, question, ()).items() if key not in present
    }


def possible_context(scope: Scope, node: NodeAtItsWay, question: Question, asked: Iterable[str]) -> Context:
    """Return the additional keys of a request if the resource belongs to the organization.

    This applies if its owner is unknown or another account. If the organization is unknown, the resource can still
    belong to this account.
    """
    owner = resource_account(question.resource, scope.account)
    if owner == scope.account:
        return {}
    organization: Context = {ORGANIZATION_KEY: (node.organization_id,)} if node.organization_id else {}
    told: Context = {ACCOUNT_KEY: (owner or scope.account,), **organization}
    open_ = {key.lower() for key in asked}
    return {key: values for key, values in told.items() if key.lower() not in open_}


def combined_context(scope: Scope, node: NodeAtItsWay, one: Node, question: Question, asked: Iterable[str]) -> Context:
    """Return the possible and the withheld keys together if that is more than each alone; else nothing.

    A condition of the organization's policies can use one of each, or a withheld key of the possible ones.
    """
    perhaps = possible_context(scope, node, question, ())
    withheld = withheld_context(scope, node, one, question, asked)
    told = possible_context(scope, node, question, asked)
    return {**withheld, **perhaps} if perhaps and (withheld or perhaps != told) else {}


def unread_context_reads(node: NodeAtItsWay, keys: Iterable[str]) -> tuple[Unreadable, ...]:
    """Return the failed reads of these condition keys' values."""
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


def _of_way(scope: Scope, at: NodeAtItsWay, node: Node, question: Question) -> Context:
    if passes_through_s3(question):
        return {}  # S3 makes the request
    origin, service = at.origin, question.action.partition(":")[0]
    if origin.vpc_id is None:
        return outside_ec2() if node.id.startswith("mi-") else {}
    instance = node.instance
    if not isinstance(instance, Instance):
        return {**origin.known(service), **_of_endpoint(scope, at, service)}
    own = origin.known_of_node(service, instance.private_ip or "", instance.public_ip, node_arn(scope, node.id))
    return {**own, **origin.known(service), **_of_endpoint(scope, at, service)}


def _of_endpoint(scope: Scope, at: NodeAtItsWay, service: str) -> Context:
    """Return the keys about the endpoint's owner.

    Paths are known only in VPCs of this account, which have its own endpoints.
    """
    by_endpoint = at.origin.by_endpoint(service)
    if by_endpoint is None:
        return {}
    if not by_endpoint or service not in SERVICES_WITH_OWNER:
        return {"aws:VpceAccount": (), "aws:VpceOrgID": (), "aws:VpceOrgPaths": ()}
    if at.organization_id is None:
        return {"aws:VpceAccount": (scope.account,)}
    return {"aws:VpceAccount": (scope.account,), "aws:VpceOrgID": (at.organization_id,) if at.organization_id else ()}
