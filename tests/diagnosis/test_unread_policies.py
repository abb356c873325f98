"""If a denial of IAM can be wrong, and the policies of the role cannot be read, the result names the read."""

from __future__ import annotations

import pytest

from ssmtui.model.finding import Status
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import Organization
from ssmtui.simulator.worlds.building_blocks import DESTINATIONS, node, node_role, preferences, small_world
from tests.diagnosis.conftest import Diagnose


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
