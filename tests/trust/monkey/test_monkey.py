"""A short game with a new seed in every run of the tests; `MONKEY_SEED` repeats one. `make monkey` plays long ones."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from secrets import randbelow

import pytest

from tests.ui.demo_fleet import demo_inquiry
from tests.ui.past_changes import desk_with_a_past
from tools.trust.monkey.actions import Burst, Deed, Odds, deeds, events_in, key
from tools.trust.monkey.game import DicedSessions, Stage, no_programs, played

_EVENTS = 200
_ODDS = Odds(leaving=0, faults=False, largest=(120, 40), changes=3)


def some(seed: int) -> list[Deed]:
    """The deeds of a seed, for so many events."""
    found: list[Deed] = []
    for deed in islice(deeds(seed, _ODDS), _EVENTS):
        found.append(deed)
        if sum(map(events_in, found)) >= _EVENTS:
            break
    return found


@pytest.mark.long
async def test_nothing_is_lost_by_whatever_is_pressed(tmp_path: Path) -> None:
    seed = int(os.environ.get("MONKEY_SEED") or randbelow(1_000_000))
    desk = desk_with_a_past(tmp_path)
    with no_programs():
        stage = Stage(demo_inquiry, desk, DicedSessions(seed), lambda: (), lambda _strike: None, tmp_path)
        game = await played(stage, seed, some(seed))
    desk.close()
    assert game.lost == "", f"MONKEY_SEED={seed} repeats it; the last of {len(game.deeds)} deeds: {game.deeds[-3:]}"


def test_a_seed_is_the_same_game_each_time() -> None:
    assert some(7) == some(7)
    assert some(7) != some(8)


def test_keys_are_those_of_a_terminal() -> None:
    named = {name for deed in islice(deeds(1), 2_000) if isinstance(deed, Burst) for name in deed.keys}
    assert {"enter", "escape", "A", "o", "Z", "pagedown", "question_mark"} <= named
    assert key("enter").character == "\r"
    assert key("question_mark").character == "?"
    assert key("pagedown").character is None
