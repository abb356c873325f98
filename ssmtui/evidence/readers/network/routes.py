"""Routes as EC2 describes them: one member of many says what a route points at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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


def route_in(raw: Mapping[str, Any]) -> Route:
    """One entry of a route table's Routes."""
    network = raw.get("DestinationCidrBlock") or raw.get("DestinationIpv6CidrBlock")
    destination = network or raw["DestinationPrefixListId"]
    kind, target = _target(raw)
    if target.startswith(_ENDPOINT):
        # A gateway endpoint's own route is to its service's prefix list; whatever else is routed to an endpoint goes
        # through a firewall's (Gateway Load Balancer).
        kind = RouteTarget.FIREWALL_ENDPOINT if network else RouteTarget.GATEWAY_ENDPOINT
    return Route(str(destination), kind, target, blackhole=raw.get("State") == "blackhole")


def _target(raw: Mapping[str, Any]) -> tuple[RouteTarget, str]:
    for member, kind in _BY_MEMBER:
        if raw.get(member):
            return kind, str(raw[member])
    gateway = str(raw.get("GatewayId") or "")
    for prefix, kind in _BY_PREFIX:
        if gateway.startswith(prefix):
            return kind, gateway
    return RouteTarget.OTHER, gateway
