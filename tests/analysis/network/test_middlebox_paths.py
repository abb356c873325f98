"""Middlebox routing: routes that lead what goes from one subnet of a VPC to another by way of a firewall."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.analysis.network.routes import BlockedPath, NetworkContext, OpenPath, UnknownPath
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.network import Route, RouteTable, RouteTables, RouteTarget
from tests.analysis.network.checked_path import checked_path
from tests.builders.network import (
    ENDPOINT_CIDR,
    ENDPOINT_SUBNET,
    LOCAL,
    NODE_CIDR,
    NODE_SUBNET,
    TO_INTERNET,
    VPC,
    a_placement,
    interface,
    surroundings,
)

BY_FIREWALL = Route(ENDPOINT_CIDR, RouteTarget.FIREWALL_ENDPOINT, "vpce-firewall")
BACK_BY_FIREWALL = replace(BY_FIREWALL, destination=NODE_CIDR)
PART = "10.0.2.128/25"


def routed(*routes: Route, subnets: tuple[str, ...] = (ENDPOINT_SUBNET,)) -> NetworkContext:
    """A node and an endpoint whose subnets have these routes besides the local one."""
    return surroundings(interface("ssm", subnets=subnets), routes=routes)


@pytest.mark.parametrize(
    ("around", "hop"),
    [
        pytest.param(
            routed(BY_FIREWALL),
            "The route to 10.0.2.0/24 goes through the firewall endpoint vpce-firewall; the rest of the "
            "path is not visible",
            id="there",
        ),
        pytest.param(
            routed(BACK_BY_FIREWALL),
            "The route to 10.0.1.0/24 goes through the firewall endpoint vpce-firewall; the rest of the "
            "path is not visible",
            id="back",
        ),
        pytest.param(
            routed(Route(PART, RouteTarget.NETWORK_INTERFACE, "eni-1")),
            "The route to 10.0.2.128/25 goes through the network interface eni-1; the rest of the path is not visible",
            id="to a part of the endpoint's subnet",
        ),
        pytest.param(
            routed(Route(PART, RouteTarget.NETWORK_INTERFACE, "eni-1", blackhole=True)),
            "The route to 10.0.2.128/25 goes through the network interface eni-1; the rest of the path is not visible",
            id="to a part of it, and it is gone",
        ),
    ],
)
def test_a_firewall_on_the_way_to_an_endpoint_is_named(around: NetworkContext, hop: str) -> None:
    way = checked_path(around, "ssm")
    assert isinstance(way, UnknownPath)
    assert (way.cause, way.subject) == ("no-route-to-endpoint", Subject(SubjectKind.SUBNET, NODE_SUBNET))
    assert way.hop == hop


def test_a_local_route_that_leads_by_a_firewall_itself_is_named() -> None:
    around = routed()
    by_firewall = replace(LOCAL, target_kind=RouteTarget.FIREWALL_ENDPOINT, target_id="vpce-firewall")
    tables = RouteTables((RouteTable("rtb-1", VPC, True, (), (by_firewall,)),))
    way = checked_path(replace(around, routes=tables), "ssm")
    assert isinstance(way, UnknownPath)
    assert "vpce-firewall" in way.hop


def test_a_firewall_that_is_gone_closes_the_way() -> None:
    way = checked_path(routed(replace(BY_FIREWALL, blackhole=True)), "ssm")
    assert isinstance(way, BlockedPath)
    assert (way.cause, way.subject) == ("blackhole-route", Subject(SubjectKind.ROUTE_TABLE, "rtb-1"))
    assert way.hop == "The route of rtb-1 to 10.0.2.0/24 has the target vpce-firewall, which no longer exists"


@pytest.mark.parametrize(
    "around",
    [
        pytest.param(routed(replace(BY_FIREWALL, destination="10.0.9.0/24")), id="to another subnet"),
        pytest.param(routed(replace(BY_FIREWALL, destination="10.0.0.0/8")), id="the local route is closer"),
        pytest.param(routed(replace(BY_FIREWALL, destination="0.0.0.0/0")), id="to the internet"),
        pytest.param(routed(BY_FIREWALL, subnets=(NODE_SUBNET,)), id="within a subnet no route counts"),
        pytest.param(routed(BY_FIREWALL, subnets=(ENDPOINT_SUBNET, NODE_SUBNET)), id="one straight way of two"),
    ],
)
def test_an_endpoint_that_packets_go_to_straight(around: NetworkContext) -> None:
    assert checked_path(around, "ssm") == OpenPath("vpce-ssm")


def by_gateway(*edge: Route) -> NetworkContext:
    """A node with a public address, and what the internet gateway does with the answers to it."""
    return surroundings(routes=(TO_INTERNET,), placement=a_placement(public=True), edge=edge)


def test_answers_that_an_internet_gateway_leads_to_a_firewall_are_lost_from_sight_or_lost() -> None:
    assert checked_path(by_gateway(), "ssm") == OpenPath("igw-1")
    assert checked_path(by_gateway(BY_FIREWALL), "ssm") == OpenPath("igw-1")
    beyond = checked_path(by_gateway(BACK_BY_FIREWALL), "ssm")
    assert isinstance(beyond, UnknownPath)
    assert "vpce-firewall" in beyond.hop
    lost = checked_path(by_gateway(replace(BACK_BY_FIREWALL, blackhole=True)), "ssm")
    assert isinstance(lost, BlockedPath)
    assert (lost.cause, lost.subject) == ("blackhole-route", Subject(SubjectKind.ROUTE_TABLE, "rtb-edge"))


def test_what_is_closed_is_closed_whatever_the_firewall_does() -> None:
    closed = replace(surroundings().groups, by_id={})
    around = routed(BY_FIREWALL)
    assert isinstance(checked_path(replace(around, groups=closed), "ssm"), UnknownPath)
    no_rules = {id_: replace(each, ingress=()) for id_, each in around.groups.by_id.items()}
    way = checked_path(replace(around, groups=replace(around.groups, by_id=no_rules)), "ssm")
    assert isinstance(way, BlockedPath)
    assert way.cause == "endpoint-security-group-closed"


def test_routes_that_are_not_to_be_seen_leave_it_open() -> None:
    way = checked_path(replace(routed(), routes=RouteTables(())), "ssm")
    assert isinstance(way, UnknownPath)


def test_of_routes_to_parts_of_a_subnet_the_one_that_still_leads_somewhere_is_named() -> None:
    away = replace(BY_FIREWALL, target_id="vpce-gone", blackhole=True)
    way = checked_path(routed(away, Route(PART, RouteTarget.FIREWALL_ENDPOINT, "vpce-firewall")), "ssm")
    assert isinstance(way, UnknownPath)
    assert "vpce-firewall" in way.hop
    assert "vpce-gone" not in way.hop
