"""The shortest sequence that still loses."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from tools.trust.monkey.game import shortest


@given(st.lists(st.integers(0, 9), max_size=40), st.lists(st.integers(0, 9), min_size=1, max_size=3))
async def test_nothing_can_be_left_out_of_what_is_found(noise: list[int], needed: list[int]) -> None:
    async def loses(part: Sequence[int]) -> bool:
        left = iter(part)
        return all(each in left for each in needed)

    sequence = [*noise, *needed]
    found = await shortest(sequence, loses)
    assert await loses(found)
    assert list(found) == needed


async def test_the_end_is_looked_at_first() -> None:
    asked: list[int] = []

    async def loses(part: Sequence[int]) -> bool:
        asked.append(len(part))
        return part[-1:] == [999]

    assert await shortest(list(range(1000)), loses) == [999]
    assert asked == [1]
