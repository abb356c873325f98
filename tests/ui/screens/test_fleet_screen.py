"""The fleet on screen: filtered, ordered, drilled into."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.diagnosis.events import (
    FindingGone,
    InternalErrorMet,
    NodeGone,
    ProgressChanged,
    ScopeCrashed,
    ScopeFailed,
    ScopeOpened,
    ScopeSettled,
    VerdictChanged,
)
from ssmtui.model.finding import Confidence, VerdictStatus
from ssmtui.model.node import InstanceState
from ssmtui.model.scope import ScopeError, ScopeName, ScopeProblem
from ssmtui.ui.screens.dialogs import TextDialog
from ssmtui.ui.screens.help_dialog import HelpDialog
from ssmtui.ui.widgets.filter_line import FilterLine
from tests.ui.builders import FRANKFURT, HEALTHY, PARIS, STOPPED, found, log_group_unencrypted, node, told, verdict
from tests.ui.demo_fleet import demo_inquiry, frankfurt
from tests.ui.opened import CAUSE, CHANGE, NODE, PREFERENCES, Clock, filter_said, opened, painted_strips
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.waiting import until


async def test_the_worst_come_first_each_with_its_cause_in_words() -> None:
    async with opened(demo_inquiry()) as shown:
        assert shown.names[0] == "eu-worker-1"  # one fix turns eight nodes green
        assert shown.names[-1].startswith("old-")
        await shown.until_said("Log group is not encrypted")
        await shown.until_said("16 fail")
        await shown.until_said("platform-engineer/ada")


async def test_a_filter_narrows_while_it_is_typed_and_esc_takes_it_off() -> None:
    async with opened(demo_inquiry()) as shown:
        await shown.press("slash")
        await shown.write("web")
        assert shown.names == ["web-1", "web-2", "web-3", "web-4"]
        assert filter_said(shown) == "4 of 45"
        await shown.write(" !tag:Env=prod")
        assert shown.names == []
        await shown.press("escape")
        assert len(shown.names) == 45
        assert shown.nodes.has_focus


async def test_a_wrong_field_is_said_and_the_last_filter_stays() -> None:
    async with opened(demo_inquiry()) as shown:
        shown.fleet.narrow("web")
        shown.fleet.narrow("web stat:run")
        await shown.pilot.pause()
        assert "no field “stat”: did you mean state:run?" in filter_said(shown)
        assert shown.fleet.query_one(FilterLine).has_class("-wrong")
        assert len(shown.names) == 4


async def test_one_key_shows_failing_nodes_only() -> None:
    async with opened(demo_inquiry()) as shown:
        await shown.press("f")
        assert len(shown.names) == 16
        await shown.press("f")
        assert len(shown.names) == 45


async def test_every_column_orders_and_the_cursor_stays_on_its_node() -> None:
    async with opened(demo_inquiry()) as shown:
        await shown.press("j", "j", "j")
        here = shown.name_here
        await shown.press("o")
        assert shown.names == sorted(shown.names, key=str.casefold)
        assert shown.name_here == here
        await shown.press("O")
        assert shown.names == sorted(shown.names, key=str.casefold, reverse=True)
        assert shown.name_here == here
        for _ in shown.nodes.placed:
            await shown.press("o")
            assert shown.name_here == here
            assert len(shown.names) == 45


async def test_a_capital_letter_sorts_by_its_column_and_again_reverses_and_means_the_view_that_is_shown() -> None:
    async with opened(demo_inquiry()) as shown:
        status = list(shown.names)
        await shown.press("N")
        by_name = sorted(shown.names, key=str.casefold)
        assert shown.names == by_name
        await until(shown.pilot, lambda: "name↑" in shown.painted)
        await shown.press("N")
        assert shown.names == by_name[::-1]
        await until(shown.pilot, lambda: "name↓" in shown.painted)
        await shown.press("U")
        assert shown.names == status
        assert [each.message for each in shown.app._notifications] == []
        await shown.press("A")
        await until(shown.pilot, lambda: len(shown.app._notifications) == 1)
        assert [each.message for each in shown.app._notifications] == ["Sorted by account. This column is not shown."]
        await shown.press("tab", "A")
        assert shown.fleet.causes.keys[0].startswith("domain-controller@")
        assert shown.fleet.cause_model.column == "cause"
        assert shown.fleet.node_model.column == "account"
        assert len(shown.app._notifications) == 1


async def test_a_click_on_a_header_orders_and_another_one_reverses() -> None:
    async with opened(demo_inquiry()) as shown:
        start = next(each.start for each in shown.nodes.placed if each.column.key == "name")
        await shown.pilot.click(shown.nodes, offset=(start + 1, 0))
        assert shown.names == sorted(shown.names, key=str.casefold)
        await shown.pilot.click(shown.nodes, offset=(start + 1, 0))
        assert shown.names == sorted(shown.names, key=str.casefold, reverse=True)


async def test_the_cursor_stays_on_its_node_while_others_stream_in() -> None:
    handle = ScriptedInquiry(
        ScopeOpened(PARIS), *told(PARIS, [node(f"web-{number}", number) for number in range(1, 30)], verdicts=HEALTHY)
    )
    async with opened(handle, size=(100, 20)) as shown:
        await shown.press("j", "j", "j", "j", "j")
        here, key = shown.name_here, shown.nodes.cursor
        line = shown.nodes.keys.index(key) - round(shown.nodes.scroll_y) if key else 0
        worse = [node(f"bad-{number}", 100 + number) for number in range(10)]
        held = log_group_unencrypted(worse)
        handle.tell(*told(PARIS, worse), *found(held, worse))
        await until(shown.pilot, lambda: len(shown.names) == 39)
        assert shown.names[0].startswith("bad-")
        assert shown.name_here == here
        assert key is not None
        assert shown.nodes.keys.index(key) - round(shown.nodes.scroll_y) == line


async def test_until_a_key_is_pressed_the_cursor_stays_on_the_worst() -> None:
    handle = ScriptedInquiry(ScopeOpened(PARIS), *told(PARIS, [node("web-1", 1)], verdicts=HEALTHY))
    async with opened(handle) as shown:
        worse = [node("bad", 2)]
        handle.tell(*told(PARIS, worse), *found(log_group_unencrypted(worse), worse))
        await until(shown.pilot, lambda: len(shown.names) == 2)
        assert shown.name_here == "bad"


async def test_a_fix_key_previews_the_fix_that_the_line_below_the_rows_names() -> None:
    async with opened(demo_inquiry()) as shown:
        await until(shown.pilot, lambda: "1 Encrypt the log group" in shown.fleet.details.line.text)
        await shown.press("2")
        await shown.until_screen(CHANGE)
        await shown.press("escape", "G")  # a stopped node
        assert "1" not in shown.app.active_bindings
        await shown.press("1")
        assert shown.app.screen is shown.fleet


async def test_the_first_letter_of_each_link_is_above_its_symbol() -> None:
    async with opened(demo_inquiry()) as shown:
        header, first = (line for line in shown.painted.splitlines() if "WCIINAPO" in line or "eu-worker-1" in line)
        start = header.index("WCIINAPO")
        assert dict(zip(header[start : start + 8], first[start : start + 8], strict=True))["P"] == "✖"
        assert header.startswith("status↑")
        await shown.press("o")
        await until(shown.pilot, lambda: "name↑" in shown.painted and "status↑" not in shown.painted)


async def test_enter_opens_a_node_and_esc_returns_to_the_same_row() -> None:
    async with opened(demo_inquiry()) as shown:
        await shown.press("G", "k", "k", "k")
        here = shown.name_here
        await shown.press("enter")
        await shown.until_screen(NODE)
        await shown.until_said(here)
        await shown.press("escape")
        assert shown.app.screen is shown.fleet
        assert shown.name_here == here
        assert shown.nodes.has_focus


async def test_what_the_person_looks_at_is_checked_first() -> None:
    handle = demo_inquiry()
    async with opened(handle) as shown:
        await shown.press("j")
        await until(shown.pilot, lambda: handle.looked_first[:1] == [shown.nodes.cursor])


async def test_tab_shows_one_row_a_cause_with_how_many_nodes_it_holds_down() -> None:
    async with opened(demo_inquiry()) as shown:
        await shown.press("tab")
        causes = shown.fleet.causes
        assert causes.has_focus
        assert causes.keys[0].startswith("log-group-unencrypted@")
        assert len(causes.keys) == 6
        await shown.press("enter")
        await shown.until_screen(CAUSE)
        await shown.until_said("eu-worker-3")
        await shown.until_said("logs:DescribeLogGroups")
        await shown.press("escape", "tab")
        assert shown.nodes.has_focus


async def test_a_filter_on_nodes_leaves_the_causes_that_hold_them_down() -> None:
    async with opened(demo_inquiry()) as shown:
        await shown.press("slash")
        await shown.write("batch-1")
        await shown.press("enter", "tab")
        assert [each.partition("@")[0] for each in shown.fleet.causes.keys] == ["kms-node-denied"]
        await shown.until_said("1 Role cannot use the session key")


async def test_a_cause_that_holds_nothing_any_more_is_gone() -> None:
    handle = demo_inquiry()
    async with opened(handle) as shown:
        await shown.press("tab")
        handle.tell(FindingGone(shown.fleet.causes.keys[0]))
        await until(shown.pilot, lambda: len(shown.fleet.causes.keys) == 5)


async def test_a_cause_that_goes_while_it_is_read_offers_no_fix_any_more() -> None:
    handle = demo_inquiry()
    async with opened(handle) as shown:
        await shown.press("tab")
        gone = shown.fleet.causes.keys[0]
        await shown.press("enter")
        await shown.until_screen(CAUSE)
        assert "1" in shown.app.active_bindings
        handle.tell(FindingGone(gone))
        await shown.until_said("No longer reported")
        await shown.until_said("The checks no longer report this finding. Esc goes back.")
        assert "1" not in shown.app.active_bindings


async def test_preferences_open_for_the_region_of_the_row() -> None:
    async with opened(demo_inquiry()) as shown:
        await shown.press("slash")
        await shown.write("eu-worker")
        await shown.press("enter", "p")
        await shown.until_screen(PREFERENCES)
        await shown.until_said("eu-central-1")


async def test_the_row_or_all_the_marked_ones_are_checked_again() -> None:
    handle = demo_inquiry()
    async with opened(handle) as shown:
        await shown.press("j", "r")
        here = shown.nodes.cursor
        assert here is not None
        await shown.press("space", "j", "space", "r")
        marked = tuple(shown.fleet.marked_nodes)
    assert [key for _, keys in handle.looked_again for key in keys] == [here, *marked]
    assert handle.rechecked == []


async def test_of_a_cause_the_nodes_that_it_holds_down_are_checked_again() -> None:
    handle = demo_inquiry()
    async with opened(handle) as shown:
        await shown.press("tab", "r")
        held = shown.app.context.fleet_view.state.findings[shown.fleet.causes.keys[0]]
    assert handle.looked_again[0][0] == held.scope.name
    assert frozenset(handle.looked_again[0][1]) == held.nodes


async def test_everything_is_looked_at_again_at_once_or_every_so_often() -> None:
    handle, clock = demo_inquiry(), Clock()
    async with opened(handle, now=clock) as shown:
        await shown.press("ctrl+r")
        assert handle.refreshed == 1
        handle.tell(ScopeSettled(PARIS.name), ScopeSettled(FRANKFURT.name))
        await shown.press("R")
        await shown.until_said("refresh in 1 min")
        await shown.press("slash")
        clock.seconds = 60
        await shown.until_said("refresh waits for you")
        assert handle.kept_fresh == 0
        await shown.press("escape")
        await until(shown.pilot, lambda: handle.kept_fresh == 1)
        assert handle.refreshed == 1
        await shown.press("R")
        await until(shown.pilot, lambda: "again" not in shown.painted)


async def test_the_rows_the_cursor_the_marks_and_the_view_stay_through_a_refresh() -> None:
    nodes = [node(f"web-{number:03}", number) for number in range(100)]
    handle = ScriptedInquiry(ScopeOpened(PARIS), *told(PARIS, nodes, verdicts=HEALTHY), ScopeSettled(PARIS.name))
    async with opened(handle, size=(100, 24)) as shown:
        await until(shown.pilot, lambda: len(shown.names) == 100)
        await shown.press("o", "slash")
        await shown.write("web-0")
        await shown.press("enter", *("pagedown",) * 3, "up", "space")
        here, line = shown.name_here, shown.nodes.keys.index(shown.nodes.cursor) - round(shown.nodes.scroll_y)
        await shown.press("ctrl+r")
        new = [node(f"web-0{number:02}-b", 200 + number) for number in range(30)]
        again = [VerdictChanged(each.key, replace(HEALTHY, settled=False)) for each in nodes]
        handle.tell(*again, *(NodeGone(each.key) for each in nodes[10:20]), *told(PARIS, new, verdicts=HEALTHY))
        handle.tell(*(VerdictChanged(each.key, HEALTHY) for each in nodes[20:]), ScopeSettled(PARIS.name))
        await until(shown.pilot, lambda: len(shown.names) == 120)
        assert shown.name_here == here
        assert shown.nodes.keys.index(shown.nodes.cursor) - round(shown.nodes.scroll_y) == line
        assert filter_said(shown) == "120 of 120"
        assert shown.names == sorted(shown.names)
        assert len(shown.fleet.marked_nodes) == 1
        await shown.until_said("Δ 30 changed")


async def test_a_node_that_nobody_asked_is_presumed_ok_until_it_answers() -> None:
    web, presumed = node("web", 1), replace(HEALTHY, confidence=Confidence.POSSIBLE, settled=False)
    handle = ScriptedInquiry(ScopeOpened(PARIS), *told(PARIS, [web], verdicts=presumed))
    async with opened(handle) as shown:
        await shown.until_said("◐ 1 presumed ok")
        await shown.until_said("presumed ok: check pending")
        await shown.press("slash")
        await shown.write("verdict:presumed verdict:ok")
        assert filter_said(shown) == "1 of 1"
        handle.tell(VerdictChanged(web.key, HEALTHY))
        await shown.until_said("● 1 ok")
        assert "presumed" not in shown.painted.replace("verdict:presumed", "")


async def test_without_a_desk_the_key_that_takes_back_says_why_it_does_not() -> None:
    async with opened(demo_inquiry(), desk=None) as shown:
        await shown.press("z")
        assert shown.app.screen is shown.fleet
        assert [each.message for each in shown.app._notifications] == ["read-only: changes are disabled in this run"]


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60), (60, 15)])
async def test_it_fits_whatever_the_size(size: tuple[int, int]) -> None:
    async with opened(demo_inquiry(), size=size) as shown:
        lines = shown.painted.splitlines()
        assert len(lines) == size[1]
        placed = shown.nodes.placed
        assert placed[-1].start + placed[-1].width <= size[0]
        assert {"verdict", "name", "why"} <= {each.column.key for each in placed}


async def test_a_scope_that_fails_is_told_above_the_rows_of_the_others() -> None:
    error = ScopeError(ScopeName(None, "us-east-1"), ScopeProblem.REFUSED, "Not allowed.", "", "ec2:DescribeInstances")
    handle = ScriptedInquiry(ScopeOpened(PARIS), ScopeFailed(error), *told(PARIS, [node("web-1", 1)], verdicts=HEALTHY))
    async with opened(handle) as shown:
        await shown.until_said("us-east-1: Not allowed to list nodes  press a for details")
        await shown.press("i")
        await shown.until_screen(TextDialog)
        await shown.until_said("ec2:DescribeInstances")


async def test_a_failing_scope_alone_takes_the_whole_screen() -> None:
    error = ScopeError(ScopeName("prod", "eu-west-3"), ScopeProblem.EXPIRED_CREDENTIALS, "The token has expired.", "")
    async with opened(ScriptedInquiry(ScopeFailed(error))) as shown:
        await shown.until_said("aws sso login --profile prod")
        assert not shown.nodes.display


async def test_the_command_that_logs_in_again_is_one_key_away() -> None:
    command = "aws sso login --profile prod"
    error = ScopeError(
        ScopeName("prod", "eu-west-3"),
        ScopeProblem.EXPIRED_CREDENTIALS,
        "The token has expired.",
        f"Log in with: {command}",
        cause="credentials-expired",
        command=command,
    )
    async with opened(ScriptedInquiry(ScopeFailed(error))) as shown:
        await shown.until_said("AWS documentation")
        await shown.press("c")
        await until(shown.pilot, lambda: shown.app.clipboard == command)


async def test_a_diagnosis_that_cannot_start_is_a_screen_and_no_traceback() -> None:
    from ssmtui.ui.app.app import SsmtuiApp

    def broken() -> ScriptedInquiry:
        raise KeyError("secret")

    app = SsmtuiApp(broken)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: bool(app.context.fleet_view.trouble))
        text = "\n".join(strip.text for strip in painted_strips(app))
        assert "KeyError" in text
        assert "secret" not in text


@pytest.mark.parametrize("met", [ScopeCrashed, InternalErrorMet])
async def test_a_defect_in_one_scope_leaves_the_others_rows(met: type[ScopeCrashed | InternalErrorMet]) -> None:
    handle = demo_inquiry()
    async with opened(handle) as shown:
        handle.tell(met(FRANKFURT.name, "KeyError in judging"))
        await shown.until_said("error in ssmtui: KeyError in judging")
        assert len(shown.names) == 45


async def test_throttling_is_told() -> None:
    handle = demo_inquiry()
    async with opened(handle) as shown:
        handle.tell(ProgressChanged(PARIS.name, 12, 37, True, (("ssm:GetConnectionStatus", 12),), True))
        await shown.until_said("throttled by AWS")


async def test_nodes_that_are_checked_stopped_and_ok_say_so() -> None:
    checked, stopped, good = node("a", 1), node("b", 2, state=InstanceState.STOPPED, ping=None), node("c", 3)
    handle = ScriptedInquiry(
        ScopeOpened(PARIS),
        *told(PARIS, [checked]),
        *told(PARIS, [stopped], verdicts=STOPPED),
        *told(PARIS, [good], verdicts=HEALTHY),
    )
    async with opened(handle) as shown:
        await shown.until_said("checking…")
        assert shown.names == ["a", "c", "b"]
        handle.tell(VerdictChanged(checked.key, verdict(VerdictStatus.OK)))
        await until(shown.pilot, lambda: "checking…" not in shown.painted)


async def test_a_node_that_is_fixed_turns_green_where_it_stands() -> None:
    handle = demo_inquiry()
    async with opened(handle) as shown:
        handle.tell(*(VerdictChanged(each.key, HEALTHY) for each in frankfurt()))
        await until(shown.pilot, lambda: "8 fail" in shown.painted)


async def test_help_lists_every_key_and_sign() -> None:
    async with opened(demo_inquiry()) as shown:
        await shown.press("question_mark")
        await shown.until_screen(HelpDialog)
        for words in (
            "Switch “only encrypted S3 buckets” on or off",
            "Sort by the next column",
            "stopped",
            "tag:Env=prod",
        ):
            await shown.press("ctrl+u", *("space" if each == " " else each for each in words[:7]))
            await shown.until_said(words)
        await shown.press("ctrl+u", *"scrollleft")
        await shown.until_said("No match")
        await shown.press("escape")
        assert shown.app.screen is shown.fleet


@pytest.mark.parametrize(
    ("view", "listed", "left_out"),
    [((), "U Sort by status", "U Sort causes by status"), (("tab",), "U Sort causes by status", "U Sort by status")],
)
async def test_help_lists_the_sort_keys_of_the_visible_table_only(
    view: tuple[str, ...], listed: str, left_out: str
) -> None:
    async with opened(demo_inquiry()) as shown:
        await shown.press(*view, "question_mark")
        await shown.until_screen(HelpDialog)
        dialog = shown.app.screen
        assert isinstance(dialog, HelpDialog)
        rows = [f"{each.key} {each.name}" for each in dialog.table.keys]
        assert rows.count(listed) == 1
        assert left_out not in rows


async def test_q_leaves_and_the_diagnosis_is_closed() -> None:
    handle = demo_inquiry()
    async with opened(handle) as shown:
        await shown.press("q")
    assert handle.closed


async def test_a_table_without_rows_says_why_and_what_shows_them() -> None:
    async with opened(demo_inquiry()) as shown:
        shown.fleet.narrow("nobody-is-called-that")
        await shown.until_said("No node matches the filter. Esc clears it.")
        await shown.press("tab")
        await shown.until_said("These nodes have no findings. Esc shows all causes.")
        await shown.press("escape")
        await shown.until_said("Log group is not encrypted")


async def test_a_filter_that_is_none_is_told_of_in_the_room_there_is() -> None:
    async with opened(demo_inquiry(), size=(80, 24)) as shown:
        shown.fleet.narrow("nonsense:web")
        await until(shown.pilot, lambda: "there is no field “nonsense”" in shown.painted.splitlines()[2])
        assert shown.painted.splitlines()[2].rstrip().endswith("…")


async def test_a_status_is_shown_whole_or_not_at_all() -> None:
    async with opened(demo_inquiry(), size=(120, 30)) as shown:
        await shown.until_said("ConnectionLost")
    async with opened(demo_inquiry(), size=(90, 30)) as shown:
        assert "Conne" not in shown.painted


async def test_a_mark_takes_no_column_away() -> None:
    async with opened(demo_inquiry(), size=(80, 24)) as shown:
        before = [each.column.key for each in shown.nodes.placed]
        await shown.press("space")
        await shown.until_said("1 marked")
        assert [each.column.key for each in shown.nodes.placed] == ["mark", *before]


@pytest.mark.usefixtures("in_french")
async def test_f_shows_failing_nodes_only_in_french_too() -> None:
    async with opened(demo_inquiry()) as shown:
        everybody = len(shown.names)
        await shown.press("f")
        await until(shown.pilot, lambda: 0 < len(shown.names) < everybody)
        assert filter_said(shown) == f"{len(shown.names)} sur {everybody}"
        shown.fleet.narrow("verdict:échec link:réseau")
        await until(shown.pilot, lambda: len(shown.names) == 3)


async def test_what_does_not_fit_above_the_rows_is_cut_with_an_ellipsis() -> None:
    async with opened(demo_inquiry(), size=(34, 20)) as shown:
        await until(shown.pilot, lambda: shown.painted.splitlines()[1].rstrip().endswith("…"))
        assert "name" in shown.painted.splitlines()[2]


async def test_what_is_typed_right_after_the_slash_is_the_filter_and_no_command() -> None:
    async with opened(demo_inquiry()) as shown:
        for key in ("slash", "e", "t", "l"):
            shown.app.simulate_key(key)
        await until(shown.pilot, lambda: shown.fleet.filter_line.text == "etl")
        assert set(shown.names) == {"etl-1", "etl-2", "etl-3", "etl-4"}
        assert shown.app.screen is shown.fleet
        await shown.press("slash")
        assert shown.fleet.filter_line.text == "etl/"


async def test_where_there_is_room_the_row_is_explained_beside_the_table_and_nothing_is_asked_for_it() -> None:
    handle = demo_inquiry()
    async with opened(handle, size=(200, 40)) as shown:
        side_pane = shown.fleet.details.pane
        await shown.until_said("Resolution in the AWS documentation")
        assert side_pane.region.right == 200
        assert not shown.fleet.details.line.display or shown.fleet.details.line.region.height == 0
        before = side_pane.text
        await shown.press("end")
        await until(shown.pilot, lambda: side_pane.text != before)
        await shown.press("tab")
        await until(shown.pilot, lambda: "1 " in side_pane.text)
        assert shown.fleet.causes.region.right <= side_pane.region.x
    async with opened(demo_inquiry(), size=(120, 40)) as shown:
        assert shown.fleet.details.pane.region.width == 0
