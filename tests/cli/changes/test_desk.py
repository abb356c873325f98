"""How an attempt to change something is told without a screen, and by which exit code."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest

from ssmtui.aws.credentials import PromptForbidden
from ssmtui.cli.change_service import exit_code_of
from ssmtui.cli.undo import ask_mfa_code
from ssmtui.remediation.apply.change import DefectOutcome
from ssmtui.report.change_text import outcome_lines
from ssmtui.report.exit_code import ExitCode
from tests.ui.past_changes import desk_with_a_past


def test_a_defect_is_exit_code_1_and_says_what_may_have_been_written(tmp_path: Path) -> None:
    change = desk_with_a_past(tmp_path).journal.changes()[0]
    amid, before = DefectOutcome("KeyError at x.py:1", change), DefectOutcome("KeyError at x.py:1", None)
    assert (exit_code_of(amid), exit_code_of(before)) == (ExitCode.DEFECT, ExitCode.DEFECT)
    assert list(outcome_lines(amid)) == [
        "an internal error: KeyError at x.py:1. Please report it.",
        "The error occurred during the change: it is unknown whether all of the change was applied.",
        f"  complete the change: ssmtui fix --complete {change.id} --yes",
        f"  undo the change: ssmtui undo {change.id} --yes",
    ]
    assert list(outcome_lines(before)) == [
        "an internal error: KeyError at x.py:1. Please report it.",
        "Nothing was changed: the error occurred before the first request.",
    ]


def test_a_code_that_nobody_is_there_to_type_is_no_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(_prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr(getpass, "getpass", ended)
    with pytest.raises(PromptForbidden, match="which cannot be entered here"):
        ask_mfa_code("code: ")
