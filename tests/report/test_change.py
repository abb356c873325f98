from __future__ import annotations

from dataclasses import replace

from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.plan import Forecast
from ssmtui.report.change_text import forecast_lines, plan_lines
from tests.builders.fleet import a_node
from tests.remediation.apply.fake_aws import FakeAws
from tests.remediation.apply.plans import ON, bucket_toggle


def test_nodes_are_told_by_what_becomes_of_them_and_those_that_await_their_agent_are_not_called_green() -> None:
    node = a_node("i-1", name="web-1")
    state = FleetState(nodes={node.key: node})
    told = list(forecast_lines(Forecast(("i-1",), (), (), (), (), await_agent=("i-2",)), state))
    assert told == ["● 1 node changes to ok: web-1", "· 1 node fails only until SSM Agent reconnects: i-2"]


def test_a_change_that_changes_no_verdict_says_so() -> None:
    assert list(forecast_lines(Forecast((), (), (), (), ()), FleetState())) == [
        "No node's result is expected to change."
    ]


def test_nothing_of_a_plan_is_a_command_of_a_terminal() -> None:
    text = "x\x1b[31m\n\u202e"
    plan = replace(
        bucket_toggle(FakeAws([ON])), title=text, costs=text, loses=text, delay=text, undo=text, notes=(text,)
    )
    told = list(plan_lines(plan, Forecast((), (), (), (), ()), FleetState()))
    assert [line for line in told if not line.isprintable()] == []
    assert sum(r"x\x1b[31m\x0a\u202e" in line for line in told) == 6
