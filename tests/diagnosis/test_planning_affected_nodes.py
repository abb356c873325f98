"""A plan in a scope says how many of its nodes it reaches."""

from __future__ import annotations

import pytest

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.diagnosis.replayed_diagnosis import ReplayedDiagnosis
from ssmtui.model.plan import Plan, Reach
from ssmtui.remediation.preview import reach_text
from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulated_diagnosis.fixtures import diagnosed
from tests.worlds.test_expected_verdicts import told

FIXES = [
    ("host-management-imdsv1", "require-imdsv2", Reach.NODE),
    ("log-group-unreadable", "grant-node-log-lookup", Reach.SUBJECT),
    ("key-missing", "clear-session-key", Reach.REGION),
]


@pytest.mark.parametrize(("world", "fix", "reach"), FIXES)
def test_a_plan_reaches_its_node_whom_its_finding_holds_or_all(
    world: str, fix: str, reach: Reach, at_simulator: SimulatedAws
) -> None:
    at_simulator.load(world)
    live = LiveDiagnosis.start(DiagnosisRequest(regions=at_simulator.regions, endpoint_url=at_simulator.endpoint_url))
    try:
        state = follow(live)
        held = next(each for each in state.findings.values() if fix in each.finding.fixes)
        plan = live.plan(held.scope.name, fix, held.id).result(timeout=60)
    finally:
        live.close()
    assert isinstance(plan, Plan)
    reached = {Reach.NODE: 1, Reach.SUBJECT: len(held.nodes), Reach.REGION: len(state.nodes)}
    assert (plan.reach, plan.nodes_reached) == (reach, reached[reach])


@pytest.mark.parametrize(("world", "fix", "reach"), FIXES)
def test_nodes_that_are_not_listed_are_not_counted_until_all_nodes_are_included(
    world: str, fix: str, reach: Reach, at_simulator: SimulatedAws
) -> None:
    at_simulator.load(world)
    whole = diagnosed(at_simulator)
    held = next(each for each in whole.findings.values() if fix in each.finding.fixes)
    [node, *_] = sorted(held.nodes, key=lambda key: key.id)
    request = DiagnosisRequest(regions=at_simulator.regions, endpoint_url=at_simulator.endpoint_url, nodes=(node.id,))
    live = LiveDiagnosis.start(request)
    try:
        state = follow(live)
        assert [key.id for key in state.nodes] == [node.id]
        some = live.plan(held.scope.name, fix, held.id).result(timeout=60)
        snapshot = live.snapshot(with_fixes=False).result(timeout=60)
        live.include_all_nodes(held.scope.name)
        follow(live, state)
        every = live.plan(held.scope.name, fix, held.id).result(timeout=60)
    finally:
        live.close()
    assert isinstance(some, Plan)
    assert isinstance(every, Plan)
    counted = reach is Reach.NODE
    assert (some.nodes_reached, reach_text(some)) == (1 if counted else None, reach.value)
    assert told(state) == told(whole)
    assert every.nodes_reached == {Reach.NODE: 1, Reach.SUBJECT: len(held.nodes), Reach.REGION: len(whole.nodes)}[reach]
    replay = ReplayedDiagnosis(snapshot, "it is a snapshot")
    try:
        follow(replay)
        assert replay.plan(held.scope.name, fix, held.id).result(timeout=60) == some
    finally:
        replay.close()


def test_a_replay_of_some_nodes_does_not_count_those_that_a_change_affects(at_simulator: SimulatedAws) -> None:
    at_simulator.load("log-group-unreadable")
    live = LiveDiagnosis.start(DiagnosisRequest(regions=at_simulator.regions, endpoint_url=at_simulator.endpoint_url))
    try:
        follow(live)
        snapshot = live.snapshot(with_fixes=True).result(timeout=60)
    finally:
        live.close()
    for nodes, counted in ((), 1), (("queue-1",), None):
        replay = ReplayedDiagnosis(snapshot, "it is a snapshot", nodes)
        try:
            state = follow(replay)
            held = next(each for each in state.findings.values() if "grant-node-log-lookup" in each.finding.fixes)
            plan = replay.plan(held.scope.name, "grant-node-log-lookup", held.id).result(timeout=60)
        finally:
            replay.close()
        assert isinstance(plan, Plan)
        assert plan.nodes_reached == counted
