"""Time in which nobody waits in earnest, and which stands still while anybody works."""

from __future__ import annotations

import asyncio
import threading
from unittest.mock import patch

import pytest

from tools.trust.faults.matrix import struck
from tools.trust.faults.places import KINDS, Place
from tools.trust.faults.runs import Bench, HangsError, HurriedLoop, Traffic


def test_what_everybody_waits_for_is_there_at_once() -> None:
    loop = HurriedLoop(Traffic())
    loop.run_until_complete(asyncio.sleep(3600))
    loop.close()
    assert loop.lived == pytest.approx(3600)


def test_it_stands_still_while_a_thread_works() -> None:
    loop, released = HurriedLoop(Traffic()), threading.Event()

    async def work() -> float:
        working = loop.run_in_executor(None, released.wait)
        pause = asyncio.ensure_future(asyncio.sleep(10))
        # The loop has looked more than once, and nothing else was there to do.
        threading.Timer(0, loop.call_soon_threadsafe, [released.set]).start()
        await working
        seconds = loop.lived
        await pause
        return seconds

    assert loop.run_until_complete(work()) == 0
    assert loop.lived == pytest.approx(10)
    loop.close()


def test_who_is_to_end_and_waits_for_what_never_comes_is_told_to_hang() -> None:
    loop = HurriedLoop(Traffic())
    loop.end()
    with patch("tools.trust.faults.runs._IN_VAIN", 0), pytest.raises(HangsError):
        loop.run_until_complete(loop.create_future())
    loop.close()


def test_how_long_it_takes_to_end_is_counted_by_itself() -> None:
    loop = HurriedLoop(Traffic())
    loop.run_until_complete(asyncio.sleep(60))
    loop.end()
    loop.run_until_complete(asyncio.sleep(2))
    loop.close()
    assert (loop.lived, loop.ending) == pytest.approx((62, 2))


@pytest.mark.simulated
def test_an_answer_that_never_comes_takes_the_time_of_a_read_and_no_more(bench: Bench) -> None:
    told = struck(bench, Place("log-group-unencrypted"), "logs:DescribeLogGroups", KINDS["timeout"])
    assert (told.seconds, told.ending) == pytest.approx((60, 0), abs=1)


@pytest.mark.simulated
def test_a_thread_that_crashes_is_heard_of_once(bench: Bench) -> None:
    def work() -> None:
        raise KeyError(7)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert bench.crashed().endswith("KeyError: 7\n")
    assert not bench.crashed()
