"""Routes as EC2 describes them: one member of many says what a route points at."""

from __future__ import annotations

from ssmtui.evidence.wire.answer import Answer
from ssmtui.model.network import Route, RouteTarget

_BY_MEMBER = (
    ("NatGatewayId", RouteTarget.NAT_GATEWAY),
    ("TransitGatewayId", RouteTarget.TRANSIT_GATEWAY),
    ("VpcPeeringConnectionId", RouteTarget.PEERING),
    ("EgressOnlyInternetGatewayId", RouteTarget.EGRESS_ONLY_GATEWAY),
    ("InstanceId", RouteTarget.INSTANCE),
    ("NetworkInterfaceId", RouteTarget.NETWORK_INTERFACE),
    ("LocalGatewayId", RouteTarget.LOCAL_GATEWAY),
    ("CarrierGatewayId", RouteTarget.CARRIER_GATEWAY),
    ("CoreNetworkArn", RouteTarget.CORE_NETWORK),
    ("OdbNetworkArn", RouteTarget.OTHER),
)
_ENDPOINT = "vpce-"
_BY_PREFIX = (
    ("local", RouteTarget.LOCAL),
    ("igw-", RouteTarget.INTERNET_GATEWAY),
    ("vgw-", RouteTarget.VIRTUAL_PRIVATE_GATEWAY),
)


def route_in(raw: Answer) -> Route:
    """One entry of a route table's Routes."""
    network = raw.optional_text("DestinationCidrBlock") or raw.optional_text("DestinationIpv6CidrBlock")
    destination = network or raw.text("DestinationPrefixListId")
    kind, target = _target(raw)
    if target.startswith(_ENDPOINT):
        # A gateway endpoint's own route is to its service's prefix list; whatever else is routed to an endpoint goes
        # through a firewall's (Gateway Load Balancer).
        kind = RouteTarget.FIREWALL_ENDPOINT if network else RouteTarget.GATEWAY_ENDPOINT
    return Route(destination, kind, target, blackhole=raw.optional_text("State") == "blackhole")


def _target(raw: Answer) -> tuple[RouteTarget, str]:
    for member, kind in _BY_MEMBER:
        if target := raw.optional_text(member):
            return kind, target
    gateway = raw.optional_text("GatewayId") or ""
    for prefix, kind in _BY_PREFIX:
        if gateway.startswith(prefix):
            return kind, gateway
    return RouteTarget.OTHER, gateway
