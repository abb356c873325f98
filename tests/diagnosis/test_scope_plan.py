"""A plan in a scope says how many of its nodes it reaches."""

from __future__ import annotations

import pytest

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import follow
from ssmtui.diagnosis.live import LiveDiagnosis
from ssmtui.model.plan import Plan, Reach
from ssmtui.simulator.in_thread import SimulatedAws


@pytest.mark.parametrize(
    ("world", "fix", "reach"),
    [
        ("host-management-imdsv1", "require-imdsv2", Reach.NODE),
        ("log-group-unreadable", "grant-node-log-lookup", Reach.SUBJECT),
        ("key-missing", "clear-session-key", Reach.REGION),
    ],
)
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
