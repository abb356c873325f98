"""Addresses are other addresses afterwards, in the same relation to each other."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ssmtui.report.redactor import parsed, replaced

KEY = b"a key"


def turned(text: str) -> str:
    address = parsed(text)
    assert address is not None
    return replaced(*address, KEY)


@settings(max_examples=30)
@given(st.ip_addresses(v=4), st.ip_addresses(v=4), st.integers(8, 32))
def test_two_addresses_share_a_prefix_after_it_as_before_it(one: object, other: object, length: int) -> None:
    assume(not any(str(each).startswith(("0.", "127.", "169.254.")) or str(each) > "224" for each in (one, other)))
    together = ip_address(str(other)) in ip_network(f"{one}/{length}", strict=False)
    assert (ip_address(turned(str(other))) in ip_network(f"{turned(str(one))}/{length}", strict=False)) is together


def test_an_address_stays_in_its_subnet_and_a_block_stays_one() -> None:
    block = ip_network(turned("10.12.34.0/24"))  # strict: nothing is set behind the prefix
    assert ip_address(turned("10.12.34.56")) in block
    assert ip_address(turned("10.12.35.56")) not in block


@pytest.mark.parametrize("block", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"])
def test_what_is_private_stays_private(block: str) -> None:
    network = ip_network(block)
    address = str(network[12345])
    assert ip_address(turned(address)) in network
    assert turned(address) != address


@pytest.mark.parametrize(
    "address", ["0.0.0.0/0", "::/0", "127.0.0.1", "::1", "169.254.169.254", "fd00:ec2::254", "10.0.0.0/8"]
)
def test_what_means_the_same_everywhere_stays(address: str) -> None:
    assert turned(address) == address


@pytest.mark.parametrize("text", ["10.0.0", "10.0.0.256", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/٣", "web", ""])
def test_what_is_no_address_is_none(text: str) -> None:
    assert parsed(text) is None
