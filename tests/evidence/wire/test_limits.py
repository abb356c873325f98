"""Quotas kept before AWS has to enforce them."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.evidence.wire.limits import AT_ONCE, EC2_AT_ONCE, Limits, Pace


@given(pauses=st.lists(st.floats(0, 0.2), min_size=1, max_size=60))
def test_a_pace_is_never_exceeded_and_never_wasted(pauses: list[float]) -> None:
    now, turns = 0.0, []
    slept = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal slept
        slept = seconds

    async def take_all() -> None:
        nonlocal now, slept
        pace = Pace(50, clock=lambda: now, sleep=sleep)
        for pause in pauses:
            now += pause
            slept = 0.0
            await pace.take()
            turns.append(now + slept)

    asyncio.run(take_all())
    assert turns == sorted(turns)
    for earlier, later in zip(turns, turns[50:], strict=False):
        assert later - earlier >= 1 - 1e-9
    assert turns[0] == pauses[0]


async def most_at_once(limits: Limits, *requests: tuple[str, str, str, str]) -> int:
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
    [("ec2", "DescribeInstances", EC2_AT_ONCE), ("kms", "DescribeKey", AT_ONCE), ("iam", "SimulatePrincipalPolicy", 1)],
)
async def test_so_many_at_once(service: str, operation: str, most: int) -> None:
    assert await most_at_once(Limits(), *[("1", "eu-west-3", service, operation)] * 50) == most


async def test_simulation_is_one_at_a_time_for_an_account_over_all_regions() -> None:
    regions = ("eu-west-3", "eu-central-1", "us-east-1")
    same = [("1", region, "iam", "SimulatePrincipalPolicy") for region in regions]
    other = [("2", region, "iam", "SimulatePrincipalPolicy") for region in regions]
    assert await most_at_once(Limits(), *same) == 1
    assert await most_at_once(Limits(), *same, *other) == 2


async def test_connection_status_keeps_to_fifty_a_second_in_each_region() -> None:
    slept: Counter[float] = Counter()

    async def sleep(seconds: float) -> None:
        slept[round(seconds, 2)] += 1

    limits = Limits(clock=lambda: 0.0, sleep=sleep)
    for region in ("eu-west-3", "eu-central-1"):
        for _ in range(51):
            async with limits.admitted("1", region, "ssm", "GetConnectionStatus"):
                pass
    assert max(slept) == 1.0
    assert sum(slept.values()) == 100
    assert set(slept.values()) == {2}
