"""Remote desktops: a note about the caller, never a verdict."""

from __future__ import annotations

import pytest

from ssmtui.checks.caller import caller_may_open_desktops
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import Confidence, Status
from ssmtui.model.iam_questions import DESKTOP_ACTIONS, OPEN_DATA_CHANNEL
from ssmtui.model.node_facts import WindowsNode
from ssmtui.model.permissions import CallerDesktopPermissions, Decision, Denier, EvaluationResult, Question
from tests.builders.fleet import a_node, a_scope
from tests.checks.outcome import Said, said

SCOPE = a_scope()
CALLER = SCOPE.principal or ""
LIKELY, POSSIBLE = Confidence.LIKELY, Confidence.POSSIBLE


def permissions(*denied: str, denier: Denier = Denier.IDENTITY) -> CallerDesktopPermissions:
    return CallerDesktopPermissions(
        CALLER,
        tuple(
            EvaluationResult(Question(action, "*"), Decision.IMPLICIT_DENY, denier)
            if action in denied
            else EvaluationResult(Question(action, "*"), Decision.ALLOWED)
            for action in (*DESKTOP_ACTIONS, OPEN_DATA_CHANNEL)
        ),
    )


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (permissions(), []),
        (permissions(*DESKTOP_ACTIONS), [(LIKELY, ("steps-caller-policy",), ())]),
        (permissions(OPEN_DATA_CHANNEL), [(LIKELY, ("steps-caller-policy",), ())]),
        (permissions(DESKTOP_ACTIONS[0], denier=Denier.ORGANIZATION), [(LIKELY, ("steps-organization-policy",), ())]),
        (Unreadable("iam:SimulatePrincipalPolicy", "no"), [(POSSIBLE, (), ("iam:SimulatePrincipalPolicy",))]),
    ],
)
def test_the_caller_may_open_remote_desktops(
    found: CallerDesktopPermissions | Unreadable,
    expected: list[tuple[Confidence, tuple[str, ...], tuple[str, ...]]],
) -> None:
    assert said(caller_may_open_desktops(SCOPE, WindowsNode(a_node()), found)) == [
        Said("caller-desktop-denied", Status.INFO, sure, CALLER, fixes, needs) for sure, fixes, needs in expected
    ]
