"""A deadline ends every wait under it, whatever becomes of what was waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from ssmtui.evidence.aws.limits import Deadline, DeadlinePassed, current_deadline, within_deadline
from tests.simulated_diagnosis.virtual_time import VirtualLoop


def run(work: Coroutine[Any, Any, None]) -> float:
    """Runs it; the seconds that passed."""
    loop = VirtualLoop()
    begun = loop.now
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(work)
        return loop.now - begun


async def never() -> None:
    await asyncio.Event().wait()


def test_what_never_comes_is_waited_for_until_it_has_passed() -> None:
    async def wait() -> None:
        with Deadline(120).in_force():
            with pytest.raises(DeadlinePassed, match="not within 120 s"):
                await within_deadline(never())
            with pytest.raises(DeadlinePassed):
                await within_deadline(never())

    assert run(wait()) == 120


def test_what_comes_in_time_is_given_and_what_fails_fails() -> None:
    async def wait() -> None:
        with Deadline(120).in_force():
            assert await within_deadline(asyncio.sleep(60, "there")) == "there"
            with pytest.raises(ZeroDivisionError):
                await within_deadline(fail())
        assert current_deadline() is None

    async def fail() -> None:
        raise ZeroDivisionError

    assert run(wait()) == 60


def test_what_takes_its_cancellation_for_something_else_is_not_waited_for() -> None:
    async def deaf() -> None:
        for _ in range(3):
            try:
                await never()
            except asyncio.CancelledError:
                continue

    async def wait() -> None:
        with Deadline(5).in_force(), pytest.raises(DeadlinePassed):
            await within_deadline(deaf())
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for each in others:
                each.cancel()
            await asyncio.sleep(0)

    assert run(wait()) == 5
