"""`check --connection`: whom GetConnectionStatus is asked for, and what is told of those that it was not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tools.benchmarks.one_check import Check, check
from tools.benchmarks.paged_aws.fleet import fleet
from tools.benchmarks.paged_aws.process import paged_aws
from tools.benchmarks.verdicts import wrong

pytestmark = pytest.mark.long

NODES = 120


def checked(whom: str, folder: Path) -> Check:
    with paged_aws(NODES) as aws:
        aws.begin(latency=0)
        return check(aws, "--connection", whom, folder=folder)


def told(done: Check) -> Counter[tuple[str, str, bool]]:
    """How many nodes have which verdict, how surely, and whether their connection is told."""
    return Counter(
        (node["verdict"], node["confidence"], node["connection"] is not None) for node in done.report["nodes"]
    )


def test_all_are_asked_about_and_every_sound_node_is_likely_well(tmp_path: Path) -> None:
    done = checked("all", tmp_path)
    assert wrong(done.report, fleet(NODES), unasked="ok") == []
    up = sum(node["verdict"] != "stopped" for node in done.report["nodes"])
    assert done.calls_of("ssm:GetConnectionStatus") == up
    assert not any(confidence == "possible" for verdict, confidence, _ in told(done) if verdict == "ok")


def test_only_the_suspicious_are_asked_about_and_who_is_like_a_connected_one_is_possibly_well(tmp_path: Path) -> None:
    done = checked("suspect", tmp_path)
    assert wrong(done.report, fleet(NODES), unasked="ok") == []
    counted = told(done)
    assert 0 < done.calls_of("ssm:GetConnectionStatus") < NODES * 3 / 4
    assert counted["ok", "possible", False] > 0
    assert counted["ok", "likely", True] > 0
    assert {connection for verdict, confidence, connection in counted if (verdict, confidence) == ("ok", "likely")} == {
        True
    }


def test_nobody_is_asked_about_and_no_node_is_said_to_be_well(tmp_path: Path) -> None:
    done = checked("none", tmp_path)
    assert wrong(done.report, fleet(NODES), unasked="unknown") == []
    assert done.calls_of("ssm:GetConnectionStatus") == 0
    assert not any(verdict == "ok" for verdict, _, _ in told(done))
