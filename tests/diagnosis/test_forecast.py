from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.diagnosis.forecast import compare_verdicts, last_resort_causes
from ssmtui.model.finding import Link, LinkState, Verdict, VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import Forecast
from tests.builders.fleet import a_check, a_node, a_verdict


def verdicts(**statuses: VerdictStatus) -> dict[NodeKey, Verdict]:
    return {a_node(name).key: a_verdict(status) for name, status in statuses.items()}


def test_each_node_is_told_by_what_becomes_of_it() -> None:
    before = verdicts(
        a=VerdictStatus.FAIL, b=VerdictStatus.FAIL, c=VerdictStatus.FAIL, d=VerdictStatus.OK, e=VerdictStatus.OK
    )
    after = verdicts(
        a=VerdictStatus.OK, b=VerdictStatus.WARN, c=VerdictStatus.FAIL, d=VerdictStatus.WARN, e=VerdictStatus.OK
    )
    after[a_node("c").key] = a_verdict(VerdictStatus.FAIL, root_cause="run-as-user-unset")
    assert compare_verdicts(before, after) == Forecast(
        turn_green=("a",), turn_warn=("b",), turn_worse=("d",), stay_red=("c",), new_findings=()
    )


def test_what_cannot_be_told_after_is_worse_than_ok_and_better_than_fail() -> None:
    after = verdicts(a=VerdictStatus.UNKNOWN, b=VerdictStatus.UNKNOWN)
    told = compare_verdicts(verdicts(a=VerdictStatus.OK, b=VerdictStatus.FAIL), after)
    assert told == Forecast((), (), ("a",), (), ())


def test_stopped_nodes_are_left_out() -> None:
    stopped = verdicts(a=VerdictStatus.STOPPED)
    assert compare_verdicts(stopped, stopped) == Forecast((), (), (), (), ())


def test_what_the_change_does_not_touch_is_left_out() -> None:
    red = verdicts(a=VerdictStatus.FAIL)
    assert compare_verdicts(red, red) == Forecast((), (), (), (), ())


def test_a_node_that_only_its_agents_absence_keeps_red_awaits_it() -> None:
    key, stopped = a_node("a").key, a_node("b").key
    before = {
        key: a_verdict(VerdictStatus.FAIL, root_cause="egress-blocked"),
        stopped: a_verdict(VerdictStatus.STOPPED),
    }
    away = a_verdict(VerdictStatus.FAIL, root_cause="connection-lost", finding_ids=("connection-lost@a",))
    told = compare_verdicts(before, {key: away, stopped: away}, {"connection-lost"})
    assert told == Forecast((), (), (), (), (), await_agent=("a", "b"))


@pytest.mark.parametrize(("further_on", "told"), [(LinkState.FAIL, ("a",)), (LinkState.UNKNOWN, ())])
def test_a_node_that_is_not_well_further_on_does_not_only_await_its_agent(
    further_on: LinkState, told: tuple[str, ...]
) -> None:
    key = a_node("a").key
    before = {key: a_verdict(VerdictStatus.FAIL, root_cause="egress-blocked")}
    states = {Link.AGENT: LinkState.FAIL, Link.PREFERENCES: further_on}
    links = tuple(states.get(link, LinkState.OK) for link in Link)
    away = replace(a_verdict(VerdictStatus.FAIL, root_cause="connection-lost"), links=links)
    assert compare_verdicts(before, {key: away}, {"connection-lost"}) == Forecast((), (), (), told, ())


def test_an_agent_that_was_away_before_is_no_merit_of_the_change() -> None:
    away = {a_node("a").key: a_verdict(VerdictStatus.FAIL, root_cause="connection-lost")}
    assert compare_verdicts(away, away, {"connection-lost"}) == Forecast((), (), (), (), ())


def test_findings_that_only_the_change_brings_about_are_named() -> None:
    key = a_node().key
    before = {key: a_verdict(VerdictStatus.FAIL, finding_ids=("log-group-unencrypted@x",))}
    after = {key: a_verdict(VerdictStatus.WARN, finding_ids=("cloudwatch-logs-lost@y",))}
    assert compare_verdicts(before, after).new_findings == ("cloudwatch-logs-lost@y",)


def test_nodes_behind_a_stopped_one_are_told_as_well() -> None:
    before = verdicts(a=VerdictStatus.STOPPED, b=VerdictStatus.FAIL)
    assert compare_verdicts(before, verdicts(a=VerdictStatus.STOPPED, b=VerdictStatus.OK)) == Forecast(
        ("b",), (), (), (), ()
    )


def test_a_last_resort_is_a_cause_that_only_last_resorts_tell() -> None:
    silent = a_check("silent", Link.AGENT, "connection-lost", "not-registered", last_resort=True)
    asked = a_check("asked", Link.AGENT, "not-registered")
    assert set(last_resort_causes([silent, asked])) == {"connection-lost"}
