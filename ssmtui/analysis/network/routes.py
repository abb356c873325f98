"""Evaluate route tables and prefix lists, and describe a path that is open, closed or out of sight."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace

from ssmtui.analysis.network.packet_filters import ANYWHERE, IpNetwork, PacketPeer, Ranges, addresses_of, network_of
from ssmtui.language import say
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import Evidence, Subject, SubjectKind
from ssmtui.model.network import (
    AddressBlock,
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


@dataclass(frozen=True, slots=True)
class OpenPath:
    """Nothing that can be seen stands in the way. `via` is what it leads through: an endpoint's id, a gateway's."""

    via: str


@dataclass(frozen=True, slots=True)
class BlockedPath:
    """The hop where the way ends: the slug of its cause, the thing that a fix would change, and a sentence's start."""

    cause: str
    subject: Subject
    hop: str
    evidence: tuple[Evidence, ...]
    fixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnknownPath:
    """The way leads out of sight behind a hop, or a rule cannot be evaluated. `cause` is what it may be.

    `needs` are the IAM actions that would settle it, where any would.
    """

    cause: str
    subject: Subject
    hop: str
    evidence: tuple[Evidence, ...]
    needs: tuple[str, ...] = ()


NetworkPath = OpenPath | BlockedPath | UnknownPath


@dataclass(frozen=True, slots=True)
class NetworkContext:
    """A node in its network. `account` is whose eyes we look with: other accounts' subnets show themselves in part."""

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

    @property
    def node(self) -> PacketPeer:
        """The node as rules about it see it."""
        return PacketPeer(network_of(self.block.cidr), self.placement.security_group_ids)

    @property
    def subnet(self) -> Subject:
        """The node's subnet."""
        return Subject(SubjectKind.SUBNET, self.placement.subnet_id)

    @property
    def vpc(self) -> Subject:
        """The node's VPC."""
        return Subject(SubjectKind.VPC, self.placement.vpc_id)


def expand_prefix_lists(routes: RouteTables, lists: PrefixLists | Unreadable) -> RouteTables:
    """The route tables; a route to a list that is not known stays as it is."""
    if isinstance(lists, Unreadable):
        return routes
    return RouteTables(tuple(_table(table, lists) for table in routes.tables))


def is_to_prefix_list(route: Route) -> bool:
    """Whether a route is to a prefix list; a gateway endpoint's own is to the whole of its service instead."""
    return route.destination.startswith("pl-") and route.target_kind is not RouteTarget.GATEWAY_ENDPOINT


def _table(table: RouteTable, lists: PrefixLists) -> RouteTable:
    if not any(is_to_prefix_list(route) for route in table.routes):
        return table
    return replace(table, routes=tuple(each for route in table.routes for each in _apart(route, lists)))


def _apart(route: Route, lists: PrefixLists) -> tuple[Route, ...]:
    known = lists.get(route.destination) if is_to_prefix_list(route) else None
    return (route,) if known is None else tuple(replace(route, destination=cidr) for cidr in known)


ROUTES = "ec2:DescribeRouteTables"
NO_ROUTE = "no-route-to-endpoint"

_OF_SESSIONS = ("ssm", "ssmmessages", "ec2messages", "kms", "logs", "s3")


def find_default_route(table: RouteTable) -> Route | None:
    """The route to the internet: the one to everywhere (of IPv4)."""
    return next((route for route in table.routes if network_of(route.destination) == ANYWHERE), None)


def routes_to_service(around: NetworkContext, table: RouteTable, service: str) -> tuple[Route, ...]:
    """The routes that packets to a service may take, the widest first; none where there is none for all its addresses.

    What leads to parts of the internet goes before the route to everywhere: it counts as far as addresses that AWS
    publishes for the service's Region are there.
    """
    published = addresses_of(service, around.region)
    parts = tuple(route for route in table.routes if _is_to_part_of_internet(route, published))
    networks = [network_of(route.destination) for route in parts]
    if published and all(any(_is_inside(each, network) for network in networks) for each in published):
        return parts
    default = find_default_route(table)
    return (default, *parts) if default is not None else ()


def find_route_out_of_sight(
    around: NetworkContext, table: RouteTable, service: str, *followed: Route, translated: bool | None = None
) -> Route | None:
    """A route that might lead to a service, besides those followed: what is behind it is not to be seen.

    That is so of whatever leads to other networks (endpoints of a hub are reached that way), and of a route to a part
    of the internet. An internet gateway passes what has a public address: the node's own, unless a NAT gateway stands
    here that has `translated` it into one, or into none.
    """
    is_public = around.placement.has_public_ip if translated is None else translated
    published = addresses_of(service, around.region)
    others = (each for each in table.routes if each not in followed and not _is_to_strangers(each, published))
    return next((each for each in others if _may_lead_out(around, each, is_public=is_public)), None)


def find_detour(around: NetworkContext, subnet_id: str, there: IpNetwork | None) -> BlockedPath | UnknownPath | None:
    """What the routes of a subnet say to packets to another subnet of the VPC; None where they go straight.

    A route to a subnet goes before the local one, whose own target can be another too: so a firewall is passed within
    a VPC (VPC User Guide, middlebox routing).
    """
    table = around.routes.of(subnet_id, around.placement.vpc_id)
    if table is None:
        hop = say("The route table of {subnet_id} is not to be seen", subnet_id=subnet_id)
        return UnknownPath(NO_ROUTE, around.subnet, hop, (Evidence(hop, ROUTES),))
    return find_route_aside(around, table, there) if there is not None else None


def find_route_aside(around: NetworkContext, table: RouteTable, there: IpNetwork) -> BlockedPath | UnknownPath | None:
    """What a table says to packets to a network of the VPC; None where they go straight there."""
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
    """The routes that packets to a network of the VPC take: the closest that holds all of it, and those to its parts.

    Where none holds all of it, the local one that every table has does, of which it says nothing.
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
    """A route whose target is gone."""
    hop = say(
        "The route of {table} to {destination} leads to {target_id}, which is gone",
        table=table.id,
        destination=route.destination,
        target_id=route.target_id,
    )
    fact = say("the route {destination} of {table} is a blackhole", destination=route.destination, table=table.id)
    subject = Subject(SubjectKind.ROUTE_TABLE, table.id)
    return BlockedPath("blackhole-route", subject, hop, (Evidence(fact, ROUTES),), ("steps-network",))


def path_out_of_sight(around: NetworkContext, table: RouteTable, route: Route) -> UnknownPath:
    """A route to something whose other side is not to be seen from here."""
    hop = say(
        "The route to {destination} leads through the {target_kind} {target_id}, out of sight",
        destination=route.destination,
        target_kind=say(route.target_kind.value),
        target_id=route.target_id,
    )
    lists = around.lists if is_to_prefix_list(route) and isinstance(around.lists, Unreadable) else None
    evidence = (route_evidence(table, route), *((Evidence(lists.why, lists.source),) if lists is not None else ()))
    needs = (lists.action,) if lists is not None and lists.action else ()
    return UnknownPath(NO_ROUTE, around.subnet, hop, evidence, needs)


def find_route_to_unknown_networks(table: RouteTable, *targets: str) -> Route | None:
    """A route to a prefix list that is not known, to another target than these: AWS's addresses may be in the list."""
    return next((each for each in table.routes if is_to_prefix_list(each) and each.target_id not in targets), None)


def route_evidence(table: RouteTable, route: Route) -> Evidence:
    """A route as an observed fact."""
    fact = say(
        "{table} routes {destination} to {target_id}",
        table=table.id,
        destination=route.destination,
        target_id=route.target_id,
    )
    return Evidence(fact, ROUTES)


def missing_route_evidence(table: RouteTable) -> Evidence:
    """The lack of a route to the internet as an observed fact."""
    return Evidence(say("{table} has no route to the internet", table=table.id), ROUTES)


def missing_route(around: NetworkContext, service: str, hop: str, *evidence: Evidence) -> BlockedPath:
    """Where other services have an endpoint in the VPC, this one's is missing; else there is no way at all."""
    vpc_id = around.placement.vpc_id
    others = [each for each in _OF_SESSIONS if any(e.available for e in around.endpoints.of(vpc_id, each))]
    fact = say("{vpc_id} has no available VPC endpoint for {service}", vpc_id=vpc_id, service=service)
    if others:
        fact = say("{fact}, and one for {others}", fact=fact, others=", ".join(others))
    cause = "endpoint-missing" if others else NO_ROUTE
    found = (*evidence, Evidence(fact, "ec2:DescribeVpcEndpoints"))
    return BlockedPath(cause, around.subnet, hop, found, ("create-endpoint", "steps-network"))


def _is_to_part_of_internet(route: Route, published: Ranges | None) -> bool:
    """Whether a route is to public addresses among which some of the service's may be."""
    network = _public_network(route)
    if network is None:
        return False
    return published is None or any(network.overlaps(each) for each in published)


def _is_to_strangers(route: Route, published: Ranges | None) -> bool:
    """Whether a route is to public addresses of which none is the service's."""
    return _public_network(route) is not None and not _is_to_part_of_internet(route, published)


def _public_network(route: Route) -> ipaddress.IPv4Network | None:
    network = network_of(route.destination)
    if not isinstance(network, ipaddress.IPv4Network) or network.prefixlen == 0:
        return None
    return network if network.is_global and not network.is_multicast else None


def _is_inside(network: ipaddress.IPv4Network, other: IpNetwork | None) -> bool:
    return isinstance(other, ipaddress.IPv4Network) and network.subnet_of(other)


def _may_lead_out(around: NetworkContext, route: Route, *, is_public: bool) -> bool:
    destination = network_of(route.destination)
    if route.blackhole or (destination is not None and destination.version != ANYWHERE.version):
        return False
    match route.target_kind:
        case RouteTarget.LOCAL | RouteTarget.EGRESS_ONLY_GATEWAY:
            return False
        case RouteTarget.INTERNET_GATEWAY:
            return is_public
        case RouteTarget.GATEWAY_ENDPOINT:
            endpoint = around.endpoints.get(route.target_id)
            # A gateway endpoint's own route is to one service, which was asked before.
            return endpoint is not None and endpoint.type is not EndpointType.GATEWAY
        case _:
            return True
