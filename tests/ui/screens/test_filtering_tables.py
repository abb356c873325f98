"""`/` in every table: causes, changes, fixes, tunnels, settings and the nodes behind a cause; Esc takes it back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ssmtui.ui.screens.base_screen import BaseScreen
from ssmtui.ui.screens.change_history_screen import ChangeHistoryScreen
from ssmtui.ui.screens.fixes_screen import FixesScreen
from ssmtui.ui.screens.tunnels_screen import TunnelsScreen
from ssmtui.ui.text.filters import Column, fields_of_columns, filter_rows, parse_filter
from ssmtui.ui.text.styled_text import Cell, cell
from ssmtui.ui.widgets.line_table import LineTable
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import CAUSE, PREFERENCES, Opened, opened
from tests.ui.past_changes import desk_with_a_past
from tests.ui.tunnelled_sessions import some_tunnels
from tests.ui.waiting import until

COLUMNS = (Column("sign", "", 1, 1, 0), Column("what", "what", 1, 9, 1), Column("state", "state", 1, 9, 2))
ROWS = {"a": ("✖", "Grant a role", "failed"), "b": ("●", "Turn off a switch", "applied"), "c": ("●", "", "applied")}


def shown_by(text: str) -> str:
    def cells(key: str) -> Mapping[str, Cell]:
        return {column.key: cell(word) for column, word in zip(COLUMNS, ROWS[key], strict=True)}

    return "".join(filter_rows(parse_filter(text, fields_of_columns(COLUMNS)), ROWS, cells))


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", "abc"),
        ("ROLE", "a"),
        ("state:applied", "bc"),
        ("!state:applied", "a"),
        ("what:none", "c"),
        ("turn off", "b"),
    ],
)
def test_the_columns_of_a_table_are_the_fields_of_its_filter(text: str, rows: str) -> None:
    assert shown_by(text) == rows


async def narrowed(shown: Opened, table: LineTable[Any], text: str) -> int:
    """How many rows are shown by a filter that is typed; Esc then shows them all on the same screen."""
    screen, before = shown.app.screen, len(table.keys)
    assert isinstance(screen, BaseScreen)
    await shown.press("slash")
    await shown.write(text)
    await shown.press("enter")
    await until(shown.pilot, lambda: table.has_focus)
    narrow = len(table.keys)
    await shown.press("escape")
    await until(shown.pilot, lambda: len(table.keys) == before and shown.app.screen is screen)
    return narrow


async def test_every_table_is_narrowed_by_what_is_typed(tmp_path: Path) -> None:
    desk = desk_with_a_past(tmp_path)
    async with opened(demo_inquiry(), desk, sessions=some_tunnels()) as shown:
        await shown.press("Z")
        await shown.until_screen(ChangeHistoryScreen)
        changes = shown.app.screen
        assert isinstance(changes, ChangeHistoryScreen)
        assert await narrowed(shown, changes.rows, "state:failed") == 1
        assert await narrowed(shown, changes.rows, "nothing") == 0
        await shown.press("escape", "T")
        await shown.until_screen(TunnelsScreen)
        tunnels = shown.app.screen
        assert isinstance(tunnels, TunnelsScreen)
        assert await narrowed(shown, tunnels.rows, "15432") == 1
        await shown.press("escape", "p")
        await shown.until_screen(PREFERENCES)
        form = shown.app.screen.query_one("#settings", LineTable)
        await until(shown.pilot, lambda: len(form.keys) > 9)
        assert await narrowed(shown, form, "idle") == 1
        await shown.press("escape", "tab", "asterisk", "F")
        await shown.until_screen(FixesScreen)
        fixes = shown.app.screen
        assert isinstance(fixes, FixesScreen)
        assert await narrowed(shown, fixes.rows, "cause:log-group") == 0
        assert 0 < await narrowed(shown, fixes.rows, "subject:batch-node") < len(fixes.rows.keys)
    desk.close()


async def test_causes_have_a_filter_of_their_own_below_that_of_the_nodes() -> None:
    async with opened(demo_inquiry()) as shown:
        fleet = shown.fleet
        await shown.press("tab")
        await until(shown.pilot, lambda: len(fleet.causes.keys) == 6)
        await shown.press("slash", *"subject", "colon", *"batch", "enter")
        await until(shown.pilot, lambda: [each.partition("@")[0] for each in fleet.causes.keys] == ["kms-node-denied"])
        assert len(fleet.nodes.keys) == 45
        await shown.press("enter")
        await shown.until_screen(CAUSE)
        held = shown.app.screen.query_one("#held", LineTable)
        assert await narrowed(shown, held, "batch-2") == 1
        await shown.press("escape", "escape")
        await until(shown.pilot, lambda: len(fleet.causes.keys) == 6 and not fleet.filters.causes.display)
