"""Every world of the simulator, diagnosed: verdicts and root causes are what the scenario says was broken."""

from __future__ import annotations

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.fact import Absent
from ssmtui.model.finding import Finding, Link, LinkState, Status, SubjectKind
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import Expectation, Scenario, Verdict, fleet_expectation
from ssmtui.simulator.worlds import names, world
from tests.builders.fleet import NOON
from tests.report.whole_document import report_document
from tests.simulated_diagnosis.alone import each_alone
from tests.simulated_diagnosis.alone import told as all_told
from tests.simulated_diagnosis.fixtures import Diagnose, diagnosed_twice, without_source
from tests.simulated_diagnosis.remembered_answers import RememberedAnswers

Told = dict[str, tuple[str, str | None]]


def told(state: FleetState) -> Told:
    return {
        node.name: (state.verdict(key).status.value, state.verdict(key).root_cause) for key, node in state.nodes.items()
    }


def expected(scenario: Scenario, state: FleetState) -> Told:
    refused = {name.region for name in state.errors}
    return {
        node.name: (fleet_expectation(node).verdict.value, fleet_expectation(node).root_cause)
        for region in scenario.regions
        for node in region.nodes
        # What may not even be listed is not told of.
        if not (region.name in refused and node.expected == Expectation(Verdict.UNKNOWN))
    }


def causes_of(state: FleetState, name: str) -> set[str]:
    keys = [key for key, node in state.nodes.items() if node.name == name]
    return {state.findings[id_].finding.cause for key in keys for id_ in state.verdict(key).finding_ids}


def ok_though_nothing_was_seen(state: FleetState) -> list[tuple[str, Link]]:
    """The links of nodes that Systems Manager does not list that are ok, although only a registered node shows them."""
    return [
        (node.name, link)
        for key, node in state.nodes.items()
        for link in (Link.AGENT, Link.SYSTEM)
        if isinstance(node.registration, Absent) and state.verdict(key).link(link) is LinkState.OK
    ]


def told_as_its_cause_says(finding: Finding) -> bool:
    """Whether a finding is about what its cause is about, and offers nothing that the cause does not.

    Where it cannot be told which role or profile a node has, the Region stands for it.
    """
    cause = catalogue()[finding.cause]
    untold = finding.status is Status.UNKNOWN and finding.subject.kind is SubjectKind.REGION
    return (untold or finding.subject.kind in {cause.subject, SubjectKind.NODE}) and set(finding.fixes) <= {
        offer.slug for offer in cause.fixes
    }


@pytest.mark.parametrize("name", sorted(set(names()) - {"caller-denied"}))
def test_every_node_has_the_verdict_and_root_cause_of_what_is_broken(
    name: str, at_simulator: SimulatedAws, diagnose: Diagnose
) -> None:
    at_simulator.load(name)
    told_once = RememberedAnswers()
    with told_once.in_use():
        state, replayed = diagnosed_twice(at_simulator)
    assert report_document(replayed, NOON) == report_document(state, NOON)
    assert [entry for entry in at_simulator.journal.entries if entry.write] == []
    assert state.crashes == []
    assert without_source(state) == []
    assert [held.id for held in state.findings.values() if not told_as_its_cause_says(held.finding)] == []
    assert told(state) == expected(world(name), state)
    assert ok_though_nothing_was_seen(state) == []
    with each_alone(), told_once.in_use():
        assert all_told(diagnose()) == all_told(state)
    failing = [state.verdict(key) for key in state.nodes if state.verdict(key).root_cause]
    for verdict in failing:
        told_as = {state.findings[id_].finding.cause: state.findings[id_].finding.status for id_ in verdict.finding_ids}
        assert told_as[verdict.root_cause or ""] is Status.FAIL
    for region in world(name).regions:
        for node in region.nodes:
            wanted = {cause for cause in (fleet_expectation(node).cause, *fleet_expectation(node).also) if cause}
            assert wanted <= causes_of(state, node.name), node.name
