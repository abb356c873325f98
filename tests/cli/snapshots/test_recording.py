"""`ssmtui snapshot`, and `--replay` of what it wrote: without AWS, credentials, a home, or a socket."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
from pathlib import Path

import pytest

from ssmtui.simulator.in_thread import SimulatedAws
from tests.cli.conftest import Ssmtui
from tests.preloaded.command_line import run

SECRETS = ("AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN")

WITHOUT_SOCKETS = """
import sys
def refuse(event, arguments):
    if event in {"socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto", "subprocess.Popen"}:
        raise AssertionError(f"{event} in a replay")
sys.addaudithook(refuse)
from ssmtui.cli.entry import main
main()
"""


def replayed(folder: Path, *line: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """A command where nobody could be asked: no home, no variables, no program, and no socket opens."""
    environment = {"HOME": str(folder / "nobody"), "PATH": "", "LANG": "C.UTF-8"}
    return run(*line, environment=environment, folder=folder, given=text.encode(), program=WITHOUT_SOCKETS)


@pytest.fixture
def recorded(aws: SimulatedAws, ssmtui: Ssmtui, tmp_path: Path) -> Path:
    """A small world with two broken nodes, as a snapshot."""
    aws.load("log-group-unreadable")
    told = ssmtui("snapshot", "one.snapshot")
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.startswith("one.snapshot: 2 nodes, 1 account and Region, ")
    return tmp_path


def test_a_replay_tells_what_was_told_then_and_writes_nothing(
    recorded: Path, ssmtui: Ssmtui, aws: SimulatedAws
) -> None:
    file = recorded / "one.snapshot"
    assert os.name == "nt" or file.stat().st_mode & 0o777 == 0o600
    held = gzip.decompress(file.read_bytes()).decode()
    assert not [name for name in SECRETS if aws.environment[name] in held]
    live = json.loads(ssmtui("check", "--format", "json").stdout)
    told = replayed(recorded, "check", "--format", "json", "--replay", "one.snapshot")
    assert (told.returncode, told.stderr) == (3, "")
    report = json.loads(told.stdout)
    assert report.pop("generated_at") <= live.pop("generated_at")
    # Two runs: questions to IAM that wait at the same time share a call.
    for each in (report, live):
        del each["summary"]["api_calls"]["iam:SimulatePrincipalPolicy"]
    assert report == live
    assert "log-group-unreadable" in replayed(recorded, "--replay", "one.snapshot").stdout

    finding = next(each for each in report["findings"] if each["cause"] == "log-group-unreadable")
    line = ("fix", finding["cause"], "--subject", finding["subject"]["id"])
    again = replayed(recorded, *line, "--replay", "one.snapshot")
    shown, _, why_not = again.stdout.rstrip().rpartition("\n")
    assert (again.returncode, again.stderr) == (0, "")
    assert shown == ssmtui(*line).stdout.rstrip().rpartition("\n")[0]
    assert "AWS is not contacted" in why_not
    printed = replayed(recorded, *line, "--as", "cli", "--replay", "one.snapshot")
    assert printed.stdout == ssmtui(*line, "--as", "cli").stdout
    refused = replayed(recorded, *line, "--yes", "--replay", "one.snapshot")
    assert (refused.returncode, refused.stdout) == (5, "")
    assert "snapshot, recorded at" in refused.stderr

    none = replayed(recorded, "check", "web-9", "--replay", "one.snapshot")
    assert (none.returncode, none.stderr) == (
        4,
        "ssmtui: Unknown node: web-9. Region searched: eu-west-3. Similar nodes: web-1.\n",
    )
    text = "Couldn't start the session because we are unable to validate encryption on CloudWatch Logs log group."
    asked = ("explain", text, "--node", finding["nodes"][0], "--format", "json")
    explained = replayed(recorded, *asked, "--replay", "one.snapshot").stdout
    assert {each["cause"]: each["true_here"] for each in json.loads(explained)["matches"]}["log-group-unreadable"]


def test_a_bug_report_is_redacted_told_and_replayed(recorded: Path) -> None:
    told = replayed(recorded, "report-bug", "bug.snapshot", "--replay", "one.snapshot")
    assert (told.returncode, told.stderr) == (0, "")
    assert "All nodes have the same results and causes as in the original." in told.stdout
    assert "Nothing was sent." in told.stdout
    assert "    ssmtui: 0.1.0" in told.stdout
    report = json.loads(replayed(recorded, "check", "--format", "json", "--replay", "bug.snapshot").stdout)
    assert sorted(node["verdict"] for node in report["nodes"]) == ["fail", "ok"]
    text = gzip.decompress((recorded / "bug.snapshot").read_bytes()).decode()
    for name in ("web-1", "123456789012", "alex", "Engineer", str(recorded)):
        assert name not in text, name


@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        (("check", "--replay", "notes"), 4, "notes is not a snapshot of ssmtui"),
        (("check", "--replay", "none"), 2, "does not exist"),
        (
            ("check", "--role-arn", "arn:aws:iam::210987654321:role/x", "--replay", "notes"),
            2,
            "--role-arn is only possible when a snapshot is recorded: leave it out",
        ),
    ],
)
def test_what_cannot_be_replayed_is_said_in_a_sentence(
    tmp_path: Path, line: tuple[str, ...], code: int, told: str
) -> None:
    (tmp_path / "notes").write_text("{}\n")
    ended = replayed(tmp_path, *line)
    assert (ended.returncode, ended.stdout) == (code, "")
    assert told in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
