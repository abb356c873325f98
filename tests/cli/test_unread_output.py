"""`ssmtui … | head`: silent, with the exit code that the command has anyway, and with all else done."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from ssmtui.simulator.in_thread import SimulatedAws

_NOTHING_MORE: Mapping[str, str] = {}


@contextmanager
def unread(
    folder: Path, *words: str, lines: int = 0, variables: Mapping[str, str] = _NOTHING_MORE
) -> Iterator[subprocess.Popen[str]]:
    """The command, of whose output so many lines are read before it is closed."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", **variables}
    with subprocess.Popen(
        [sys.executable, "-m", "ssmtui", *words],
        env=environment,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for _ in range(lines):
            process.stdout.readline()
        process.stdout.close()
        yield process


def ended(folder: Path, *words: str, lines: int = 0, variables: Mapping[str, str] = _NOTHING_MORE) -> tuple[str, int]:
    with unread(folder, *words, lines=lines, variables=variables) as process:
        assert process.stderr is not None
        told = process.stderr.read()
    return told, process.returncode


@pytest.mark.long
@pytest.mark.parametrize("words", [("causes",), ("--help",), ("schema",), ("demo", "--scenario", "healthy-small")])
def test_what_only_prints_is_done(words: Sequence[str], tmp_path: Path) -> None:
    assert ended(tmp_path, *words) == ("", 0)


def test_a_check_says_by_its_exit_code_what_it_found_and_its_other_reports_are_whole(
    aws: SimulatedAws, tmp_path: Path
) -> None:
    aws.load("log-group-unencrypted")
    told = ended(
        tmp_path,
        "check",
        *("--format", "table", "--output", "-", "--format", "json", "--output", "report.json"),
        variables=aws.environment,
    )
    assert told[1] == 3
    assert '"root_cause": "log-group-unencrypted"' in (tmp_path / "report.json").read_text(encoding="utf-8")


def test_a_report_that_comes_by_and_by_ends_with_its_reader_and_is_never_green(
    aws: SimulatedAws, tmp_path: Path
) -> None:
    aws.load("healthy-small")
    assert ended(tmp_path, "check", "--format", "ndjson", lines=1, variables=aws.environment) == ("", 4)
