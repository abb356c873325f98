from __future__ import annotations

from concurrent.futures import CancelledError
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from ssmtui.model.sessions import SessionEnding, SessionPurpose
from ssmtui.session.calls import SessionProblem
from ssmtui.session.opener import Opener, OpenSession
from ssmtui.session.session_registry import SessionRegistry
from ssmtui.session.session_service import AwsSessionService, SessionBackends, SessionService, backends
from tests.builders.fleet import a_scope
from tests.session.canaries import crash, leaks
from tests.session.opened import NODE, REQUEST, ScriptedCalls, pausing


def held(session: OpenSession, _endpoint: str | None) -> SessionEnding:
    return SessionEnding(session.id, "it ended", 7)


def crashed(_session: OpenSession, _endpoint: str | None) -> SessionEnding:
    raise OSError("the terminal is gone")


def desk(folder: Path, calls: ScriptedCalls) -> AwsSessionService:
    none = backends()
    own = SessionBackends(held, crashed, none.probe, none.tunnels)
    return AwsSessionService(Opener(SessionRegistry(folder), lambda _: calls, None), own)


def test_the_desk_is_what_screens_ask_for(tmp_path: Path) -> None:
    sessions: SessionService = desk(tmp_path, ScriptedCalls())
    assert sessions.tunnels() == ()


def test_a_session_is_held_until_it_ends_and_is_then_ended(tmp_path: Path) -> None:
    calls = ScriptedCalls()
    sessions = desk(tmp_path, calls)
    opened = sessions.start(REQUEST).result()
    assert sessions.hold(REQUEST, opened) == SessionEnding("alex-1", "it ended", 7)
    assert calls.active == []
    with pytest.raises(SessionProblem, match="alex-1 is no longer open"):
        sessions.hold(REQUEST, opened)


def test_a_session_is_ended_whatever_happens_while_it_is_held(tmp_path: Path) -> None:
    calls = ScriptedCalls()
    sessions = desk(tmp_path, calls)
    opened = sessions.start(REQUEST).result()
    with pytest.raises(OSError, match="the terminal is gone"):
        sessions.hold(REQUEST, opened, builtin=True)
    assert calls.active == []


def test_a_session_that_opens_after_nobody_wanted_it_is_ended(tmp_path: Path) -> None:
    asked, answered = Event(), Event()
    calls = ScriptedCalls(before_start=pausing(asked, answered))
    sessions = desk(tmp_path, calls)
    future = sessions.start(REQUEST)
    asked.wait()
    assert future.cancel()
    answered.set()
    sessions.close()
    with pytest.raises(CancelledError):
        future.result()
    assert ended_in_the_end(calls)


def ended_in_the_end(calls: ScriptedCalls) -> bool:
    """Whether what was opened is ended, or soon will be: by the thread that opened it."""
    from threading import enumerate as threads

    for each in threads():
        if each.name == "ssmtui-sessions":
            each.join(10)
    return calls.active == []


def test_a_session_is_opened_once_access_was_approved(tmp_path: Path) -> None:
    calls = ScriptedCalls(approvals=[True])
    sessions = desk(tmp_path, calls)
    asked = sessions.ask_access(REQUEST).result()
    assert sessions.start_with_access(REQUEST, asked).result().id == "alex-1"
    assert [what for what, _ in calls.done] == ["request_access", "with_access", "start"]


def test_cancelling_ends_the_waiting_for_approval(tmp_path: Path) -> None:
    calls = ScriptedCalls(approvals=[False] * 100)
    future = desk(tmp_path, calls).start_with_access(REQUEST, "oi-0123456789ab")
    future.cancel()
    assert ended_in_the_end(calls)
    assert ("start", NODE) not in calls.done


def test_a_refusal_is_told_by_the_future(tmp_path: Path) -> None:
    refusal = SessionProblem("it is not connected", "TargetNotConnected")
    with pytest.raises(SessionProblem, match="it is not connected"):
        desk(tmp_path, ScriptedCalls(refuses_to_start=refusal)).start(REQUEST).result()


def test_what_an_earlier_run_left_open_is_ended_in_the_background(tmp_path: Path) -> None:
    earlier = SessionRegistry(tmp_path)
    earlier.opened("alex-earlier", REQUEST, SessionPurpose.PROBE, None)
    earlier.close()
    calls = ScriptedCalls()
    words = desk(tmp_path, calls).end_leftovers(a_scope()).result()
    assert words == f"An earlier ssmtui process left 1 session open ({NODE}): it is now ended."
    assert calls.done == [("terminate", "alex-earlier")]


def test_leaving_ends_every_session(tmp_path: Path) -> None:
    calls = ScriptedCalls()
    sessions = desk(tmp_path, calls)
    for _ in range(3):
        sessions.start(REQUEST).result()
    sessions.close()
    assert calls.active == []


def test_nothing_secret_is_in_a_crash_of_what_holds_a_session(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "ssmtui")
    sessions = desk(tmp_path, ScriptedCalls())
    request = replace(REQUEST, parameters=(("command", ("mysql --password=CANARY",)),))
    future = sessions.start(request)
    opened = future.result()
    with pytest.raises(OSError, match="the terminal is gone") as crashed_with:
        sessions.hold(request, opened, builtin=True)
    told = crash(crashed_with.value)
    registry = (tmp_path / "sessions.jsonl").read_text()
    assert leaks(told, repr(future), repr(sessions), repr(opened), repr(request), caplog.text, registry) == []
