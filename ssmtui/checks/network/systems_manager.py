"""The ways to ssm and ssmmessages, asked only of a node that has not proved them itself."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.checks.check import check
from ssmtui.checks.network.by_ipv6 import to_the_ipv6_internet
from ssmtui.checks.network.findings import ClosedService, findings_of
from ssmtui.checks.network.prefix_lists import taken_apart
from ssmtui.checks.network.routes import ROUTES
from ssmtui.checks.network.way_out import way_out
from ssmtui.checks.network.ways import Closed, Open, Surroundings, Way
from ssmtui.checks.subjects import the_subnet
from ssmtui.language import say
from ssmtui.model.address_block import AddressBlock
from ssmtui.model.answers import Unreadable
from ssmtui.model.finding import Confidence, Evidence, Findings, Status
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
from ssmtui.model.node import Instance, Node
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
    block: AddressBlock,
) -> Findings:
    """Whether the node reaches ssm and ssmmessages."""
    apart = taken_apart(routes, lists)
    around = Surroundings(
        scope.account, placement, block, subnets, apart, groups, acls, endpoints, dns, nats, lists, scope.region
    )
    observation = away.observation
    asked = [
        service
        for service, proved in (("ssm", observation.online), ("ssmmessages", observation.connected))
        if not proved
    ]
    by_ipv6 = _by_ipv6(around, away.node)
    # Of a node that was registered once, something that cannot be seen (a proxy, peering) may have been the way.
    confidence = Confidence.LIKELY if away.node.managed or by_ipv6 else Confidence.PROVED
    ways = [(service, _beside(way_out(around, service), by_ipv6)) for service in asked]
    return findings_of(
        ClosedService(service, way, Status.FAIL, confidence) for service, way in ways if not isinstance(way, Open)
    )


def _by_ipv6(around: Surroundings, node: Node) -> tuple[Evidence, ...]:
    """Another way that a node with addresses of both kinds may have: an agent can be told to use IPv6 names."""
    subnet, table = around.placement.subnet_id, around.routes.of(around.placement.subnet_id, around.placement.vpc_id)
    route = to_the_ipv6_internet(table) if table is not None else None
    if table is None or route is None or not isinstance(node.instance, Instance) or not node.instance.ipv6_addresses:
        return ()
    fact = say(
        "{subnet} leads to the IPv6 internet by {target}, which only an agent told to use IPv6 names takes",
        subnet=subnet,
        target=route.target_id,
    )
    return (Evidence(fact, ROUTES),)


def _beside(way: Way, evidence: tuple[Evidence, ...]) -> Way:
    return replace(way, evidence=(*way.evidence, *evidence)) if isinstance(way, Closed) else way
