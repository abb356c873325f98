"""Evaluate route tables and prefix lists, and describe paths that are open, blocked or out of sight."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace

from ssmtui.analysis.network.packet_filters import IpNetwork, PacketPeer, Ranges, addresses_of, network_of
from ssmtui.language import say
from ssmtui.model.fact import NoFact, Unreadable
from ssmtui.model.finding import Evidence, Subject, SubjectKind
from ssmtui.model.network import (
    AddressBlock,
    EndpointAddresses,
    Endpoints,
    EndpointType,
    NatGateways,
    NetworkAcls,
    Placement,
    PrefixLists,
    Route,
    RouteTable,
    RouteTables,
    RouteTarget,
    SecurityGroups,
    Subnets,
    VpcDns,
)
from ssmtui.model.scope import Scope


@dataclass(frozen=True, slots=True)
class OpenPath:
    """Nothing visible blocks the path. `via` is what it leads through: the ID of an endpoint or a gateway."""

    via: str


@dataclass(frozen=True, slots=True)
class BlockedPath:
    """The hop where the path ends: the slug of its cause, the subject of a fix, and the beginning of a sentence."""

    cause: str
    subject: Subject
    hop: str
    evidence: tuple[Evidence, ...]
    fixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnknownPath:
    """The path leads out of sight after a hop, or a rule cannot be evaluated. `cause` is the possible cause.

    `needs` are the IAM actions that would settle it, if any.
    """

    cause: str
    subject: Subject
    hop: str
    evidence: tuple[Evidence, ...]
    needs: tuple[str, ...] = ()


NetworkPath = OpenPath | BlockedPath | UnknownPath


_NO_ADDRESSES = EndpointAddresses(())


@dataclass(frozen=True, slots=True)
class NetworkContext:
    """A node in its network. `account` is the account that reads: it sees subnets of other accounts only partly."""

    account: str
    placement: Placement
    block: AddressBlock
    subnets: Subnets
    routes: RouteTables
    groups: SecurityGroups
    acls: NetworkAcls
    endpoints: Endpoints
    dns: VpcDns
    nats: NatGateways | Unreadable
    lists: PrefixLists | Unreadable
    region: str
    addresses: EndpointAddresses | NoFact = _NO_ADDRESSES

    @property
    def node(self) -> PacketPeer:
        """Return the node as rules see it."""
        return PacketPeer(network_of(self.block.cidr), self.placement.security_group_ids)

    @property
    def subnet(self) -> Subject:
        """Return the node's subnet as a subject."""
        return Subject(SubjectKind.SUBNET, self.placement.subnet_id)

    @property
    def vpc(self) -> Subject:
        """Return the node's VPC as a subject."""
        return Subject(SubjectKind.VPC, self.placement.vpc_id)


def expand_prefix_lists(routes: RouteTables, lists: PrefixLists | Unreadable) -> RouteTables:
    """Return the route tables with prefix lists expanded. A route to an unknown list stays unchanged."""
    if isinstance(lists, Unreadable):
        return routes
    return RouteTables(tuple(_table(table, lists) for table in routes.tables))


def network_context(
    scope: Scope,
    placement: Placement,
    block: AddressBlock,
    subnets: Subnets,
    routes: RouteTables,
    groups: SecurityGroups,
    acls: NetworkAcls,
    endpoints: Endpoints,
    dns: VpcDns,
    nats: NatGateways | Unreadable,
    lists: PrefixLists | Unreadable,
    addresses: EndpointAddresses | NoFact,
) -> NetworkContext:
    """Return a node in its network, with prefix lists in routes expanded."""
    apart = expand_prefix_lists(routes, lists)
    of_node = (scope.account, placement, block)
    return NetworkContext(*of_node, subnets, apart, groups, acls, endpoints, dns, nats, lists, scope.region, addresses)


def is_to_prefix_list(route: Route) -> bool:
    """Return whether a route is to a prefix list; not for a gateway endpoint, whose list is its whole service."""
    return route.destination.startswith("pl-") and route.target_kind is not RouteTarget.GATEWAY_ENDPOINT


def _table(table: RouteTable, lists: PrefixLists) -> RouteTable:
    if not any(is_to_prefix_list(route) for route in table.routes):
        return table
    return replace(table, routes=tuple(each for route in table.routes for each in _apart(route, lists)))


def _apart(route: Route, lists: PrefixLists) -> tuple[Route, ...]:
    known = lists.get(route.destination) if is_to_prefix_list(route) else None
    return (route,) if known is None else tuple(replace(route, destination=cidr) for cidr in known)


_DEFAULT = ipaddress.IPv4Network("0.0.0.0/0")
ROUTES = "ec2:DescribeRouteTables"
NO_ROUTE = "no-route-to-endpoint"

_OF_SESSIONS = ("ssm", "ssmmessages", "ec2messages", "kms", "logs", "s3")
_FORWARDING = ("available", "pending")
"""The states of NAT gateways that forward packets, or will."""


def find_default_route(table: RouteTable) -> Route | None:
    """Return the default route to the internet (IPv4)."""
    return next((route for route in table.routes if network_of(route.destination) == _DEFAULT), None)


def routes_to(table: RouteTable, destination: IpNetwork) -> tuple[Route, ...]:
    """Return the most specific routes to an address; several if networks and prefix lists have the same network.

    Which of two prefix lists comes first is not documented (VPC User Guide, route-tables-priority).
    """
    found: dict[int, list[Route]] = {}
    for route in table.routes:
        network = network_of(route.destination)
        if network is not None and network.version == destination.version and network.overlaps(destination):
            found.setdefault(network.prefixlen, []).append(route)
    return tuple(found[max(found)]) if found else ()


def find_route_out_of_sight(
    around: NetworkContext, table: RouteTable, service: str, *followed: Route, translated: bool | None = None
) -> Route | None:
    """Return a route that may lead to a service and is not among those followed. What is behind it is not visible.

    This applies to routes to other networks (they may lead to endpoints of a hub), and to parts of the internet. An
    internet gateway passes packets from public addresses: the node's own, unless a NAT gateway has `translated` it
    (True:
    into a public one, False: not).
    """
    own = around.subnets.get(around.placement.subnet_id)
    is_public = around.placement.has_public_ip or (own is not None and own.needs_no_public_ip)
    is_public = is_public if translated is None else translated
    published = addresses_of(service, around.region)
    others = (each for each in table.routes if each not in followed and not _is_to_strangers(each, published))
    return next((each for each in others if _may_lead_out(around, each, is_public=is_public)), None)


def find_detour(around: NetworkContext, subnet_id: str, there: IpNetwork | None) -> BlockedPath | UnknownPath | None:
    """Return a detour in the routes of a subnet to another subnet of the VPC; None if packets go directly.

    A route to a subnet comes before the local route, which can also have another target: firewalls within a VPC work
    this way (VPC User Guide, middlebox routing).
    """
    table = around.routes.of(subnet_id, around.placement.vpc_id)
    if table is None:
        hop = say("The route table of {subnet_id} is not visible", subnet_id=subnet_id)
        return UnknownPath(NO_ROUTE, around.subnet, hop, (Evidence(hop, ROUTES),))
    return find_route_aside(around, table, there) if there is not None else None


def find_route_aside(around: NetworkContext, table: RouteTable, there: IpNetwork) -> BlockedPath | UnknownPath | None:
    """Return a detour in a table for packets to a network of the VPC; None if they go directly."""
    unknown = find_route_to_unknown_networks(table)
    if unknown is not None and unknown.target_kind is not RouteTarget.LOCAL:
        return path_out_of_sight(around, table, unknown)
    taken = _taken_to(table, there)
    aside = [route for route in taken if route.target_kind is not RouteTarget.LOCAL]
    if not aside:
        return None
    if all(route.blackhole for route in taken):
        return blackhole_route(table, aside[0])
    return path_out_of_sight(around, table, next((each for each in aside if not each.blackhole), aside[0]))


def _taken_to(table: RouteTable, there: IpNetwork) -> tuple[Route, ...]:
    """Return the routes for packets to a network of the VPC: the closest that contains it, and those to its parts.

    If no listed route contains all of it, the implicit local route does.
    """
    found = [
        (network.prefixlen, route)
        for route in table.routes
        if (network := network_of(route.destination)) is not None
        and network.version == there.version
        and network.overlaps(there)
    ]
    whole = max((each for each in found if each[0] <= there.prefixlen), key=lambda each: each[0], default=None)
    parts = tuple(route for length, route in found if length > there.prefixlen)
    if whole is None:
        return (*parts, Route(str(there), RouteTarget.LOCAL, "local")) if parts else ()
    return (whole[1], *parts)


def blackhole_route(table: RouteTable, route: Route) -> BlockedPath:
    """Return a blocked path: the route's target is gone."""
    hop = say(
        "The route of {table} to {destination} has the target {target_id}, which no longer exists",
        table=table.id,
        destination=route.destination,
        target_id=route.target_id,
    )
    fact = say("the route {destination} of {table} is a blackhole", destination=route.destination, table=table.id)
    subject = Subject(SubjectKind.ROUTE_TABLE, table.id)
    return BlockedPath("blackhole-route", subject, hop, (Evidence(fact, ROUTES),), ("steps-network",))


def path_out_of_sight(around: NetworkContext, table: RouteTable, route: Route) -> UnknownPath:
    """Return an unknown path: what is behind the route is not visible."""
    hop = say(
        "The route to {destination} goes through the {target_kind} {target_id}; the rest of the path is not visible",
        destination=route.destination,
        target_kind=say(route.target_kind.value),
        target_id=route.target_id,
    )
    lists = around.lists if is_to_prefix_list(route) and isinstance(around.lists, Unreadable) else None
    evidence = (route_evidence(table, route), *((Evidence(lists.why, lists.source),) if lists is not None else ()))
    needs = (lists.action,) if lists is not None and lists.action else ()
    return UnknownPath(NO_ROUTE, around.subnet, hop, evidence, needs)


def find_route_to_unknown_networks(table: RouteTable, *targets: str) -> Route | None:
    """Return a route to an unknown prefix list with another target than these: AWS's addresses may be in the list."""
    return next((each for each in table.routes if is_to_prefix_list(each) and each.target_id not in targets), None)


def route_evidence(table: RouteTable, route: Route) -> Evidence:
    """Return a route as evidence."""
    fact = say(
        "{table} routes {destination} to {target_id}",
        table=table.id,
        destination=route.destination,
        target_id=route.target_id,
    )
    return Evidence(fact, ROUTES)


def missing_route_evidence(table: RouteTable) -> Evidence:
    """Return the missing route to the internet as evidence."""
    return Evidence(say("{table} has no route to the internet", table=table.id), ROUTES)


def missing_route(around: NetworkContext, service: str, hop: str, *evidence: Evidence) -> BlockedPath:
    """Return a blocked path: a missing endpoint if other services have one in the VPC, else a missing route."""
    vpc_id = around.placement.vpc_id
    others = [each for each in _OF_SESSIONS if any(e.available for e in around.endpoints.of(vpc_id, each))]
    fact = say("{vpc_id} has no available VPC endpoint for {service}", vpc_id=vpc_id, service=service)
    if others:
        fact = say("{fact}, but has one for {others}", fact=fact, others=", ".join(others))
    cause = "endpoint-missing" if others else NO_ROUTE
    found = (*evidence, Evidence(fact, "ec2:DescribeVpcEndpoints"))
    return BlockedPath(cause, around.subnet, hop, found, ("create-endpoint", "steps-network"))


def _is_to_part_of_internet(route: Route, published: Ranges | None) -> bool:
    """Return whether a route is to public addresses that may include the service's."""
    network = _public_network(route)
    if network is None:
        return False
    return published is None or any(network.overlaps(each) for each in published)


def _is_to_strangers(route: Route, published: Ranges | None) -> bool:
    """Return whether a route is to public addresses that do not include the service's."""
    return _public_network(route) is not None and not _is_to_part_of_internet(route, published)


def _public_network(route: Route) -> ipaddress.IPv4Network | None:
    network = network_of(route.destination)
    if not isinstance(network, ipaddress.IPv4Network) or network.prefixlen == 0:
        return None
    return network if network.is_global and not network.is_multicast else None


def _is_inside(network: ipaddress.IPv4Network, other: IpNetwork | None) -> bool:
    return isinstance(other, ipaddress.IPv4Network) and network.subnet_of(other)


def _is_in_vpc(around: NetworkContext, network: IpNetwork) -> bool:
    """Return whether a network is in the VPC of the node: in the local route of its subnet."""
    table = around.routes.of(around.placement.subnet_id, around.placement.vpc_id)
    local = (network_of(each.destination) for each in (table.routes if table is not None else ()) if _is_local(each))
    return isinstance(network, ipaddress.IPv4Network) and any(_is_inside(network, each) for each in local)


def _is_local(route: Route) -> bool:
    return route.target_kind is RouteTarget.LOCAL


def _may_lead_out(around: NetworkContext, route: Route, *, is_public: bool) -> bool:
    destination = network_of(route.destination)
    if route.blackhole or (destination is not None and destination.version != _DEFAULT.version):
        return False
    if destination is not None and _is_in_vpc(around, destination):
        return False  # all endpoints in the node's own VPC are visible
    match route.target_kind:
        case RouteTarget.LOCAL | RouteTarget.EGRESS_ONLY_GATEWAY:
            return False
        case RouteTarget.INTERNET_GATEWAY:
            return is_public
        case RouteTarget.NAT_GATEWAY:
            nat = around.nats.get(route.target_id) if isinstance(around.nats, NatGateways) else None
            return nat is None or nat.state in _FORWARDING
        case RouteTarget.GATEWAY_ENDPOINT:
            endpoint = around.endpoints.get(route.target_id)
            # A gateway endpoint's own route is to one service, which was evaluated before.
            return endpoint is not None and endpoint.type is not EndpointType.GATEWAY
        case _:
            return True
