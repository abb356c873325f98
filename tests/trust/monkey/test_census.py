"""A leak told from a cache."""

from __future__ import annotations

import asyncio

import pytest

from ssmtui.ui.screens.fleet_screen import FleetScreen
from ssmtui.ui.text.markdown_prose import prose_from_markdown
from tests.set_aside import set_aside
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import opened
from tools.trust.monkey.census import census, leaks, outliving

__all__ = ["set_aside"]


def counts(*numbers: int) -> list[dict[str, int]]:
    return [{"A": number, "B": 3} for number in numbers]


def test_what_each_game_leaves_behind_is_a_leak() -> None:
    assert leaks(counts(0, 1, 2, 3, 4, 5, 6, 7)) == [("A", 4, 7)]
    assert leaks(counts(0, 9, 9, 14, 14, 19, 24, 24, 29, 34)) == [("A", 19, 34)]


def test_a_cache_that_is_full_is_none_and_what_is_loaded_late_is_none() -> None:
    assert leaks(counts(0, 10, 20, 30, 40, 40, 40, 40)) == []
    assert leaks(counts(0, 0, 0, 0, 0, 0, 6, 6)) == []
    assert leaks(counts(4, 9, 3, 8, 2, 9, 1, 7)) == []


def test_a_few_games_tell_nothing() -> None:
    assert leaks(counts(1, 2, 3)) == []
    assert leaks([]) == []


@pytest.mark.long
def test_texts_of_causes_that_were_opened_are_no_leak() -> None:
    prose_from_markdown("A text that no game has opened before.")
    census()
    assert prose_from_markdown.cache_info().currsize == 0


@pytest.mark.usefixtures("set_aside")
def test_an_app_that_is_open_is_seen_and_one_that_has_ended_is_gone() -> None:
    async def opened_once() -> str:
        async with opened(demo_inquiry()) as shown:
            await shown.until_screen(FleetScreen)
            return outliving(census())

    before = outliving(census())
    assert "ssmtui.ui.screens.fleet_screen.FleetScreen" in asyncio.run(opened_once())
    assert outliving(census()) == before
