from __future__ import annotations

from pathlib import Path
from threading import Event, Thread

import pytest

from ssmtui.model.sessions import SessionPurpose
from ssmtui.session.calls import SessionProblem, SessionRefused, SessionUnanswered
from ssmtui.session.opener import Opener
from ssmtui.session.session_registry import SessionRegistry
from tests.session.canaries import crash, leaks
from tests.session.opened import REQUEST, ScriptedCalls, pausing


def opener(folder: Path, calls: ScriptedCalls) -> Opener:
    return Opener(SessionRegistry(folder), lambda _: calls, None)


def still_open(folder: Path) -> list[str]:
    """What the next start would find, once this process is gone."""
    return [each.id for each in SessionRegistry(folder).left_open()]


def test_a_session_is_in_the_ledger_before_it_is_handed_out(tmp_path: Path) -> None:
    opens = opener(tmp_path, ScriptedCalls())
    session = opens.open(REQUEST, SessionPurpose.SHELL)
    assert (session.id, session.request) == ("alex-1", REQUEST)
    opens.registry.close()
    assert still_open(tmp_path) == ["alex-1"]


def test_a_session_that_cannot_be_written_down_is_ended_at_once(tmp_path: Path) -> None:
    calls = ScriptedCalls()
    opens = opener(tmp_path, calls)
    opens.registry.file.mkdir()
    with pytest.raises(SessionProblem, match="cannot be written"):
        opens.open(REQUEST, SessionPurpose.SHELL)
    assert calls.active == []


def test_an_ended_session_is_struck_from_the_ledger_and_ended_once(tmp_path: Path) -> None:
    calls = ScriptedCalls()
    opens = opener(tmp_path, calls)
    session = opens.open(REQUEST, SessionPurpose.SHELL)
    opens.end(session.id)
    opens.end(session.id)
    opens.close()
    assert calls.done == [("start", REQUEST.target), ("terminate", "alex-1")]
    assert still_open(tmp_path) == []
    assert opens.find(session.id) is None


def test_a_session_whose_end_was_not_answered_is_left_to_the_next_start(tmp_path: Path) -> None:
    opens = opener(tmp_path, ScriptedCalls(refuses_to_end=SessionUnanswered("no answer")))
    session = opens.open(REQUEST, SessionPurpose.SHELL)
    with pytest.raises(SessionUnanswered):
        opens.end(session.id)
    opens.close()
    assert still_open(tmp_path) == ["alex-1"]


def test_a_session_that_may_not_be_ended_is_left_to_aws(tmp_path: Path) -> None:
    refusal = SessionRefused("you may not", "AccessDenied", "ssm:TerminateSession")
    opens = opener(tmp_path, ScriptedCalls(refuses_to_end=refusal))
    session = opens.open(REQUEST, SessionPurpose.SHELL)
    with pytest.raises(SessionRefused):
        opens.end(session.id)
    opens.close()
    assert still_open(tmp_path) == []


@pytest.mark.parametrize(("by_request", "left"), [(True, []), (False, ["alex-1"])])
def test_a_session_whose_credentials_have_expired_is_left_to_who_can_have_new_ones(
    tmp_path: Path, *, by_request: bool, left: list[str]
) -> None:
    calls = ScriptedCalls(refuses_to_end=SessionProblem("they have expired", "ExpiredTokenException"))
    opens = opener(tmp_path, calls)
    session = opens.open(REQUEST, SessionPurpose.SHELL, calls=calls if by_request else None)
    with pytest.raises(SessionProblem):
        opens.end(session.id)
    opens.close()
    assert still_open(tmp_path) == left


def test_an_end_that_ctrl_c_interrupts_is_made_up_for_by_closing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = ScriptedCalls()
    opens = opener(tmp_path, calls)
    session = opens.open(REQUEST, SessionPurpose.SHELL)

    def pressed(_session_id: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(calls, "terminate", pressed)
        with pytest.raises(KeyboardInterrupt):
            opens.end(session.id)
    opens.close()
    assert calls.active == []
    assert still_open(tmp_path) == []


def test_closing_ends_everything_and_opens_nothing_any_more(tmp_path: Path) -> None:
    calls = ScriptedCalls()
    opens = opener(tmp_path, calls)
    for _ in range(3):
        opens.open(REQUEST, SessionPurpose.TUNNEL)
    opens.close()
    assert calls.active == []
    with pytest.raises(SessionProblem, match="ssmtui is closing"):
        opens.open(REQUEST, SessionPurpose.SHELL)
    assert len(calls.done) == 6


def test_leaving_waits_for_a_session_that_is_just_being_ended(tmp_path: Path) -> None:
    asked, answered = Event(), Event()

    class Slow(ScriptedCalls):
        def terminate(self, session_id: str) -> None:
            asked.set()
            answered.wait()
            super().terminate(session_id)

    calls = Slow()
    opens = opener(tmp_path, calls)
    session = opens.open(REQUEST, SessionPurpose.PROBE)
    ending = Thread(target=opens.end, args=(session.id,))
    ending.start()
    asked.wait()
    closing = Thread(target=opens.close)
    closing.start()
    answered.set()
    closing.join()
    assert calls.active == []
    ending.join()


def test_a_session_that_opens_while_everything_is_being_ended_is_ended_too(tmp_path: Path) -> None:
    asked, answered = Event(), Event()
    calls = ScriptedCalls(before_start=pausing(asked, answered))
    opens = opener(tmp_path, calls)
    problems: list[SessionProblem] = []

    def opening() -> None:
        try:
            opens.open(REQUEST, SessionPurpose.SHELL)
        except SessionProblem as problem:
            problems.append(problem)

    thread = Thread(target=opening)
    thread.start()
    asked.wait()
    opens.close(seconds=0)
    answered.set()
    thread.join()
    assert (calls.active, still_open(tmp_path), len(problems)) == ([], [], 1)


def test_nothing_secret_is_in_the_ledger_the_log_or_a_repr(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "ssmtui")
    calls = ScriptedCalls(refuses_to_end=SessionUnanswered("no answer"))
    opens = opener(tmp_path, calls)
    session = opens.open(REQUEST, SessionPurpose.SHELL)
    told = [repr(session), repr(opens), repr(session.opened)]
    try:
        opens.end(session.id)
    except SessionProblem as problem:
        told += [crash(problem), repr(problem)]
    opens.open(REQUEST, SessionPurpose.SHELL)
    opens.close()
    assert leaks(opens.registry.file.read_text(), caplog.text, *told) == []


@pytest.mark.parametrize(
    ("override", "environment", "known"),
    [
        (None, {}, None),
        (None, {"AWS_ENDPOINT_URL": "http://all"}, "http://all"),
        (None, {"AWS_ENDPOINT_URL": "http://all", "AWS_ENDPOINT_URL_SSM": "http://ssm"}, "http://ssm"),
        (None, {"AWS_ENDPOINT_URL": "http://all", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, None),
        ("http://asked", {"AWS_ENDPOINT_URL": "http://all"}, "http://asked"),
    ],
)
def test_the_ledger_knows_where_a_session_was_opened(
    tmp_path: Path, override: str | None, environment: dict[str, str], known: str | None
) -> None:
    opens = Opener(SessionRegistry(tmp_path), lambda _: ScriptedCalls(), override, environment)
    opens.open(REQUEST, SessionPurpose.SHELL)
    opens.registry.close()
    (left,) = SessionRegistry(tmp_path).left_open()
    assert (left.endpoint_url, opens.endpoint_url) == (known, override)
