"""What all screens share: toasts that cover nothing, copying, and positions that are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events
from textual._compositor import Compositor, LayoutUpdate
from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Offset, Region, Spacing
from textual.selection import Selection
from textual.widget import Widget
from textual.widgets import Input, TextArea
from textual.widgets._toast import Toast, ToastRack

from ssmtui.diagnosis.events import FindingChanged, ScopeOpened, ScopeSettled, VerdictChanged
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.finding import VerdictStatus
from ssmtui.ui.screens.base_screen import BaseScreen
from ssmtui.ui.screens.dialogs import TextDialog
from ssmtui.ui.screens.help_dialog import HelpDialog
from ssmtui.ui.screens.screen_behaviour import copy_and_notify, largest_free_block, place_toasts
from ssmtui.ui.text.cause_rows import finding_statement
from ssmtui.ui.text.fleet import Fleet
from ssmtui.ui.text.styled_text import TextStyle
from ssmtui.ui.widgets.screen_frame import TitleLine
from ssmtui.ui.widgets.text_pane import TextPane
from tests.ui.app.test_announced_keys import Way, a_value, commands, explain, filtering, typed_change
from tests.ui.builders import PARIS, log_group_unencrypted, node, told, verdict
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import CAUSE, CHANGE, NODE, PREFERENCES, Opened, opened
from tests.ui.screens.test_preferences_screen import account
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.stored_document import StoredDocument
from tests.ui.waiting import until
from tools.trust.monkey.actions import is_answered


@pytest.mark.parametrize(
    ("taken", "free"),
    [
        ([], (0, 24)),
        ([(23, 24)], (0, 23)),
        ([(23, 24), (20, 23)], (0, 20)),
        ([(2, 3), (23, 24)], (3, 23)),
        ([(18, 19), (23, 24)], (0, 18)),
        ([(12, 12)], (0, 24)),
        ([(0, 10), (14, 24)], (10, 14)),
        ([(0, 11), (5, 12), (12, 13)], (13, 24)),
        ([(4, 20)], (20, 24)),
        ([(-3, 40)], (0, 24)),
    ],
)
def test_it_is_between_what_is_taken(taken: list[tuple[int, int]], free: tuple[int, int]) -> None:
    assert largest_free_block(24, taken) == free


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


WEB = node("web-1\x1b[2J", 1)
GROUP = log_group_unencrypted([WEB])
GROUP = replace(GROUP, finding=replace(GROUP.finding, summary="two\nlines \x1b]0;owned\x07"))


def one_broken() -> ScriptedInquiry:
    return ScriptedInquiry(
        ScopeOpened(PARIS),
        *told(PARIS, [WEB]),
        FindingChanged(GROUP),
        VerdictChanged(WEB.key, verdict(VerdictStatus.FAIL, GROUP)),
        ScopeSettled(PARIS.name),
    )


async def copied(shown: Opened, key: str = "c") -> str:
    shown.app._clipboard = ""
    await shown.press(key)
    await until(shown.pilot, lambda: bool(shown.app.clipboard))
    return shown.app.clipboard


CONNECT = f"ssmtui connect {WEB.id} --region eu-west-3"
IDS = f"{GROUP.id}\n{GROUP.finding.subject.id}"


def is_the_statement(text: str) -> bool:
    """What is wrong, its evidence with its call, whom it holds down, and the command that mends it."""
    subject = GROUP.finding.subject.id
    fix = f"  ssmtui fix log-group-unencrypted --subject {subject} --region eu-west-3"
    words = ("two lines", f"({GROUP.finding.evidence[0].source})", "web-1\\x1b[2J", "https://docs.aws")
    told = text.startswith("Log group is not encrypted") and all(each in text for each in words)
    return told and fix in text.splitlines() and all(line.isprintable() for line in text.splitlines())


async def test_of_a_node_the_command_is_copied_that_opens_its_session_and_of_a_finding_what_there_is_to_say() -> None:
    async with opened(one_broken()) as shown:
        assert await copied(shown) == CONNECT
        assert await copied(shown, "C") == WEB.id
        await shown.press("tab")
        assert is_the_statement(await copied(shown))
        told = shown.app._notifications
        await until(
            shown.pilot,
            lambda: any(each.title == "Sent to the terminal" and "more lines" in each.message for each in told),
        )
        assert await copied(shown, "C") == IDS
        await shown.press("enter")
        await shown.until_screen(CAUSE)
        assert is_the_statement(await copied(shown))
        assert await copied(shown, "C") == IDS


async def test_on_the_node_screen_it_is_the_finding_under_the_cursor_or_the_node() -> None:
    async with opened(one_broken()) as shown:
        await shown.press("enter")
        await shown.until_screen(NODE)
        assert is_the_statement(await copied(shown))
        assert await copied(shown, "C") == IDS
        await shown.press("g")
        assert await copied(shown) == CONNECT
        assert await copied(shown, "C") == WEB.id


async def test_half_a_character_is_copied_as_its_escape() -> None:
    async with opened(one_broken()) as shown:
        copy_and_notify(shown.app, "web \ud800")
        assert shown.app.clipboard == "web \\ud800"


async def test_marked_rows_are_copied_together() -> None:
    async with opened(demo_inquiry()) as shown:
        shown.fleet.narrow("eu-worker")
        await until(shown.pilot, lambda: len(shown.names) == 8)
        await shown.press("asterisk")
        assert len((await copied(shown)).splitlines()) == 8
        assert len((await copied(shown, "C")).splitlines()) == 8


async def test_a_finding_of_thousands_names_a_few_of_them() -> None:
    nodes = [node(f"web-{number:04}", number) for number in range(1, 1_001)]
    state, held = FleetState(), log_group_unencrypted(nodes)
    for event in (*told(PARIS, nodes), FindingChanged(held)):
        state.apply(event)
    text = finding_statement(Fleet(state), held)
    assert "web-0001 (" in text
    assert " and 980 more" in text
    assert len(text) < 3_000


async def test_ctrl_c_copies_what_is_selected_and_quits_only_without_a_selection() -> None:
    async with opened(demo_inquiry()) as shown:
        await shown.press("enter")
        await shown.until_screen(NODE)
        await shown.until_said("Evidence")
        pane = shown.app.screen.query_one("#explanation", TextPane)
        shown.app.screen.selections = {pane: Selection(Offset(0, 0), Offset(9, 1))}
        await shown.press("ctrl+c")
        assert shown.app.is_running
        first, second = shown.app.clipboard.split("\n")
        assert pane.text.splitlines()[0] == first
        assert pane.text.splitlines()[1].startswith(second)
        await shown.press("escape", "slash", *"web", "shift+home", "ctrl+c")
        assert shown.app.clipboard == "web"
        assert shown.app.is_running
        await shown.press("ctrl+c")
        await until(shown.pilot, lambda: not shown.app.is_running)
    assert shown.app.return_code == 130


async def test_what_is_copied_presses_no_key_where_it_is_pasted() -> None:
    async with opened(one_broken(), notifications=True) as shown:
        shown.app.copy_to_clipboard("a\x1b[201~rm\r\n\tb\u200dc")
        assert shown.app.clipboard == "a\\x1b[201~rm\\x0d\n    b\u200dc"
        copy_and_notify(shown.app, "x" * 80_000, "the text")
        await until(shown.pilot, lambda: bool(shown.app._notifications))
        [notice] = shown.app._notifications
        assert (notice.title, notice.severity) == ("Sent to the terminal", "warning")
        assert notice.message == "the text\n80 kB: some terminals do not copy texts of this size"


async def test_it_is_copied_if_a_program_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []

    def copies(text: str, _environment: Mapping[str, str]) -> bool:
        given.append(text)
        return True

    monkeypatch.setattr("ssmtui.ui.screens.screen_behaviour.copy_with_programs", copies)
    async with opened(one_broken(), notifications=True) as shown:
        copy_and_notify(shown.app, "x\x1b" * 40_000, "the text")
        await until(shown.pilot, lambda: bool(shown.app._notifications))
        [notice] = shown.app._notifications
        assert (notice.title, notice.severity, notice.message) == ("Copied", "information", "the text")
        assert given == ["x\\x1b" * 40_000]


async def test_a_change_copies_its_calls(tmp_path: Path) -> None:
    async with opened(demo_inquiry(), StoredDocument().desk(tmp_path)) as shown:
        shown.fleet.narrow("eu-worker")
        await until(shown.pilot, lambda: len(shown.names) == 8)
        await shown.press("w")
        await shown.until_screen(CHANGE)
        await shown.press("tab")
        text = await copied(shown)
        assert text.startswith("# Turn off")
        assert "ssm UpdateDocument" in text


async def test_where_there_is_nothing_to_copy_the_key_says_so() -> None:
    async with opened(demo_inquiry()) as shown:
        await shown.press("p")
        await shown.until_screen(PREFERENCES)
        await shown.press("c")
        await until(
            shown.pilot,
            lambda: any("nothing to copy" in each.message for each in shown.app._notifications),
        )
        assert shown.app.clipboard == ""


async def test_what_is_read_over_the_screen_is_copied_whole_and_unwrapped() -> None:
    async with opened(demo_inquiry(), size=(50, 20)) as shown:
        await shown.press("enter")
        await shown.until_screen(NODE)
        await shown.press("y")
        await shown.until_screen(TextDialog)
        await shown.until_said("ec2:DescribeInstances")
        text = await copied(shown)
        assert "Instance  ec2:DescribeInstances" in text.splitlines()
        assert '    "state": "running"' in text.splitlines()


def mouse(shown: Opened, kind: type[events.MouseEvent], x: int, y: int) -> None:
    """The mouse, as the terminal tells of it: where a window was larger a moment ago, of places that are no more."""
    assert shown.app._driver is not None
    shown.app._driver.process_message(kind(None, x, y, 0, 0, 1, False, False, False, x, y, None))


async def test_the_mouse_takes_the_keys_from_nobody() -> None:
    async with opened(demo_inquiry(), size=(100, 30)) as shown:
        for opening in ((), ("enter",), ("question_mark",)):
            await shown.press(*opening)
            focused = shown.app.screen.focused
            assert focused is not None
            for kind in (events.MouseMove, events.MouseDown, events.MouseUp):
                mouse(shown, kind, 150, 50)
                assert await is_answered(shown.app)
                assert shown.app.screen.focused is focused


async def test_who_is_hidden_hands_the_keys_on() -> None:
    async with opened(demo_inquiry(), size=(100, 30)) as shown:
        await shown.press("enter")
        await shown.until_screen(NODE)
        screen, had = shown.app.screen, shown.app.screen.focused
        assert had is not None
        others = [each for each in screen.focus_chain if each is not had]
        had.display = False
        await until(shown.pilot, lambda: screen.focused in others)
        for each in others:
            each.display = False
        await until(shown.pilot, lambda: screen.focused is None)
        had.display = True
        await shown.pilot.resize_terminal(90, 30)
        await until(shown.pilot, lambda: screen.focused is had)


async def test_a_click_on_what_was_just_taken_away_does_nothing() -> None:
    async with opened(demo_inquiry(), size=(100, 30)) as shown:
        screen = shown.app.screen
        header, _ = screen.get_widget_at(10, 1)
        await header.remove()
        assert screen.get_widget_at(10, 1)[0] is header, "nothing was laid out since"
        screen._forward_event(events.MouseDown(None, 10, 1, 0, 0, 1, False, False, False, 10, 1, None))
        await shown.press("question_mark")
        await until(shown.pilot, lambda: isinstance(shown.app.screen, HelpDialog))


@pytest.mark.parametrize(("size", "classes"), [((60, 12), {"-narrow"}), ((80, 24), {"-wide"}), ((200, 50), {"-roomy"})])
@pytest.mark.parametrize("keys", [("enter",), ("tab", "enter"), ("Z",)], ids=str)
async def test_a_new_screen_is_composed_with_the_classes_of_its_size_and_styled_once(
    keys: tuple[str, ...], size: tuple[int, int], classes: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    composed: dict[BaseScreen, frozenset[str]] = {}

    def compose(screen: BaseScreen) -> ComposeResult:
        composed[screen] = screen.classes
        return compose_unchanged(screen)

    compose_unchanged = BaseScreen.compose
    monkeypatch.setattr(BaseScreen, "compose", compose)
    async with opened(demo_inquiry(), size=size) as shown:
        for key in keys:
            await shown.press(key)
        await shown.until_it_stands()
        screen = shown.app.screen
        assert isinstance(screen, BaseScreen)
        assert classes <= composed[screen] == screen.classes
        before = {each: each.styles.base.get_rules() for each in screen.walk_children(with_self=True)}
        screen.update_node_styles(animate=False)
        assert before == {each: each.styles.base.get_rules() for each in screen.walk_children(with_self=True)}


async def test_the_move_of_the_focus_does_not_paint_the_whole_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    painted: list[Compositor] = []

    def paint(compositor: Compositor, simplify: bool = False) -> LayoutUpdate:  # noqa: FBT001, FBT002 - Textual's own
        painted.append(compositor)
        return paint_unchanged(compositor, simplify)

    paint_unchanged = Compositor.render_full_update
    async with opened(demo_inquiry()) as shown:
        await shown.press("enter")
        await shown.until_it_stands()
        monkeypatch.setattr(Compositor, "render_full_update", paint)
        await shown.press("tab")
        await until(shown.pilot, lambda: isinstance(shown.app.focused, TextPane))
        await shown.pilot.pause()
        assert painted == []


async def test_only_shown_notices_are_laid_out_in_their_new_place(monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out: list[Widget] = []

    def refresh(rack: Widget, *regions: Region, repaint: bool = True, layout: bool = False) -> Widget:
        if layout:
            laid_out.append(rack)
        return refresh_unchanged(rack, *regions, repaint=repaint, layout=layout)

    refresh_unchanged = Widget.refresh
    async with opened(demo_inquiry(), notifications=True) as shown:
        await shown.until_it_stands()
        rack = shown.app.screen.query_one(ToastRack)
        monkeypatch.setattr(ToastRack, "refresh", refresh)
        rack.styles.set_rule("margin", Spacing(0, 0, 30, 0))
        place_toasts(shown.app.screen)
        assert laid_out == []
        shown.app.notify("A notice")
        await until(shown.pilot, lambda: bool(toasts(shown)))
        laid_out.clear()
        rack.styles.set_rule("margin", Spacing(0, 0, 30, 0))
        place_toasts(shown.app.screen)
        assert laid_out == [rack]


async def test_the_title_is_painted_only_if_it_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    updated: list[Content] = []
    line = TitleLine()
    monkeypatch.setattr(line, "update", lambda content, *, layout: updated.append(content) if not layout else None)
    for words in ("web-1", "web-1", "web-2"):
        line.tell((words, TextStyle.STRONG), "\nok")
    assert [each.plain for each in updated] == ["web-1\nok", "web-2\nok"]
