"""The way to a service's public addresses: a gateway endpoint, an internet gateway, NAT, or something out of sight."""

from __future__ import annotations

from ssmtui.checks.network.by_endpoint import first_obstacle
from ssmtui.checks.network.filters_on_the_way import at_the_subnet, leaving_the_node
from ssmtui.checks.network.packet_filters import ANYWHERE, Place, network_of
from ssmtui.checks.network.ways import Closed, Open, Surroundings, Unsure, Way
from ssmtui.model.finding import Evidence
from ssmtui.model.network import EndpointType, Route, RouteTable, RouteTarget
from ssmtui.model.subject import Subject, SubjectKind

_ROUTES = "ec2:DescribeRouteTables"
_OF_SESSIONS = ("ssm", "ssmmessages", "ec2messages", "kms", "logs", "s3")
_TRANSLATING = frozenset({RouteTarget.NAT_GATEWAY, RouteTarget.NAT_INSTANCE})
_OUT_OF_SIGHT = frozenset(
    {RouteTarget.TRANSIT_GATEWAY, RouteTarget.PEERING, RouteTarget.GATEWAY_ENDPOINT, RouteTarget.OTHER}
)


def by_route(around: Surroundings, service: str) -> Way:
    """The way by the routes of the node's subnet, and through the filters that it meets."""
    placement = around.placement
    table = around.routes.of(placement.subnet_id, placement.vpc_id)
    if table is None:
        hop = f"The route table of {placement.subnet_id} is not to be seen"
        return Unsure("no-route-to-endpoint", around.subnet, hop, (Evidence(hop, _ROUTES),))
    gateway = _gateway_endpoint(around, table, service)
    way = Open(gateway) if gateway else _leaving(around, table, service)
    if not isinstance(way, Open):
        return way
    lists = tuple(route.destination for route in table.routes if gateway and route.target_id == gateway)
    anywhere = Place(ANYWHERE, (), lists)
    obstacle = first_obstacle(
        leaving_the_node(around, anywhere, f"{service}'s public addresses"),
        at_the_subnet(around, placement.subnet_id, ANYWHERE, outwards=True),
    )
    return obstacle or way


def _gateway_endpoint(around: Surroundings, table: RouteTable, service: str) -> str | None:
    """The gateway endpoint of the service that the table is associated with, or has a route to."""
    targets = {route.target_id for route in table.routes if not route.blackhole}
    for endpoint in around.endpoints.of(around.placement.vpc_id, service):
        associated = table.id in endpoint.route_table_ids or endpoint.id in targets
        if endpoint.type is EndpointType.GATEWAY and endpoint.available and associated:
            return endpoint.id
    return None


def _leaving(around: Surroundings, table: RouteTable, service: str) -> Way:
    """Where the table's route to the internet leads."""
    route = _default_route(table)
    if route is None:
        beyond = next((each for each in table.routes if _may_lead_out(around, each)), None)
        return _no_way(around, table, service) if beyond is None else _out_of_sight(around, table, beyond)
    if route.blackhole:
        subject = Subject(SubjectKind.ROUTE_TABLE, table.id)
        hop = f"The route of {table.id} to {route.destination} leads to {route.target_id}, which is gone"
        evidence = (Evidence(f"the route {route.destination} of {table.id} is a blackhole", _ROUTES),)
        return Closed("blackhole-route", subject, hop, evidence, ("steps-network",))
    if route.target_kind in _TRANSLATING:
        return Open(route.target_id)
    if route.target_kind is RouteTarget.INTERNET_GATEWAY:
        return Open(route.target_id) if around.placement.has_public_ip else _no_address(around, table, service, route)
    return _out_of_sight(around, table, route)


def _default_route(table: RouteTable) -> Route | None:
    """The route to the internet: the one to everywhere (of IPv4)."""
    return next((route for route in table.routes if network_of(route.destination) == ANYWHERE), None)


def _may_lead_out(around: Surroundings, route: Route) -> bool:
    """Whether a route might lead to the service though it is none to everywhere: what is behind it is not to be seen.

    That is so of whatever leads to other networks (endpoints of a hub are reached that way), and of a route to a part
    of the internet.
    """
    destination = network_of(route.destination)
    if route.blackhole or (destination is not None and destination.version != ANYWHERE.version):
        return False
    if route.target_kind is RouteTarget.GATEWAY_ENDPOINT:
        return destination is not None  # a gateway endpoint's own route is to the prefix list of one service
    if route.target_kind is RouteTarget.INTERNET_GATEWAY:
        return around.placement.has_public_ip
    return route.target_kind in _OUT_OF_SIGHT or route.target_kind in _TRANSLATING


def _out_of_sight(around: Surroundings, table: RouteTable, route: Route) -> Unsure:
    hop = (
        f"The route to {route.destination} leads through the {route.target_kind.value} {route.target_id}, out of sight"
    )
    evidence = (Evidence(f"{table.id} routes {route.destination} to {route.target_id}", _ROUTES),)
    return Unsure("no-route-to-endpoint", around.subnet, hop, evidence)


def _no_address(around: Surroundings, table: RouteTable, service: str, route: Route) -> Closed:
    hop = f"The subnet {around.placement.subnet_id} leads to an internet gateway, and the node has no public address"
    evidence = (
        Evidence(f"{table.id} routes {route.destination} to {route.target_id}", _ROUTES),
        Evidence("the instance has no public address", "ec2:DescribeInstances"),
    )
    return _lacking(around, service, hop, evidence)


def _no_way(around: Surroundings, table: RouteTable, service: str) -> Closed:
    hop = f"The subnet {around.placement.subnet_id} has no route out, and its VPC no endpoint instead"
    return _lacking(around, service, hop, (Evidence(f"{table.id} has no route to the internet", _ROUTES),))


def _lacking(around: Surroundings, service: str, hop: str, evidence: tuple[Evidence, ...]) -> Closed:
    """Where other services have an endpoint in the VPC, this one's is missing; else there is no way at all."""
    vpc_id = around.placement.vpc_id
    others = [each for each in _OF_SESSIONS if any(e.available for e in around.endpoints.of(vpc_id, each))]
    fact = f"{vpc_id} has no available VPC endpoint for {service}"
    if others:
        fact = f"{fact}, and one for {', '.join(others)}"
    cause = "endpoint-missing" if others else "no-route-to-endpoint"
    found = (*evidence, Evidence(fact, "ec2:DescribeVpcEndpoints"))
    return Closed(cause, around.subnet, hop, found, ("create-endpoint", "steps-network"))
