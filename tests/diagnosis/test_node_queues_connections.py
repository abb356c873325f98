from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from ssmtui.diagnosis.node_queues import ConnectionQueue, Urgency
from ssmtui.model.node import NodeKey
from tests.builders.fleet import a_node

ONE, TWO, THREE = (a_node(f"i-{number}").key for number in range(3))


def all_in(line: ConnectionQueue) -> list[NodeKey]:
    return list(iter(line.next, None))


def test_the_more_urgent_come_first_and_of_those_who_came_first() -> None:
    line = ConnectionQueue()
    line.add(ONE, Urgency.LIKELY_WELL)
    line.add(TWO, Urgency.SUSPICIOUS)
    line.add(THREE, Urgency.SUSPICIOUS)
    assert all_in(line) == [TWO, THREE, ONE]


def test_who_is_looked_at_comes_first_and_nobody_is_put_back() -> None:
    line = ConnectionQueue()
    for key in (ONE, TWO, THREE):
        line.add(key, Urgency.SUSPICIOUS)
    line.bring_forward([THREE, a_node("i-9").key])
    line.add(THREE, Urgency.LIKELY_WELL)
    assert (len(line), all_in(line)) == (3, [THREE, ONE, TWO])


def test_who_has_left_is_not_asked_about() -> None:
    line = ConnectionQueue()
    line.add(ONE, Urgency.SUSPICIOUS)
    line.leave(ONE)
    line.leave(TWO)
    assert all_in(line) == []


@given(st.lists(st.tuples(st.integers(0, 8), st.sampled_from(Urgency)), max_size=40))
def test_everybody_is_asked_about_once_by_the_greatest_urgency(added: list[tuple[int, Urgency]]) -> None:
    line, greatest = ConnectionQueue(), dict[NodeKey, Urgency]()
    for number, urgency in added:
        key = a_node(f"i-{number}").key
        line.add(key, urgency)
        greatest[key] = min(greatest.get(key, urgency), urgency)
    asked = all_in(line)
    assert sorted(asked, key=str) == sorted(greatest, key=str)
    assert [greatest[key] for key in asked] == sorted(greatest.values())


async def test_nobody_waits_at_a_line_that_was_not_opened() -> None:
    taking = asyncio.create_task(ConnectionQueue().take())
    await asyncio.sleep(0)
    assert taking.done()
    assert await taking is None
