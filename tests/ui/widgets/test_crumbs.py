"""The way here: what fits of it, what a click does, and that coming back is coming back to the place."""

from __future__ import annotations

import pytest

from ssmtui.ui.screens.search_dialogs import ScopesDialog
from ssmtui.ui.screens.sessions_screen import SessionsScreen
from ssmtui.ui.widgets.screen_frame import fitting_places
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.listed_sessions import with_sessions
from tests.ui.opened import NODE, PREFERENCES, opened
from tests.ui.waiting import until

WAY = ("Nodes", "web-1", "Fixes", "Change")


@pytest.mark.parametrize(
    ("room", "shown"),
    [
        (40, "0 Nodes|1 web-1|2 Fixes|3 Change"),
        (30, "0 Nodes|1 web-1|2 Fixes|3 Change"),
        (29, "0 Nodes|None …|2 Fixes|3 Change"),
        (24, "0 Nodes|None …|3 Change"),
        (5, "0 Nodes|None …|3 Change"),
        (4, "3 Change"),
    ],
)
def test_where_not_all_fit_those_in_the_middle_are_left_out(room: int, shown: str) -> None:
    assert "|".join(f"{place} {words}" for place, words in fitting_places(WAY, room)) == shown


async def test_a_click_goes_back_and_the_place_is_kept() -> None:
    async with opened(demo_inquiry(), size=(120, 24)) as shown:
        fleet, app = shown.fleet, shown.app
        await shown.press("slash", *"eu", "minus", *"worker", "enter")
        await until(shown.pilot, lambda: len(shown.names) == 8)
        await shown.press("down", "down", "enter")
        await shown.until_screen(NODE)
        node = shown.name_here
        await shown.press("up", "up")
        row = app.screen.query_one("#path").cursor  # type: ignore[attr-defined]
        await shown.press("p")
        await shown.until_screen(PREFERENCES)
        assert f"Nodes › {node} › Preferences" in shown.painted
        await until(shown.pilot, lambda: bool(app.screen.query_one("#settings").keys))  # type: ignore[attr-defined]
        await shown.press("down", "down")
        setting = app.screen.query_one("#settings").cursor  # type: ignore[attr-defined]
        await shown.pilot.click("Breadcrumbs", offset=(2, 0))
        await until(shown.pilot, lambda: app.screen is fleet)
        assert (len(shown.names), shown.name_here) == (8, node)
        await shown.press("enter")
        await shown.until_screen(NODE)
        await until(shown.pilot, lambda: app.screen.query_one("#path").cursor == row)  # type: ignore[attr-defined]
        await shown.press("p")
        await shown.until_screen(PREFERENCES)
        await until(shown.pilot, lambda: app.screen.query_one("#settings").cursor == setting)  # type: ignore[attr-defined]


async def test_what_narrowed_a_table_narrows_it_again() -> None:
    async with opened(with_sessions()) as shown:
        await shown.press("S")
        await shown.until_said("17 sessions are open")
        await shown.press("slash", *"ada", "enter", "backspace")
        await until(shown.pilot, lambda: shown.app.screen is shown.fleet)
        await shown.press("S")
        await shown.until_screen(SessionsScreen)
        await shown.until_said("of 17")


async def test_the_header_is_clicked_for_what_it_tells() -> None:
    async with opened(demo_inquiry()) as shown:
        await shown.pilot.click("SummaryBar", offset=(2, 1))
        await until(shown.pilot, lambda: len(shown.names) == 16 and shown.fleet.filter_line.text == "verdict:fail")
        await shown.pilot.click("SummaryBar", offset=(2, 1))
        await until(shown.pilot, lambda: len(shown.names) == 45)
        await shown.pilot.click("SummaryBar", offset=(116, 0))
        await shown.until_screen(ScopesDialog)
