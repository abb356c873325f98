"""What every plan must tell whoever decides on it, whichever fix it is of."""

from __future__ import annotations

from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.plan import Forecast, Plan, Reach
from ssmtui.remediation.plans.registry import all_fixes
from ssmtui.report.change_text import plan_lines
from tests.causes.test_catalogue import weakening
from tests.remediation.apply.fix_cases import Case


def assert_it_tells_all(plan: Plan, forecast: Forecast, state: FleetState, case: Case) -> None:
    """Calls, difference, reach, cost, loss, delay, rights and the way back: none is left out."""
    assert plan.calls
    for call in plan.calls:
        assert call.action == f"{call.service}:{call.operation}"
        assert call.resource.startswith("arn:") or call.resource == "*"
    assert plan.actions[0] == plan.calls[0].action
    assert plan.lacks == ()
    assert (plan.before != plan.after) or not plan.before
    assert plan.nodes_reached == _reached(plan, state)
    assert bool(plan.costs) is case.charged
    assert plan.loses or not (case.interrupts or plan.fix in weakening())
    assert plan.reach is Reach.REGION or not all_fixes()[plan.fix].whole_region
    assert plan.delay
    assert plan.undo
    if plan.reach is Reach.REGION or plan.costs:
        assert plan.confirmation
    told = {line.split()[0] for line in plan_lines(plan, forecast, state) if line.startswith("  ") and line.split()}
    assert {"call", "needs", "reach", "costs", "delay", "undo"} <= told
    assert ("loses" in told) is bool(plan.loses)


def _reached(plan: Plan, state: FleetState) -> int:
    """One node, all nodes of the Region, or those that the finding of the plan's subject holds."""
    if plan.reach is Reach.NODE:
        return 1
    if plan.reach is Reach.REGION:
        return sum(scope.name == plan.scope.name for scope in state.scope_of.values())
    return max(
        len(held.nodes)
        for held in state.findings.values()
        if held.scope == plan.scope and plan.fix in held.finding.fixes
    )
