"""Sessions that an earlier run left open, and those that are open when the app is left."""

from __future__ import annotations

from pathlib import Path

from ssmtui.model.sessions import SessionPurpose, SessionRequest
from ssmtui.session.opener import Opener
from ssmtui.session.session_registry import SessionRegistry
from ssmtui.session.session_service import AwsSessionService, backends
from ssmtui.ui.app.app import SsmtuiApp
from tests.session.opened import NODE, ScriptedCalls
from tests.ui.builders import PARIS
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.waiting import until

REQUEST = SessionRequest(PARIS, NODE)


def sessions_of(folder: Path, calls: ScriptedCalls) -> AwsSessionService:
    return AwsSessionService(Opener(SessionRegistry(folder), lambda _: calls, None), backends())


async def test_what_an_earlier_run_left_open_is_ended_and_said_once(tmp_path: Path) -> None:
    earlier = SessionRegistry(tmp_path)
    earlier.opened("alex-earlier", REQUEST, SessionPurpose.SHELL, None)
    earlier.close()
    calls = ScriptedCalls()
    app = SsmtuiApp(demo_inquiry(), sessions=sessions_of(tmp_path, calls))
    async with app.run_test() as pilot:
        await until(pilot, lambda: bool(app._notifications))
        said = [each.message for each in app._notifications]
    assert said == [f"An earlier ssmtui process left 1 session open ({NODE}): it is now ended."]
    assert calls.done == [("terminate", "alex-earlier")]


async def test_leaving_the_app_ends_what_it_has_open(tmp_path: Path) -> None:
    calls = ScriptedCalls()
    sessions = sessions_of(tmp_path, calls)
    app = SsmtuiApp(demo_inquiry(), sessions=sessions)
    async with app.run_test() as pilot:
        sessions.start(REQUEST).result()
        await pilot.press("q")
    assert calls.active == []


async def test_read_only_ends_nothing_that_was_left_open(tmp_path: Path) -> None:
    earlier = SessionRegistry(tmp_path)
    earlier.opened("alex-earlier", REQUEST, SessionPurpose.SHELL, None)
    earlier.close()
    app = SsmtuiApp(demo_inquiry())
    async with app.run_test() as pilot:
        await until(pilot, lambda: bool(app.context.fleet_view.state.scopes))
        assert app.context.leftovers == []
    assert [each.id for each in SessionRegistry(tmp_path).left_open()] == ["alex-earlier"]
