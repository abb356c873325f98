"""A notice never lies over what is typed in, over the keys or over what tells the row, however many there are."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input, TextArea
from textual.widgets._toast import Toast, ToastRack

from tests.ui.app.test_announced_keys import Way, a_value, commands, explain, filtering, typed_change
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import Opened, opened
from tests.ui.screens.test_preferences_form import account
from tests.ui.stored_document import StoredDocument
from tests.ui.waiting import until


def toasts(shown: Opened) -> list[Toast]:
    return [each for each in shown.app.screen.query(Toast) if each.region]


@pytest.mark.parametrize("way", [filtering, typed_change, explain, a_value, commands], ids=lambda each: each.__name__)
async def test_a_notice_does_not_cover_what_is_typed(way: Way, tmp_path: Path) -> None:
    desk = StoredDocument().desk(tmp_path)
    handle = account() if way in (a_value, commands) else demo_inquiry()
    async with opened(handle, desk, size=(80, 24), notifications=True) as shown:
        await way(shown)
        typed = shown.app.screen.query(Input if way not in (explain, commands) else TextArea).first()
        typed.focus()
        await until(shown.pilot, lambda: typed.has_focus)
        for number in range(6):
            shown.app.notify(f"Notice {number} " + "that is long enough to take several lines of words " * 2)
        await until(shown.pilot, lambda: bool(toasts(shown)))
        rack = shown.app.screen.query_one(ToastRack).region
        assert not typed.region.overlaps(rack)
        for each in shown.app.screen.query("KeyBar, RowLine, ConfirmLine"):
            assert not (each.display and each.region.overlaps(rack)), f"{each} is covered"
    desk.close()
