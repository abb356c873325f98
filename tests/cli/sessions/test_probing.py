"""`ssmtui probe`: what it prints, what it leaves behind, and how it exits."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ssmtui.report.schema import Schema
from ssmtui.simulator.in_thread import SimulatedAws
from tests.cli.conftest import Ssmtui
from tests.report.schemas import hold

Started = Callable[[], "subprocess.Popen[str]"]


def test_a_node_that_opens_is_proved_and_nothing_is_left_open(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("healthy-small")
    told = ssmtui("probe", "web-1", "api-1", "--format", "json", "--region", aws.regions[0])
    assert told.returncode == 0, told.stderr
    document = json.loads(told.stdout)
    hold(document, Schema.PROBE)
    assert [each["end"] for each in document["probes"]] == ["opened", "opened"]
    assert {(each["verdict"], each["confidence"]) for each in document["nodes"]} == {("ok", "proved")}
    assert "CloudTrail records StartSession and TerminateSession" in told.stderr
    assert "web-1 (shell): ● shell answer" in told.stderr
    assert aws.active_sessions == ()
    asked = [each.parameters for each in aws.journal.entries if each.operation == "StartSession"]
    assert [isinstance(each, dict) and each["Reason"] for each in asked] == ["ssmtui probe", "ssmtui probe"]


def test_what_a_session_stops_at_is_compared_with_a_port(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("run-as-user-unset")
    told = ssmtui("probe", "web-1", "--compare", "--quiet", "--region", aws.regions[0])
    assert told.returncode == 3, told.stderr
    assert "web-1: fail (proved): run-as-user-unset" in told.stdout
    # What a probe does is said in any case; how far it is, only without --quiet.
    assert "CloudTrail records StartSession and TerminateSession" in told.stderr
    assert "web-1 (" not in told.stderr
    assert "web-1: Preferences: the node is reachable" in told.stdout
    assert aws.active_sessions == ()


def test_who_may_not_end_sessions_is_told_before_and_after(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("caller-terminate-denied")
    told = ssmtui("probe", "web-1", "--region", aws.regions[0])
    assert "You are not allowed to end sessions: each session stays open until its idle timeout." in told.stderr
    assert "Could not end the session " in told.stdout


def test_read_only_opens_nothing(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("healthy-small")
    told = ssmtui("probe", "web-1", "--read-only", "--region", aws.regions[0])
    assert (told.returncode, told.stdout) == (5, "")
    assert not [each for each in aws.journal.entries if each.operation == "StartSession"]


def test_a_node_that_is_not_there_and_a_caller_who_may_not(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("healthy-small")
    assert ssmtui("probe", "web-11", "--region", aws.regions[0]).returncode == 4
    aws.fault("refused", "ssm", "StartSession")
    told = ssmtui("probe", "web-1", "--region", aws.regions[0])
    assert told.returncode == 5, told.stdout


@pytest.fixture
def silent_probe(aws: SimulatedAws, tmp_path: Path) -> Iterator[Started]:
    """Starts a probe of a node that says nothing, and comes back when its session is open."""
    aws.load("preferences-malformed")
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8", **aws.environment}
        line = [sys.executable, "-m", "ssmtui", "probe", "web-1", "--region", aws.regions[0]]
        process = subprocess.Popen(
            line, env=environment, cwd=tmp_path, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stderr is not None
        for told in process.stderr:
            if "● token" in told:
                return process
        raise AssertionError("it ended before its session was open")

    yield start
    for process in started:
        process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_ends_the_session_that_is_open(aws: SimulatedAws, silent_probe: Started, name: str) -> None:
    process = silent_probe()
    assert len([*aws.active_sessions]) == 1
    process.send_signal(signal.Signals[name])
    _, told = process.communicate(timeout=30)
    assert process.returncode in {129, 130, 143, -signal.SIGHUP}, told
    assert [*aws.active_sessions] == []


def test_what_a_kill_left_open_is_ended_by_the_next_start(
    aws: SimulatedAws, silent_probe: Started, ssmtui: Ssmtui
) -> None:
    process = silent_probe()
    process.kill()
    process.wait()
    assert len([*aws.active_sessions]) == 1
    told = ssmtui("probe", "web-1", "--port", "--region", aws.regions[0])
    assert "An earlier ssmtui process left 1 session open" in told.stderr
    assert [*aws.active_sessions] == []
