"""Jump mode: a letter over each panel, by which the focus moves there."""

from __future__ import annotations

import pytest
from textual.widgets import Static

from ssmtui.ui.screens.base_screen import BaseScreen
from ssmtui.ui.screens.fleet_screen import FleetScreen
from ssmtui.ui.screens.overview_screen import OverviewScreen
from ssmtui.ui.screens.panel_jump import PanelJump
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import NODE, Opened, opened
from tests.ui.waiting import until


async def jumping(shown: Opened) -> PanelJump:
    await shown.press("J")
    await shown.until_screen(PanelJump)
    screen = shown.app.screen
    assert isinstance(screen, PanelJump)
    await until(shown.pilot, lambda: all(label.region for label in screen.query(Static) if label.display))
    return screen


def letters(screen: PanelJump) -> list[tuple[str, int, int]]:
    labels = [each for each in screen.query(Static) if type(each).__name__ == "_PanelLabel"]
    return [(str(each.render()).strip(), each.region.x, each.region.y) for each in labels if each.display]


@pytest.mark.parametrize(("size", "second"), [((80, 24), (30, 3)), ((120, 40), (43, 3)), ((60, 24), (0, 11))])
async def test_a_letter_is_over_each_panel_and_moves_the_focus_there(
    size: tuple[int, int], second: tuple[int, int]
) -> None:
    async with opened(demo_inquiry(), size=size) as shown:
        await shown.press("enter")
        await shown.until_screen(NODE)
        node = shown.app.screen
        assert letters(await jumping(shown)) == [("a", 0, 3), ("s", *second)]
        await shown.press("x", "s")
        await until(shown.pilot, lambda: shown.app.screen is node and node.focused is node.query_one("#explanation"))
        await jumping(shown)
        await shown.press("a")
        await until(shown.pilot, lambda: shown.app.screen is node and node.focused is node.query_one("#path"))
        await jumping(shown)
        await shown.press("escape")
        assert shown.app.screen is node
        assert node.focused is node.query_one("#path")
        await jumping(shown)
        await shown.pilot.click(offset=second)
        await until(shown.pilot, lambda: shown.app.screen is node and node.focused is node.query_one("#explanation"))


async def test_panels_out_of_view_have_no_letter_and_another_size_ends_it() -> None:
    async with opened(demo_inquiry(), size=(80, 14)) as shown:
        await shown.press("tilde")
        await shown.until_screen(OverviewScreen)
        pulse = shown.app.screen
        assert isinstance(pulse, BaseScreen)
        await shown.until_it_stands()
        screen = await jumping(shown)
        shown_letters = letters(screen)
        assert len(shown_letters) < len(pulse.focus_chain)
        assert all(0 <= y < 13 for _, _, y in shown_letters)
        await shown.pilot.resize_terminal(120, 40)
        await shown.pilot.pause()
        await until(shown.pilot, lambda: shown.app.screen is pulse)


async def test_a_screen_with_one_panel_says_so_and_a_letter_in_a_filter_is_text() -> None:
    async with opened(demo_inquiry(), size=(80, 24)) as shown:
        await shown.press("J")
        await until(
            shown.pilot,
            lambda: [each.message for each in shown.app._notifications] == ["this screen has only one panel now"],
        )
        assert isinstance(shown.app.screen, FleetScreen)
        await shown.press("slash", "J")
        assert shown.fleet.filter_line.text == "J"
    async with opened(demo_inquiry(), size=(200, 40)) as shown:
        assert [letter for letter, _, _ in letters(await jumping(shown))] == ["a", "s"]
        await shown.press("s")
        await until(shown.pilot, lambda: shown.fleet.focused is shown.fleet.details.pane)
