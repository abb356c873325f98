"""The line of keys: what there is room for, always with help and the way out."""

from __future__ import annotations

import pytest

from ssmtui.ui.screens.fleet_screen import FleetScreen
from ssmtui.ui.widgets.screen_frame import KeyBar, KeyEntry, ShownKey, fitting_entries
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import NODE, PREFERENCES, Opened, opened


def entry(action: str, word: str, *, of_app: bool = False) -> KeyEntry:
    return KeyEntry(action, (ShownKey(word[0], word[0], enabled=True, words=word),), word, of_app)


ROW = [
    entry("open", "Open"),
    entry("sort", "Sort"),
    entry("undo", "Undo"),
    entry("explain", "Explain"),
    entry("copy", "Copy"),
    entry("show_help", "Help", of_app=True),
    entry("leave", "Quit", of_app=True),
]


def words(room: int) -> list[str]:
    return [each.word for each in fitting_entries(ROW, room)]


def test_what_gives_way_goes_first_and_the_ways_out_stay_however_narrow_it_is() -> None:
    assert words(100) == ["Open", "Sort", "Undo", "Explain", "Copy", "Help", "Quit"]
    assert words(50) == [*words(100)[:-3], "Help", "Quit"]
    assert words(38) == ["Open", "Sort", "Undo", "Help", "Quit"]
    assert words(5) == ["Open", "Help", "Quit"]


def test_the_two_switches_share_a_word_before_either_goes() -> None:
    row = [entry("open", "Open"), entry("switch_bucket", "e switch"), entry("switch_log_group", "w switch")]
    assert [each.word for each in fitting_entries(row, 28)] == ["Open", "e switch", "w switch"]
    open_, both = fitting_entries(row, 27)
    assert (open_.word, both.word) == ("Open", "Switches")
    assert [key.pressed for key in both.keys] == ["e", "w"]
    assert [each.word for each in fitting_entries(row, 10)] == ["Open"]


def line(shown: Opened) -> str:
    return shown.painted.splitlines()[-1].rstrip()


async def every_first_screen(width: int, quit_: str) -> None:
    async with opened(demo_inquiry(), size=(width, 24)) as shown:
        for keys, screen in (((), FleetScreen), (("enter",), NODE), (("p",), PREFERENCES)):
            await shown.press(*keys)
            await shown.until_screen(screen)
            assert line(shown).endswith(quit_)
            assert len(line(shown)) <= width


@pytest.mark.parametrize("width", [60, 80, 120])
async def test_no_screen_ends_in_half_a_key(width: int) -> None:
    await every_first_screen(width, "? Help q Quit")


@pytest.mark.usefixtures("in_french")
async def test_nor_does_one_in_french() -> None:
    await every_first_screen(80, "? Aide q Quitter")


async def test_where_there_is_room_the_keys_of_every_screen_are_there_too() -> None:
    async with opened(demo_inquiry(), size=(140, 24)) as shown:
        assert line(shown).startswith(
            "⏎ Open Tab Causes F Fixes / Filter s Shell p Prefs e S3 switch w Log switch z Undo v Probe t Tunnel"
        )
        await shown.press("tab")
        await shown.until_said("Tab Nodes")


async def test_while_a_text_is_typed_no_key_is_shown_that_would_be_typed() -> None:
    async with opened(demo_inquiry()) as shown:
        await shown.press("slash")
        await shown.until_said("F1 Help")
        assert "/ Filter" not in line(shown)
        assert "? Help" not in line(shown)
        await shown.press("f1")
        await shown.until_said("Keys")


async def test_a_click_presses_the_key_and_a_dim_one_says_why() -> None:
    async with opened(demo_inquiry()) as shown:
        await shown.pilot.click(KeyBar, offset=(line(shown).index("Causes"), 0))
        await shown.until_said("Tab Nodes")
        await shown.pilot.click(KeyBar, offset=(line(shown).index("z Undo"), 0))
        await shown.until_said("read-only")
