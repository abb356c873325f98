"""What belongs to no single screen: the palette, leaving, colours, and read-only."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ssmtui.diagnosis.events import NodesNotFound, ProgressChanged, ScopeOpened
from ssmtui.ui.app.app import KEY_SECONDS, SsmtuiApp
from ssmtui.ui.app.themes import LIGHT
from ssmtui.ui.state.app_context import AppContext
from ssmtui.ui.state.fleet_view import FleetChanges
from tests.ui.builders import FRANKFURT, PARIS
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import NODE, PREFERENCES, opened
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.waiting import until


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_leaving_closes_the_diagnosis(key: str) -> None:
    handle = demo_inquiry()
    async with opened(handle) as shown:
        await shown.press(key)
    assert handle.closed


@pytest.mark.parametrize(("key", "code"), [("q", 0), ("ctrl+q", 0), ("ctrl+c", 130)])
async def test_ctrl_c_ends_it_with_the_code_of_what_was_interrupted(key: str, code: int) -> None:
    async with opened(demo_inquiry()) as shown:
        await shown.press(key)
    assert shown.app.return_code == code


async def test_ctrl_c_leaves_from_the_filter_line_too() -> None:
    handle = demo_inquiry()
    async with opened(handle) as shown:
        await shown.press("slash", "x", "ctrl+c")
    assert handle.closed


async def test_without_colour_every_sign_is_still_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(demo_inquiry()) as shown:
        await shown.until_said("✖ 16 fail")
        assert shown.app.no_color


async def test_the_light_theme_can_be_chosen() -> None:
    async with opened(demo_inquiry()) as shown:
        shown.app.theme = LIGHT.name
        await shown.pilot.pause()
        await shown.until_said("ci-runner-1")


async def test_an_inquiry_that_is_under_way_is_taken_as_it_is() -> None:
    handle = demo_inquiry()
    app = SsmtuiApp(handle)
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.context.handle is handle and handle.events.empty())


async def test_where_none_of_the_nodes_asked_for_is_there_the_app_leaves_by_itself() -> None:
    handle = ScriptedInquiry(
        ScopeOpened(PARIS), ScopeOpened(FRANKFURT), NodesNotFound(PARIS.name, ("web-9",), ("i-0", "web-1"))
    )
    app = SsmtuiApp(handle)
    async with app.run_test() as pilot:
        await until(pilot, lambda: handle.events.empty() and app.context.fleet_view.scopes != [])
        assert not handle.closed  # it may still be in the other Region
        handle.tell(NodesNotFound(FRANKFURT.name, ("web-9",), ()))
        await until(pilot, lambda: handle.closed or not app.is_running)
    assert app.context.fleet_view.state.nowhere() == ("web-9",)
    assert app.context.fleet_view.state.others() == {"i-0", "web-1"}


async def test_q_goes_back_screen_by_screen_and_quits_from_the_first() -> None:
    async with opened(demo_inquiry(), size=(80, 24)) as shown:
        assert "q Quit" in shown.painted.splitlines()[-1]
        await shown.press("enter")
        await shown.until_screen(NODE)
        await shown.press("p")
        await shown.until_screen(PREFERENCES)
        assert "q Quit" not in shown.painted.splitlines()[-1]
        await shown.press("slash", "q")
        await shown.press("enter", "q")
        await shown.until_screen(NODE)
        await shown.press("q")
        await until(shown.pilot, lambda: shown.app.screen is shown.fleet)
        await shown.press("q")
        await until(shown.pilot, lambda: not shown.app.is_running)
    assert shown.app.return_code == 0


async def test_whoever_leaves_is_not_looked_at_again() -> None:
    async with opened(demo_inquiry()) as shown:
        assert not shown.app.context.is_user_busy()
        await shown.press("slash")
        assert shown.app.context.is_user_busy()
        await shown.press("escape", "q")
    assert shown.app.context.is_user_busy()


async def test_what_has_been_asked_of_aws_is_told_with_what_is_being_waited_for() -> None:
    calls = (("ec2:DescribeInstances", 12), ("ssm:GetDocument", 1))
    waiting = ProgressChanged(
        PARIS.name, 0, 0, listing=True, api_calls=calls, throttled=False, waiting_for=("iam:GetRole",)
    )
    async with opened(ScriptedInquiry(ScopeOpened(PARIS), waiting)) as shown:
        await until(shown.pilot, lambda: bool(shown.app.context.fleet_view.state.api_calls()))
        await shown.press("at")
        for words in ("waiting for iam:GetRole", "12 ec2:DescribeInstances", "1 ssm:GetDocument", "--log-file FILE"):
            await shown.until_said(words)
        await shown.press("at")
        await until(shown.pilot, lambda: shown.app.screen is shown.fleet)


@pytest.mark.parametrize(("since_key", "ticks"), [(KEY_SECONDS / 2, 0), (KEY_SECONDS * 2, 1)])
async def test_after_a_key_the_events_that_are_left_wait_for_the_regular_tick(
    since_key: float, ticks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = [100.0]
    monkeypatch.setattr("ssmtui.ui.app.app.perf_counter", lambda: times[0])
    later: list[Callable[[], None]] = []
    made: list[FleetChanges] = []

    def tick(*_: object) -> FleetChanges:
        made.append(FleetChanges())
        return made[-1]

    async with opened(demo_inquiry()) as shown:
        monkeypatch.setattr(shown.app, "set_timer", lambda _seconds, do: later.append(do))
        monkeypatch.setattr(AppContext, "has_backlog", property(lambda _: True))
        await shown.press("j")
        await until(shown.pilot, lambda: bool(later))
        monkeypatch.setattr(AppContext, "tick", tick)
        times[0] += since_key
        later[-1]()
        assert len(made) == ticks
