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
    ("InstanceId", RouteTarget.NAT_INSTANCE),
    ("NetworkInterfaceId", RouteTarget.NAT_INSTANCE),
    ("LocalGatewayId", RouteTarget.OTHER),
    ("CarrierGatewayId", RouteTarget.OTHER),
    ("CoreNetworkArn", RouteTarget.OTHER),
)
_BY_PREFIX = (
    ("local", RouteTarget.LOCAL),
    ("igw-", RouteTarget.INTERNET_GATEWAY),
    ("vpce-", RouteTarget.GATEWAY_ENDPOINT),
)


def route_in(raw: Mapping[str, Any]) -> Route:
    """One entry of a route table's Routes."""
    destination = (
        raw.get("DestinationCidrBlock") or raw.get("DestinationIpv6CidrBlock") or raw["DestinationPrefixListId"]
    )
    kind, target = _target(raw)
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
