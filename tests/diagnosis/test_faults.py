"""AWS refusing or answering nonsense, one operation after another, on the whole demo fleet."""

from __future__ import annotations

import pytest

from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.evidence.operations import READ_OPERATIONS
from ssmtui.model.finding import Status
from ssmtui.model.fleet import VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.simulator.in_thread import SimulatedAws
from tests.diagnosis.conftest import Diagnose

OPERATIONS = sorted(READ_OPERATIONS)


@pytest.fixture
def demo(at_simulator: SimulatedAws) -> SimulatedAws:
    at_simulator.load("demo")
    return at_simulator


@pytest.fixture(scope="module")
def untroubled() -> dict[NodeKey, VerdictStatus]:
    """The verdicts without a fault, filled in by the first test that asks."""
    return {}


def verdicts(state: FleetState) -> dict[NodeKey, VerdictStatus]:
    return {key: state.verdict(key).status for key in state.nodes}


def needs(state: FleetState, key: NodeKey) -> set[str]:
    findings = [state.findings[id_].finding for id_ in state.verdict(key).finding_ids]
    return {action for finding in findings if finding.status is Status.UNKNOWN for action in finding.needs}


def never_a_false_word(told: FleetState, truth: dict[NodeKey, VerdictStatus]) -> None:
    for key, verdict in verdicts(told).items():
        allowed = {truth[key], VerdictStatus.UNKNOWN}
        if truth[key] is VerdictStatus.FAIL:
            # What cannot be read may hide the reason that comes first, never that the node is closed.
            allowed = {VerdictStatus.FAIL, VerdictStatus.UNKNOWN}
        assert verdict in allowed, (told.nodes[key].name, truth[key], verdict)


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_a_refused_read_is_unknown_by_its_action_and_never_a_false_word(
    service: str,
    operation: str,
    demo: SimulatedAws,
    diagnose: Diagnose,
    untroubled: dict[NodeKey, VerdictStatus],
) -> None:
    truth = untroubled or verdicts(diagnose())
    untroubled.update(truth)
    demo.fault("refused", service, operation)
    told = diagnose()
    assert told.crashes == []
    never_a_false_word(told, truth)
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
    untroubled: dict[NodeKey, VerdictStatus],
) -> None:
    truth = untroubled or verdicts(diagnose())
    untroubled.update(truth)
    demo.fault("garbage", service, operation)
    told = diagnose()
    assert told.crashes == []
    never_a_false_word(told, truth)
