"""What is said on standard error of defects in ssmtui."""

from __future__ import annotations

import pytest

from ssmtui.cli.check import print_scope_errors
from ssmtui.diagnosis.events import InternalErrorMet, ScopeCrashed
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.scope import ScopeName

PARIS, FRANKFURT = ScopeName(None, "eu-west-3"), ScopeName(None, "eu-central-1")


def test_a_defect_that_two_regions_met_is_said_once_and_one_that_ended_a_diagnosis_as_that(
    capsys: pytest.CaptureFixture[str],
) -> None:
    state = FleetState()
    for event in (
        InternalErrorMet(PARIS, "KeyError at ssmtui/x.py:1"),
        InternalErrorMet(FRANKFURT, "KeyError at ssmtui/x.py:1"),
        ScopeCrashed(PARIS, "TypeError at ssmtui/y.py:2"),
    ):
        state.apply(event)
    print_scope_errors(state)
    assert capsys.readouterr().err.splitlines() == [
        "ssmtui: an internal error: KeyError at ssmtui/x.py:1. The results that depend on it are unknown. "
        "Please report it.",
        "ssmtui: an internal error ended the diagnosis: TypeError at ssmtui/y.py:2",
    ]
