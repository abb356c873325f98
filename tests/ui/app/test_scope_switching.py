"""Other accounts, profiles and Regions looked at from inside the app."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from ssmtui.diagnosis.events import ScopeClosed, ScopeFailed, ScopeOpened, ScopeSettled
from ssmtui.model.scope import Access, Scope, ScopeError, ScopeName, ScopeProblem
from ssmtui.ui.screens.dialogs import KeyDialog
from ssmtui.ui.screens.search_dialogs import ScopesDialog
from ssmtui.ui.state.ui_state import UiStateFile, UiStateStore
from tests.ui.builders import FRANKFURT, PARIS, node, scope, told
from tests.ui.opened import NODE, Opened, opened
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.waiting import until

REGIONS = ("eu-central-1", "eu-west-3", "us-east-1")
OWN = Access(None, None, "123456789012", "eu-west-3", REGIONS)
PROD = Access("prod", None, "210987654321", "us-east-1", REGIONS)
AUDIT = Access("prod", "arn:aws:iam::999999999999:role/Audit", "", "", REGIONS)


def in_two_regions() -> ScriptedInquiry:
    handle = ScriptedInquiry(
        *(ScopeOpened(each) for each in (PARIS, FRANKFURT)),
        *told(PARIS, [node("web-1", 1), node("web-2", 2)]),
        *told(FRANKFURT, [node("shop-1", 3, FRANKFURT)]),
        *(ScopeSettled(each.name) for each in (PARIS, FRANKFURT)),
    )
    handle.known_accesses = (OWN, PROD, AUDIT)
    return handle


async def asked_where(shown: Opened) -> ScopesDialog:
    await shown.press("a")
    await shown.until_screen(ScopesDialog)
    dialog = shown.app.screen
    assert isinstance(dialog, ScopesDialog)
    await until(shown.pilot, lambda: len(dialog.table.keys) == 9)
    return dialog


async def test_what_is_looked_at_comes_first_then_what_is_near_it() -> None:
    async with opened(in_two_regions()) as shown:
        dialog = await asked_where(shown)
        names = list(dialog.table.keys)
        assert names[:3] == [FRANKFURT.name, PARIS.name, ScopeName(None, "us-east-1")]
        assert names[3] == ScopeName("prod", "eu-central-1")
        for words in ("123456789012", "210987654321", "999999999999", "prod as Audit", "9 rows"):
            assert words in shown.said


async def test_typing_narrows_and_enter_looks_there_and_nowhere_else() -> None:
    handle = in_two_regions()
    async with opened(handle) as shown:
        dialog = await asked_where(shown)
        await shown.write("prod/us-")
        await until(shown.pilot, lambda: len(dialog.table.keys) == 2)
        await shown.press("enter")
        await until(shown.pilot, lambda: bool(handle.looked_at))
        assert handle.looked_at == [(ScopeName("prod", "us-east-1"),)]
        assert shown.app.screen is shown.fleet


async def test_a_mistyped_name_is_told_and_put_right_by_enter() -> None:
    handle = in_two_regions()
    async with opened(handle, size=(80, 24)) as shown:
        dialog = await asked_where(shown)
        for typed, meant in (("eu-wets-3", "eu-west-3"), ("prdo/us-est-1", "prod/us-east-1")):
            dialog.typed.value = ""
            await shown.write(typed)
            await shown.until_said(f"0 rows · did you mean {meant}? Press Enter to use it")
            await shown.press("enter")
            await until(shown.pilot, lambda meant=meant: dialog.typed.value == meant)  # type: ignore[misc]
            await until(shown.pilot, lambda: bool(dialog.table.keys))
        dialog.typed.value = "zzzzz"
        await shown.until_said("No match")
        await shown.press("enter")
        assert shown.app.screen is dialog
        assert "did you mean" not in shown.painted


async def test_several_are_marked_and_looked_at_besides() -> None:
    handle = in_two_regions()
    async with opened(handle) as shown:
        dialog = await asked_where(shown)
        await shown.write("prod/us-")
        await until(shown.pilot, lambda: len(dialog.table.keys) == 2)
        await shown.press("space", "space")
        await shown.until_said("2 marked")
        await shown.press("+")
        await until(shown.pilot, lambda: bool(handle.looked_at))
        [wanted] = handle.looked_at
        assert set(wanted) == {
            PARIS.name,
            FRANKFURT.name,
            ScopeName("prod", "us-east-1"),
            ScopeName("prod", "us-east-1", AUDIT.role),
        }


async def test_esc_looks_where_was_looked_before() -> None:
    handle = in_two_regions()
    async with opened(handle) as shown:
        await asked_where(shown)
        await shown.press("escape")
        await until(shown.pilot, lambda: shown.app.screen is shown.fleet)
        assert handle.looked_at == []


async def test_marks_and_filter_stay_and_so_does_what_stays() -> None:
    handle = in_two_regions()
    async with opened(handle) as shown:
        await shown.press("slash", "w", "e", "b", "enter", "asterisk")
        await asked_where(shown)
        await shown.write("default/eu-west")
        await shown.press("enter")
        await until(shown.pilot, lambda: handle.looked_at == [(PARIS.name,)])
        handle.tell(ScopeClosed(FRANKFURT.name))
        await until(shown.pilot, lambda: len(shown.app.context.fleet_view.state.nodes) == 2)
        assert (shown.names, shown.fleet.filter_line.text, len(shown.fleet.marked_nodes)) == (
            ["web-1", "web-2"],
            "web",
            2,
        )
        handle.tell(ScopeOpened(FRANKFURT), ScopeSettled(FRANKFURT.name))
        await until(shown.pilot, lambda: len(shown.app.context.fleet_view.state.nodes) == 3)
        assert shown.names == ["web-1", "web-2"]


async def test_the_screen_of_a_node_that_is_looked_at_no_more_goes_and_another_stays() -> None:
    for wanted, stays in (("eu-west", True), ("eu-central", False)):
        handle = in_two_regions()
        async with opened(handle) as shown:
            await shown.press("slash", "w", "e", "b", "enter", "enter")
            await shown.until_screen(NODE)
            await asked_where(shown)
            await shown.write(f"default/{wanted}")
            await shown.press("enter")
            await until(shown.pilot, partial(bool, handle.looked_at))
            await until(shown.pilot, lambda: not isinstance(shown.app.screen, ScopesDialog))
            assert isinstance(shown.app.screen, NODE) is stays


def failed(name: ScopeName, problem: ScopeProblem, command: str = "") -> ScopeError:
    return ScopeError(name, problem, f"{problem.value} here.", "This helps.", command=command)


async def test_a_scope_in_error_says_why_and_offers_what_can_be_done() -> None:
    handle = in_two_regions()
    prod = ScopeName("prod", "us-east-1")
    handle.tell(ScopeFailed(failed(prod, ScopeProblem.EXPIRED_CREDENTIALS, "aws sso login --profile prod")))
    async with opened(handle) as shown:
        dialog = await asked_where(shown)
        dialog.table.go_to(prod)
        await shown.until_said("expired credentials here.")
        await shown.press("enter")
        await shown.until_screen(KeyDialog)
        await shown.until_said("Log in")
        await shown.press("enter")
        await until(shown.pilot, lambda: handle.tried_again == 1)
        assert handle.looked_at == []


async def test_another_region_is_offered_for_a_scope_in_error() -> None:
    handle = in_two_regions()
    prod = ScopeName("prod", "us-east-1")
    handle.tell(ScopeFailed(failed(prod, ScopeProblem.REFUSED)))
    async with opened(handle) as shown:
        dialog = await asked_where(shown)
        dialog.table.go_to(prod)
        await shown.press("enter")
        await shown.until_screen(KeyDialog)
        assert "Log in" not in shown.said
        await shown.press("o")
        await shown.until_screen(ScopesDialog)
        again = shown.app.screen
        assert isinstance(again, ScopesDialog)
        assert again.typed.value == "prod/"


async def test_where_nothing_names_a_region_it_is_asked_for_once() -> None:
    handle = ScriptedInquiry(ScopeFailed(failed(ScopeName(None, ""), ScopeProblem.NO_REGION)))
    handle.known_accesses = (OWN,)
    async with opened(handle) as shown:
        await shown.until_screen(ScopesDialog)
        await shown.until_said("no Region here.")
        await shown.until_said("us-east-1")
        await shown.write("eu-w")
        await shown.press("enter")
        await until(shown.pilot, lambda: handle.looked_at == [(PARIS.name,)])
        handle.tell(ScopeFailed(failed(ScopeName(None, ""), ScopeProblem.NO_REGION)))
        await until(shown.pilot, handle.events.empty)
        assert shown.app.screen is shown.fleet


async def test_a_profile_that_is_read_only_stays_so() -> None:
    prod: Scope = replace(scope("us-east-1"), name=ScopeName("prod", "us-east-1"))
    handle = in_two_regions()
    handle.tell(ScopeOpened(prod), *told(prod, [node("db-1", 4, prod)]), ScopeSettled(prod.name))
    async with opened(handle, sessions=None, notifications=True) as shown:
        context = shown.app.context
        context.is_read_only = lambda name: name.profile == "prod"
        assert (context.change_service_for(prod.name), context.change_service_for(prod.name, PARIS.name)) == (
            None,
            None,
        )
        dialog = await asked_where(shown)
        dialog.fleet_changed()
        await shown.until_said("read-only")


async def test_nothing_else_is_looked_at_while_a_change_is_written() -> None:
    async with opened(in_two_regions(), notifications=True) as shown:
        shown.app.context.writing = True
        await shown.press("a")
        await shown.until_said("A change is in progress")
        assert shown.app.screen is shown.fleet
        shown.app.context.writing = False


async def test_what_was_looked_at_last_time_is_offered_first_and_not_looked_at_unasked(tmp_path: Path) -> None:
    handle = in_two_regions()
    last = ScopeName("prod", "us-east-1")
    UiStateStore(UiStateFile(tmp_path)).change(lambda ui_state: ui_state.after_looking_at((last,)))
    async with opened(handle, ui_state=UiStateStore(UiStateFile(tmp_path))) as shown:
        dialog = await asked_where(shown)
        assert list(dialog.table.keys)[:4] == [FRANKFURT.name, PARIS.name, last, ScopeName(None, "us-east-1")]
        assert "opened last time" in shown.said
        assert handle.looked_at == []
        await shown.press("down", "enter")
        await until(shown.pilot, lambda: bool(handle.looked_at))
    assert UiStateStore(UiStateFile(tmp_path)).current.scopes == (PARIS.name,)
