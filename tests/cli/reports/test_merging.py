"""`ssmtui report merge`, as a script meets it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from ssmtui.report.schema import Schema
from ssmtui.simulator.in_thread import SimulatedAws
from tests.cli.conftest import Ssmtui
from tests.preloaded.command_line import run as run_ssmtui
from tests.report.schemas import hold
from tests.report.written_reports import an_account, as_document, as_stream


def run(folder: Path, *line: str, given: str = "") -> subprocess.CompletedProcess[str]:
    environment = {"HOME": str(folder), "PATH": "", "LANG": "C.UTF-8"}
    return run_ssmtui("report", "merge", *line, environment=environment, folder=folder, given=given.encode())


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """A folder with a document and, deeper, a stream."""
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "1.json").write_text(as_document(an_account(1, 3)), encoding="utf-8")
    (tmp_path / "in" / "deep" / "2.ndjson").write_text(as_stream(an_account(2, 3)), encoding="utf-8")
    (tmp_path / "in" / "README").write_text("no report, and not looked at")
    return tmp_path


def test_files_folders_and_standard_input_are_the_same_to_it(reports: Path) -> None:
    named = run(reports, "in/1.json", "in/deep/2.ndjson")
    assert (named.returncode, named.stderr) == (3, "")
    assert run(reports, "in").stdout == named.stdout
    assert (
        run(reports, "-", "in/1.json", given=(reports / "in/deep/2.ndjson").read_text("utf-8")).stdout == named.stdout
    )
    hold(json.loads(named.stdout), Schema.REPORT)


def test_a_file_appears_whole_or_not_at_all(reports: Path) -> None:
    assert run(reports, "in", "--output", "all.json", "--fail-on", "never").returncode == 0
    assert (reports / "all.json").read_text("utf-8") == run(reports, "in").stdout
    assert run(reports, "in", "--output", "nowhere/all.json").returncode == 2
    assert sorted(each.name for each in reports.iterdir()) == ["all.json", "in"]


def test_what_is_wrong_is_told_by_name(reports: Path) -> None:
    (reports / "in" / "3.json").write_text("[]")
    cut = as_stream(an_account(4, 3))
    (reports / "in" / "4.ndjson").write_text(cut[: len(cut) // 2], encoding="utf-8")
    ended = run(reports, "in")
    assert ended.returncode == 4
    assert ended.stderr.splitlines() == [
        "ssmtui: 3.json is not a report of ssmtui check --format json or ndjson.",
        "ssmtui: 4.ndjson is truncated: the missing part is unknown.",
    ]
    assert len([row for row in json.loads(ended.stdout)["scopes"] if row["error"]]) == 2


def test_what_is_hostile_moves_no_cursor(reports: Path) -> None:
    (reports / "in" / "3\x1b[31m.json").write_text('{"schema" \x1b[2J')
    ended = run(reports, "in", "--format", "ndjson")
    assert "\x1b" not in ended.stdout + ended.stderr
    assert "3\\x1b[31m.json is not JSON: " in ended.stderr


@pytest.mark.parametrize("line", [(), ("nowhere.json",), ("in", "--format", "tabel"), (".git",)])
def test_what_cannot_be_done_is_a_sentence(reports: Path, line: tuple[str, ...]) -> None:
    (reports / ".git").mkdir()
    ended = run(reports, *line)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert len(ended.stderr.splitlines()) == 1


def test_what_check_writes_comes_back_as_it_was(aws: SimulatedAws, ssmtui: Ssmtui, tmp_path: Path) -> None:
    aws.load("log-group-unreadable")
    assert ssmtui("check", "--format", "json", "--output", "one.json").returncode == 3
    assert ssmtui("check", "--format", "ndjson", "--output", "two.ndjson").returncode == 3
    again = ssmtui("report", "merge", "one.json")
    assert (again.returncode, again.stdout) == (3, (tmp_path / "one.json").read_text("utf-8"))
    streamed = json.loads(ssmtui("report", "merge", "two.ndjson").stdout)
    whole = json.loads(again.stdout)
    # Two runs: the time differs, and questions to IAM that wait at the same time share a call.
    for report in (streamed, whole):
        del report["generated_at"], report["summary"]["api_calls"]["iam:SimulatePrincipalPolicy"]
    assert streamed == whole


def test_one_run_writes_many_formats_muted_compared_and_redacted(reports: Path) -> None:
    named = [f"out.{ending}" for ending in ("json", "ndjson", "csv", "xml", "sarif", "md", "html", "txt")]
    options = [word for name in named for word in ("--output", name)]
    (reports / "mutes.toml").write_text(
        '[[mute]]\ncause = "*"\nreason = "all of it"\nexpires = 2999-01-01\n\n'
        '[[mute]]\nnode = "*"\nreason = "long ago"\nexpires = 2020-01-01\n'
    )
    ended = run(reports, "in", *options, "--mute", "mutes.toml", "--redact", "--fail-on", "unknown")
    assert (ended.returncode, ended.stdout) == (0, "")
    assert ended.stderr == "ssmtui: mutes.toml:6: expired on 2020-01-01, so the findings count again: long ago\n"
    for name in named:
        assert "000000000001" in (reports / name).read_text("utf-8")
        assert "log-group-unreadable" in (reports / name).read_text("utf-8")
    document = json.loads((reports / "out.json").read_text("utf-8"))
    hold(document, Schema.REPORT)
    assert not any(each["counted"] for each in document["findings"])


def test_only_what_is_new_counts_against_a_baseline(reports: Path) -> None:
    assert run(reports, "in", "--baseline", "in/1.json").returncode == 3
    assert run(reports, "in", "--baseline", "in", "--fail-on", "unknown").returncode == 0
    assert run(reports, "in", "--diff", "in").returncode == 3
    (reports / "none.json").write_text("[]")
    refused = run(reports, "in", "--baseline", "none.json")
    assert (refused.returncode, refused.stdout) == (4, "")
    assert refused.stderr == "ssmtui: none.json is not a report of ssmtui check --format json or ndjson.\n"
    run(reports, "in", "--redact", "--output", "redacted.json")
    assert run(reports, "in", "--baseline", "redacted.json").returncode == 4
    assert run(reports, "in", "--baseline", "in", "--diff", "in").returncode == 2


def test_an_entry_of_a_mute_file_that_nothing_is_muted_by_is_told_with_its_line(reports: Path) -> None:
    (reports / "mutes.toml").write_text(
        '[[mute]]\ncause = "*"\nreason = "all of it"\nexpires = 2999-01-01\n\n'
        '[[mute]]\nnode = "gone-*"\nreason = "was there once"\nexpires = 2999-01-01\n'
    )
    ended = run(reports, "in", "--mute", "mutes.toml", "--output", "out.json")
    assert ended.stderr == "ssmtui: mutes.toml:6: this entry mutes no finding: was there once\n"
