"""The loop of its own."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError

import pytest

from ssmtui.evidence.facts.event_loop import GC_THRESHOLD, EvidenceThread


@pytest.fixture(autouse=True)
def same_collector_afterwards() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


async def where() -> str:
    return threading.current_thread().name


def test_work_runs_on_the_thread_and_its_result_comes_back() -> None:
    with EvidenceThread() as thread:
        assert thread.submit(where()).result() == "ssmtui-evidence"
        assert gc.get_threshold() == GC_THRESHOLD


def test_what_fails_on_the_thread_is_told_where_it_was_asked() -> None:
    async def fail() -> None:
        raise LookupError("no such scope")

    with EvidenceThread() as thread, pytest.raises(LookupError, match="no such scope"):
        thread.submit(fail()).result()


def test_a_stop_cancels_what_runs_closes_what_was_opened_and_ends_the_thread() -> None:
    closed: list[str] = []

    async def wait_for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            closed.append("the work")

    async def close(what: str) -> None:
        closed.append(what)

    thread = EvidenceThread()
    thread.start()
    thread.at_stop(lambda: close("opened first"))
    thread.at_stop(lambda: close("opened last"))
    waiting = thread.submit(wait_for_ever())
    thread.submit(where()).result()
    thread.stop()
    assert closed == ["the work", "opened last", "opened first"]
    assert waiting.cancelled()
    with pytest.raises(CancelledError):
        waiting.result()
    assert "ssmtui-evidence" not in {each.name for each in threading.enumerate()}


def test_stopping_twice_is_stopping_once_and_nothing_is_taken_afterwards() -> None:
    thread = EvidenceThread()
    thread.start()
    thread.stop()
    thread.stop()
    with pytest.raises(RuntimeError, match="does not run"):
        thread.submit(where())


def test_a_thread_that_was_never_started_stops_at_once() -> None:
    EvidenceThread().stop()
