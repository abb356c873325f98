"""How a change that was not made, or not wholly, is told: whether anything was changed, why, and what to do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ssmtui.diagnosis.events import VerdictChanged
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.finding import VerdictStatus
from ssmtui.remediation.apply.change import (
    Change,
    DefectOutcome,
    EditConflict,
    FailedOutcome,
    NodeFailureOutcome,
    RefusedOutcome,
    UnsureOutcome,
)
from ssmtui.ui.text.changes import failure_prose, undo_nodes_prose
from ssmtui.ui.text.fleet import Fleet
from ssmtui.ui.widgets.text_pane import wrap_prose
from tests.ui.builders import FRANKFURT, told, verdict
from tests.ui.demo_fleet import frankfurt
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


def _changed(awaited_by: tuple[str, ...], folder: Path) -> Change:
    desk = desk_with_a_past(folder)
    made = replace(desk.journal.changes()[0], scope=FRANKFURT, awaited_by=awaited_by)
    desk.close()
    return made


@pytest.mark.parametrize(
    ("awaited", "failing", "said_of_them"),
    [
        ((), (), ["i The journal names no node that the change was expected to repair."]),
        ((0, 1), (), ["✖ 2 nodes can change to fail: eu-worker-1, eu-worker-2"]),
        ((0, 1), (1,), ["✖ 1 node can change to fail: eu-worker-1", "✖ 1 node still fails: eu-worker-2"]),
        ((0,), (0,), ["✖ 1 node still fails: eu-worker-1"]),
    ],
)
def test_the_undo_says_which_nodes_can_fail_again(
    awaited: tuple[int, ...], failing: tuple[int, ...], said_of_them: list[str], tmp_path: Path
) -> None:
    nodes = frankfurt()
    state = FleetState()
    for event in told(FRANKFURT, nodes):
        state.apply(event)
    for number, node in enumerate(nodes):
        status = VerdictStatus.FAIL if number in failing else VerdictStatus.OK
        state.apply(VerdictChanged(node.key, verdict(status)))
    prose = undo_nodes_prose(Fleet(state), _changed(tuple(nodes[each].id for each in awaited), tmp_path))
    lines = [line.plain.rstrip() for line in wrap_prose(prose, 200)]
    assert lines == [*said_of_them, *(["  The forecast of the change named these nodes."] if awaited else [])]
