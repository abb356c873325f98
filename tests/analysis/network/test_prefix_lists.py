from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.analysis.network.routes import NetworkContext, NetworkPath, OpenPath, UnknownPath, expand_prefix_lists
from ssmtui.model.fact import Unreadable
from ssmtui.model.network import PrefixLists, Route, RouteTable, RouteTables, RouteTarget
from tests.analysis.network.checked_path import checked_path
from tests.builders.network import ENDPOINT_GROUP, TO_NAT, VPC, gateway, group, https, interface, surroundings

READ = "ec2:GetManagedPrefixListEntries"
UNREAD = Unreadable(READ, "not authorized")
TO_LIST = Route("pl-1", RouteTarget.TRANSIT_GATEWAY, "tgw-1")
NODES_BY_LIST = group(ENDPOINT_GROUP, ingress=(https(lists=("pl-1",)),))


def way(around: NetworkContext, service: str = "ssm") -> NetworkPath:
    return checked_path(replace(around, routes=expand_prefix_lists(around.routes, around.lists)), service)


def test_a_route_to_a_list_is_one_to_each_of_its_networks() -> None:
    table = RouteTable("rtb-1", VPC, True, (), (TO_NAT, TO_LIST))
    own = replace(TO_LIST, target_kind=RouteTarget.GATEWAY_ENDPOINT, target_id="vpce-s3")
    other = RouteTable("rtb-2", VPC, False, (), (own,))
    lists = PrefixLists({"pl-1": ("10.0.0.0/8", "192.0.2.0/24")})
    apart = expand_prefix_lists(RouteTables((table, other)), lists)
    assert apart.tables[0].routes == (
        TO_NAT,
        replace(TO_LIST, destination="10.0.0.0/8"),
        replace(TO_LIST, destination="192.0.2.0/24"),
    )
    assert apart.tables[1] == other


@pytest.mark.parametrize(
    ("around", "via"),
    [
        pytest.param(
            surroundings(routes=(replace(TO_NAT, destination="pl-1"),), lists={"pl-1": ("0.0.0.0/0",)}),
            "nat-1",
            id="a list that holds everything",
        ),
        pytest.param(
            surroundings(routes=(TO_NAT, TO_LIST), lists={"pl-1": ("10.0.0.0/8",)}),
            "nat-1",
            id="a list of one's own networks beside a route to everywhere",
        ),
        pytest.param(
            surroundings(interface("ssm"), groups=(NODES_BY_LIST,), lists={"pl-1": ("10.0.0.0/16",)}),
            "vpce-ssm",
            id="a list that the endpoint's group admits",
        ),
    ],
)
def test_a_list_that_was_read_is_no_obstacle(around: NetworkContext, via: str) -> None:
    assert way(around) == OpenPath(via)


@pytest.mark.parametrize(
    ("around", "named"),
    [
        pytest.param(surroundings(routes=(TO_NAT, TO_LIST), lists=UNREAD), "tgw-1", id="beside a route to everywhere"),
        pytest.param(surroundings(routes=(TO_LIST,), lists=UNREAD), "tgw-1", id="the only route"),
        pytest.param(
            surroundings(nat_routes=(TO_NAT, TO_LIST), routes=(TO_NAT,), lists=UNREAD), "tgw-1", id="behind NAT"
        ),
        pytest.param(
            surroundings(interface("ssm"), groups=(NODES_BY_LIST,), lists=UNREAD),
            ENDPOINT_GROUP,
            id="in a group's rule",
        ),
    ],
)
def test_a_list_that_may_not_be_read_leaves_it_open_and_says_what_would_settle_it(
    around: NetworkContext, named: str
) -> None:
    found = way(around)
    assert isinstance(found, UnknownPath)
    assert found.needs == (READ,)
    assert named in found.hop


def test_a_gateway_endpoints_own_list_need_not_be_read() -> None:
    own = Route("pl-s3", RouteTarget.GATEWAY_ENDPOINT, "vpce-s3")
    by_list = group(egress=(https(lists=("pl-s3",)),))
    assert way(surroundings(gateway(), routes=(own,), groups=(by_list,), lists=UNREAD), "s3") == OpenPath("vpce-s3")
