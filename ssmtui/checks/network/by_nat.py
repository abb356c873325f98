"""The way through a NAT gateway: it has to work, its own subnet has to lead to the internet, and to let it through."""

from __future__ import annotations

from ssmtui.checks.denials import in_words
from ssmtui.checks.doubt import unread_evidence
from ssmtui.checks.network.filters_on_the_way import at_the_subnet, first_obstacle
from ssmtui.checks.network.packet_filters import ANYWHERE, IpNetwork, network_of
from ssmtui.checks.network.routes import (
    NO_ROUTE,
    detoured,
    gone,
    lacking,
    leading_out_of_sight,
    led_aside,
    out_of_sight,
    routed,
    routes_to_service,
    to_unknown_networks,
    unrouted,
)
from ssmtui.checks.network.ways import Open, OutOfSight, Surroundings, Way
from ssmtui.language import say
from ssmtui.model.answers import Unreadable
from ssmtui.model.finding import Evidence
from ssmtui.model.network import InternetBlock, NatGateway, Route, RouteTable, RouteTarget

_GATEWAYS = "ec2:DescribeNatGateways"


def by_nat(around: Surroundings, route: Route, service: str, source: IpNetwork | None) -> Way:
    """The way on from the NAT gateway that a route leads to. `source` is what its subnet sees packets come from."""
    if isinstance(around.nats, Unreadable):
        hop = say("Whether the NAT gateway {nat} leads on could not be read", nat=route.target_id)
        needs = (around.nats.action,) if around.nats.action else ()
        return OutOfSight(NO_ROUTE, around.subnet, hop, unread_evidence(around.nats), needs)
    nat = around.nats.get(route.target_id)
    if nat is None:
        hop = say("The NAT gateway {nat} is not to be seen", nat=route.target_id)
        return OutOfSight(NO_ROUTE, around.subnet, hop, (Evidence(hop, _GATEWAYS),))
    state = Evidence(say("the state of {nat} is {state}", nat=nat.id, state=nat.state), _GATEWAYS)
    if nat.state == "pending":
        hop = say("The NAT gateway {nat} is still being made", nat=nat.id)
        return OutOfSight(NO_ROUTE, around.subnet, hop, (state,))
    if nat.state != "available":
        hop = say("The NAT gateway {nat} does not work: it is {state}", nat=nat.id, state=nat.state)
        return lacking(around, service, hop, state)
    if not _serves_the_zone(around, nat):
        hop = say("The NAT gateway {nat} serves no zone of {subnet}", nat=nat.id, subnet=around.placement.subnet_id)
        zones = say("{nat} has addresses in {zones}", nat=nat.id, zones=in_words(sorted(nat.zones or ())))
        return lacking(around, service, hop, Evidence(zones, _GATEWAYS))
    table = around.routes.of(nat.subnet_id, nat.vpc_id) if nat.subnet_id else around.routes.get(nat.route_table_id)
    if table is None:
        hop = say("The route table of the NAT gateway {nat} is not to be seen", nat=nat.id)
        return OutOfSight(NO_ROUTE, around.subnet, hop, (Evidence(hop, "ec2:DescribeRouteTables"),))
    way = _onwards(around, nat, table, service)
    if not isinstance(way, Open):
        return way
    if nat.subnet_id is None:
        return Open(nat.id)
    own = nat.subnet_id == around.placement.subnet_id
    obstacle = first_obstacle(
        None if own else at_the_subnet(around, nat.subnet_id, source, outwards=False),
        at_the_subnet(around, nat.subnet_id, ANYWHERE, outwards=True),
        None if own or not _is_known(source) else detoured(around, nat.subnet_id, source),
    )
    return obstacle or Open(nat.id)


def _serves_the_zone(around: Surroundings, nat: NatGateway) -> bool:
    """Whether a gateway has addresses for the zone of the node's subnet, where its zones are chosen by hand.

    Such a gateway serves those zones alone and does not expand to others (CDK, RegionalNatGatewayProviderProps).
    """
    subnet = around.subnets.get(around.placement.subnet_id)
    if nat.zones is None or subnet is None or not subnet.zones:
        return True
    return not nat.zones.isdisjoint(subnet.zones)


def _is_known(source: IpNetwork | None) -> bool:
    """Whether it is told what addresses the NAT gateway's subnet sees: that a network is anything tells nothing."""
    return source is not None and source.prefixlen > 0


def _onwards(around: Surroundings, nat: NatGateway, table: RouteTable, service: str) -> Way:
    """Where the NAT gateway's own routes lead."""
    routes = routes_to_service(around, table, service)
    if not routes:
        beyond = leading_out_of_sight(around, table, service, translated=nat.public)
        if beyond is not None:
            return out_of_sight(around, table, beyond)
        hop = say("The NAT gateway {nat} has no route to the internet itself", nat=nat.id)
        return lacking(around, service, hop, unrouted(table))
    route = routes[0]
    if all(each.blackhole for each in routes):
        return gone(table, route)
    aside = to_unknown_networks(table, route.target_id) or next(
        (each for each in routes if each.blackhole or each.target_id != route.target_id), None
    )
    if aside is not None:
        return out_of_sight(around, table, aside)
    if route.target_id == nat.id:
        hop = say("The NAT gateway {nat} stands in a subnet whose route leads back to it", nat=nat.id)
        return lacking(around, service, hop, routed(table, route))
    if route.target_kind is not RouteTarget.INTERNET_GATEWAY:
        return out_of_sight(around, table, route)
    if not nat.public:
        hop = say("The NAT gateway {nat} is a private one, whose packets an internet gateway drops", nat=nat.id)
        private = Evidence(say("ConnectivityType of {nat} is private", nat=nat.id), _GATEWAYS)
        return lacking(around, service, hop, private, routed(table, route))
    return through_internet_gateway(around, route, nat.subnet_id, service, translated=True)


def through_internet_gateway(
    around: Surroundings, route: Route, subnet_id: str | None, service: str, *, translated: bool
) -> Way:
    """Whether the internet gateway that a subnet's route leads to may be passed from there, and answers come back.

    Where VPC Block Public Access is for ingress alone, what a NAT gateway has `translated` passes, and nothing else.
    https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html
    """
    subnet = around.subnets.get(subnet_id) if subnet_id else None
    passing = (InternetBlock.OFF, InternetBlock.INGRESS) if translated else (InternetBlock.OFF,)
    own = around.subnets.get(around.placement.subnet_id)
    if subnet_id is None and own is not None and own.internet_block not in passing:
        # A regional gateway is in no subnet: whether its VPC is spared, that of the node's subnet does not tell.
        hop = say("VPC Block Public Access may keep the NAT gateway from {gateway}", gateway=route.target_id)
        blocked = say("InternetGatewayBlockMode of {subnet} is {mode}", subnet=own.id, mode=own.internet_block.value)
        return OutOfSight(NO_ROUTE, around.subnet, hop, (Evidence(blocked, "ec2:DescribeSubnets"),))
    if subnet is None or subnet.internet_block in passing:
        edge = around.routes.of_gateway(route.target_id)
        back = network_of(subnet.cidr) if subnet is not None else None
        aside = led_aside(around, edge, back) if edge is not None and back is not None else None
        return aside or Open(route.target_id)
    hop = say("VPC Block Public Access keeps the subnet {subnet} from its internet gateway", subnet=subnet.id)
    mode = subnet.internet_block.value
    fact = say("InternetGatewayBlockMode of {subnet} is {mode}", subnet=subnet.id, mode=mode)
    return lacking(around, service, hop, Evidence(fact, "ec2:DescribeSubnets"))
