from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.diagnosis.events import InternalErrorMet, ScopeCrashed, ScopeFailed
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.finding import FleetFinding, Status, Verdict, VerdictStatus
from ssmtui.model.scope import ScopeName
from ssmtui.report.exit_code import ExitCode, FailOn, exit_code
from tests.builders.fleet import a_finding, a_node, a_scope, a_verdict, held
from tests.report.fleet import ERROR

NODE = a_node()


def state_with(status: Status | None = None, verdict: Verdict | None = None) -> FleetState:
    findings: dict[str, FleetFinding] = {}
    if status is not None:
        findings["x"] = held(a_finding(status=status), NODE)
    scope = a_scope()
    return FleetState(
        scopes={scope.name: scope},
        nodes={NODE.key: NODE},
        verdicts={NODE.key: verdict or a_verdict()},
        findings=findings,
    )


@pytest.mark.parametrize(
    ("status", "fail_on", "code"),
    [
        (None, FailOn.UNKNOWN, ExitCode.DONE),
        (Status.FAIL, FailOn.FAIL, ExitCode.FOUND),
        (Status.FAIL, FailOn.WARN, ExitCode.FOUND),
        (Status.FAIL, FailOn.NEVER, ExitCode.DONE),
        (Status.WARN, FailOn.FAIL, ExitCode.DONE),
        (Status.WARN, FailOn.WARN, ExitCode.FOUND),
        (Status.UNKNOWN, FailOn.WARN, ExitCode.DONE),
        (Status.UNKNOWN, FailOn.UNKNOWN, ExitCode.FOUND),
        (Status.INFO, FailOn.UNKNOWN, ExitCode.DONE),
    ],
)
def test_exit_code_by_worst_finding(status: Status | None, fail_on: FailOn, code: ExitCode) -> None:
    assert exit_code(state_with(status), fail_on) is code


def test_node_without_a_verdict_counts_as_unknown() -> None:
    state = state_with(verdict=a_verdict(VerdictStatus.UNKNOWN))
    assert exit_code(state, FailOn.UNKNOWN) is ExitCode.FOUND
    assert exit_code(state, FailOn.FAIL) is ExitCode.DONE


def test_stopped_node_never_counts() -> None:
    assert exit_code(state_with(verdict=a_verdict(VerdictStatus.STOPPED)), FailOn.UNKNOWN) is ExitCode.DONE


def test_scope_in_error_counts_as_unknown_beside_others() -> None:
    state = state_with()
    state.apply(ScopeFailed(ERROR))
    assert exit_code(state, FailOn.FAIL) is ExitCode.DONE
    assert exit_code(state, FailOn.UNKNOWN) is ExitCode.FOUND


def test_every_scope_in_error_could_not_tell() -> None:
    state = FleetState()
    state.apply(ScopeFailed(ERROR))
    assert exit_code(state, FailOn.NEVER) is ExitCode.COULD_NOT_TELL


@pytest.mark.parametrize(
    ("verdict", "fail_on", "code"),
    [
        (VerdictStatus.UNKNOWN, FailOn.FAIL, ExitCode.COULD_NOT_TELL),
        (VerdictStatus.UNKNOWN, FailOn.UNKNOWN, ExitCode.COULD_NOT_TELL),
        (VerdictStatus.OK, FailOn.FAIL, ExitCode.COULD_NOT_TELL),
        (VerdictStatus.OK, FailOn.NEVER, ExitCode.COULD_NOT_TELL),
        (VerdictStatus.WARN, FailOn.FAIL, ExitCode.COULD_NOT_TELL),
        (VerdictStatus.WARN, FailOn.WARN, ExitCode.FOUND),
        (VerdictStatus.FAIL, FailOn.FAIL, ExitCode.FOUND),
    ],
)
def test_where_every_scope_broke_off_what_was_found_before_stands_and_nothing_else_was_told(
    verdict: VerdictStatus, fail_on: FailOn, code: ExitCode
) -> None:
    state = state_with(verdict=a_verdict(verdict))
    state.apply(ScopeFailed(replace(ERROR, name=a_scope().name)))
    assert exit_code(state, fail_on) is code


def test_empty_account_is_done() -> None:
    scope = a_scope()
    assert exit_code(FleetState(scopes={scope.name: scope}), FailOn.UNKNOWN) is ExitCode.DONE


@pytest.mark.parametrize("met", [ScopeCrashed, InternalErrorMet])
def test_a_defect_is_a_defect(met: type[ScopeCrashed | InternalErrorMet]) -> None:
    state = state_with()
    state.apply(met(ScopeName(None, "eu-west-3"), "KeyError at ssmtui/x.py:1"))
    assert exit_code(state, FailOn.NEVER) is ExitCode.DEFECT
