"""How a change that was not made, or not wholly, is told: whether anything was changed, why, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from ssmtui.remediation.apply.change import (
    DefectOutcome,
    EditConflict,
    FailedOutcome,
    NodeFailureOutcome,
    RefusedOutcome,
    UnsureOutcome,
)
from ssmtui.ui.text.changes import failure_prose
from ssmtui.ui.widgets.text_pane import wrap_prose
from tests.ui.past_changes import desk_with_a_past


def said(outcome: RefusedOutcome | FailedOutcome | NodeFailureOutcome | UnsureOutcome | DefectOutcome) -> list[str]:
    return [line.plain.strip() for line in wrap_prose(failure_prose(outcome), 200) if line.plain.strip()]


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (
            FailedOutcome("no answer came"),
            [
                "✖ The change failed. Nothing was changed.",
                "no answer came",
                "What to do",
                "→ Press Esc to go back and try again.",
            ],
        ),
        (
            RefusedOutcome("not authorized", action="ssm:UpdateDocument"),
            [
                "✖ AWS denied the change. Nothing was changed.",
                "not authorized",
                "What to do",
                "→ Ask for a policy that allows ssm:UpdateDocument, or ask a user who has this permission"
                " to apply the change.",
                "→ Press Esc to go back.",
            ],
        ),
        (
            NodeFailureOutcome("the command c-1 ended with the status Failed"),
            [
                "✖ The command failed on the node. Its effects up to the failure remain.",
                "the command c-1 ended with the status Failed",
                "What to do",
                "→ Re-checking the current state.",
                "→ Press Esc to go back and try again.",
            ],
        ),
    ],
)
def test_it_says_whether_anything_was_changed(
    outcome: RefusedOutcome | FailedOutcome | NodeFailureOutcome, told: list[str]
) -> None:
    assert said(outcome) == told


def test_what_may_have_been_made_is_not_sent_again(tmp_path: Path) -> None:
    change = desk_with_a_past(tmp_path).journal.changes()[0]
    assert said(UnsureOutcome("no answer came", change)) == [
        "? AWS did not answer. It is not known whether the change was applied.",
        "no answer came",
        "What to do",
        "→ The journal marks the change as unsure. ssmtui does not send it again.",
        "→ Re-checking the current state. Press z to determine the state and undo the change.",
    ]


def test_a_defect_says_what_may_have_been_written_and_how_to_look(tmp_path: Path) -> None:
    change = desk_with_a_past(tmp_path).journal.changes()[0]
    assert said(DefectOutcome("KeyError at ssmtui/remediation/apply/apply_plan.py:1", change)) == [
        "? An error in ssmtui stopped the change during the write. The change can be complete, partial or missing.",
        "KeyError at ssmtui/remediation/apply/apply_plan.py:1",
        "What to do",
        "→ The journal marks the change as unsure. Press Z to show its calls, or run ssmtui undo --list.",
        "→ Re-checking the current state. Press z to determine the state and undo the change.",
        "→ To report the error, run ssmtui report-bug.",
    ]
    assert said(DefectOutcome("KeyError at ssmtui/remediation/apply/apply_plan.py:1", None)) == [
        "✖ An error in ssmtui stopped the change before it was sent. Nothing was changed.",
        "KeyError at ssmtui/remediation/apply/apply_plan.py:1",
        "What to do",
        "→ To report the error, run ssmtui report-bug.",
        "→ Press Esc to go back and try again.",
    ]


def test_somebody_elses_edit_is_shown_beside_the_refusal() -> None:
    told = said(RefusedOutcome("somebody has changed it", EditConflict("on\n", "off\n", "maybe\n")))
    assert told[0] == "▲ The resource has changed since the preview. Nothing was written."
    assert told[-2:] == ["-on", "+maybe"]
