"""If policies cannot be evaluated, the result names the refused read, and no other node."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.model.finding import Status
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import Organization
from ssmtui.simulator.worlds import world
from ssmtui.simulator.worlds.building_blocks import DESTINATIONS, node, node_role, preferences, small_world
from tests.simulated_diagnosis.fixtures import Diagnose


@pytest.mark.parametrize("organization", [None, Organization()], ids=["no organization", "an organization"])
def test_the_read_of_the_policies_is_named(
    at_simulator: SimulatedAws, diagnose: Diagnose, organization: Organization | None
) -> None:
    role = node_role("reporting", DESTINATIONS.everything_but("log lookup"))
    nodes = (node("web-1", profile=role.name),)
    world = small_world(nodes, preferences=preferences(DESTINATIONS), roles=(role,), organization=organization)
    at_simulator.load(world)
    at_simulator.fault("refused", "iam", "ListRolePolicies")
    (told,) = diagnose().findings.values()
    assert (told.finding.cause, told.finding.status) == ("log-group-unreadable", Status.UNKNOWN)
    assert told.finding.needs == ("iam:ListRolePolicies",)


@pytest.mark.parametrize("world_name", ["caller-no-simulate", "access-requests"])
def test_a_result_about_the_caller_that_all_nodes_share_names_none_of_them(
    at_simulator: SimulatedAws, diagnose: Diagnose, world_name: str
) -> None:
    at_simulator.load(replace(world(world_name), organization=Organization()))
    at_simulator.fault("refused", "iam", "SimulatePrincipalPolicy")
    state = diagnose()
    (told,) = (each for each in state.findings.values() if each.finding.cause == "caller-start-denied")
    assert told.nodes == state.nodes.keys()
    assert (told.finding.status, told.finding.needs) == (Status.UNKNOWN, ("iam:SimulatePrincipalPolicy",))
    assert not any(node.id in each.fact for each in told.finding.evidence for node in state.nodes.values())
