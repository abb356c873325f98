"""The way to a service's public addresses: a gateway endpoint, an internet gateway, NAT, or something out of sight."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.checks.network.by_nat import by_nat, through_internet_gateway
from ssmtui.checks.network.filters_on_the_way import at_the_subnet, first_obstacle, leaving_the_node
from ssmtui.checks.network.packet_filters import ANYWHERE, IpNetwork, Place
from ssmtui.checks.network.routes import (
    NO_ROUTE,
    default_route,
    gone,
    lacking,
    leading_out_of_sight,
    out_of_sight,
    routed,
    routes_to_service,
    to_unknown_networks,
    unrouted,
)
from ssmtui.checks.network.ways import Closed, Open, OutOfSight, Surroundings, Way
from ssmtui.language import say
from ssmtui.model.endpoints_in_use import gateway_endpoint
from ssmtui.model.finding import Evidence
from ssmtui.model.network import Route, RouteTable, RouteTarget


def by_route(around: Surroundings, service: str) -> Way:
    """The way by the routes of the node's subnet, and through the filters that it meets."""
    placement = around.placement
    table = around.routes.of(placement.subnet_id, placement.vpc_id)
    if table is None:
        return unseen_table(around)
    gateway = gateway_endpoint(around.endpoints, table, service)
    if gateway is None:
        return through_own_filters(around, _leaving(around, table, service), Place(ANYWHERE), service)
    lists = tuple(route.destination for route in table.routes if route.target_id == gateway.id)
    return through_own_filters(around, Open(gateway.id), Place(ANYWHERE, (), lists), service)


def unseen_table(around: Surroundings) -> OutOfSight:
    """The node's subnet has a route table that is not to be seen."""
    hop = say("The route table of {subnet_id} is not to be seen", subnet_id=around.placement.subnet_id)
    return OutOfSight(NO_ROUTE, around.subnet, hop, (Evidence(hop, "ec2:DescribeRouteTables"),))


def through_own_filters(around: Surroundings, way: Way, towards: Place, service: str) -> Way:
    """A way, held against the node's security groups and its subnet's network ACL.

    What a way that is lost from sight leads to may have any address: only what lets nothing at all out closes it.
    """
    ipv4 = towards.network is None or towards.network.version == ANYWHERE.version
    if isinstance(way, Closed) or (isinstance(way, OutOfSight) and not ipv4):
        return way
    place = towards if isinstance(way, Open) else Place(None)
    obstacle = first_obstacle(
        leaving_the_node(around, place, say("{service}'s public addresses", service=service)),
        at_the_subnet(around, around.placement.subnet_id, place.network, outwards=True),
    )
    if isinstance(way, Open):
        return obstacle or way
    return obstacle if isinstance(obstacle, Closed) else way


def following(around: Surroundings, table: RouteTable, route: Route, service: str, source: IpNetwork | None) -> Way:
    """Where one route of the node's subnet leads. `source` is what other subnets see its packets come from."""
    if route.blackhole:
        return gone(table, route)
    if route.target_kind is RouteTarget.NAT_GATEWAY:
        return by_nat(around, route, service, source)
    if route.target_kind is not RouteTarget.INTERNET_GATEWAY:
        return out_of_sight(around, table, route)
    if around.placement.has_public_ip:
        return through_internet_gateway(around, route, around.placement.subnet_id, service, translated=False)
    hop = say(
        "The subnet {subnet_id} leads to an internet gateway, and the node has no public address",
        subnet_id=around.placement.subnet_id,
    )
    no_address = Evidence(say("the instance has no public address"), "ec2:DescribeInstances")
    return lacking(around, service, hop, routed(table, route), no_address)


def _leaving(around: Surroundings, table: RouteTable, service: str) -> Way:
    """Where the table's routes to the internet lead: which of several AWS's addresses take is not to be seen."""
    routes = routes_to_service(around, table, service)
    if not routes:
        beyond = leading_out_of_sight(around, table, service)
        return _without_default_route(around, table, service) if beyond is None else out_of_sight(around, table, beyond)
    unknown = to_unknown_networks(table, routes[0].target_id)
    if unknown is not None:
        return out_of_sight(around, table, unknown)
    ways = [following(around, table, route, service, around.node.network) for route in routes]
    obstacle = next((each for each in ways if isinstance(each, OutOfSight)), None) or next(
        (each for each in ways if isinstance(each, Closed)), None
    )
    if not isinstance(obstacle, Closed):
        return obstacle or ways[0]
    if not all(isinstance(each, Closed) for each in ways):
        return OutOfSight(obstacle.cause, obstacle.subject, obstacle.hop, obstacle.evidence)
    # The route to everywhere is not taken where closer ones lead to all of the service's addresses.
    everywhere = default_route(table)
    followed = routes if everywhere is None else (*routes, everywhere)
    beyond = leading_out_of_sight(around, table, service, *followed)
    return obstacle if beyond is None else _perhaps(obstacle, out_of_sight(around, table, beyond))


def _perhaps(closed: Closed, beyond: OutOfSight) -> OutOfSight:
    """A way that is closed, beside a route whose other side is not to be seen: the endpoints of a hub may be there."""
    return replace(beyond, cause=closed.cause, subject=closed.subject, evidence=(*closed.evidence, *beyond.evidence))


def _without_default_route(around: Surroundings, table: RouteTable, service: str) -> Closed:
    hop = say(
        "The subnet {subnet_id} has no route out, and its VPC no endpoint instead", subnet_id=around.placement.subnet_id
    )
    return lacking(around, service, hop, unrouted(table))
