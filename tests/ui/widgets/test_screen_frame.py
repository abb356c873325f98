"""The lines around a screen: breadcrumbs and the key bar."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.screen import Screen

from ssmtui.diagnosis.events import FindingChanged, FindingGone, ScopeOpened, ScopeSettled, VerdictChanged
from ssmtui.model.finding import FleetFinding, Link, Subject, SubjectKind
from ssmtui.model.node import NodeKey
from ssmtui.ui.screens.fleet_screen import FleetScreen
from ssmtui.ui.screens.help_dialog import HelpDialog
from ssmtui.ui.screens.search_dialogs import ScopesDialog
from ssmtui.ui.screens.sessions_screen import SessionsScreen
from ssmtui.ui.widgets.screen_frame import KeyBar, KeyEntry, ShownKey, fitting_entries, fitting_places
from tests.ui.builders import HEALTHY, PARIS, finding, found, log_group_unencrypted, node, told
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.listed_sessions import with_sessions
from tests.ui.opened import CAUSE, NODE, PREFERENCES, Opened, opened
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.waiting import until

WAY = ("Nodes", "web-1", "Fixes", "Change")


@pytest.mark.parametrize(
    ("room", "shown"),
    [
        (40, "0 Nodes|1 web-1|2 Fixes|3 Change"),
        (30, "0 Nodes|1 web-1|2 Fixes|3 Change"),
        (29, "0 Nodes|None …|2 Fixes|3 Change"),
        (24, "0 Nodes|None …|3 Change"),
        (5, "0 Nodes|None …|3 Change"),
        (4, "3 Change"),
    ],
)
def test_where_not_all_fit_those_in_the_middle_are_left_out(room: int, shown: str) -> None:
    assert "|".join(f"{place} {words}" for place, words in fitting_places(WAY, room)) == shown


async def test_a_click_goes_back_and_the_place_is_kept() -> None:
    async with opened(demo_inquiry(), size=(120, 24)) as shown:
        fleet, app = shown.fleet, shown.app
        await shown.press("slash", *"eu", "minus", *"worker", "enter")
        await until(shown.pilot, lambda: len(shown.names) == 8)
        await shown.press("down", "down", "enter")
        await shown.until_screen(NODE)
        node = shown.name_here
        await shown.press("up", "up")
        row = app.screen.query_one("#path").cursor  # type: ignore[attr-defined]
        await shown.press("p")
        await shown.until_screen(PREFERENCES)
        assert f"Nodes › {node} › Preferences" in shown.painted
        await until(shown.pilot, lambda: bool(app.screen.query_one("#settings").keys))  # type: ignore[attr-defined]
        await shown.press("down", "down")
        setting = app.screen.query_one("#settings").cursor  # type: ignore[attr-defined]
        await shown.pilot.click("Breadcrumbs", offset=(2, 0))
        await until(shown.pilot, lambda: app.screen is fleet)
        assert (len(shown.names), shown.name_here) == (8, node)
        await shown.press("enter")
        await shown.until_screen(NODE)
        await until(shown.pilot, lambda: app.screen.query_one("#path").cursor == row)  # type: ignore[attr-defined]
        await shown.press("p")
        await shown.until_screen(PREFERENCES)
        await until(shown.pilot, lambda: app.screen.query_one("#settings").cursor == setting)  # type: ignore[attr-defined]


async def test_what_narrowed_a_table_narrows_it_again() -> None:
    async with opened(with_sessions()) as shown:
        await shown.press("S")
        await shown.until_said("17 sessions are open")
        await shown.press("slash", *"ada", "enter", "backspace")
        await until(shown.pilot, lambda: shown.app.screen is shown.fleet)
        await shown.press("S")
        await shown.until_screen(SessionsScreen)
        await shown.until_said("of 17")


async def test_the_header_is_clicked_for_what_it_tells() -> None:
    async with opened(demo_inquiry()) as shown:
        await shown.pilot.click("SummaryBar", offset=(2, 1))
        await until(shown.pilot, lambda: len(shown.names) == 16 and shown.fleet.filter_line.text == "verdict:fail")
        await shown.pilot.click("SummaryBar", offset=(2, 1))
        await until(shown.pilot, lambda: len(shown.names) == 45)
        await shown.pilot.click("SummaryBar", offset=(116, 0))
        await shown.until_screen(ScopesDialog)


async def test_the_order_of_the_keys_does_not_depend_on_the_focus() -> None:
    async with opened(demo_inquiry()) as shown:
        await shown.press("a")
        await shown.until_screen(ScopesDialog)
        dialog = shown.app.screen
        assert isinstance(dialog, ScopesDialog)
        orders = []
        for focused in (dialog.typed, None):
            dialog.focused = focused
            orders.append([each.binding.key for each in dialog.active_bindings.values() if each.binding.show])
        assert orders[0][:4] == orders[1][:4] == ["enter", "escape", "plus", "space"]


def entry(action: str, word: str, *, of_app: bool = False) -> KeyEntry:
    return KeyEntry(action, (ShownKey(word[0], word[0], enabled=True, words=word),), word, of_app)


ROW = [
    entry("open", "Open"),
    entry("sort", "Sort"),
    entry("undo", "Undo"),
    entry("explain", "Explain"),
    entry("copy", "Copy"),
    entry("show_help", "Help", of_app=True),
    entry("quit", "Quit", of_app=True),
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


async def every_first_screen(width: int, help_: str, quit_: str) -> None:
    async with opened(demo_inquiry(), size=(width, 24)) as shown:
        for keys, screen in (((), FleetScreen), (("enter",), NODE), (("p",), PREFERENCES)):
            await shown.press(*keys)
            await shown.until_screen(screen)
            assert line(shown).endswith(f"{help_} {quit_}" if screen is FleetScreen else help_)
            assert len(line(shown)) <= width


@pytest.mark.parametrize("width", [60, 80, 120])
async def test_no_screen_ends_in_half_a_key(width: int) -> None:
    await every_first_screen(width, "? Help", "q Quit")


@pytest.mark.usefixtures("in_french")
async def test_nor_does_one_in_french() -> None:
    await every_first_screen(80, "? Aide", "q Quitter")


async def test_where_there_is_room_the_keys_of_every_screen_are_there_too() -> None:
    async with opened(demo_inquiry(), size=(140, 24)) as shown:
        assert line(shown).startswith(
            "⏎ Open Tab Causes 1 2 F Fix / Filter s Shell p Prefs e S3 switch w Log switch z Undo v Probe t Tunnel"
        )
        await shown.press("tab")
        await shown.until_said("Tab Nodes")


def with_fixes() -> tuple[ScriptedInquiry, FleetFinding, NodeKey]:
    """A node whose finding has one fix, and one whose finding, which is returned, has two."""
    one_fix, two_fixes = node("a", 1), node("b", 2)
    role = Subject(SubjectKind.ROLE, PARIS.arn("iam", "role/web"))
    denied = finding("kms-node-denied", Link.PREFERENCES, role, [one_fix], fixes=("grant-key",))
    unencrypted = log_group_unencrypted([two_fixes])
    handle = ScriptedInquiry(ScopeOpened(PARIS), *told(PARIS, (one_fix, two_fixes), verdicts=HEALTHY))
    handle.tell(*found(denied, [one_fix]), *found(unencrypted, [two_fixes]), ScopeSettled(PARIS.name))
    return handle, unencrypted, two_fixes.key


@pytest.mark.long
@pytest.mark.parametrize(
    ("keys", "screen"),
    [((), FleetScreen), (("enter",), NODE), (("tab", "j"), FleetScreen), (("tab", "j", "enter"), CAUSE)],
)
async def test_the_numbers_of_the_fixes_follow_the_row_and_its_findings(
    keys: tuple[str, ...], screen: type[Screen[None]]
) -> None:
    handle, unencrypted, key = with_fixes()
    async with opened(handle) as shown:
        assert " 1 F Fix " in line(shown)
        await shown.press("j")
        await shown.until_said(" 1 2 F Fix ")
        await shown.press(*keys)
        await shown.until_screen(screen)
        await until(shown.pilot, lambda: " 1 2 " in line(shown))
        fewer = replace(unencrypted, finding=replace(unencrypted.finding, fixes=("encrypt-log-group",)))
        handle.tell(FindingChanged(fewer))
        await until(shown.pilot, lambda: " 1 2 " not in line(shown) and " 1 " in line(shown))
        handle.tell(VerdictChanged(key, HEALTHY), FindingGone(unencrypted.id))
        await until(shown.pilot, lambda: " 1 " not in line(shown) or "tab" in keys)


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


async def test_a_click_presses_the_key_that_is_painted_even_if_the_keys_have_changed_since(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with opened(demo_inquiry()) as shown:
        place = line(shown).index("? Help")
        monkeypatch.setattr(FleetScreen, "active_bindings", {})
        await shown.pilot.click(KeyBar, offset=(place, 0))
        await shown.until_screen(HelpDialog)
