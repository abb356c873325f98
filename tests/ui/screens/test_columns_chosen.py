"""The columns of the fleet: chosen while the table shows them, and kept with the order of the rows."""

from __future__ import annotations

from pathlib import Path

from ssmtui.ui.screens.dialogs import ColumnsDialog
from ssmtui.ui.state.ui_state import SortOrder, UiState, UiStateFile, UiStateStore
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import Opened, opened
from tests.ui.waiting import until


def kept(folder: Path) -> UiStateStore:
    return UiStateStore(UiStateFile(folder))


def shown_columns(shown: Opened) -> list[str]:
    return [placed.column.key for placed in shown.nodes.placed]


async def test_columns_are_seen_while_they_are_chosen_and_kept_with_the_order_of_rows(tmp_path: Path) -> None:
    async with opened(demo_inquiry(), size=(120, 30), ui_state=kept(tmp_path)) as shown:
        before, names = shown_columns(shown), list(shown.names)
        await shown.press("W")
        await shown.until_screen(ColumnsDialog)
        await shown.press("j", "space")  # no name
        await until(shown.pilot, lambda: "name" not in shown_columns(shown))
        await shown.press("escape")
        await until(shown.pilot, lambda: shown_columns(shown) == before)
        await shown.press("W")
        await shown.until_screen(ColumnsDialog)
        await shown.press("j", "j", "K", "K", "j", "space", "enter")  # the id first, and no verdict
        await until(shown.pilot, lambda: shown_columns(shown)[:2] == ["id", "name"])
        # Whoever leaves a column out has not asked for another order (derailed/k9s#3218).
        assert shown.names == names
        await shown.press("O")
    ui_state = kept(tmp_path).current
    assert ui_state.columns[:2] == ("id", "name")
    assert "verdict" not in ui_state.columns
    assert ui_state.order == SortOrder("verdict", descending=True)
    async with opened(demo_inquiry(), size=(120, 30), ui_state=kept(tmp_path)) as shown:
        assert shown_columns(shown)[:2] == ["id", "name"]
        assert shown.names != names
        await shown.press("W")
        await shown.until_screen(ColumnsDialog)
        await shown.press("0", "enter")
        await until(shown.pilot, lambda: shown_columns(shown) == before)
    assert kept(tmp_path).current.columns == ()


async def test_what_was_kept_of_columns_that_are_no_more_does_no_harm(tmp_path: Path) -> None:
    kept(tmp_path).change(lambda _habits: UiState(columns=("gone", "id"), order=SortOrder("gone")))
    async with opened(demo_inquiry(), ui_state=kept(tmp_path)) as shown:
        assert shown_columns(shown) == ["id"]
        await shown.press("tab")
        assert "it is the columns of the nodes" in shown.fleet.why_not("choose_columns", ())


async def test_what_nodes_are_stands_in_the_place_of_why_until_it_is_asked_for_again() -> None:
    async with opened(demo_inquiry(), size=(80, 24)) as shown:
        before = shown_columns(shown)
        assert "why" in before
        await shown.press("ctrl+w")
        await until(shown.pilot, lambda: {"id", "ping"} <= set(shown_columns(shown)))
        assert "why" not in shown_columns(shown)
        await shown.press("ctrl+w")
        await until(shown.pilot, lambda: shown_columns(shown) == before)
        assert shown.app.context.ui_state.current.columns == ()
