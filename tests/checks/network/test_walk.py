"""The ways of the checks, held against packets walked through the same networks."""

from __future__ import annotations

import ipaddress
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from ssmtui.checks.network.way_out import way_out
from ssmtui.checks.network.ways import Closed, Open, Surroundings, Unsure
from tests.builders.network import TO_INTERNET, TO_NAT, interface, surroundings
from tests.checks.network.any_network import networks
from tests.checks.network.walk import End, Packet, walk

ADDRESSES = tuple(ipaddress.IPv4Address(each) for each in ("52.94.0.1", "18.200.7.9"))
"""One in the network that some rules and routes are about, and one outside."""

NODES_PORTS = (32768, 49152, 65535)
"""Nodes take answers at ports of the upper half: a network ACL that admits only those lets them work."""

PORTS = (1024, *NODES_PORTS)
HOSTS = (10, 200)


def ends(around: Surroundings, service: str, ports: tuple[int, ...]) -> set[End]:
    """Where packets end up, one for each address, host of the endpoint's subnet and port of the answer."""
    return {walk(around, service, Packet(*each)) for each in product(ADDRESSES, HOSTS, ports)}


@settings(max_examples=500, deadline=None)
@given(data=st.data(), service=st.sampled_from(["ssm", "s3"]))
def test_no_way_is_open_that_a_packet_does_not_go_and_none_closed_that_it_goes(
    data: st.DataObject, service: str
) -> None:
    around = data.draw(networks(service))
    way = way_out(around, service)
    match way:
        case Open():
            assert ends(around, service, PORTS) == {End.THERE}
        case Closed():
            assert ends(around, service, NODES_PORTS) == {End.LOST}
        case Unsure():
            assert way.hop


def test_the_walk_knows_all_three_ends() -> None:
    packet = Packet(ADDRESSES[0], 10, 32768)
    assert walk(surroundings(), "ssm", packet) is End.LOST
    assert walk(surroundings(routes=(TO_NAT,)), "ssm", packet) is End.THERE
    assert walk(surroundings(interface("ssm")), "ssm", packet) is End.THERE
    assert walk(surroundings(routes=(TO_INTERNET,), owner="999999999999"), "ssm", packet) is End.BEYOND
