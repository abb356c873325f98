from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.analysis.network.routes import BlockedPath, NetworkContext, OpenPath, UnknownPath
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.network import GroupRule, Route, RouteTables, RouteTarget
from tests.analysis.network.checked_path import checked_path
from tests.builders.network import (
    ENDPOINT_SUBNET,
    NAT_SUBNET,
    NODE_GROUP,
    NODE_IPV6_CIDR,
    NODE_SUBNET,
    acl,
    entry,
    gateway,
    group,
    interface,
    surroundings,
)

TO_NAT64 = Route("64:ff9b::/96", RouteTarget.NAT_GATEWAY, "nat-1")
TO_IPV6 = Route("::/0", RouteTarget.EGRESS_ONLY_GATEWAY, "eigw-1")
IPV6_OUT = group(egress=(GroupRule("-1", None, None, ("::/0",)),))
OPEN_ACLS = tuple(
    acl(
        id_,
        subnet,
        *(entry(n, egress=way, cidr=cidr) for way in (True, False) for n, cidr in ((1, "0.0.0.0/0"), (2, "::/0"))),
    )
    for id_, subnet in (("acl-nodes", NODE_SUBNET), ("acl-endpoints", ENDPOINT_SUBNET), ("acl-public", NAT_SUBNET))
)
WHOLE = surroundings(ipv6_native=True, dns64=True, routes=(TO_NAT64,), groups=(IPV6_OUT,), acls=OPEN_ACLS)


def with_routes(around: NetworkContext, *routes: Route) -> NetworkContext:
    own, public = around.routes.tables
    return replace(around, routes=RouteTables((replace(own, routes=routes), public)))


def without_dns64(around: NetworkContext) -> NetworkContext:
    subnets = {id_: replace(each, dns64=False) for id_, each in around.subnets.by_id.items()}
    return replace(around, subnets=replace(around.subnets, by_id=subnets))


def test_dns64_and_nat64_lead_to_the_ipv4_names() -> None:
    assert checked_path(WHOLE, "ssm") == OpenPath("nat-1")


@pytest.mark.parametrize(
    ("around", "hop"),
    [
        pytest.param(
            with_routes(WHOLE), "The subnet subnet-nodes is IPv6-only and has no route to the internet", id="no route"
        ),
        pytest.param(without_dns64(WHOLE), "The subnet subnet-nodes is IPv6-only, and DNS64 is off", id="no DNS64"),
        pytest.param(
            with_routes(WHOLE, replace(TO_NAT64, target_kind=RouteTarget.INTERNET_GATEWAY, target_id="igw-1")),
            "The subnet subnet-nodes is IPv6-only, and igw-1 does not translate addresses",
            id="made-up addresses led to an internet gateway",
        ),
    ],
)
def test_a_subnet_of_ipv6_only_without_a_whole_translation_is_closed(around: NetworkContext, hop: str) -> None:
    way = checked_path(around, "ssm")
    assert isinstance(way, BlockedPath)
    assert (way.cause, way.subject) == ("ipv6-only-subnet", Subject(SubjectKind.SUBNET, NODE_SUBNET))
    assert (way.hop, way.fixes) == (hop, ("steps-network",))


def test_the_security_group_must_let_ipv6_out() -> None:
    way = checked_path(replace(WHOLE, groups=surroundings().groups), "ssm")
    assert isinstance(way, BlockedPath)
    assert (way.cause, way.subject) == ("egress-blocked", Subject(SubjectKind.SECURITY_GROUP, NODE_GROUP))
    assert way.fixes == ("steps-network",)


@pytest.mark.parametrize(
    ("guard", "subnet", "cidr"),
    [
        pytest.param("acl-nodes", NODE_SUBNET, "64:ff9b::/96", id="the node's, towards made-up addresses"),
        pytest.param("acl-public", NAT_SUBNET, NODE_IPV6_CIDR, id="the NAT gateway's, towards the node"),
        pytest.param("acl-public", NAT_SUBNET, "0.0.0.0/0", id="the NAT gateway's, towards AWS, in IPv4"),
    ],
)
def test_network_acls_count_in_the_family_that_a_packet_has_there(guard: str, subnet: str, cidr: str) -> None:
    everything = [
        entry(n, egress=way, cidr=each) for way in (True, False) for n, each in ((10, "0.0.0.0/0"), (11, "::/0"))
    ]
    denial = entry(1, egress=True, allow=False, cidr=cidr)
    around = surroundings(
        ipv6_native=True,
        dns64=True,
        routes=(TO_NAT64,),
        groups=(IPV6_OUT,),
        acls=(*OPEN_ACLS, acl(guard, subnet, denial, *everything)),
    )
    way = checked_path(around, "ssm")
    assert isinstance(way, BlockedPath)
    assert (way.cause, way.subject) == ("network-acl-blocks", Subject(SubjectKind.NETWORK_ACL, guard))


@pytest.mark.parametrize(
    ("around", "named"),
    [
        pytest.param(with_routes(WHOLE, TO_IPV6), "eigw-1", id="a way that serves an agent told to use IPv6 names"),
        pytest.param(with_routes(without_dns64(WHOLE), TO_NAT64, TO_IPV6), "eigw-1", id="and no DNS64"),
        pytest.param(replace(WHOLE, endpoints=surroundings(interface("ssm")).endpoints), "vpce-ssm", id="an endpoint"),
        pytest.param(
            with_routes(WHOLE, replace(TO_NAT64, target_kind=RouteTarget.NETWORK_INTERFACE, target_id="eni-1")),
            "eni-1",
            id="an appliance that may translate",
        ),
    ],
)
def test_ways_of_ipv6_that_are_not_to_be_seen_are_named(around: NetworkContext, named: str) -> None:
    way = checked_path(around, "ssm")
    assert isinstance(way, UnknownPath)
    assert named in way.hop


def test_an_endpoint_that_cannot_be_used_hides_no_way() -> None:
    made = surroundings(interface("ssm", available=False)).endpoints
    assert checked_path(replace(WHOLE, endpoints=made), "ssm") == OpenPath("nat-1")


def test_of_a_subnet_whose_block_is_not_told_no_route_of_the_nat_gateways_subnet_leads_aside() -> None:
    subnets = {id_: replace(each, ipv6_cidr="") for id_, each in WHOLE.subnets.by_id.items()}
    own, public = WHOLE.routes.tables
    around = replace(
        WHOLE,
        subnets=replace(WHOLE.subnets, by_id=subnets),
        routes=RouteTables((own, replace(public, routes=(*public.routes, TO_IPV6)))),
    )
    assert checked_path(around, "ssm") == OpenPath("nat-1")


def test_a_gateway_endpoint_is_not_taken_for_a_way_of_ipv6() -> None:
    way = checked_path(replace(WHOLE, endpoints=surroundings(gateway()).endpoints), "s3")
    assert isinstance(way, UnknownPath)
    assert (way.cause, "vpce-s3" in way.hop) == ("ipv6-only-subnet", True)


@pytest.mark.parametrize("target", [RouteTarget.NETWORK_INTERFACE, RouteTarget.NAT_GATEWAY])
def test_a_node_that_may_send_nothing_to_translated_addresses_is_closed_whatever_translates_them(
    target: RouteTarget,
) -> None:
    unseen = with_routes(WHOLE, replace(TO_NAT64, target_kind=target, target_id="gone-1"))
    assert isinstance(checked_path(unseen, "ssm"), UnknownPath)
    way = checked_path(replace(unseen, groups=surroundings(groups=(group(),)).groups), "ssm")
    assert isinstance(way, BlockedPath)
    assert (way.cause, way.subject) == ("egress-blocked", Subject(SubjectKind.SECURITY_GROUP, NODE_GROUP))
