"""The rows of the fleet: columns that are chosen, and the details of a row."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ssmtui.diagnosis.events import FindingChanged, FindingGone, ScopeOpened, ScopeSettled, VerdictChanged
from ssmtui.model.finding import Status, VerdictStatus
from ssmtui.ui.screens.dialogs import ColumnsDialog
from ssmtui.ui.state.ui_state import SortOrder, UiState, UiStateFile, UiStateStore
from tests.ui.builders import HEALTHY, PARIS, log_group_unencrypted, node, told, verdict
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import Opened, opened
from tests.ui.scripted_inquiry import ScriptedInquiry
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


async def test_a_tag_is_chosen_as_a_column_sorts_the_rows_and_is_kept(tmp_path: Path) -> None:
    nodes = [node("a", 1, tags=(("Env", "prod"),)), node("b", 2, tags=(("Env", "a-very-long-environment"),))]

    def handle() -> ScriptedInquiry:
        return ScriptedInquiry(ScopeOpened(PARIS), *told(PARIS, nodes, verdicts=HEALTHY), ScopeSettled(PARIS.name))

    async with opened(handle(), size=(120, 30), ui_state=kept(tmp_path)) as shown:
        before = shown_columns(shown)
        await shown.press("W")
        await shown.until_screen(ColumnsDialog)
        await shown.press("G", "space", "enter")
        await until(shown.pilot, lambda: shown_columns(shown)[-1] == "tag:Env")
        await until(shown.pilot, lambda: "a-very-long-environment" in shown.painted)
        shown.fleet.columns.order_by("tag:Env", causes=False)
        shown.fleet.show_rows()
        assert shown.names == ["b", "a"]
    async with opened(handle(), size=(120, 30), ui_state=kept(tmp_path)) as shown:
        await until(shown.pilot, lambda: "Env↑" in shown.painted)
        assert shown.names == ["b", "a"]
        await shown.press("W")
        await shown.until_screen(ColumnsDialog)
        await shown.press("0", "enter")
        await until(shown.pilot, lambda: shown_columns(shown) == before)


async def test_what_was_kept_of_columns_that_are_no_more_does_no_harm(tmp_path: Path) -> None:
    kept(tmp_path).change(lambda _habits: UiState(columns=("gone", "id"), order=SortOrder("gone")))
    async with opened(demo_inquiry(), ui_state=kept(tmp_path)) as shown:
        assert shown_columns(shown) == ["id"]
        await shown.press("tab")
        assert "only the node table has selectable columns" in shown.fleet.why_not("choose_columns", ())


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


WEB, MAIL, FINE = node("web-1", 1), node("mail-1", 2), node("fine-1", 3)
GROUP = log_group_unencrypted([WEB])
ACTIONS = ("iam:SimulatePrincipalPolicy", "kms:DescribeKey", "logs:DescribeLogGroups", "s3:GetEncryptionConfiguration")
UNSURE = log_group_unencrypted([MAIL])
UNSURE = replace(
    UNSURE, id="x@y", finding=replace(UNSURE.finding, cause="x", status=Status.UNKNOWN, needs=ACTIONS, fixes=())
)


def fleet() -> ScriptedInquiry:
    return ScriptedInquiry(
        ScopeOpened(PARIS),
        *told(PARIS, [WEB, MAIL]),
        *told(PARIS, [FINE], verdicts=HEALTHY),
        FindingChanged(GROUP),
        FindingChanged(UNSURE),
        VerdictChanged(WEB.key, verdict(VerdictStatus.FAIL, GROUP)),
        VerdictChanged(MAIL.key, verdict(VerdictStatus.UNKNOWN, UNSURE)),
        ScopeSettled(PARIS.name),
    )


async def test_the_row_is_told_whole_and_follows_the_cursor_the_view_and_what_is_found() -> None:
    handle = fleet()
    async with opened(handle, size=(80, 24)) as shown:
        line = shown.fleet.details.line

        async def tells(*words: str) -> None:
            await until(shown.pilot, lambda: all(each in line.text for each in words))
            assert all(each.rstrip() in shown.painted for each in line.text.split("\n"))

        await tells("Log group is not encrypted with a KMS key", f"{WEB.id}  1 Encrypt the log group")
        assert line.size.height == 2
        await shown.press("j")
        await tells(*ACTIONS, MAIL.id)
        assert line.size.height == 3
        await shown.press("j")
        await tells(" ok", FINE.id)
        assert line.size.height == 2
        await shown.press("tab")
        await tells("Log group is not encrypted", GROUP.finding.subject.id, "1 Encrypt the log group")
        await shown.press("tab", "g")
        await tells(WEB.id)
        handle.tell(FindingGone(GROUP.id), VerdictChanged(WEB.key, HEALTHY))
        await until(shown.pilot, lambda: "log group" not in line.text)
        await shown.pilot.resize_terminal(80, 12)
        await until(shown.pilot, lambda: line.region.height == 0)


async def test_a_terminal_made_wider_explains_the_row_beside_the_table_before_the_cursor_moves() -> None:
    async with opened(fleet(), size=(120, 40)) as shown:
        await until(shown.pilot, lambda: "log group" in shown.fleet.details.line.text)
        await shown.pilot.resize_terminal(200, 40)
        await until(shown.pilot, lambda: "What is wrong" in shown.painted)
        assert shown.fleet.details.pane.region.right == 200
