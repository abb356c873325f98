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
                "✖ It failed. Nothing was changed.",
                "no answer came",
                "What to do",
                "→ Esc goes back; it can be tried again from there.",
            ],
        ),
        (
            RefusedOutcome("not authorized", action="ssm:UpdateDocument"),
            [
                "✖ AWS refused it. Nothing was changed.",
                "not authorized",
                "What to do",
                "→ Ask for a policy that allows ssm:UpdateDocument, or let somebody do it who may.",
                "→ Esc goes back.",
            ],
        ),
        (
            NodeFailureOutcome("the command c-1 ended with the status Failed"),
            [
                "✖ The command failed on the node. What it did before that stays done.",
                "the command c-1 ended with the status Failed",
                "What to do",
                "→ The checks read now what is so.",
                "→ Esc goes back; it can be tried again from there.",
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
        "? AWS gave no answer: it may have been carried out.",
        "no answer came",
        "What to do",
        "→ It stays in the journal as unsure, and is not sent a second time.",
        "→ The checks read now what is so. z settles it first, then takes it back.",
    ]


def test_a_defect_says_what_may_have_been_written_and_how_to_look(tmp_path: Path) -> None:
    change = desk_with_a_past(tmp_path).journal.changes()[0]
    assert said(DefectOutcome("KeyError at ssmtui/remediation/apply/apply_plan.py:1", change)) == [
        "? A defect in ssmtui ended it while it was written: it may have been carried out, or in part.",
        "KeyError at ssmtui/remediation/apply/apply_plan.py:1",
        "What to do",
        "→ It is in the journal as unsure: Z shows its calls, and ssmtui undo --list names it.",
        "→ The checks read now what is so. z settles it first, then takes it back.",
        "→ Please report it: ssmtui report-bug says how.",
    ]
    assert said(DefectOutcome("KeyError at ssmtui/remediation/apply/apply_plan.py:1", None)) == [
        "✖ A defect in ssmtui ended it before anything was sent. Nothing was changed.",
        "KeyError at ssmtui/remediation/apply/apply_plan.py:1",
        "What to do",
        "→ Please report it: ssmtui report-bug says how.",
        "→ Esc goes back; it can be tried again from there.",
    ]


def test_somebody_elses_edit_is_shown_beside_the_refusal() -> None:
    told = said(RefusedOutcome("somebody has changed it", EditConflict("on\n", "off\n", "maybe\n")))
    assert told[0] == "▲ Somebody else changed it since the preview. Nothing was written."
    assert told[-2:] == ["-on", "+maybe"]
