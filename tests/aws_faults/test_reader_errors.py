"""A bug of ours where an answer is taken apart: a defect with its place, and no word about the answer or a node."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ssmtui.diagnosis.events import InternalErrorMet, ScopeCrashed
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.evidence.readers import network, node_records
from ssmtui.model.finding import Status, VerdictStatus
from ssmtui.report.exit_code import ExitCode, FailOn, exit_code
from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulated_diagnosis.fixtures import Diagnose, without_source


def without_a_key(*_: object) -> object:
    return {"a secret": 1}["subnet"]


def without_an_attribute(*_: object) -> object:
    return len.nothing  # type: ignore[attr-defined]


def statuses(state: FleetState) -> set[VerdictStatus]:
    return {state.verdict(key).status for key in state.nodes}


@pytest.mark.parametrize(("bug", "kind"), [(without_a_key, "KeyError"), (without_an_attribute, "AttributeError")])
def test_a_bug_in_a_reader_is_told_once_and_what_depends_on_it_is_unknown(
    bug: Callable[..., object],
    kind: str,
    at_simulator: SimulatedAws,
    diagnose: Diagnose,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    at_simulator.load("healthy-small")
    monkeypatch.setattr(network, "_subnet", bug)
    state = diagnose()
    [defect] = state.crashes
    assert isinstance(defect, InternalErrorMet)
    assert defect.summary.startswith(f"{kind} at ssmtui/evidence/readers/network.py:")
    assert statuses(state) == {VerdictStatus.UNKNOWN}
    told = {(each.fact, each.source) for held in state.findings.values() for each in held.finding.evidence}
    assert told == {(f"ec2:DescribeSubnets: an internal error of ssmtui ({defect.summary})", "ec2:DescribeSubnets")}
    assert {held.finding.status for held in state.findings.values()} == {Status.UNKNOWN}
    assert exit_code(state, FailOn.NEVER) is ExitCode.DEFECT
    [record] = [each for each in caplog.records if each.levelname == "ERROR"]
    assert record.exc_info is not None
    assert defect.summary in record.getMessage()


def test_a_bug_where_nodes_are_listed_tells_no_word_of_them(
    at_simulator: SimulatedAws, diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_simulator.load("healthy-small")
    monkeypatch.setattr(node_records, "_registration", without_a_key)
    state = diagnose()
    [crash] = [each for each in state.crashes if isinstance(each, ScopeCrashed)]
    assert crash.summary.startswith("KeyError at ssmtui/evidence/readers/node_records.py:")
    assert statuses(state) <= {VerdictStatus.UNKNOWN}
    assert without_source(state) == []
    assert exit_code(state, FailOn.NEVER) is ExitCode.DEFECT
