from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.analysis.network.routes import BlockedPath, NetworkContext, OpenPath, UnknownPath
from ssmtui.model.fact import ReadFailure, Unreadable
from ssmtui.model.finding import Evidence, Subject, SubjectKind
from ssmtui.model.network import InternetBlock, NatGateway, Route, RouteTable, RouteTables, RouteTarget, Subnets
from tests.analysis.network.checked_path import checked_path
from tests.builders.network import (
    NAT,
    NAT_CIDR,
    NAT_SUBNET,
    NODE_CIDR,
    NODE_IP,
    NODE_SUBNET,
    TO_INTERNET,
    TO_NAT,
    VPC,
    acl,
    entry,
    interface,
    surroundings,
)

REFUSED = Unreadable("ec2:DescribeNatGateways", "not authorized", ReadFailure.REFUSED)
REGIONAL = NatGateway("nat-1", VPC, "available", public=True, subnet_id=None, route_table_id="rtb-nat")
TO_HUB = Route("0.0.0.0/0", RouteTarget.TRANSIT_GATEWAY, "tgw-1")
SUBNET = Subject(SubjectKind.SUBNET, NODE_SUBNET)


def behind(*nats: NatGateway, routes: tuple[Route, ...] = (TO_INTERNET,)) -> NetworkContext:
    return surroundings(routes=(TO_NAT,), nats=nats, nat_routes=routes)


def regional(nat: NatGateway) -> NetworkContext:
    """A gateway with a route table of its own, and a node in the zone euw3-az1."""
    around = behind(nat)
    tables = (RouteTable("rtb-1", VPC, True, (), (TO_NAT,)), RouteTable("rtb-nat", VPC, False, (), (TO_INTERNET,)))
    zones = frozenset({"eu-west-3a", "euw3-az1"})
    subnets = Subnets({id_: replace(each, zones=zones) for id_, each in around.subnets.by_id.items()})
    return replace(around, routes=RouteTables(tables), subnets=subnets)


def blocked(around: NetworkContext, mode: InternetBlock) -> NetworkContext:
    subnets = {id_: replace(each, internet_block=mode) for id_, each in around.subnets.by_id.items()}
    return replace(around, subnets=Subnets(subnets))


def guarded(*entries: tuple[bool, str, tuple[int, int]]) -> NetworkContext:
    """The NAT gateway's subnet, whose network ACL denies these: outbound or not, remote network, ports."""
    denials = [
        entry(number, egress=egress, allow=False, cidr=cidr, ports=ports)
        for number, (egress, cidr, ports) in enumerate(entries, 1)
    ]
    everything = (entry(100, egress=True), entry(100, egress=False))
    return surroundings(routes=(TO_NAT,), acls=(acl("acl-public", NAT_SUBNET, *denials, *everything),))


TO_UNKNOWN_LIST = Route("pl-1", RouteTarget.INTERNET_GATEWAY, "igw-2")


@pytest.mark.parametrize(
    "around",
    [
        pytest.param(behind(NAT), id="in a public subnet"),
        pytest.param(regional(REGIONAL), id="a regional one, with a route table of its own"),
        pytest.param(
            regional(replace(REGIONAL, zones=frozenset({"euw3-az1"}))), id="a regional one, in the chosen zone"
        ),
        pytest.param(regional(REGIONAL), id="a regional one, whose zones AWS manages"),
        pytest.param(
            blocked(behind(NAT), InternetBlock.INGRESS),
            id="where VPC Block Public Access keeps what comes in away",
        ),
        pytest.param(
            guarded((False, "198.51.100.0/24", (443, 443)), (True, f"{NODE_IP}/32", (22, 22))),
            id="its network ACL denies what is not on the way",
        ),
    ],
)
def test_a_nat_gateway_that_leads_out(around: NetworkContext) -> None:
    assert checked_path(around, "ssm") == OpenPath("nat-1")


@pytest.mark.parametrize(
    ("around", "hop"),
    [
        pytest.param(
            behind(replace(NAT, state="failed")),
            "The NAT gateway nat-1 does not work: its state is failed",
            id="failed",
        ),
        pytest.param(
            behind(NAT, routes=()), "The NAT gateway nat-1 has no route to the internet", id="no way of its own"
        ),
        pytest.param(
            behind(NAT, routes=(TO_NAT,)),
            "The NAT gateway nat-1 is in a subnet whose route leads back to this gateway",
            id="in a private subnet",
        ),
        pytest.param(
            behind(replace(NAT, public=False)),
            "The NAT gateway nat-1 is private, and an internet gateway drops its packets",
            id="a private one",
        ),
        pytest.param(
            blocked(behind(NAT), InternetBlock.BOTH),
            "VPC Block Public Access blocks the path from the subnet subnet-public to its internet gateway",
            id="VPC Block Public Access",
        ),
        pytest.param(
            regional(replace(REGIONAL, zones=frozenset({"eu-west-3b", "euw3-az2"}))),
            "The NAT gateway nat-1 does not serve the Availability Zone of subnet-nodes",
            id="a regional one whose zones were chosen, and this one not",
        ),
    ],
)
def test_a_nat_gateway_that_leads_nowhere_is_named(around: NetworkContext, hop: str) -> None:
    way = checked_path(around, "ssm")
    assert isinstance(way, BlockedPath)
    assert (way.cause, way.subject, way.hop) == ("no-route-to-endpoint", SUBNET, hop)


def test_beside_endpoints_for_other_services_the_one_for_this_is_what_lacks() -> None:
    way = checked_path(surroundings(interface("ssm"), routes=(TO_NAT,), nats=(), nat_routes=()), "kms")
    assert isinstance(way, UnknownPath)
    way = checked_path(surroundings(interface("ssm"), routes=(TO_NAT,), nat_routes=()), "kms")
    assert isinstance(way, BlockedPath)
    assert way.cause == "endpoint-missing"


def test_the_route_of_its_own_subnet_can_be_a_blackhole() -> None:
    way = checked_path(behind(NAT, routes=(replace(TO_INTERNET, blackhole=True),)), "ssm")
    assert isinstance(way, BlockedPath)
    assert (way.cause, way.subject) == ("blackhole-route", Subject(SubjectKind.ROUTE_TABLE, "rtb-public"))


@pytest.mark.parametrize(
    ("around", "blocked"),
    [
        pytest.param(guarded((False, f"{NODE_IP}/32", (443, 443))), "inbound port 443", id="the node's packets"),
        pytest.param(
            guarded((True, f"{NODE_IP}/32", (1024, 65535))), "outbound ports 1024-65535", id="answers to the node"
        ),
        pytest.param(guarded((True, "0.0.0.0/0", (443, 443))), "outbound port 443", id="packets to AWS"),
        pytest.param(guarded((False, "0.0.0.0/0", (1024, 65535))), "inbound ports 1024-65535", id="answers from AWS"),
    ],
)
def test_the_network_acl_of_its_subnet_counts_both_ways(around: NetworkContext, blocked: str) -> None:
    way = checked_path(around, "ssm")
    assert isinstance(way, BlockedPath)
    assert (way.cause, way.subject) == ("network-acl-blocks", Subject(SubjectKind.NETWORK_ACL, "acl-public"))
    assert way.hop == f"The network ACL acl-public of subnet-public blocks {blocked}"


@pytest.mark.parametrize(
    ("around", "named"),
    [
        pytest.param(behind(), "nat-1", id="not to be seen"),
        pytest.param(
            blocked(regional(REGIONAL), InternetBlock.BOTH), "igw-1", id="a regional one, where its VPC may be blocked"
        ),
        pytest.param(behind(replace(NAT, state="pending")), "still being created", id="pending"),
        pytest.param(behind(NAT, routes=(TO_HUB,)), "tgw-1", id="through a transit gateway"),
        pytest.param(behind(replace(NAT, public=False), routes=(TO_HUB,)), "tgw-1", id="a private one, to a hub"),
        pytest.param(
            behind(replace(NAT, public=False), routes=(replace(TO_HUB, destination="10.0.0.0/8"),)),
            "tgw-1",
            id="a private one, to networks of one's own",
        ),
        pytest.param(behind(NAT, routes=(replace(TO_NAT, target_id="nat-2"),)), "nat-2", id="through another one"),
        pytest.param(
            behind(NAT, routes=(replace(TO_INTERNET, blackhole=True), TO_UNKNOWN_LIST)),
            "pl-1",
            id="by a prefix list that cannot be read, beside a blackhole",
        ),
        pytest.param(
            behind(NAT, routes=(replace(TO_INTERNET, destination="52.0.0.0/8"),)),
            "52.0.0.0/8",
            id="to a part of the internet, where some of the service's addresses are",
        ),
        pytest.param(
            behind(NAT, routes=(TO_INTERNET, Route(NODE_CIDR, RouteTarget.FIREWALL_ENDPOINT, "vpce-firewall"))),
            "vpce-firewall",
            id="whose answers come back through a firewall",
        ),
        pytest.param(
            surroundings(routes=(TO_NAT,), edge=(Route(NAT_CIDR, RouteTarget.FIREWALL_ENDPOINT, "vpce-firewall"),)),
            "vpce-firewall",
            id="to which the internet gateway leads through a firewall",
        ),
    ],
)
def test_a_nat_gateway_behind_which_nothing_is_to_be_seen(around: NetworkContext, named: str) -> None:
    way = checked_path(around, "ssm")
    assert isinstance(way, UnknownPath)
    assert (way.cause, way.needs) == ("no-route-to-endpoint", ())
    assert named in way.hop


def test_a_regional_nat_gateway_whose_route_table_is_not_to_be_seen_says_so() -> None:
    hop = "The route table of the NAT gateway nat-1 is not visible"
    told = UnknownPath("no-route-to-endpoint", SUBNET, hop, (Evidence(hop, "ec2:DescribeRouteTables"),))
    assert checked_path(behind(REGIONAL), "ssm") == told


def test_nat_gateways_that_may_not_be_listed_say_what_would_settle_it() -> None:
    way = checked_path(surroundings(routes=(TO_NAT,), nats=REFUSED), "ssm")
    assert isinstance(way, UnknownPath)
    assert way.needs == ("ec2:DescribeNatGateways",)
    assert checked_path(surroundings(interface("ssm"), nats=REFUSED), "ssm") == OpenPath("vpce-ssm")
