"""Who denies: a service control policy, a boundary, the key; told apart, and worded, on the simulated AWS."""

from __future__ import annotations

from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.finding import Confidence, Finding, Status, VerdictStatus
from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulated_diagnosis.fixtures import Diagnose


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
    assert "service control policy (SCP) of the organization" in error.advice


def test_a_denial_by_the_organization_is_likely_and_nothing_of_the_role_would_help(
    at_simulator: SimulatedAws, diagnose: Diagnose
) -> None:
    at_simulator.load("role-denied-by-organization")
    found = the_finding(diagnose(), "role-channels-denied")
    assert (found.status, found.confidence) == (Status.FAIL, Confidence.LIKELY)
    assert found.fixes == ("steps-organization-policy",)
    assert (
        "ssmmessages:CreateControlChannel is explicitly denied by a service control policy; "
        "the values of aws:PrincipalOrgPaths in the request are unknown"
    ) in [each.fact for each in found.evidence]


def test_a_denial_by_the_boundary_is_proved_and_names_it(at_simulator: SimulatedAws, diagnose: Diagnose) -> None:
    at_simulator.load("role-bounded")
    found = the_finding(diagnose(), "role-core-denied")
    assert (found.status, found.confidence, found.fixes) == (Status.FAIL, Confidence.PROVED, ())
    assert [each.fact for each in found.evidence] == [
        "ssm:UpdateInstanceInformation is implicitly denied by the permissions boundary"
    ]


def facts_of(state: FleetState, cause: str) -> dict[str, list[str]]:
    """What is told of each subject of a cause: its fixes, and the first line of evidence."""
    held = [each.finding for each in state.findings.values() if each.finding.cause == cause]
    return {each.subject.name: [*each.fixes, each.evidence[0].fact] for each in held}


def test_what_several_policies_deny_names_all_and_offers_nothing_that_would_not_help(
    at_simulator: SimulatedAws, diagnose: Diagnose
) -> None:
    at_simulator.load("denied-twice")
    by_own = "ssmmessages:CreateControlChannel is implicitly denied by the identity-based policies"
    told = facts_of(diagnose(), "role-channels-denied")
    assert told["silent"] == ["steps-organization-policy", f"{by_own}, and also by a service control policy"]
    assert told["bounded"] == [
        "steps-organization-policy",
        f"{by_own}, and also by the permissions boundary and a service control policy",
    ]


def test_inside_a_data_perimeter_nothing_fails_and_outside_it_is_likely(
    at_simulator: SimulatedAws, diagnose: Diagnose
) -> None:
    at_simulator.load("data-perimeter")
    state = diagnose()
    failing = {node.name for key, node in state.nodes.items() if state.verdict(key).status is not VerdictStatus.OK}
    assert failing == {"outside-1", "included-1"}
    found = [held.finding for held in state.findings.values() if held.finding.cause == "role-core-denied"]
    assert {(each.subject.name, each.status, each.confidence, each.fixes) for each in found} == {
        (role, Status.FAIL, Confidence.LIKELY, ("steps-organization-policy",)) for role in ("web", "included")
    }


def test_a_denial_on_one_instance_is_told_of_that_instance_alone(
    at_simulator: SimulatedAws, diagnose: Diagnose
) -> None:
    at_simulator.load("instance-denied")
    state = diagnose()
    (web,) = (node.id for node in state.nodes.values() if node.name == "web-2")
    told = facts_of(state, "role-core-denied")
    denied = "is explicitly denied by the identity-based policies"
    arn = "arn:aws:ec2:eu-west-3:123456789012:instance"
    assert told == {
        "singled-out": [f"ssm:UpdateInstanceInformation on {arn}/{web} {denied}"],
        "all-out": [f"ssm:UpdateInstanceInformation on {arn}/* {denied}"],
    }


def test_a_denial_that_rests_on_the_way_by_the_network_is_likely_and_says_so(
    at_simulator: SimulatedAws, diagnose: Diagnose
) -> None:
    at_simulator.load("refused-on-conditions")
    told = {
        held.finding.subject.name: (held.finding.status, held.finding.confidence, held.finding.evidence[0].fact)
        for held in diagnose().findings.values()
        if held.finding.cause == "kms-node-denied"
    }
    assert told["moved"][:2] == (Status.FAIL, Confidence.LIKELY)
    assert told["moved"][2].endswith(
        "is implicitly denied by the identity-based policies, with aws:SourceIp taken from the account's network"
    )
    assert told["fitted"][:2] == (Status.UNKNOWN, Confidence.POSSIBLE)
    assert told["fitted"][2].endswith("depends on conditions on aws:UserAgent")
