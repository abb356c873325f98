"""Many fixes of the demo's fleet reckoned together, made one after the other, and found as forecast."""

from __future__ import annotations

import pytest

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import FleetState, follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.model.plan import Plan
from ssmtui.model.scope import Scope
from ssmtui.remediation.apply.apply_plan import apply
from ssmtui.remediation.apply.change import AppliedOutcome
from ssmtui.remediation.apply.journal import Journal
from ssmtui.remediation.preview import combination_conflict
from ssmtui.simulator.in_thread import SimulatedAws
from tests.remediation.apply.test_every_fix import assert_as_forecast, verdicts_by_id, writer_for
from tests.simulated_aws import point_at

REBOOTED = "reboot-instance"
"""A fix whose effect no read shows at once."""


@pytest.fixture
def demo(simulated: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> SimulatedAws:
    point_at(simulated, monkeypatch)
    simulated.load("demo")
    return simulated


def compatible(live: LiveDiagnosis, state: FleetState, scope: Scope) -> list[Plan]:
    """The first fix of each finding of a scope that can be made, without those that are in another's way."""
    chosen: list[Plan] = []
    for held in sorted(state.findings.values(), key=lambda each: each.id):
        if held.scope != scope:
            continue
        plans = (live.plan(scope.name, fix, held.id).result() for fix in held.finding.fixes if fix != REBOOTED)
        made = next((plan for plan in plans if isinstance(plan, Plan)), None)
        if made is not None and not any(combination_conflict(made, each) for each in chosen):
            chosen.append(made)
    return chosen


def test_what_is_reckoned_for_many_fixes_together_is_what_comes_of_them(demo: SimulatedAws, journal: Journal) -> None:
    live = LiveDiagnosis.start(DiagnosisRequest(regions=demo.regions, endpoint_url=demo.endpoint_url))
    try:
        state = follow(live)
        [paris] = [scope for scope in state.scopes.values() if scope.region == "eu-west-3"]
        plans = compatible(live, state, paris)
        assert len(plans) >= 8
        forecast = live.forecast(*plans).result()
        assert len(forecast.turn_green) >= 8
        for plan in plans:
            outcome = apply(plan, writer_for(plan), journal)
            assert isinstance(outcome, AppliedOutcome), (plan.title, outcome)
        live.recheck(paris.name, tuple({kind for plan in plans for kind in plan.stale}))
        assert_as_forecast(forecast, verdicts_by_id(follow(live, state)), at_once=True)
    finally:
        live.close()
    assert len(journal.changes()) == len(plans)
