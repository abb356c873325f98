"""Who denies: a service control policy, a boundary, the key; told apart, and worded, on the simulated AWS."""

from __future__ import annotations

from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.finding import Confidence, Finding, Status
from ssmtui.simulator.in_thread import SimulatedAws
from tests.diagnosis.conftest import Diagnose


def the_finding(state: FleetState, cause: str) -> Finding:
    (found,) = {
        held.finding.cause: held.finding for held in state.findings.values() if held.finding.cause == cause
    }.values()
    return found


def test_a_region_that_the_organization_denies_is_told_apart_from_a_missing_permission(
    at_simulator: SimulatedAws, diagnose: Diagnose
) -> None:
    at_simulator.load("region-denied")
    (error,) = diagnose().errors.values()
    assert error.name.region == "eu-central-1"
    assert "with an explicit deny in a service control policy" in error.message
    assert "service control policy of the organization" in error.advice


def test_a_denial_by_the_organization_is_likely_and_nothing_of_the_role_would_help(
    at_simulator: SimulatedAws, diagnose: Diagnose
) -> None:
    at_simulator.load("role-denied-by-organization")
    found = the_finding(diagnose(), "role-channels-denied")
    assert (found.status, found.confidence) == (Status.FAIL, Confidence.LIKELY)
    assert found.fixes == ("steps-organization-policy",)
    assert "ssmmessages:CreateControlChannel is explicitly denied by a service control policy" in [
        each.fact for each in found.evidence
    ]


def test_a_denial_by_the_boundary_is_proved_and_names_it(at_simulator: SimulatedAws, diagnose: Diagnose) -> None:
    at_simulator.load("role-bounded")
    found = the_finding(diagnose(), "role-core-denied")
    assert (found.status, found.confidence, found.fixes) == (Status.FAIL, Confidence.PROVED, ())
    assert [each.fact for each in found.evidence] == [
        "ssm:UpdateInstanceInformation is implicitly denied by the permissions boundary"
    ]
