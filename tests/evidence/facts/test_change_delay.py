"""A change that has yet to show: known of its nodes, and of no others, until its delay has passed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ssmtui.evidence.facts.fact_store import FactStore
from ssmtui.model.fact import NotApplicable, Now
from ssmtui.model.node import Node
from ssmtui.model.plan import ChangeDelay, Forecast, awaited_nodes, delay_of
from tests.builders.fleet import NOON, a_change, a_node
from tests.evidence.fact_builders import store
from tests.evidence.fake_aws import FakeAws
from tests.remediation.apply.fake_aws import FakeAws as ChangedAws
from tests.remediation.apply.plans import ON, bucket_toggle

CHANGED, OTHER = a_node("i-0000000000000001a"), a_node("i-0000000000000002b")
CHANGE = a_change("attach-core-policy")
PLAN = bucket_toggle(ChangedAws([ON]))


async def known(facts: FactStore, node: Node | None) -> object:
    return (await facts.resolver(node).fact(ChangeDelay)).value


async def test_it_is_known_of_its_nodes_until_its_delay_has_passed() -> None:
    facts = store(FakeAws())
    assert isinstance(await known(facts, CHANGED), NotApplicable)
    facts.individual_nodes.expect([CHANGED.key], CHANGE)
    assert await known(facts, CHANGED) == CHANGE
    assert await known(facts.with_fact_changes([]), CHANGED) == CHANGE
    assert isinstance(await known(facts, OTHER), NotApplicable)
    assert isinstance(await known(facts, None), NotApplicable)
    facts.look_at(Now(CHANGE.until - timedelta(seconds=1)))
    assert await known(facts, CHANGED) == CHANGE
    facts.look_at(Now(CHANGE.until))
    assert isinstance(await known(facts, CHANGED), NotApplicable)


async def test_of_two_changes_the_one_that_takes_longer_counts() -> None:
    facts = store(FakeAws())
    longer = replace(CHANGE, fix="create-endpoint", until=CHANGE.until + timedelta(minutes=30))
    for each in (CHANGE, longer, CHANGE):
        facts.individual_nodes.expect([CHANGED.key], each)
    assert await known(facts, CHANGED) == longer


def test_a_plan_without_a_documented_delay_is_not_waited_for() -> None:
    late = replace(PLAN, settles_within=timedelta(minutes=30))
    assert delay_of(replace(late, settles_within=None), NOON) is None
    assert delay_of(late, NOON) == ChangeDelay(late.fix, late.title, NOON, NOON + timedelta(minutes=30))


def test_it_is_waited_for_on_the_nodes_that_it_is_to_get_going() -> None:
    forecast = Forecast(("i-1",), ("i-2",), ("i-3",), ("i-4",), (), await_agent=("i-5", "i-1"))
    assert [key.id for key in awaited_nodes(PLAN, forecast)] == ["i-1", "i-5", "i-2"]


def test_a_node_counts_as_a_single_one_until_the_delay_ends() -> None:
    facts = store(FakeAws())
    facts.individual_nodes.expect([CHANGED.key], CHANGE)
    for at, is_single in ((CHANGE.made, True), (CHANGE.until, False)):
        facts.look_at(Now(at))
        assert facts.is_singled_out(CHANGED.key) is is_single
