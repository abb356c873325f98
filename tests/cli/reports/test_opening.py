"""`ssmtui report open` without a terminal: the table, and the exit codes of a check."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.preloaded.command_line import run as run_ssmtui
from tests.report.written_reports import an_account, as_document


def run(folder: Path, *line: str) -> subprocess.CompletedProcess[str]:
    environment = {"HOME": str(folder), "PATH": "", "LANG": "C.UTF-8"}
    return run_ssmtui("report", "open", *line, environment=environment, folder=folder)


def test_reports_are_printed_as_a_table(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"{number}.json").write_text(as_document(an_account(number, 2)), encoding="utf-8")
    told = run(tmp_path, "1.json", "2.json")
    assert (told.returncode, told.stderr) == (3, "")
    assert "log-group-unreadable" in told.stdout
    assert "4 nodes: 2 fail, 2 ok" in told.stdout


def test_what_is_no_report_is_told_by_name_and_not_opened(tmp_path: Path) -> None:
    (tmp_path / "notes.json").write_text("[]")
    told = run(tmp_path, "notes.json")
    assert (told.returncode, told.stdout) == (4, "")
    assert told.stderr == "ssmtui: notes.json is not a report of ssmtui check --format json or ndjson.\n"
