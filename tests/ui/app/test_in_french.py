"""The whole app in French: no sentence that has a translation is left in English on any of its screens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import Opened, opened
from tests.ui.past_changes import desk_with_a_past
from tests.ui.tunnelled_sessions import some_tunnels
from tools.sentences import translations, written

pytestmark = pytest.mark.usefixtures("in_french")

WALKS = {
    "fleet": (),
    "no rows": ("slash", "x", "y", "z"),
    "causes": ("tab",),
    "cause": ("tab", "enter"),
    "node": ("enter",),
    "link": ("enter", "g"),
    "raw": ("enter", "y"),
    "preferences": ("p", "down", "down"),
    "edit": ("p", "down", "enter"),
    "change": ("w",),
    "hand over": ("w", "tab", "h"),
    "fixes": ("F",),
    "changes": ("Z",),
    "taking back": ("Z", "z"),
    "explain": ("x",),
    "probe": ("v",),
    "sessions": ("S",),
    "session holders": ("S", "tab"),
    "session history": ("S", "tab", "tab"),
    "tunnel of a failing node": ("t",),
    "tunnel": ("t", "enter"),
    "tunnels": ("T",),
    "help": ("question_mark",),
    "accounts": ("i",),
    "palette": ("colon",),
}


def english() -> Iterator[str]:
    """What would be English: the sentences of some words that say something else in French."""
    for message in written():
        sentence = message.id if isinstance(message.id, str) else message.id[0]
        told = translations(message)
        if len(sentence.split()) > 3 and "{" not in sentence and all(told) and sentence not in told:
            yield sentence.strip()


async def at_rest(shown: Opened) -> str:
    before = ""
    while before != shown.painted:
        before = shown.painted
        await shown.pilot.pause(0.05)
    return before


@pytest.mark.parametrize("walk", WALKS)
async def test_no_sentence_is_left_in_english(walk: str, tmp_path: Path) -> None:
    desk = desk_with_a_past(tmp_path)
    async with opened(demo_inquiry(), desk, size=(200, 50), sessions=some_tunnels()) as shown:
        shown.fleet.narrow("eu-worker")
        await shown.until_said("8 sur 45")
        for key in WALKS[walk]:
            await shown.press(key)
            await at_rest(shown)
        said = await at_rest(shown)
    # The journal of the test was written in English, and what was written stays.
    past = " ".join(change.title for change in desk.journal.changes())
    assert [sentence for sentence in english() if sentence in said and sentence not in past] == []
