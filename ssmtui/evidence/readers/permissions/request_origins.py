"""By which way a node's requests leave, as far as the account's network tells: only where policies ask for it."""

from __future__ import annotations

from ssmtui.evidence.gathering.reading import derives
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.endpoints_in_use import endpoint_in_use
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
)
from ssmtui.model.node import Instance
from ssmtui.model.request_origin import SERVICES, RequestOrigin, ServiceOrigin
from ssmtui.model.scope import Scope
from ssmtui.model.standing import RunningNode

_UNKNOWN = Absent | Moot | Unreadable

_ANYWHERE = "0.0.0.0/0"
_TO_THE_INTERNET = (RouteTarget.INTERNET_GATEWAY, RouteTarget.NAT_GATEWAY)
_NEAR = (*_TO_THE_INTERNET, RouteTarget.LOCAL, RouteTarget.GATEWAY_ENDPOINT, RouteTarget.EGRESS_ONLY_GATEWAY)


@derives
def request_origin(
    running: RunningNode,
    scope: Scope,
    placement: Placement | _UNKNOWN,
    subnets: Subnets | _UNKNOWN,
    routes: RouteTables | _UNKNOWN,
    endpoints: Endpoints | _UNKNOWN,
    dns: VpcDns | _UNKNOWN,
    nats: NatGateways | _UNKNOWN,
) -> RequestOrigin:
    """What cannot be read, or is another account's to see, leaves the origin unknown."""
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
    by_own = isinstance(instance, Instance) and instance.has_public_ip
    public = _public(table, nats, by_own_address=by_own)
    found: list[ServiceOrigin] = []
    for service in SERVICES:
        endpoint = endpoint_in_use(placement, endpoints, routes, dns, service)
        # A gateway endpoint is in the way of IPv4 only.
        if endpoint is not None and not (endpoint.type is EndpointType.GATEWAY and subnet.ipv6_native):
            found.append(ServiceOrigin(service, endpoint.id))
        elif public is not None and not subnet.ipv6_native:
            found.append(ServiceOrigin(service, None, *public))
    return RequestOrigin(placement.vpc_id, tuple(found))


def _public(
    table: RouteTable, nats: NatGateways | _UNKNOWN, *, by_own_address: bool
) -> tuple[tuple[str, ...], bool] | None:
    """By which addresses a subnet leaves to the internet, or that it does so by the nodes' own; None where unknown.

    Where anything leads to other networks, names may be told there that lead to endpoints elsewhere.
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
