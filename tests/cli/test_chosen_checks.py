"""`check --only` and `--skip`: what is left out is unknown, and nothing turns green by it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ssmtui.checks.registry import all_checks
from ssmtui.cli.errors import UsageError
from ssmtui.cli.run import skipped_checks
from ssmtui.diagnosis.fleet_state import follow
from ssmtui.diagnosis.replayed_diagnosis import ReplayedDiagnosis
from ssmtui.evidence.snapshots.snapshot_file import read_snapshot
from ssmtui.model.finding import Link, VerdictStatus
from ssmtui.simulator.in_thread import SimulatedAws
from tests.cli.conftest import Ssmtui

EVERY = frozenset(check.name for check in all_checks())


def naming(slug: str) -> frozenset[str]:
    return frozenset(check.name for check in all_checks() if slug in check.causes)


def test_without_either_nothing_is_left_out() -> None:
    assert skipped_checks((), ()) == frozenset()


def test_a_slug_stands_for_every_check_that_can_name_the_cause() -> None:
    assert skipped_checks((), ("log-group-unencrypted",)) == naming("log-group-unencrypted") != frozenset()
    assert skipped_checks(("kms-node-denied",), ()) == EVERY - naming("kms-node-denied")


def test_a_check_is_named_by_its_own_name_too_and_both_options_can_be_combined() -> None:
    one, other, *_ = sorted(EVERY)
    assert skipped_checks((), (one, other)) == {one, other}
    assert skipped_checks((one, other), (other,)) == EVERY - {one}


def test_a_word_that_is_neither_is_refused_with_the_near_ones() -> None:
    with pytest.raises(UsageError, match="Did you mean kms-node-denied"):
        skipped_checks((), ("kms-node-denid",))
    with pytest.raises(UsageError, match="no check is left"):
        skipped_checks(("kms-node-denied",), ("kms-node-denied",))


@pytest.fixture
def healthy(aws: SimulatedAws, ssmtui: Ssmtui, tmp_path: Path) -> Path:
    """Two nodes without a fault, as a snapshot."""
    aws.load("healthy-small")
    assert ssmtui("snapshot", "healthy.snapshot").returncode == 0
    return tmp_path / "healthy.snapshot"


def test_no_node_is_ok_whatever_is_left_out_of_its_path(healthy: Path) -> None:
    with healthy.open("rb") as file:
        snapshot = read_snapshot(file).snapshot

    def verdicts(skipped: frozenset[str]) -> set[VerdictStatus]:
        handle = ReplayedDiagnosis(snapshot, "", (), skipped)
        try:
            state = follow(handle)
        finally:
            handle.close()
        return {state.verdict(key).status for key in state.nodes}

    assert verdicts(frozenset()) == {VerdictStatus.OK}
    on_the_path = [check.name for check in all_checks() if check.link is not Link.WORKSTATION]
    assert [name for name in on_the_path if verdicts(frozenset({name})) != {VerdictStatus.UNKNOWN}] == []
    assert verdicts(EVERY) == {VerdictStatus.UNKNOWN}


def test_what_is_left_out_is_evidence_and_counts_as_unknown(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("log-group-unreadable")
    skipped = ssmtui("check", "--skip", "log-group-unreadable", "--format", "json", "--fail-on", "unknown")
    report = json.loads(skipped.stdout)
    assert skipped.returncode == 3
    assert report["summary"]["ok"] == report["summary"]["fail"] == 0
    left = [each for each in report["findings"] if each["evidence"][0]["source"] == "--skip"]
    assert {each["status"] for each in left} == {"unknown"}
    assert {tuple(each["needs"]) for each in left} == {()}
    table = ssmtui("check", "--only", "log-group-unreadable").stdout
    assert "✖ log-group-unreadable@" in table
    assert "? Skipped by --only and --skip, so unknown: " in table
    assert "this check was skipped" not in table
