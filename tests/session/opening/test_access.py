from __future__ import annotations

import pytest

from ssmtui.session.calls import SessionCalls, SessionProblem, SessionRefused, SessionUnanswered
from ssmtui.session.opener import POLL_SECONDS, await_access, may_ask_for_access
from tests.session.opened import ScriptedCalls

ID = "oi-0123456789ab"


def test_access_is_asked_about_until_somebody_has_approved_it() -> None:
    calls, waited = ScriptedCalls(approvals=[False, False, True]), list[float]()

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        return False

    assert await_access(calls, ID, wait) is calls
    assert waited == [POLL_SECONDS, POLL_SECONDS]
    assert calls.done == [("with_access", ID)] * 3


def test_nobody_waits_for_what_was_given_up() -> None:
    calls = ScriptedCalls(approvals=[False, True])
    with pytest.raises(SessionProblem, match="was stopped"):
        await_access(calls, ID, lambda _: True)
    assert calls.done == [("with_access", ID)]


class Lost(ScriptedCalls):
    """One answer does not come."""

    def with_access(self, access_request: str) -> SessionCalls | None:
        self.approvals.append(True)
        if len(self.approvals) == 1:
            raise SessionUnanswered("no answer")
        return super().with_access(access_request)


def test_an_answer_that_does_not_come_ends_no_waiting() -> None:
    calls = Lost()
    assert await_access(calls, ID, lambda _: False) is calls


@pytest.mark.parametrize(
    ("problem", "may"),
    [
        (SessionRefused("no", "AccessDeniedException", "ssm:StartSession"), True),
        (SessionRefused("no", "AccessDeniedException", "kms:GenerateDataKey"), False),
        (SessionProblem("i-0 is not connected", "TargetNotConnected", "ssm:StartSession"), False),
    ],
)
def test_only_who_may_not_open_a_session_is_asked_whether_to_ask_for_access(
    problem: SessionProblem, *, may: bool
) -> None:
    assert may_ask_for_access(problem) is may
