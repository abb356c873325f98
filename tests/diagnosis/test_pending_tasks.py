"""What is under way of a diagnosis: whatever ends a scope's work but those who may, is told."""

from __future__ import annotations

import asyncio

import pytest

from ssmtui.diagnosis.events import AllSettled, Event, ScopeCrashed
from ssmtui.diagnosis.pending_tasks import PendingTasks
from ssmtui.model.scope import ScopeName

PARIS = ScopeName(None, "eu-west-3")


async def for_ever() -> None:
    await asyncio.Event().wait()


async def given_up() -> None:
    raise asyncio.CancelledError


async def test_work_that_is_cancelled_though_nobody_ended_it_is_a_defect_that_is_told() -> None:
    told: list[Event] = []
    pending = PendingTasks(told.append)
    async with pending.under_way():
        await pending.watched(PARIS, given_up())
    crash, settled = told
    assert isinstance(crash, ScopeCrashed)
    assert (crash.scope, crash.summary.partition(" at ")[0]) == (PARIS, "CancelledError")
    assert settled == AllSettled()


async def test_so_is_what_is_of_no_scope_as_where_scopes_are_looked_for() -> None:
    told: list[Event] = []
    async with PendingTasks(told.append).under_way():
        await given_up()
    crash, settled = told
    assert isinstance(crash, ScopeCrashed)
    assert (crash.scope, crash.summary.partition(" at ")[0]) == (ScopeName(None, ""), "CancelledError")
    assert settled == AllSettled()


async def test_who_wants_all_of_it_to_end_is_heeded_and_told_of_no_defect() -> None:
    told: list[Event] = []

    async def all_of_it() -> None:
        pending = PendingTasks(told.append)
        async with pending.under_way():
            await pending.watched(PARIS, for_ever())

    work = asyncio.ensure_future(all_of_it())
    asyncio.get_running_loop().call_later(0, work.cancel)
    with pytest.raises(asyncio.CancelledError):
        await work
    assert told == [AllSettled()]


async def test_of_work_that_somebody_ends_nothing_is_told_but_that_all_is_settled() -> None:
    told: list[Event] = []
    pending = PendingTasks(told.append)
    async with pending.under_way():
        asyncio.get_running_loop().call_soon(pending.end, PARIS)
        await pending.watched(PARIS, for_ever())
    assert told == [AllSettled()]
