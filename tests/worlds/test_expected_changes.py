"""A node that a change made from here has yet to bring back: it warns, with its end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import FleetState, follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.model.finding import VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import ChangeDelay, Expected
from ssmtui.simulator.in_thread import SimulatedAws

HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def live(at_simulator: SimulatedAws) -> Iterator[LiveDiagnosis]:
    at_simulator.load("agent-asleep")
    diagnosis = LiveDiagnosis.start(
        DiagnosisRequest(regions=at_simulator.regions, endpoint_url=at_simulator.endpoint_url)
    )
    yield diagnosis
    diagnosis.close()


def after_a_change(live: LiveDiagnosis, state: FleetState, keys: list[NodeKey], until: datetime) -> FleetState:
    (scope,) = state.scopes.values()
    live.expect(scope.name, keys, ChangeDelay("restart-agent", "Restart SSM Agent", until - HALF_AN_HOUR, until))
    live.recheck(scope.name, ())
    return follow(live, state)


def test_a_node_warns_until_the_delay_has_passed_unless_something_else_is_wrong(live: LiveDiagnosis) -> None:
    state = follow(live)
    by_name = {node.name: key for key, node in state.nodes.items()}
    asleep, skewed, sound = by_name["sleeper-1"], by_name["drifter-1"], by_name["web-1"]
    after_a_change(live, state, [asleep], datetime.now(UTC))
    assert state.verdict(asleep).root_cause == "agent-hibernating"
    until = datetime.now(UTC) + HALF_AN_HOUR
    after_a_change(live, state, [asleep, skewed, sound], until)
    assert (state.verdict(asleep).status, state.verdict(asleep).root_cause) == (VerdictStatus.WARN, None)
    assert until in {held.finding.until for held in state.findings.values() if asleep in held.nodes}
    assert state.verdict(skewed).root_cause == "node-clock-skewed"
    assert state.verdict(sound).status is VerdictStatus.OK


def test_what_was_changed_before_the_start_is_known_from_the_first_verdict_on(at_simulator: SimulatedAws) -> None:
    at_simulator.load("agent-asleep")
    asked = DiagnosisRequest(regions=at_simulator.regions, endpoint_url=at_simulator.endpoint_url)
    first = LiveDiagnosis.start(asked)
    state = follow(first)
    first.close()
    asleep = next(key for key, node in state.nodes.items() if node.name == "sleeper-1")
    made = datetime.now(UTC)
    delay = ChangeDelay("restart-agent", "Restart SSM Agent", made, made + HALF_AN_HOUR, "a-change")

    second = LiveDiagnosis.start(replace(asked, expected=lambda _scope, _now: (Expected((asleep,), delay),)))
    state = follow(second)
    assert state.verdict(asleep).status is VerdictStatus.WARN
    [scope] = state.scopes
    second.stop_expecting(scope, "a-change")
    second.recheck(scope, ())
    state = follow(second, state)
    second.close()
    assert state.verdict(asleep).root_cause == "agent-hibernating"
