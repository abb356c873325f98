"""A few refreshes of what `make soak` makes an hour of: nothing that a run holds grows, and what does is told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.set_aside import set_aside
from tools.benchmarks.paged_aws.process import PagedAws, paged_aws
from tools.trust.soak.trials import Held, Hour, grown, held, kept_fresh, kept_fresh_in_app

__all__ = ["set_aside"]

SHORT = Hour(
    nodes=20,
    refreshes=7,
    between=timedelta(minutes=6),
    waited=timedelta(seconds=6),
    warm=timedelta(minutes=12),
    every=1,
)
HELD = Held(traced=100, objects=100, resident=100, tasks=5, sockets=5, files=5, threads=5)


@pytest.fixture(scope="module")
def paged() -> Iterator[PagedAws]:
    with paged_aws(SHORT.nodes) as aws:
        yield aws


@pytest.fixture
def aws(paged: PagedAws, monkeypatch: pytest.MonkeyPatch) -> PagedAws:
    for name, value in paged.environment.items():
        monkeypatch.setenv(name, value)
    return paged


@pytest.mark.long
@pytest.mark.usefixtures("set_aside")
def test_nothing_grows_while_a_diagnosis_is_kept_fresh(aws: PagedAws) -> None:
    assert list(grown(list(kept_fresh(aws, SHORT)))) == []


@pytest.mark.long
@pytest.mark.usefixtures("set_aside")
async def test_nothing_grows_while_the_app_refreshes_by_itself(aws: PagedAws) -> None:
    assert list(grown([look async for look in kept_fresh_in_app(aws, SHORT)])) == []


async def test_a_task_that_has_ended_does_not_count_though_its_result_is_kept() -> None:
    loop = asyncio.get_running_loop()
    before = held(loop).tasks
    ended, waiting = (asyncio.create_task(asyncio.sleep(seconds)) for seconds in (0, 3600))
    await ended
    assert held(loop).tasks - before == 1
    waiting.cancel()


def test_what_is_in_every_late_look_has_grown_and_what_is_seen_once_has_not() -> None:
    one_more = replace(HELD, tasks=6)
    assert list(grown([HELD] * 3 + [one_more] * 3)) == ["tasks grew from [5, 5, 5] to [6, 6, 6]"]
    assert list(grown([HELD, HELD, HELD, one_more, HELD, one_more])) == []


def test_a_pool_of_connections_and_an_allocator_may_hold_a_little_more() -> None:
    assert (
        list(grown([HELD] * 3 + [replace(HELD, traced=104, objects=104, resident=109, sockets=15, files=15)] * 3)) == []
    )
    assert (
        len(list(grown([HELD] * 3 + [replace(HELD, traced=106, objects=106, resident=111, sockets=16, files=16)] * 3)))
        == 5
    )
