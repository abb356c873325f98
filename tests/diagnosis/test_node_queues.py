from __future__ import annotations

import asyncio

from ssmtui.diagnosis.node_queues import NodeQueue
from tests.builders.fleet import a_node

A, B, C = (a_node(id_).key for id_ in ("i-a", "i-b", "i-c"))


async def served(line: NodeQueue) -> list[str]:
    keys = []
    while (key := await line.next()) is not None:
        keys.append(key.id)
    return keys


async def test_first_come_first_served() -> None:
    line = NodeQueue()
    line.add([A, B])
    line.add([C, A])
    line.close()
    assert await served(line) == ["i-a", "i-b", "i-c"]


async def test_what_the_person_looks_at_comes_first() -> None:
    line = NodeQueue()
    line.add([A, B, C])
    line.bring_forward([C, B])
    line.close()
    assert await served(line) == ["i-c", "i-b", "i-a"]


async def test_an_open_line_makes_its_takers_wait_until_something_comes_or_it_closes() -> None:
    line = NodeQueue()
    taker = asyncio.create_task(served(line))
    await asyncio.sleep(0)
    assert not taker.done()
    line.add([A])
    await asyncio.sleep(0)
    line.close()
    assert await taker == ["i-a"]


async def test_a_line_opens_again() -> None:
    line = NodeQueue()
    line.close()
    assert await line.next() is None
    line.open()
    line.add([B])
    assert await line.next() == B


async def test_a_node_wakes_one_taker_and_a_taker_that_is_cancelled_wakes_another() -> None:
    line, taken = NodeQueue(), list[str]()

    async def take(name: str) -> None:
        key = await line.next()
        taken.append(f"{name} {key.id if key else 'closed'}")

    takers = [asyncio.create_task(take(name)) for name in ("first", "second", "third")]
    await asyncio.sleep(0)
    line.add([A])
    takers[0].cancel()
    await asyncio.wait(takers[:2])
    assert taken == ["second i-a"]
    line.close()
    await takers[2]
    assert taken == ["second i-a", "third closed"]
