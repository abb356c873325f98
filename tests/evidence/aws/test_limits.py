"""Quotas kept before AWS has to enforce them."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.evidence.aws.limits import (
    EC2_MAX_CONCURRENT,
    MAX_CONCURRENT,
    MAX_SIMULATIONS,
    SIMULATIONS_AT_FIRST,
    AdaptiveLimit,
    Rate,
    RateLimits,
    Throttle,
)


class Takers:
    """Whoever takes turns of a pace, by a clock that only their waiting and their pauses move."""

    def __init__(self, rate: Rate) -> None:
        self.now = 100.0
        self.turns: list[float] = []
        self._late = 0.0
        self._throttle = Throttle(rate, clock=lambda: self.now, sleep=self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.now += seconds + self._late

    async def take(self, *, pause: float = 0.0, late: float = 0.0) -> None:
        """Take a turn after a pause, and wake up so late for it."""
        self.now += pause
        self._late = late
        await self._throttle.take()
        self.turns.append(self.now)


def taken(rate: Rate, *pauses: float, late: float = 0.0) -> list[float]:
    takers = Takers(rate)

    async def all_of_them() -> None:
        for pause in pauses:
            await takers.take(pause=pause, late=late)

    asyncio.run(all_of_them())
    return [turn - 100.0 for turn in takers.turns]


@given(pauses=st.lists(st.floats(0, 0.2), min_size=1, max_size=120), at_once=st.integers(1, 20))
def test_a_rate_is_never_exceeded_by_more_than_it_allows_at_once(pauses: list[float], at_once: int) -> None:
    turns = taken(Rate(50, at_once), *pauses)
    assert turns == sorted(turns)
    assert turns[0] == pytest.approx(pauses[0])
    for number in range(1, len(turns)):
        for earlier, later in zip(turns, turns[number:], strict=False):
            assert number + 1 <= at_once + 50 * (later - earlier) + 1e-6


def test_a_rate_is_reached_though_whoever_waits_wakes_up_late() -> None:
    turns = taken(Rate(50, 5), *[0.0] * 1000, late=0.015)
    assert turns[-1] == pytest.approx((1000 - 5) / 50, abs=0.03)


def test_what_nobody_took_is_not_made_up_for_but_for_what_is_allowed_at_once() -> None:
    turns = taken(Rate(50, 5), 0.0, 10.0, *[0.0] * 9)
    at_once = [turn for turn in turns if turn == pytest.approx(10.0)]
    assert len(at_once) == 5
    assert turns[-1] == pytest.approx(10.0 + 5 / 50)


async def most_at_once(limits: RateLimits, *requests: tuple[str, str, str, str]) -> int:
    """How many of the requests were ever admitted at the same time."""
    inside = most = 0

    async def request(account: str, region: str, service: str, operation: str) -> None:
        nonlocal inside, most
        async with limits.admitted(account, region, service, operation):
            inside += 1
            most = max(most, inside)
            for _ in range(3):
                await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(request(*each) for each in requests))
    return most


@pytest.mark.parametrize(
    ("service", "operation", "most"),
    [
        ("ec2", "DescribeInstances", EC2_MAX_CONCURRENT),
        ("kms", "DescribeKey", MAX_CONCURRENT),
        ("iam", "SimulatePrincipalPolicy", MAX_SIMULATIONS),
    ],
)
async def test_so_many_at_once(service: str, operation: str, most: int) -> None:
    assert await most_at_once(RateLimits(), *[("1", "eu-west-3", service, operation)] * 50) == most


SIMULATE = ("iam", "SimulatePrincipalPolicy")
REGIONS = ("eu-west-3", "eu-central-1", "us-east-1")


async def test_simulations_of_an_account_begin_two_at_a_time_over_all_regions() -> None:
    same = [("1", region, *SIMULATE) for region in REGIONS]
    other = [("2", region, *SIMULATE) for region in REGIONS]
    assert await most_at_once(RateLimits(), *same[:2]) == SIMULATIONS_AT_FIRST
    assert await most_at_once(RateLimits(), *same[:2], *other[:2]) == 2 * SIMULATIONS_AT_FIRST


async def test_fewer_simulations_are_sent_at_once_after_aws_throttles_and_more_after_answers() -> None:
    limits = RateLimits()
    for _ in range(3):
        limits.slow_down("1", *SIMULATE)
    assert await most_at_once(limits, ("1", REGIONS[0], *SIMULATE), ("1", REGIONS[1], *SIMULATE)) == 1
    assert await most_at_once(limits, *[("1", region, *SIMULATE) for region in REGIONS] * 10) == MAX_SIMULATIONS
    limits.slow_down("1", *SIMULATE)
    assert await most_at_once(limits, ("1", REGIONS[0], *SIMULATE), ("1", REGIONS[1], *SIMULATE)) == 2


async def test_a_simulation_that_is_given_up_leaves_its_place() -> None:
    limit = AdaptiveLimit(1, 1)

    async def hold(held: asyncio.Event) -> None:
        async with limit.admitted():
            held.set()
            await asyncio.sleep(60)

    first, second, third = (asyncio.Event() for _ in range(3))
    one, two, three = (asyncio.ensure_future(hold(each)) for each in (first, second, third))
    await first.wait()
    two.cancel()
    one.cancel()
    await third.wait()
    three.cancel()
    await asyncio.gather(one, two, three, return_exceptions=True)
    assert not second.is_set()
    async with limit.admitted():
        pass


async def test_connection_status_keeps_to_fifty_a_second_in_each_region() -> None:
    slept: Counter[float] = Counter()

    async def sleep(seconds: float) -> None:
        slept[round(seconds, 2)] += 1

    limits = RateLimits(clock=lambda: 0.0, sleep=sleep)
    for region in ("eu-west-3", "eu-central-1"):
        for _ in range(51):
            async with limits.admitted("1", region, "ssm", "GetConnectionStatus"):
                pass
    assert max(slept) == round((51 - 40) / 50, 2)
    assert sum(slept.values()) == 2 * (51 - 40)
    assert set(slept.values()) == {2}


@pytest.mark.parametrize(
    ("service", "operation", "a_second", "at_once"),
    [
        ("ec2", "GetConsoleOutput", 20, 50),
        # A second's worth at once, because a person waits for the few lookups of a node that is away.
        ("cloudtrail", "LookupEvents", 2, 2),
        ("ssm", "DescribeSessions", 6, 1),
        ("kms", "DescribeKey", 0, 100),
    ],
)
async def test_what_aws_publishes_is_kept_to(service: str, operation: str, a_second: float, at_once: int) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    limits = RateLimits(clock=lambda: 0.0, sleep=sleep)
    for _ in range(100):
        async with limits.admitted("1", "eu-west-3", service, operation):
            pass
    assert len(slept) == 100 - at_once
    assert not slept or max(slept) == pytest.approx((100 - at_once) / a_second)
