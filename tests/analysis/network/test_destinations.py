"""The addresses that stand for all of a service: none that a rule tells apart may be missing."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.analysis.network.destinations import destinations, to_ipv6
from ssmtui.analysis.network.packet_filters import addresses_of
from ssmtui.model.network import Route, RouteTarget
from tests.builders.fleet import REGION
from tests.builders.network import NODE_SUBNET, TO_INTERNET, TO_NAT, acl, entry, group, https, surroundings

CIDRS = [
    "0.0.0.0/0",
    "0.0.0.0/1",
    "52.0.0.0/8",
    "52.94.0.0/15",
    "52.94.0.0/16",
    "3.0.0.0/8",
    "10.0.0.0/8",
    "8.8.8.0/24",
]
some_cidrs = st.lists(st.sampled_from(CIDRS), max_size=4, unique=True)


def chosen(
    *, egress: Iterable[str] = (), denied: Iterable[str] = (), routed: Iterable[str] = ()
) -> tuple[ipaddress.IPv4Network, ...]:
    entries = tuple(entry(at, egress=True, allow=False, cidr=cidr) for at, cidr in enumerate(denied, 1))
    around = surroundings(
        routes=tuple(Route(cidr, RouteTarget.INTERNET_GATEWAY, "igw-1") for cidr in routed),
        groups=(group(egress=(https(*egress),)),),
        acls=(acl("acl-nodes", NODE_SUBNET, *entries, entry(100, egress=True)),),
    )
    return destinations(around, around.routes.tables[0], "ssm")


@given(egress=some_cidrs, denied=some_cidrs, routed=some_cidrs)
def test_every_published_address_has_a_chosen_one_that_no_rule_tells_from_it(
    egress: list[str], denied: list[str], routed: list[str]
) -> None:
    def traits(address: ipaddress.IPv4Address) -> tuple[bool, ...]:
        def within(cidr: str) -> bool:
            return address in ipaddress.ip_network(cidr)

        return any(within(each) for each in egress), *(within(each) for each in (*denied, *routed))

    found = {traits(each.network_address) for each in chosen(egress=egress, denied=denied, routed=routed)}
    published = addresses_of("ssm", REGION)
    assert published
    ends = [end for each in (*published, *map(ipaddress.IPv4Network, CIDRS)) for end in (each[0], each[-1])]
    assert found == {traits(each) for each in ends if any(each in network for network in published)}


def test_one_address_is_enough_if_no_rule_tells_addresses_apart() -> None:
    assert len(chosen(egress=["0.0.0.0/0"], denied=["10.0.0.0/8"], routed=["0.0.0.0/0"])) == 1
    assert len(chosen(egress=["3.0.0.0/8", "52.0.0.0/8", "52.94.0.0/16"])) == 2


def test_a_rule_for_ipv4_does_not_hide_a_rule_for_a_part_of_the_addresses_of_dns64() -> None:
    assert len(chosen(egress=["0.0.0.0/0", "64:ff9b::3400:0/102"])) == 2


def test_an_address_of_the_default_route_comes_first() -> None:
    around = surroundings(routes=(TO_INTERNET, Route("3.0.0.0/8", RouteTarget.TRANSIT_GATEWAY, "tgw-1")))
    first, second = destinations(around, around.routes.tables[0], "ssm")
    part = ipaddress.IPv4Network("3.0.0.0/8")
    assert not first.subnet_of(part)
    assert second.subnet_of(part)


def test_the_rules_behind_a_nat_gateway_count_too() -> None:
    onward = (TO_INTERNET, Route("3.0.0.0/8", RouteTarget.TRANSIT_GATEWAY, "tgw-1"))
    around = surroundings(routes=(TO_NAT,), nat_routes=onward)
    assert len(destinations(around, around.routes.tables[0], "ssm")) == 2


@pytest.mark.parametrize("region", [REGION, "xx-none-1"])
def test_no_chosen_address_is_private(region: str) -> None:
    around = surroundings(routes=(TO_NAT, Route("10.0.0.0/8", RouteTarget.TRANSIT_GATEWAY, "tgw-1")))
    unread = replace(around, region=region)
    assert all(each.is_global for each in destinations(unread, around.routes.tables[0], "ssm"))


def test_the_ipv6_address_of_dns64_ends_with_the_ipv4_address() -> None:
    assert to_ipv6(ipaddress.IPv4Network("52.94.0.1/32")) == ipaddress.IPv6Network("64:ff9b::345e:1/128")
