"""Nodes judged together are told exactly what each would be told alone, on fleets that nobody thought of."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import Agent, Metadata, Platform, Scenario, SecurityGroup
from ssmtui.simulator.worlds.building_blocks import (
    DESTINATIONS,
    WEB,
    endpoint_network,
    endpoint_network_by_prefix_list,
    isolated_network,
    nat_network,
    node,
    node_role,
    preferences,
    small_world,
)
from tests.simulated_diagnosis.alone import each_alone, told
from tests.simulated_diagnosis.fixtures import Diagnose

_ROLES = (WEB, node_role("narrow"), node_role("keyless", (*DESTINATIONS.bucket_write(), *DESTINATIONS.bucket_lookup())))
_AGENTS = (Agent(), Agent(version="3.0.1390.0"), Agent(version="3.3.1345.0"), Agent(registered_before=False))
_PLACES = (("main", "private-a"), ("main", "private-b"), ("vault", "isolated"), ("lab", "isolated"))


def any_fleet(seed: int) -> Scenario:
    """Forty nodes that share some things with some of the others, each in another way."""
    chance = random.Random(seed)  # noqa: S311 - no secret is made of it
    places = [chance.choice(_PLACES) for _ in range(40)]
    nodes = tuple(
        node(
            f"any-{number}",
            profile=chance.choice([*(role.name for role in _ROLES), None]),
            network=network,
            subnet=subnet,
            platform=chance.choice([Platform.AMAZON_LINUX, Platform.AMAZON_LINUX, Platform.WINDOWS]),
            agent=chance.choice(_AGENTS),
            metadata=chance.choice([Metadata(), Metadata(), Metadata(enabled=False)]),
            console_output=chance.choice([None, None, "No space left on device"]),
        )
        for number, (network, subnet) in enumerate(places)
    )
    networks = (
        nat_network("main", "10.30"),
        endpoint_network_by_prefix_list("vault", "10.31"),
        isolated_network("lab", "10.32"),
    )
    return small_world(nodes, preferences=preferences(DESTINATIONS), roles=_ROLES, networks=networks)


@pytest.mark.parametrize("seed", range(3))
def test_any_fleet_is_told_the_same_by_classes_and_node_by_node(
    seed: int, at_simulator: SimulatedAws, diagnose: Diagnose
) -> None:
    at_simulator.load(any_fleet(seed))
    together = diagnose()
    with each_alone():
        alone = diagnose()
    assert together.crashes == alone.crashes == []
    assert len(together.nodes) == 40
    assert told(together) == told(alone)


def test_nodes_of_a_class_whose_addresses_a_rule_distinguishes_are_told_what_each_is_told_alone(
    at_simulator: SimulatedAws, diagnose: Diagnose
) -> None:
    nodes = tuple(node(f"half-{number}", network="half", subnet="isolated") for number in range(8))
    network = endpoint_network("half", "10.33")
    # The nodes connect, but only the first addresses of the subnet can send session logs.
    first = SecurityGroup("half-first", "HTTPS in from some nodes", https_from=("10.33.20.0/29",))
    endpoints = (
        replace(each, security_group=first.name) if each.service == "logs" else each for each in network.endpoints
    )
    network = replace(network, security_groups=(*network.security_groups, first), endpoints=tuple(endpoints))
    at_simulator.load(small_world(nodes, preferences=preferences(DESTINATIONS), networks=(network,)))
    together = diagnose()
    with each_alone():
        alone = diagnose()
    assert told(together) == told(alone)
    causes = {each.root_cause for each in together.verdicts.values()}
    assert causes == {None, "endpoint-security-group-closed"}
