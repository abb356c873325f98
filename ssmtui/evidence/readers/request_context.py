"""Read the known keys of a node's requests: organization, role tags, and the network path."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ssmtui.evidence.aws.reader_api import Aws, all_parts, tag_from_answer
from ssmtui.evidence.facts.sources import derives, reads
from ssmtui.iam_policy.document import Policy
from ssmtui.iam_policy.evaluation import condition_keys, name_sessions
from ssmtui.iam_policy.patterns import Context
from ssmtui.language import say
from ssmtui.model.fact import Absent, NoFact, NotApplicable, Unreadable
from ssmtui.model.identity import NodeRole, OrganizationId, RoleSource, RoleTags
from ssmtui.model.network import (
    Endpoints,
    EndpointType,
    NatGateways,
    NetworkInterfaces,
    Placement,
    RouteTable,
    RouteTables,
    RouteTarget,
    Subnets,
    VpcDns,
    endpoint_in_use,
)
from ssmtui.model.node import InstanceTraits, Node
from ssmtui.model.node_facts import RunningNode
from ssmtui.model.node_requests import (
    BucketKeyPolicyRequests,
    BucketPolicyRequests,
    EndpointPolicyRequests,
    KeyPolicyRequests,
    NodeRequests,
    depends_on_request,
    known_context,
)
from ssmtui.model.permissions import Question
from ssmtui.model.request_context import (
    ACCOUNT_KEY,
    ORGANIZATION_KEY,
    PATHS_KEY,
    SERVICES,
    RequestOrigin,
    ServiceOrigin,
    passes_through_s3,
    placeholder_values,
)
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Bucket, BucketKeyPolicy, BucketPolicy, KeyPolicy

_ANYWHERE = "0.0.0.0/0"
_TO_THE_INTERNET = (RouteTarget.INTERNET_GATEWAY, RouteTarget.NAT_GATEWAY)
_NEAR = (*_TO_THE_INTERNET, RouteTarget.LOCAL, RouteTarget.GATEWAY_ENDPOINT, RouteTarget.EGRESS_ONLY_GATEWAY)


@derives
def request_origin(
    running: RunningNode,
    scope: Scope,
    placement: Placement | NoFact,
    interfaces: NetworkInterfaces | NoFact,
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
    instance = running.node.instance
    by_own = isinstance(instance, InstanceTraits) and instance.has_public_ip

    def services_of(place: Placement, *, by_own_address: bool) -> tuple[ServiceOrigin, ...]:
        subnet, table = subnets.get(place.subnet_id), routes.of(place.subnet_id, place.vpc_id)
        if place.vpc_id != placement.vpc_id or subnet is None or subnet.owner != scope.account or table is None:
            return ()
        public = _public(table, nats, by_own_address=by_own_address)
        inspected = any(each.firewall for each in subnets.by_id.values() if each.vpc_id == place.vpc_id)
        found: list[ServiceOrigin] = []
        for service in SERVICES:
            endpoint = endpoint_in_use(place, endpoints, routes, dns, service)
            # A gateway endpoint only affects IPv4.
            if endpoint is not None and not (endpoint.type is EndpointType.GATEWAY and subnet.ipv6_native):
                found.append(ServiceOrigin(service, endpoint.id))
            elif public is not None and not subnet.ipv6_native:
                # A firewall at the internet gateway can translate the addresses.
                found.append(ServiceOrigin(service, None, *public) if not inspected else ServiceOrigin(service, None))
        return tuple(found)

    services = services_of(placement, by_own_address=by_own)
    # Only the routes of the operating system decide which interface sends a request.
    for each in _other_places(interfaces):
        of_other = services_of(each, by_own_address=each.has_public_ip)
        services = tuple(one for one in services if one in of_other)
    return RequestOrigin(placement.vpc_id, services)


def _other_places(interfaces: NetworkInterfaces | NoFact) -> tuple[Placement, ...]:
    return tuple(each.placement for each in interfaces.others) if isinstance(interfaces, NetworkInterfaces) else ()


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
def node_requests(
    running: RunningNode,
    scope: Scope,
    node_role: NodeRole,
    origin: RequestOrigin,
    organization: OrganizationId | Absent | Unreadable,
    tags: RoleTags | Unreadable,
    placement: Placement | NoFact,
    interfaces: NetworkInterfaces | NoFact,
    subnets: Subnets | NoFact,
    routes: RouteTables | NoFact,
    endpoints: Endpoints | NoFact,
    dns: VpcDns | NoFact,
    nats: NatGateways | NoFact,
) -> NodeRequests:
    """Return what is known about the requests of the node; used only for open questions."""
    instance = running.node.instance
    by_profile = node_role.source is RoleSource.INSTANCE_PROFILE
    metadata = instance.metadata.tokens if by_profile and isinstance(instance, InstanceTraits) else None
    unread = [each for each in (placement, subnets, routes, endpoints, dns, nats) if isinstance(each, Unreadable)]
    if not unread and isinstance(placement, Placement):
        unread += _hidden_ways(scope, placement, interfaces, subnets, routes)
    others = _other_places(interfaces)
    return NodeRequests(
        node_role.role.arn, origin, organization, tags, metadata, tuple(dict.fromkeys(unread)), not others
    )


def _hidden_ways(
    scope: Scope,
    placement: Placement,
    interfaces: NetworkInterfaces | NoFact,
    subnets: Subnets | NoFact,
    routes: RouteTables | NoFact,
) -> Iterator[Unreadable]:
    """Yield what hides the origin of requests although everything was read: no permission would show it."""
    subnet = subnets.get(placement.subnet_id) if isinstance(subnets, Subnets) else None
    if subnet is None or subnet.owner != scope.account:
        why = say(
            "the subnet {subnet} belongs to another account, whose network is not visible", subnet=placement.subnet_id
        )
        yield Unreadable("", why, source="ec2:DescribeSubnets")
        return
    table = routes.of(placement.subnet_id, placement.vpc_id) if isinstance(routes, RouteTables) else None
    for route in table.routes if table is not None else ():
        if route.target_kind not in _NEAR:
            why = say(
                "{table} has a route to {target}: what lies behind it is not visible",
                table=table.id if table is not None else "",
                target=route.target_id,
            )
            yield Unreadable("", why, source="ec2:DescribeRouteTables")
            break
    if any(each.subnet_id != placement.subnet_id for each in _other_places(interfaces)):
        why = say("the node has network interfaces in several subnets; only its operating system chooses between them")
        yield Unreadable("", why, source="ec2:DescribeNetworkInterfaces")


def assumed_context(scope: Scope, node: NodeRequests, one: Node, question: Question, asked: Iterable[str]) -> Context:
    """Return placeholder values for the unknown keys that each request of an organization member has.

    Keys in `asked`, which its own policies use, stay missing: IAM names them itself.
    """
    own = node.owner_of(question.resource, scope.account) == scope.account
    unsure = () if own else (PATHS_KEY,)
    known = known_context(scope, node, one, question, ())
    by_metadata = node.metadata is not None and not passes_through_s3(question)
    return placeholder_values(known, (*asked, *unsure), node.organization_id, by_metadata=by_metadata)


def withheld_context(scope: Scope, node: NodeRequests, one: Node, question: Question, asked: Iterable[str]) -> Context:
    """Return placeholder values for the keys that stay missing because its own policies use them (`asked`).

    The organization's policies can use them too, and IAM would evaluate these as if the request had no value.
    """
    present = assumed_context(scope, node, one, question, asked)
    return {
        key: values for key, values in assumed_context(scope, node, one, question, ()).items() if key not in present
    }


def possible_context(scope: Scope, node: NodeRequests, question: Question, asked: Iterable[str]) -> Context:
    """Return the additional keys of a request if the resource belongs to the organization.

    This applies if its owner is unknown or another account. If the organization is unknown, the resource can still
    belong to this account.
    """
    owner = node.owner_of(question.resource, scope.account)
    if owner == scope.account:
        return {}
    organization: Context = {ORGANIZATION_KEY: (node.organization_id,)} if node.organization_id else {}
    told: Context = {ACCOUNT_KEY: (owner or scope.account,), **organization}
    open_ = {key.lower() for key in asked}
    return {key: values for key, values in told.items() if key.lower() not in open_}


def combined_context(scope: Scope, node: NodeRequests, one: Node, question: Question, asked: Iterable[str]) -> Context:
    """Return the possible and the withheld keys together if that is more than each alone; else nothing.

    A condition of the organization's policies can use one of each, or a withheld key of the possible ones.
    """
    perhaps = possible_context(scope, node, question, ())
    withheld = withheld_context(scope, node, one, question, asked)
    told = possible_context(scope, node, question, asked)
    return {**withheld, **perhaps} if perhaps and (withheld or perhaps != told) else {}


@dataclass(frozen=True, slots=True)
class RequestConditions:
    """The condition keys of a policy, if some of them are about the request's origin, session or resource.

    `has_sessions`: the policy names a role session.
    """

    keys: tuple[str, ...]
    has_sessions: bool


class KeyPolicyConditions(RequestConditions):
    """The keys in the policy of the session key."""

    __slots__ = ()


class BucketPolicyConditions(RequestConditions):
    """The keys in the policy of the log bucket."""

    __slots__ = ()


class BucketKeyPolicyConditions(RequestConditions):
    """The keys in the policy of the log bucket's key."""

    __slots__ = ()


class EndpointPolicyConditions(RequestConditions):
    """The keys in the policies of the VPC's endpoints."""

    __slots__ = ()


Conditions = TypeVar("Conditions", bound=RequestConditions)


def _conditions(kind: type[Conditions], policies: Sequence[Policy]) -> Conditions | NotApplicable:
    keys, has_sessions = condition_keys(policies), name_sessions(policies)
    if not has_sessions and not depends_on_request(keys):
        return NotApplicable(say("no condition of the policy depends on the origin of the request"))
    return kind(keys, has_sessions)


@derives
def key_policy_conditions(policy: KeyPolicy) -> KeyPolicyConditions | NotApplicable:
    """Return the keys of the policy, so that the requests are read only for a policy that depends on them."""
    return _conditions(KeyPolicyConditions, (policy.policy,))


@derives
def bucket_policy_conditions(policy: BucketPolicy) -> BucketPolicyConditions | NotApplicable:
    """Return the keys of the policy."""
    return _conditions(BucketPolicyConditions, (policy.policy,))


@derives
def bucket_key_policy_conditions(policy: BucketKeyPolicy) -> BucketKeyPolicyConditions | NotApplicable:
    """Return the keys of the policy."""
    return _conditions(BucketKeyPolicyConditions, (policy.policy,))


@derives
def endpoint_policy_conditions(placement: Placement, endpoints: Endpoints) -> EndpointPolicyConditions | NotApplicable:
    """Return the keys of all endpoint policies of the VPC."""
    policies = [each.policy for each in endpoints.endpoints if each.vpc_id == placement.vpc_id]
    return _conditions(EndpointPolicyConditions, policies)


@derives
def key_policy_requests(conditions: KeyPolicyConditions, requests: NodeRequests) -> KeyPolicyRequests:
    """Return the requests under the policy."""
    return KeyPolicyRequests(conditions.keys, requests, conditions.has_sessions)


@derives
def bucket_policy_requests(
    conditions: BucketPolicyConditions, requests: NodeRequests, bucket: Bucket | NoFact
) -> BucketPolicyRequests:
    """Return the requests under the policy."""
    return BucketPolicyRequests(conditions.keys, requests.to_bucket(bucket), conditions.has_sessions)


@derives
def bucket_key_policy_requests(
    conditions: BucketKeyPolicyConditions, requests: NodeRequests
) -> BucketKeyPolicyRequests:
    """Return the requests under the policy."""
    return BucketKeyPolicyRequests(conditions.keys, requests, conditions.has_sessions)


@derives
def endpoint_policy_requests(
    conditions: EndpointPolicyConditions, requests: NodeRequests, bucket: Bucket | NoFact
) -> EndpointPolicyRequests:
    """Return the requests under the policies."""
    return EndpointPolicyRequests(conditions.keys, requests.to_bucket(bucket), conditions.has_sessions)
