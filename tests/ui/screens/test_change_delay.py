"""After a change that AWS shows late: a countdown instead of a false red, quiet looks, and then green or the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from ssmtui.diagnosis.events import Event, FindingGone
from ssmtui.model.plan import Forecast, Plan
from ssmtui.model.scope import ScopeName
from tests.ui.builders import FRANKFURT, NOON, log_group_unencrypted
from tests.ui.demo_fleet import demo_inquiry, frankfurt, frankfurt_events, switch_plan
from tests.ui.opened import CHANGE, Opened, opened
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.stored_document import StoredDocument
from tests.ui.waiting import until

DELAY = "SSM Agent asks for credentials again within 30 minutes."


class LateAws:
    """Nodes that turn green only when it says so, however often they are checked."""

    def __init__(self) -> None:
        self.shows = False
        self.handle = self._inquiry()

    def _inquiry(self) -> ScriptedInquiry:
        handle = demo_inquiry()
        plan = switch_plan(FRANKFURT)
        assert isinstance(plan, Plan)
        late = replace(plan, confirmation="", delay=DELAY, settles_within=timedelta(minutes=30))
        handle.plans["toggle-cloudwatch-encryption"] = late
        handle.on_recheck = self._rechecked
        return handle

    def _rechecked(self, scope: ScopeName) -> Sequence[Event]:
        gone = (FindingGone(log_group_unencrypted(frankfurt(), FRANKFURT).id),) if self.shows else ()
        return (*gone, *frankfurt_events(broken=not self.shows)) if scope == FRANKFURT.name else ()


def at(shown: Opened, minutes: float) -> None:
    shown.app.context.now = lambda: NOON + timedelta(minutes=minutes)


async def made(shown: Opened, forecast: str = "8 nodes turn green", of: int = 8) -> None:
    shown.fleet.narrow("eu-worker")
    await until(shown.pilot, lambda: len(shown.names) == 8)
    await shown.press("w")
    await shown.until_screen(CHANGE)
    await shown.until_said(forecast)
    await shown.press("A")
    await shown.until_said(f"0 of {of} green")


async def test_red_is_counted_down_and_looked_at_quietly_until_it_is_green(tmp_path: Path) -> None:
    aws = LateAws()
    async with opened(aws.handle, StoredDocument().desk(tmp_path)) as shown:
        await made(shown)
        await shown.until_said("Red is no failure yet: up to 30 min 00 s left")
        await shown.until_said(DELAY)
        [(expecting, expected, delay)] = aws.handle.expected
        assert (expecting, set(expected)) == (FRANKFURT.name, {each.key for each in frankfurt()})
        assert delay.until - delay.made == timedelta(minutes=30)

        at(shown, 1)
        await until(shown.pilot, lambda: len(aws.handle.looked_again) == 1)
        scope, nodes = aws.handle.looked_again[0]
        assert (scope, set(nodes)) == (FRANKFURT.name, {each.key for each in frankfurt()})
        await shown.until_said("up to 29 min 00 s left")

        aws.shows = True
        at(shown, 2)
        await shown.until_said("8 of 8 green")
        assert "no failure yet" not in shown.said
        at(shown, 5)
        await shown.pilot.pause()
        assert len(aws.handle.looked_again) == 2


async def test_what_stays_red_for_another_reason_is_not_waited_for(tmp_path: Path) -> None:
    aws = LateAws()
    green, red = frankfurt()[0].id, frankfurt()[1].id
    aws.handle.forecasts = Forecast((), (), (), (red,), (), await_agent=(green,))
    async with opened(aws.handle, StoredDocument().desk(tmp_path)) as shown:
        await made(shown, "1 node is red only until SSM Agent is back", of=2)
        at(shown, 1)
        await until(shown.pilot, lambda: len(aws.handle.looked_again) == 1)
        [(_, nodes)] = aws.handle.looked_again
        assert [key.id for key in nodes] == [green]


async def test_when_the_delay_has_passed_red_is_red(tmp_path: Path) -> None:
    aws = LateAws()
    async with opened(aws.handle, StoredDocument().desk(tmp_path)) as shown:
        await made(shown)
        at(shown, 30)
        await shown.until_said("The longest delay that is documented has passed")
        looks = len(aws.handle.looked_again)
        at(shown, 45)
        await shown.pilot.pause()
        assert len(aws.handle.looked_again) == looks == 1
        rechecks = len(aws.handle.rechecked)
        await shown.press("r")
        assert len(aws.handle.rechecked) == rechecks + 1


async def test_it_goes_on_when_the_screen_is_left(tmp_path: Path) -> None:
    aws = LateAws()
    async with opened(aws.handle, StoredDocument().desk(tmp_path)) as shown:
        await made(shown)
        await shown.press("escape")
        at(shown, 1)
        await until(shown.pilot, lambda: len(aws.handle.looked_again) == 1)
