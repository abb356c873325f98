"""The app, refreshed by itself after `R`: its board, its screens and its diagnosis together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.live import LiveDiagnosis
from tests.ui.opened import Opened, opened
from tests.ui.waiting import until
from tools.benchmarks.paged_aws.process import PagedAws
from tools.trust.soak.held import Held, held
from tools.trust.soak.kept_fresh import Hour
from tools.trust.soak.pressed_time import PressedTime

_WALK = (
    *(("j",), ("enter",), ("escape",), ("G",), ("g",), ("o",), ("O",), ("tab",), ("tab",)),
    *(("question_mark", "escape"), ("x", "escape"), ("slash", "escape")),
)
"""What somebody presses meanwhile: rows, a node and back, an order, help, explain, a filter.

While one reads help, or types, nothing is looked at by itself: whatever is none of it is left again at once.
"""


class _Counted(LiveDiagnosis):
    """Knows how often it was asked to be kept fresh."""

    refreshes = 0

    def refresh_incrementally(self) -> None:
        self.refreshes += 1
        super().refresh_incrementally()

    def was_refreshed(self, times: int) -> bool:
        """Whether it was asked so often."""
        return self.refreshes == times


async def kept_fresh_in_app(aws: PagedAws, hour: Hour) -> AsyncIterator[Held]:
    """What is held after each refresh that counts; keys are pressed between them."""
    aws.begin(**hour.conduct(0))
    now = datetime.now(UTC)
    asked = DiagnosisRequest(
        environment=aws.environment, endpoint_url=aws.environment["AWS_ENDPOINT_URL"], clock=lambda: now
    )
    time = PressedTime()
    live = _Counted.start(asked, time.thread)
    async with opened(live, mode="", now=lambda: now) as shown:
        await _at_rest(shown, time, hour.nodes)
        await shown.press("R")
        for number in range(1, hour.refreshes + 1):
            aws.begin(**hour.conduct(number))
            await until(shown.pilot, lambda: bool(shown.app.context.refresh_words))
            await asyncio.to_thread(time.pass_on, hour.waited.total_seconds())
            now += hour.between
            await until(shown.pilot, partial(live.was_refreshed, number))
            await shown.press(*_WALK[number % len(_WALK)])
            await _at_rest(shown, time, hour.nodes)
            if hour.is_counted(number):
                yield held()


async def _at_rest(shown: Opened, time: PressedTime, nodes: int) -> None:
    """Until all that was asked of the diagnosis has ended, and the board has taken in what it told."""
    context = shown.app.context
    await until(
        shown.pilot,
        lambda: (
            time.thread.is_idle
            and not context.has_backlog
            and len(context.fleet_view.state.nodes) == nodes
            and not context.fleet_view.pending
        ),
        looks=400_000,
    )
