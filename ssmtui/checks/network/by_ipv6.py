"""The way out of a subnet that has IPv6 only.

SSM Agent takes the IPv4 names of services unless it is told otherwise (docs/facts/nodes.md §3): from here they lead
somewhere by DNS64 and NAT64 alone. A route to the IPv6 internet, or an endpoint with IPv6 addresses, serves an agent
that was told; whether it was is not to be seen.
https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html
"""

from __future__ import annotations

import ipaddress

from ssmtui.checks.network.by_route import following, through_own_filters, unseen_table
from ssmtui.checks.network.packet_filters import Place, network_of
from ssmtui.checks.network.routes import routed
from ssmtui.checks.network.ways import Closed, OutOfSight, Surroundings, Way
from ssmtui.language import say
from ssmtui.model.finding import Evidence
from ssmtui.model.network import Route, RouteTable, RouteTarget, Subnet

_CAUSE = "ipv6-only-subnet"
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PASSED_UNTRANSLATED = (RouteTarget.INTERNET_GATEWAY, RouteTarget.EGRESS_ONLY_GATEWAY)
_ANY_SOURCE = ipaddress.ip_network("::/0")


def by_ipv6(around: Surroundings, subnet: Subnet, service: str) -> Way:
    """The way from a subnet of IPv6 only to a service."""
    table = around.routes.of(subnet.id, subnet.vpc_id)
    if table is None:
        return unseen_table(around)
    endpoint = next((each for each in around.endpoints.of(subnet.vpc_id, service) if each.available), None)
    if endpoint is not None:
        hop = say(
            "The subnet {subnet} has IPv6 only, and whether the VPC endpoint {endpoint} serves it is not to be seen",
            subnet=subnet.id,
            endpoint=endpoint.id,
        )
        stands = say("{endpoint} stands for {service}", endpoint=endpoint.id, service=service)
        return OutOfSight(
            _CAUSE, around.subnet, hop, (_only_ipv6(subnet), Evidence(stands, "ec2:DescribeVpcEndpoints"))
        )
    translated = _translated(around, subnet, table, service)
    told = to_the_ipv6_internet(table)
    if told is None or not isinstance(translated, Closed):
        return translated
    hop = say(
        "The subnet {subnet} leads to the IPv6 internet by {target}, which only an agent told to use IPv6 names takes",
        subnet=subnet.id,
        target=told.target_id,
    )
    evidence = (_only_ipv6(subnet), routed(table, told), *translated.evidence)
    return OutOfSight(_CAUSE, around.subnet, hop, tuple(dict.fromkeys(evidence)))


def _translated(around: Surroundings, subnet: Subnet, table: RouteTable, service: str) -> Way:
    """The way that the IPv4 names lead to: DNS64 makes up addresses for them, and NAT64 takes these apart."""
    route = next((each for each in table.routes if network_of(each.destination) == _NAT64), None)
    if route is None:
        hop = say("The subnet {subnet} has IPv6 only, and no way for it to lead out", subnet=subnet.id)
        fact = say("{table} has no route to {network}", table=table.id, network=_NAT64)
        return _closed(around, subnet, hop, Evidence(fact, "ec2:DescribeRouteTables"))
    if route.target_kind in _PASSED_UNTRANSLATED:
        hop = say(
            "The subnet {subnet} has IPv6 only, and {target} translates nothing",
            subnet=subnet.id,
            target=route.target_id,
        )
        return _closed(around, subnet, hop, routed(table, route))
    if not subnet.dns64:
        hop = say("The subnet {subnet} has IPv6 only, and its DNS64 is off", subnet=subnet.id)
        fact = say("EnableDns64 of {subnet} is false", subnet=subnet.id)
        return _closed(around, subnet, hop, Evidence(fact, "ec2:DescribeSubnets"))
    source = network_of(subnet.ipv6_cidr) or _ANY_SOURCE
    return through_own_filters(around, following(around, table, route, service, source), Place(_NAT64), service)


def to_the_ipv6_internet(table: RouteTable) -> Route | None:
    """A route to IPv6 networks outside the VPC, which an agent takes that was told to use IPv6 names."""
    for route in table.routes:
        network = network_of(route.destination)
        ipv6 = network is not None and network.version == _NAT64.version and network != _NAT64
        if ipv6 and not route.blackhole and route.target_kind is not RouteTarget.LOCAL:
            return route
    return None


def _only_ipv6(subnet: Subnet) -> Evidence:
    return Evidence(say("Ipv6Native of {subnet} is true", subnet=subnet.id), "ec2:DescribeSubnets")


def _closed(around: Surroundings, subnet: Subnet, hop: str, *evidence: Evidence) -> Closed:
    return Closed(_CAUSE, around.subnet, hop, (_only_ipv6(subnet), *evidence), ("steps-network",))
