"""The account's sessions on screen: streamed, counted by who holds them, their history, and ending some of them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from ssmtui.model.fact import Unreadable
from ssmtui.model.plan import Plan
from ssmtui.model.sessions import ActiveSession, SessionState, SessionStatus
from ssmtui.remediation.plans.nodes import termination_plans_of_chosen
from ssmtui.ui.screens.change_screen import ChangeSetScreen
from ssmtui.ui.screens.sessions_screen import SessionsScreen
from tests.ui.builders import FRANKFURT, NOON, PARIS
from tests.ui.listed_sessions import ADA, ended_sessions, named, open_sessions, session, with_sessions
from tests.ui.opened import CHANGE, NODE, Opened, opened
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.stored_document import StoredDocument
from tests.ui.waiting import until


async def listed(shown: Opened) -> SessionsScreen:
    await shown.press("S")
    await shown.until_screen(SessionsScreen)
    screen = shown.app.screen
    assert isinstance(screen, SessionsScreen)
    return screen


def notices(shown: Opened) -> str:
    return "\n".join(each.message for each in shown.app._notifications)


def ids(screen: SessionsScreen) -> list[str]:
    return [key.id for key in screen.tables.opened.keys]


async def test_the_open_sessions_of_every_open_region_are_listed_the_oldest_first() -> None:
    async with opened(with_sessions()) as shown:
        screen = await listed(shown)
        await shown.until_said("17 sessions are open")
        await shown.until_said("13 opened by programs")
        owners = [row[:3] for row in ids(screen)]
        assert owners == ["ada", *["bot"] * 9, "ada", *["bot"] * 3, "ada", "ada", "bot"]
        first = next(line for line in shown.painted.splitlines() if "9 d 4 h" in line)
        assert "○" in first
        assert "api-1" in first
        assert "platform-engineer/ada" in first
        assert "eu-west-3" in first


async def test_the_session_under_the_cursor_is_told_in_full() -> None:
    async with opened(with_sessions()) as shown:
        await listed(shown)
        await shown.until_said("The session has been open for more than one day.")
        await shown.until_said("No client is connected")
        await shown.press("slash", *"INC", "enter")
        await shown.until_said("INC-4711: disk full")
        await shown.until_said("AWS does not report when the session was last used.")


async def test_who_holds_how_many_sessions_is_counted_by_node_and_owner_with_programs_first() -> None:
    async with opened(with_sessions()) as shown:
        screen = await listed(shown)
        await shown.until_said("17 sessions are open")
        await shown.press("tab")
        counts = [len(screen.tables._held[each]) for each in screen.tables.holders.keys]
        assert counts == [13, 2, 1, 1]
        await shown.until_said("botocore-session-1764000000 has 13 open sessions on batch-1.")
        await shown.until_said("a program")


async def test_the_history_is_read_when_it_is_looked_at_and_says_why_each_session_ended() -> None:
    handle = with_sessions()
    async with opened(handle) as shown:
        await listed(shown)
        await shown.until_said("17 sessions are open")
        assert {state for _, state in handle.listed} == {SessionState.ACTIVE}
        await shown.press("tab", "tab")
        await shown.until_said("6 sessions")
        for why in ("terminated or idle", "maximum duration", "ended immediately", "failed to open", "end of a probe"):
            await shown.until_said(why)
        await shown.press("T")
        await until(shown.pilot, lambda: "these sessions have already ended" in notices(shown))
        await shown.press("tab")
        await shown.until_said("Active sessions")


async def test_a_session_is_ended_after_its_preview_and_the_list_is_read_again() -> None:
    handle = with_sessions()
    _plan_each(handle)
    async with opened(handle) as shown:
        screen = await listed(shown)
        await shown.until_said("17 sessions are open")
        await shown.press("T")
        await shown.until_screen(CHANGE)
        await shown.until_said("ssm TerminateSession")
        asked = len(handle.listed)
        handle.pages[PARIS.name, SessionState.ACTIVE] = [open_sessions()[:1]]
        await shown.press("escape")
        await until(shown.pilot, lambda: shown.app.screen is screen)
        await shown.until_said("2 sessions are open")
        assert len(handle.listed) == asked + 2


async def test_marked_sessions_of_several_nodes_are_ended_together() -> None:
    handle = with_sessions()
    _plan_each(handle)
    async with opened(handle) as shown:
        await listed(shown)
        await shown.until_said("17 sessions are open")
        await shown.press("space", "down", "space")
        await shown.until_said("2 marked")
        await shown.press("T")
        await shown.until_screen(ChangeSetScreen)


async def test_all_sessions_that_somebody_holds_on_a_node_are_marked_by_one_key() -> None:
    async with opened(with_sessions()) as shown:
        screen = await listed(shown)
        await shown.until_said("17 sessions are open")
        await shown.press("tab", "space")
        await shown.until_said("13 marked")
        assert len(screen.tables.chosen) == 13
        await shown.press("space")
        await until(shown.pilot, lambda: not screen.tables.marks)


async def test_the_node_of_a_session_is_opened_and_the_list_is_there_again_afterwards() -> None:
    async with opened(with_sessions()) as shown:
        screen = await listed(shown)
        await shown.until_said("17 sessions are open")
        await shown.press("enter")
        await shown.until_screen(NODE)
        await shown.press("escape")
        await until(shown.pilot, lambda: shown.app.screen is screen)


async def test_a_session_on_what_is_no_node_of_the_fleet_says_so() -> None:
    async with opened(with_sessions([session(1, "ecs:shop_0a1b_0c2d")], [])) as shown:
        await listed(shown)
        await shown.until_said("1 session is open")
        await shown.press("enter")
        await until(shown.pilot, lambda: "ecs:shop_0a1b_0c2d is not among the listed nodes" in notices(shown))


async def test_while_it_is_read_the_rows_come_in_and_it_says_that_more_will() -> None:
    handle = with_sessions()
    handle.still_reading = {SessionState.ACTIVE}
    async with opened(handle) as shown:
        await listed(shown)
        await shown.until_said("17 sessions are open")
        await shown.until_said("reading…")


async def test_no_session_is_no_error() -> None:
    async with opened(with_sessions([], [])) as shown:
        await listed(shown)
        await shown.until_said("No session is open.")
        await shown.press("T")
        await until(shown.pilot, lambda: "no session is selected" in notices(shown))
        await shown.press("tab", "tab")
        await shown.until_said("No session ended in the last 30 days.")


async def test_a_refusal_says_what_would_be_needed() -> None:
    handle = with_sessions([], [])
    for where in (PARIS, FRANKFURT):
        handle.unread[where.name, SessionState.ACTIVE] = Unreadable("ssm:DescribeSessions", "you may not")
    async with opened(handle) as shown:
        await listed(shown)
        await shown.until_said("The sessions could not be listed")
        await shown.until_said("Ask for a policy that allows ssm:DescribeSessions on *")
        await shown.until_said("The sessions could not be read.")
        assert "No session is open" not in shown.painted
        assert "0 sessions are open" not in shown.painted


async def test_where_one_region_has_none_and_another_refuses_nobody_says_that_there_are_none() -> None:
    handle = with_sessions([], [])
    handle.unread[FRANKFURT.name, SessionState.ACTIVE] = Unreadable("ssm:DescribeSessions", "you may not")
    async with opened(handle) as shown:
        await listed(shown)
        await shown.until_said("some sessions could not be read")
        await shown.until_said("The sessions could not be read.")
        assert "No session is open" not in shown.painted


async def test_a_region_that_is_missing_is_told_above_the_rows_of_the_others() -> None:
    handle = with_sessions()
    handle.unread[FRANKFURT.name, SessionState.ACTIVE] = Unreadable("ssm:DescribeSessions", "you may not")
    async with opened(handle) as shown:
        await listed(shown)
        await shown.until_said("Some sessions of eu-central-1 are not shown: you may not")


async def test_ten_thousand_sessions_of_the_past_can_be_filtered() -> None:
    day = timedelta(days=1)
    web = named("web-2")
    past = [
        session(
            number, web, started=NOON - day - timedelta(seconds=number), status=SessionStatus.TERMINATED, lasted=day
        )
        for number in range(10_000)
    ]
    async with opened(with_sessions([], past)) as shown:
        screen = await listed(shown)
        await shown.press("tab", "tab")
        await shown.until_said("10000 sessions")
        await shown.press("slash", *"00270f", "enter")
        await until(shown.pilot, lambda: len(screen.tables.ended.keys) == 1)
        await shown.until_said("1 of 10000")


async def test_what_was_ended_from_here_says_so(tmp_path: Path) -> None:
    desk = StoredDocument().desk(tmp_path)
    past = ended_sessions()[0]
    plan = _plans(past.id, past.target)[0]
    desk.journal.applied(desk.journal.plan(plan), {}, ())
    async with opened(with_sessions(), desk) as shown:
        await listed(shown)
        await shown.press("tab", "tab")
        await shown.until_said("ended from ssmtui")


def _plans(id_: str, target: str) -> tuple[Plan, ...]:
    return termination_plans_of_chosen(PARIS, target, target, [ActiveSession(id_, target, ADA, NOON)])


def _plan_each(handle: ScriptedInquiry) -> None:
    handle.ending = {each.id: _plans(each.id, each.target)[0] for each in open_sessions()}
