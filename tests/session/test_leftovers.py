from __future__ import annotations

from pathlib import Path

from ssmtui.model.sessions import SessionPurpose
from ssmtui.session.calls import SessionRefused, SessionUnanswered
from ssmtui.session.session_registry import SessionRegistry, end_leftovers
from tests.builders.fleet import a_scope
from tests.session.opened import NODE, REQUEST, ScriptedCalls


def left(folder: Path, *ids: str, endpoint_url: str | None = None) -> SessionRegistry:
    """A ledger whose earlier run left sessions open."""
    earlier = SessionRegistry(folder)
    for each in ids:
        earlier.opened(each, REQUEST, SessionPurpose.SHELL, endpoint_url)
    earlier.close()
    return SessionRegistry(folder)


def test_what_was_left_open_is_ended_and_told_of_once(tmp_path: Path) -> None:
    registry, calls = left(tmp_path, "alex-1", "alex-2"), ScriptedCalls()
    told = end_leftovers(registry, a_scope(), calls, None)
    assert calls.done == [("terminate", "alex-1"), ("terminate", "alex-2")]
    assert told.words == f"An earlier ssmtui process left 2 sessions open ({NODE}): they are now ended."
    assert end_leftovers(registry, a_scope(), calls, None).words == ""
    assert len(calls.done) == 2


def test_nothing_is_ended_as_somebody_else_or_elsewhere(tmp_path: Path) -> None:
    registry, calls = left(tmp_path, "alex-1"), ScriptedCalls()
    for scope, endpoint in ((a_scope(profile="prod"), None), (a_scope("us-east-1"), None), (a_scope(), "http://x")):
        assert end_leftovers(registry, scope, calls, endpoint).words == ""
    assert calls.done == []


def test_what_may_not_be_ended_is_told_of_and_not_tried_at_every_start(tmp_path: Path) -> None:
    registry = left(tmp_path, "alex-1")
    calls = ScriptedCalls(refuses_to_end=SessionRefused("you may not", "AccessDenied", "ssm:TerminateSession"))
    told = end_leftovers(registry, a_scope(), calls, None)
    assert told.words == f"Sessions that an earlier ssmtui process left open ({NODE}) could not be ended: you may not"
    assert end_leftovers(registry, a_scope(), calls, None).words == ""


def test_what_could_not_be_ended_now_is_tried_again_at_the_next_start(tmp_path: Path) -> None:
    registry = left(tmp_path, "alex-1", "alex-2")
    lost = ScriptedCalls(refuses_to_end=SessionUnanswered("no answer"))
    assert len(end_leftovers(registry, a_scope(), lost, None).kept) == 2
    assert len(end_leftovers(registry, a_scope(), ScriptedCalls(), None).ended) == 2


def test_a_ledger_that_cannot_be_read_holds_nobody_up(tmp_path: Path) -> None:
    registry = SessionRegistry(tmp_path)
    registry.file.mkdir()
    assert end_leftovers(registry, a_scope(), ScriptedCalls(), None).words == ""
