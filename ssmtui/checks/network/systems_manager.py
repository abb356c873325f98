"""The ways to ssm and ssmmessages, asked only of a node that has not proved them itself."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.network.findings import Obstacle, findings_of
from ssmtui.checks.network.prefix_lists import taken_apart
from ssmtui.checks.network.way_out import way_out
from ssmtui.checks.network.ways import Open, Surroundings
from ssmtui.checks.subjects import the_subnet
from ssmtui.model.answers import Unreadable
from ssmtui.model.finding import Confidence, Findings, Status
from ssmtui.model.network import (
    Endpoints,
    NatGateways,
    NetworkAcls,
    Placement,
    PrefixLists,
    RouteTables,
    SecurityGroups,
    Subnets,
    VpcDns,
)
from ssmtui.model.path import Link
from ssmtui.model.scope import Scope
from ssmtui.model.standing import UnconnectedNode


@check(
    link=Link.NETWORK,
    causes=(
        "no-route-to-endpoint",
        "endpoint-missing",
        "endpoint-security-group-closed",
        "endpoint-private-dns-off",
        "vpc-dns-off",
        "egress-blocked",
        "network-acl-blocks",
        "blackhole-route",
        "shared-vpc",
        "ipv6-only-subnet",
    ),
    subject=the_subnet,
    rank=10,
)
def node_reaches_systems_manager(
    away: UnconnectedNode,
    placement: Placement,
    scope: Scope,
    subnets: Subnets,
    routes: RouteTables,
    groups: SecurityGroups,
    acls: NetworkAcls,
    endpoints: Endpoints,
    dns: VpcDns,
    nats: NatGateways | Unreadable,
    lists: PrefixLists | Unreadable,
) -> Findings:
    """Whether the node reaches ssm and ssmmessages."""
    apart = taken_apart(routes, lists)
    around = Surroundings(scope.account, placement, subnets, apart, groups, acls, endpoints, dns, nats, lists)
    observation = away.observation
    asked = [
        service
        for service, proved in (("ssm", observation.online), ("ssmmessages", observation.connected))
        if not proved
    ]
    # Of a node that was registered once, something that cannot be seen (a proxy, peering) may have been the way.
    confidence = Confidence.LIKELY if away.node.managed else Confidence.PROVED
    ways = [(service, way_out(around, service)) for service in asked]
    return findings_of(
        Obstacle(service, way, Status.FAIL, confidence) for service, way in ways if not isinstance(way, Open)
    )
