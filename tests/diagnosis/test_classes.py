"""Nodes judged together are told exactly what each would be told alone, on fleets that nobody thought of."""

from __future__ import annotations

import random

import pytest

from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import Agent, Metadata, Platform, Scenario
from ssmtui.simulator.worlds.building_blocks import (
    DESTINATIONS,
    WEB,
    endpoint_network_by_prefix_list,
    isolated_network,
    nat_network,
    node,
    node_role,
    preferences,
    small_world,
)
from tests.diagnosis.alone import each_alone, told
from tests.diagnosis.conftest import Diagnose

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
