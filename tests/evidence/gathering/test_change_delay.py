"""A change that has yet to show: known of its nodes, and of no others, until its delay has passed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ssmtui.evidence.gathering.on_demand import Gathering
from ssmtui.model.answers import Moot
from ssmtui.model.change_delay import ChangeDelay, delay_of, hoped_for
from ssmtui.model.moment import Now
from ssmtui.model.node import Node
from ssmtui.model.plan import Forecast
from tests.builders.fleet import NOON, a_change, a_node
from tests.changes.fake_aws import FakeAws as ChangedAws
from tests.changes.plans import ON, bucket_toggle
from tests.evidence.facts import gathering
from tests.evidence.fake_aws import FakeAws

CHANGED, OTHER = a_node("i-0000000000000001a"), a_node("i-0000000000000002b")
CHANGE = a_change("attach-core-policy")
PLAN = bucket_toggle(ChangedAws([ON]))


async def known(facts: Gathering, node: Node | None) -> object:
    return (await facts.journey(node).fact(ChangeDelay)).value


async def test_it_is_known_of_its_nodes_until_its_delay_has_passed() -> None:
    facts = gathering(FakeAws())
    assert isinstance(await known(facts, CHANGED), Moot)
    facts.singled_out.expect([CHANGED.key], CHANGE)
    assert await known(facts, CHANGED) == CHANGE
    assert await known(facts.supposing([]), CHANGED) == CHANGE
    assert isinstance(await known(facts, OTHER), Moot)
    assert isinstance(await known(facts, None), Moot)
    facts.look_at(Now(CHANGE.until - timedelta(seconds=1)))
    assert await known(facts, CHANGED) == CHANGE
    facts.look_at(Now(CHANGE.until))
    assert isinstance(await known(facts, CHANGED), Moot)


async def test_of_two_changes_the_one_that_takes_longer_counts() -> None:
    facts = gathering(FakeAws())
    longer = replace(CHANGE, fix="create-endpoint", until=CHANGE.until + timedelta(minutes=30))
    for each in (CHANGE, longer, CHANGE):
        facts.singled_out.expect([CHANGED.key], each)
    assert await known(facts, CHANGED) == longer


def test_a_plan_without_a_documented_delay_is_not_waited_for() -> None:
    late = replace(PLAN, settles_within=timedelta(minutes=30))
    assert delay_of(replace(late, settles_within=None), NOON) is None
    assert delay_of(late, NOON) == ChangeDelay(late.fix, late.title, NOON, NOON + timedelta(minutes=30))


def test_it_is_waited_for_on_the_nodes_that_it_is_to_get_going() -> None:
    forecast = Forecast(("i-1",), ("i-2",), ("i-3",), ("i-4",), (), await_agent=("i-5", "i-1"))
    assert [key.id for key in hoped_for(PLAN, forecast)] == ["i-1", "i-5", "i-2"]
