"""A shell from the app: what is said before, the screen that steps aside, and what is said of its end."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace

import pytest

from ssmtui.diagnosis.events import ScopeOpened
from ssmtui.model.finding import VerdictStatus
from ssmtui.model.plan import Plan, Step
from ssmtui.model.preferences import DocumentParameter, SessionPreferences
from ssmtui.model.sessions import OpenedSession, SessionEnding
from ssmtui.session.calls import SessionProblem, SessionRefused
from ssmtui.session.plugin.invocation import Preflight
from ssmtui.ui.app.app import SsmtuiApp
from ssmtui.ui.screens.dialogs import KeyDialog, WaitingDialog
from ssmtui.ui.screens.explain_screen import ExplainScreen, PasteArea
from ssmtui.ui.widgets.line_table import LineTable
from tests.ui.builders import FRANKFURT, HEALTHY, PARIS, node, told
from tests.ui.demo_fleet import demo_inquiry, region_facts, switch_plan
from tests.ui.fake_sessions import FakeSessions
from tests.ui.opened import CHANGE, NODE, Opened, opened
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.waiting import until

DENIED = (
    "An error occurred (AccessDeniedException) when calling the StartSession operation: User: "
    "arn:aws:sts::123456789012:assumed-role/platform-engineer/ada is not authorized to perform: ssm:StartSession"
)


@pytest.fixture(autouse=True)
def lent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The terminal of a test has nothing to lend: what is done while the screen stands aside is noted."""
    notes: list[str] = []

    @contextmanager
    def suspend(_app: SsmtuiApp) -> Iterator[None]:
        notes.append("aside")
        yield
        notes.append("back")

    monkeypatch.setattr(SsmtuiApp, "suspend", suspend)
    return notes


def notices(shown: Opened) -> str:
    return "\n".join(each.message for each in shown.app._notifications)


async def on(shown: Opened, name: str) -> None:
    """Put the cursor on a node that is shown."""
    key = next(key for key in shown.nodes.keys if shown.app.context.fleet_view.state.nodes[key].name == name)
    shown.nodes.go_to(key)
    await until(shown.pilot, lambda: shown.nodes.cursor == key)


async def test_a_healthy_node_opens_a_shell_and_the_screen_is_as_it_was_afterwards(lent: list[str]) -> None:
    sessions = FakeSessions()
    async with opened(demo_inquiry(), sessions=sessions, size=(100, 16)) as shown:
        await shown.press("slash", "w", "e", "b", "enter")
        await on(shown, "web-4")
        before = (shown.name_here, shown.names, shown.nodes.scroll_y)
        await shown.press("s")
        await until(shown.pilot, lambda: "ended after 0 s" in notices(shown))
        assert lent == ["aside", "back"]
        (request, builtin), *rest = sessions.held
        assert rest == []
        assert request.target == shown.nodes.cursor.id if shown.nodes.cursor else False
        assert request.document is None
        assert not builtin
        assert shown.app.screen is shown.fleet
        assert (shown.name_here, shown.names, shown.nodes.scroll_y) == before


async def test_a_node_known_to_be_broken_says_so_first_and_is_tried_all_the_same() -> None:
    sessions = FakeSessions()
    async with opened(demo_inquiry(), sessions=sessions) as shown:
        await on(shown, "batch-1")
        await shown.press("s")
        await shown.until_screen(KeyDialog)
        await shown.until_said("batch-1 has a known failure")
        await shown.until_said("may not use the session key")
        assert sessions.started == []
        await shown.press("enter")
        await until(shown.pilot, lambda: len(sessions.held) == 1)


async def test_the_fix_of_a_broken_node_is_one_key_away() -> None:
    handle = demo_inquiry()
    plan = switch_plan(FRANKFURT)
    assert isinstance(plan, Plan)
    handle.plans["grant-node-key-access"] = plan
    sessions = FakeSessions()
    async with opened(handle, sessions=sessions) as shown:
        await on(shown, "batch-1")
        await shown.press("s")
        await shown.until_screen(KeyDialog)
        await shown.press("1")
        await shown.until_screen(CHANGE)
        assert sessions.started == []


async def test_turning_back_opens_nothing() -> None:
    sessions = FakeSessions()
    async with opened(demo_inquiry(), sessions=sessions) as shown:
        await on(shown, "batch-1")
        await shown.press("s")
        await shown.until_screen(KeyDialog)
        await shown.press("escape")
        await until(shown.pilot, lambda: shown.app.screen is shown.fleet)
        await on(shown, "web-2")
        await shown.press("s")
        await until(shown.pilot, lambda: len(sessions.held) == 1)


async def test_while_aws_is_asked_esc_gives_it_up() -> None:
    waiting: Future[OpenedSession] = Future()
    sessions = FakeSessions(waiting)
    async with opened(demo_inquiry(), sessions=sessions) as shown:
        await on(shown, "web-2")
        await shown.press("s")
        await shown.until_screen(WaitingDialog)
        await shown.until_said("Opening a shell on web-2")
        await shown.press("escape")
        await until(shown.pilot, lambda: waiting.cancelled() and shown.app.screen is shown.fleet)
        assert sessions.held == []


async def test_a_session_that_aws_refuses_is_explained_with_the_node_filled_in() -> None:
    sessions = FakeSessions(SessionProblem("TargetNotConnected: i-1 is not connected.", "TargetNotConnected"))
    async with opened(demo_inquiry(), sessions=sessions) as shown:
        await on(shown, "web-2")
        await shown.press("s")
        await shown.until_screen(ExplainScreen)
        await shown.until_said("is not connected")
        await shown.until_said("checked on node web-2")
        assert sessions.held == []
        await until(shown.pilot, lambda: isinstance(shown.app.focused, LineTable))
        await shown.press("escape")
        await until(shown.pilot, lambda: shown.app.screen is shown.fleet)
        assert shown.name_here == "web-2"


async def test_a_session_that_ends_with_a_text_is_explained() -> None:
    sessions = FakeSessions()
    sessions.ending = SessionEnding("ada-1", "Fetching data key failed: Unable to retrieve data key", over=True)
    async with opened(demo_inquiry(), sessions=sessions) as shown:
        await on(shown, "web-2")
        await shown.press("s")
        await shown.until_screen(ExplainScreen)
        await shown.until_said("Unable to retrieve data key")


async def test_a_failure_while_the_screen_is_aside_leaves_the_app_standing(lent: list[str]) -> None:
    sessions = FakeSessions()
    sessions.ending = OSError("the plugin cannot be run")
    async with opened(demo_inquiry(), sessions=sessions) as shown:
        await on(shown, "web-2")
        await shown.press("s")
        await until(shown.pilot, lambda: "the plugin cannot be run" in notices(shown))
        assert lent == ["aside", "back"]


async def test_without_a_plugin_the_way_to_one_is_told_and_the_own_shell_is_one_key_away() -> None:
    sessions = FakeSessions()
    sessions.plugin = Preflight(why="it is not installed", steps=(Step("Install it.", "sudo dnf install plugin"),))
    async with opened(demo_inquiry(), sessions=sessions, mode="") as shown:
        await on(shown, "web-2")
        await shown.press("s")
        await shown.until_screen(KeyDialog)
        await shown.until_said("sudo dnf install plugin")
        await shown.press("enter")
        await until(shown.pilot, lambda: [builtin for _, builtin in sessions.held] == [True])


async def test_the_demonstration_opens_its_own_shell_at_once_where_there_is_no_plugin() -> None:
    sessions = FakeSessions()
    sessions.plugin = Preflight(why="it is not installed")
    async with opened(demo_inquiry(), sessions=sessions, mode="demo") as shown:
        await on(shown, "web-2")
        await shown.press("s")
        await until(shown.pilot, lambda: [builtin for _, builtin in sessions.held] == [True])


@pytest.mark.parametrize(("version", "builtin"), [("1.2.835.0", False), ("1.2.0.0", False), ("1.2.896.0", True)])
async def test_the_demonstration_uses_a_plugin_that_takes_its_stream_url(version: str, *, builtin: bool) -> None:
    sessions = FakeSessions()
    sessions.plugin = Preflight("/opt/session-manager-plugin", version)
    async with opened(demo_inquiry(), sessions=sessions, mode="demo") as shown:
        await on(shown, "web-1")
        await shown.press("s")
        await until(shown.pilot, lambda: [each for _, each in sessions.held] == [builtin])


async def test_a_withdrawn_plugin_is_told_of_once() -> None:
    sessions = FakeSessions()
    sessions.plugin = replace(sessions.plugin, warning="AWS withdrew it")
    async with opened(demo_inquiry(), sessions=sessions, mode="") as shown:
        await on(shown, "web-2")
        await shown.press("s")
        await shown.until_screen(KeyDialog)
        await shown.until_said("AWS withdrew it.")
        await shown.press("enter")
        await until(shown.pilot, lambda: len(sessions.held) == 1)
        await shown.press("s")
        await until(shown.pilot, lambda: len(sessions.held) == 2)


async def test_who_may_not_open_a_session_asks_for_access_and_waits_for_it() -> None:
    sessions = FakeSessions(SessionRefused(DENIED, "AccessDeniedException", "ssm:StartSession"))
    async with opened(demo_inquiry(), sessions=sessions) as shown:
        await on(shown, "web-2")
        await shown.press("s")
        await shown.until_screen(KeyDialog)
        await shown.until_said("You need approval to open this session")
        await shown.press("enter")
        await shown.until_said("Reason for the access")
        await shown.write("INC4711")
        await shown.press("enter")
        await shown.until_screen(WaitingDialog)
        await shown.until_said("An approver must approve the request")
        assert [each.reason for each in sessions.asked] == ["INC4711"]
        sessions.access.set_result(OpenedSession("ada-2", "wss://x", "token"))
        await until(shown.pilot, lambda: len(sessions.held) == 1)
        assert sessions.held[0][0].reason == "INC4711"


async def test_where_access_cannot_be_asked_for_both_refusals_are_explained() -> None:
    sessions = FakeSessions(SessionRefused(DENIED, "AccessDeniedException", "ssm:StartSession"))
    sessions.no_access = SessionRefused("no StartAccessRequest for you", "AccessDeniedException")
    async with opened(demo_inquiry(), sessions=sessions) as shown:
        await on(shown, "web-2")
        await shown.press("s")
        await shown.until_screen(KeyDialog)
        await shown.press("enter")
        await shown.until_said("Reason for the access")
        await shown.write("INC4711")
        await shown.press("enter")
        await shown.until_screen(ExplainScreen)
        assert "ssm:StartSession" in shown.app.screen.query_one("#pasted", PasteArea).text
        assert "no StartAccessRequest for you" in shown.app.screen.query_one("#pasted", PasteArea).text


async def test_a_document_of_the_persons_own_has_its_values_asked_for() -> None:
    where = replace(PARIS, document="Acme-Tail")
    parameter = DocumentParameter("file", None, "Which log to follow", ("system", "audit"))
    preferences = SessionPreferences("arn", document_exists=True, parameters=(parameter,))
    handle = ScriptedInquiry(ScopeOpened(where), *told(where, [node("web-1", 1, where)], verdicts=HEALTHY))
    handle.regions[where.name] = replace(region_facts(where), preferences=preferences)
    sessions = FakeSessions()
    async with opened(handle, sessions=sessions) as shown:
        await shown.press("s")
        await shown.until_said("audit")
        await shown.press("down", "enter")
        await until(shown.pilot, lambda: len(sessions.held) == 1)
        request = sessions.held[0][0]
        assert request.document == "Acme-Tail"
        assert request.parameters == (("file", ("audit",)),)


async def test_a_shell_is_opened_on_the_node_screen_and_read_only_dims_the_key() -> None:
    sessions = FakeSessions()
    async with opened(demo_inquiry(), sessions=sessions) as shown:
        await on(shown, "web-2")
        await shown.press("enter")
        await shown.until_screen(NODE)
        await shown.press("s")
        await until(shown.pilot, lambda: len(sessions.held) == 1)
        assert isinstance(shown.app.screen, NODE)
    async with opened(demo_inquiry()) as shown:
        await shown.press("s")
        await until(shown.pilot, lambda: "sessions are disabled" in notices(shown))


async def test_a_stopped_instance_has_no_shell() -> None:
    sessions = FakeSessions()
    async with opened(demo_inquiry(), sessions=sessions) as shown:
        await on(shown, "old-1")
        assert shown.app.context.fleet_view.verdict(shown.nodes.cursor).status is VerdictStatus.STOPPED  # type: ignore[arg-type]
        await shown.press("s")
        await until(shown.pilot, lambda: "the instance is stopped" in notices(shown))
        assert sessions.started == []
