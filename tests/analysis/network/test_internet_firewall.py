"""Subnets whose traffic to the internet an Automated Internet Firewall inspects (docs/facts/nodes.md §4)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.analysis.network.routes import BlockedPath, NetworkContext, NetworkPath, OpenPath, UnknownPath
from ssmtui.model.network import FirewallConnectivity, Subnets
from tests.analysis.network.checked_path import checked_path
from tests.builders.network import NAT_SUBNET, NODE_SUBNET, TO_INTERNET, TO_NAT, a_placement, surroundings

FLEXIBLE, OUTBOUND, BOTH = FirewallConnectivity


def inspected(around: NetworkContext, subnet_id: str, by: FirewallConnectivity | None) -> NetworkContext:
    subnets = {**around.subnets.by_id, subnet_id: replace(around.subnets.by_id[subnet_id], firewall=by)}
    return replace(around, subnets=Subnets(subnets))


@pytest.mark.parametrize(
    ("by", "public", "expected"),
    [
        pytest.param(None, True, OpenPath, id="no firewall, and an address"),
        pytest.param(None, False, BlockedPath, id="no firewall and no address"),
        pytest.param(FLEXIBLE, True, UnknownPath, id="its rules decide"),
        pytest.param(FLEXIBLE, False, UnknownPath, id="flexible: no address is needed"),
        pytest.param(OUTBOUND, False, UnknownPath, id="outbound-only: no address is needed"),
        pytest.param(BOTH, True, UnknownPath, id="bidirectional: its rules decide"),
        pytest.param(BOTH, False, BlockedPath, id="bidirectional: an address is needed"),
    ],
)
def test_a_firewall_at_the_internet_gateway_can_replace_a_public_address_and_its_rules_are_not_visible(
    by: FirewallConnectivity | None, expected: type[NetworkPath], *, public: bool
) -> None:
    around = surroundings(routes=(TO_INTERNET,))
    around = replace(around, placement=replace(a_placement(), has_public_ip=public))
    found = checked_path(inspected(around, NODE_SUBNET, by), "ssm")
    assert isinstance(found, expected)
    if isinstance(found, UnknownPath):
        assert by is not None
        assert f"NetworkFirewallConnectivityType of {NODE_SUBNET} is {by.value}" in [
            each.fact for each in found.evidence
        ]


@pytest.mark.parametrize(("by", "expected"), [(None, OpenPath), (BOTH, UnknownPath), (OUTBOUND, UnknownPath)])
def test_a_firewall_inspects_what_leaves_the_subnet_of_a_nat_gateway(
    by: FirewallConnectivity | None, expected: type[NetworkPath]
) -> None:
    around = surroundings(routes=(TO_NAT,))
    assert isinstance(checked_path(inspected(around, NAT_SUBNET, by), "ssm"), expected)
