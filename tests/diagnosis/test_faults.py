"""AWS refusing or answering nonsense, one operation after another, on a node of each kind of the demo fleet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.evidence.operations import READ_OPERATIONS
from ssmtui.model.finding import Status
from ssmtui.model.fleet import VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.simulator.in_thread import SimulatedAws
from tests.diagnosis.conftest import Diagnose

NOT_ASKED = {
    "ec2": {"DescribeNetworkInterfaces", "DescribeRegions", "DescribeTags", "GetManagedPrefixListEntries"},
    "iam": {
        "GetPolicy",
        "GetPolicyVersion",
        "GetRolePolicy",
        "GetUser",
        "ListAttachedRolePolicies",
        "ListInstanceProfiles",
        "ListRolePolicies",
        "ListRoleTags",
        "ListRoles",
        "ListUserTags",
    },
    "iam-toolbox": {"GetRequestAuthorizationDetails"},
    "kms": {"ListAliases", "ListKeys", "ListResourceTags"},
    "logs": {"ListTagsForResource"},
    "organizations": {"DescribeOrganization"},
    "s3": {"GetBucketLocation", "ListBuckets"},
    "ssm": {"DescribeActivations", "DescribeInstanceInformation", "ListTagsForResource"},
}
"""What a diagnosis of the demo has no need of while all else can be read: a fault there would be none."""

OPERATIONS = sorted(each for each in READ_OPERATIONS if each[1] not in NOT_ASKED.get(each[0], ()))


@dataclass(frozen=True, slots=True)
class Untroubled:
    """The demo without a fault: a node of each kind, and their verdicts."""

    nodes: tuple[str, ...]
    verdicts: Mapping[NodeKey, VerdictStatus]


@pytest.fixture
def demo(at_simulator: SimulatedAws) -> SimulatedAws:
    at_simulator.load("demo")
    return at_simulator


@pytest.fixture(scope="module")
def looked_at() -> list[Untroubled]:
    """The demo without a fault, put in by the first test that asks."""
    return []


@pytest.fixture
def untroubled(demo: SimulatedAws, diagnose: Diagnose, looked_at: list[Untroubled]) -> Untroubled:
    if not looked_at:
        told = diagnose()
        nodes = {kind(told, key): told.nodes[key] for key in told.nodes}
        kept = {node.key for node in nodes.values()}
        truth = {key: verdict for key, verdict in verdicts(told).items() if key in kept}
        looked_at.append(Untroubled(tuple(sorted(node.id for node in nodes.values())), truth))
    return looked_at[0]


def kind(told: FleetState, key: NodeKey) -> tuple[object, ...]:
    """What nodes have in common that a fault strikes alike: where they are, of what kind, and what is found on them."""
    verdict = told.verdict(key)
    causes = {told.findings[id_].finding.cause for id_ in verdict.finding_ids}
    return key.region, told.nodes[key].kind, verdict.status, tuple(sorted(causes))


def verdicts(state: FleetState) -> dict[NodeKey, VerdictStatus]:
    return {key: state.verdict(key).status for key in state.nodes}


def needs(state: FleetState, key: NodeKey) -> set[str]:
    findings = [state.findings[id_].finding for id_ in state.verdict(key).finding_ids]
    return {action for finding in findings if finding.status is Status.UNKNOWN for action in finding.needs}


def never_a_false_word(told: FleetState, truth: Mapping[NodeKey, VerdictStatus]) -> None:
    for key, verdict in verdicts(told).items():
        allowed = {truth[key], VerdictStatus.UNKNOWN}
        if truth[key] is VerdictStatus.FAIL:
            # What cannot be read may hide the reason that comes first, never that the node is closed.
            allowed = {VerdictStatus.FAIL, VerdictStatus.UNKNOWN}
        assert verdict in allowed, (told.nodes[key].name, truth[key], verdict)


def test_what_is_left_out_is_what_a_diagnosis_does_not_ask_for(demo: SimulatedAws, diagnose: Diagnose) -> None:
    diagnose()
    assert {(each.service, each.operation) for each in demo.journal.entries} == set(OPERATIONS)


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_a_refused_read_is_unknown_by_its_action_and_never_a_false_word(
    service: str,
    operation: str,
    demo: SimulatedAws,
    diagnose: Diagnose,
    untroubled: Untroubled,
) -> None:
    demo.fault("refused", service, operation)
    told = diagnose(*untroubled.nodes)
    assert told.crashes == []
    never_a_false_word(told, untroubled.verdicts)
    actions = set(READ_OPERATIONS[service, operation])
    for key, verdict in verdicts(told).items():
        if verdict is VerdictStatus.UNKNOWN:
            assert needs(told, key) & actions, (told.nodes[key].name, needs(told, key))


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_nonsense_is_never_a_false_word(
    service: str,
    operation: str,
    demo: SimulatedAws,
    diagnose: Diagnose,
    untroubled: Untroubled,
) -> None:
    demo.fault("garbage", service, operation)
    told = diagnose(*untroubled.nodes)
    assert told.crashes == []
    never_a_false_word(told, untroubled.verdicts)
