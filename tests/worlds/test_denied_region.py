"""A Region that the organization denies: said in a sentence, and no word about its nodes."""

from __future__ import annotations

from ssmtui.model.finding import VerdictStatus
from ssmtui.model.scope import ScopeProblem
from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulated_diagnosis.fixtures import Diagnose


def test_a_region_that_the_organization_denies_is_told_as_such(at_simulator: SimulatedAws, diagnose: Diagnose) -> None:
    at_simulator.load("region-denied")
    state = diagnose()
    home, denied = at_simulator.regions
    (error,) = state.errors.values()
    assert (error.name.region, error.problem) == (denied, ScopeProblem.REFUSED)
    assert "with an explicit deny in a service control policy" in error.message
    assert error.advice.startswith("A service control policy (SCP) of the organization denies ec2:DescribeInstances")
    assert f" in {denied}. Exclude this Region" in error.advice
    assert {key.region for key in state.nodes} == {home}
    assert {state.verdict(key).status for key in state.nodes} == {VerdictStatus.OK}
