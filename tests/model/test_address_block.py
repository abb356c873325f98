from __future__ import annotations

import ipaddress

from hypothesis import given
from hypothesis import strategies as st

from ssmtui.model.network import AddressBlock, RuleNetworks

SUBNET = ipaddress.ip_network("10.0.1.0/24")

rules = st.lists(
    st.builds(
        lambda address, prefix: str(ipaddress.ip_network((address, prefix), strict=False)),
        st.integers(int(SUBNET.network_address) - 300, int(SUBNET.broadcast_address) + 300),
        st.integers(8, 32),
    ),
    max_size=8,
)
addresses = st.integers(int(SUBNET.network_address), int(SUBNET.broadcast_address)).map(ipaddress.ip_address)


@given(rules, addresses)
def test_every_rule_means_all_addresses_of_a_block_or_none(cidrs: list[str], address: ipaddress.IPv4Address) -> None:
    block = ipaddress.ip_network(RuleNetworks(frozenset(cidrs)).block_of(str(address), str(SUBNET)).cidr)
    assert address in block
    for cidr in cidrs:
        rule = ipaddress.ip_network(cidr)
        assert not rule.overlaps(block) or block.subnet_of(rule)  # type: ignore[arg-type]


@given(rules, st.lists(addresses, max_size=5), addresses)
def test_a_block_does_not_depend_on_the_addresses_before(
    cidrs: list[str], before: list[ipaddress.IPv4Address], address: ipaddress.IPv4Address
) -> None:
    networks = RuleNetworks(frozenset(cidrs))
    for each in before:
        networks.block_of(str(each), str(SUBNET))
    assert networks.block_of(str(address), str(SUBNET)) == RuleNetworks(frozenset(cidrs)).block_of(
        str(address), str(SUBNET)
    )


@given(rules, addresses)
def test_the_block_of_all_is_that_of_each(cidrs: list[str], address: ipaddress.IPv4Address) -> None:
    networks = RuleNetworks(frozenset(cidrs))
    of_all = networks.block_of_all(str(SUBNET))
    assert of_all is None or of_all == networks.block_of(str(address), str(SUBNET))


def test_a_subnet_that_no_rule_cuts_is_one_block() -> None:
    networks = RuleNetworks(frozenset(("10.0.0.0/16", "0.0.0.0/0", "pl-1", "10.0.2.0/24")))
    assert networks.block_of_all(str(SUBNET)) == AddressBlock("10.0.1.0/24")


def test_an_address_whose_subnet_is_not_known_stands_for_itself() -> None:
    assert RuleNetworks(frozenset()).block_of("10.0.1.7", "") == AddressBlock("10.0.1.7")
    assert RuleNetworks(frozenset()).block_of("", "10.0.1.0/24") == AddressBlock("")
