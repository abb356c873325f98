"""The app, refreshed by itself after `R`: its board, its screens and its diagnosis together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from ssmtui.diagnosis.asked import Asked
from ssmtui.diagnosis.live import LiveDiagnosis
from tests.benchmarks.paged_aws.process import PagedAws
from tests.trust.soak.held import Held, held
from tests.trust.soak.kept_fresh import Hour
from tests.trust.soak.pressed_time import PressedTime
from tests.ui.opened import Opened, opened
from tests.ui.waiting import until

_WALK = (
    *(("j",), ("enter",), ("escape",), ("G",), ("g",), ("o",), ("O",), ("tab",), ("tab",)),
    *(("question_mark", "escape"), ("x", "escape"), ("slash", "escape")),
)
"""What somebody presses meanwhile: rows, a node and back, an order, help, explain, a filter.

While one reads help, or types, nothing is looked at by itself: whatever is none of it is left again at once.
"""


_LOOKS_AT_MOST = 20


async def kept_fresh_in_app(aws: PagedAws, hour: Hour) -> AsyncIterator[Held]:
    """What is held after each refresh that counts; keys are pressed between them."""
    aws.begin(**hour.conduct(0))
    now = datetime.now(UTC)
    asked = Asked(environment=aws.environment, endpoint_url=aws.environment["AWS_ENDPOINT_URL"], clock=lambda: now)
    time = PressedTime()
    async with opened(LiveDiagnosis.start(asked, time.thread), mode="", now=lambda: now) as shown:
        await _at_rest(shown, hour.nodes)
        await shown.press("R")
        for number in range(1, hour.refreshes + 1):
            aws.begin(**hour.conduct(number))
            await until(shown.pilot, lambda: bool(shown.app.bench.refresh_words))
            await asyncio.to_thread(time.pass_on, hour.waited.total_seconds())
            now += hour.between
            await until(shown.pilot, lambda: aws.counted()["first"] != {}, looks=40_000)
            await shown.press(*_WALK[number % len(_WALK)])
            await _at_rest(shown, hour.nodes)
            if hour.is_counted(number):
                yield await _held_when_quiet(shown)


async def _held_when_quiet(shown: Opened) -> Held:
    """What is held once no task ends any more: the diagnosis lets go of its own a moment after it has told the last."""
    now = held()
    for _ in range(_LOOKS_AT_MOST):
        before = now
        await asyncio.sleep(0)
        await shown.pilot.pause()
        now = held()
        if now.tasks >= before.tasks:
            break
    return now


async def _at_rest(shown: Opened, nodes: int) -> None:
    board = shown.app.bench.board
    await until(
        shown.pilot,
        lambda: len(board.state.nodes) == nodes and not board.pending and bool(board.state.settled),
        looks=400_000,
    )
