"""The ways of the checks, held against packets walked through the same networks."""

from __future__ import annotations

import ipaddress
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssmtui.analysis.network.packet_filters import addresses_of
from ssmtui.analysis.network.routes import BlockedPath, NetworkContext, OpenPath, UnknownPath
from tests.analysis.network.checked_path import checked_path
from tests.analysis.network.packet_walk import End, Packet, walk
from tests.analysis.network.random_networks import networks
from tests.builders.fleet import REGION
from tests.builders.network import TO_INTERNET, TO_NAT, interface, surroundings
from tests.examples import examples

ADDRESSES = {
    service: tuple(ipaddress.IPv4Address(each) for each in addresses)
    for service, addresses in (
        ("ssm", ("52.94.0.1", "13.36.7.9", "99.77.1.1")),
        ("s3", ("52.95.154.1", "3.5.224.9")),
    )
}
"""Some in the networks that rules and routes are about, and some outside: all are AWS's in the Region."""

NODES_PORTS = (32768, 49152, 65535)
"""Nodes take answers at ports of the upper half: a network ACL that admits only those lets them work."""

PORTS = (1024, *NODES_PORTS)
HOSTS = (10, 200)


def ends(around: NetworkContext, service: str, ports: tuple[int, ...]) -> set[End]:
    """Where packets end up, one for each address, host of the endpoint's subnet and port of the answer."""
    return {walk(around, service, Packet(*each)) for each in product(ADDRESSES[service], HOSTS, ports)}


@pytest.mark.long
@settings(max_examples=examples(500), deadline=None)
@given(data=st.data(), service=st.sampled_from(["ssm", "s3"]))
def test_no_way_is_open_that_a_packet_does_not_go_and_none_closed_that_it_goes(
    data: st.DataObject, service: str
) -> None:
    around = data.draw(networks(service))
    way = checked_path(around, service)
    match way:
        case OpenPath():
            assert ends(around, service, PORTS) == {End.THERE}
        case BlockedPath():
            assert ends(around, service, NODES_PORTS) == {End.LOST}
        case UnknownPath():
            assert way.hop


@pytest.mark.parametrize("service", ADDRESSES)
def test_the_addresses_are_among_those_that_aws_publishes(service: str) -> None:
    published = addresses_of(service, REGION)
    assert published is not None
    assert all(any(address in network for network in published) for address in ADDRESSES[service])


def test_the_walk_knows_all_three_ends() -> None:
    packet = Packet(ADDRESSES["ssm"][0], 10, 32768)
    assert walk(surroundings(), "ssm", packet) is End.LOST
    assert walk(surroundings(routes=(TO_NAT,)), "ssm", packet) is End.THERE
    assert walk(surroundings(interface("ssm")), "ssm", packet) is End.THERE
    assert walk(surroundings(routes=(TO_INTERNET,), owner="999999999999"), "ssm", packet) is End.BEYOND
