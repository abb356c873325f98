"""What others wrote comes to no terminal as a command of it, whichever door it leaves by."""

from __future__ import annotations

import ast
import json
import logging
from collections.abc import Callable
from pathlib import Path

import click
import pytest

import ssmtui.cli
from ssmtui.cli.entry import _code_of
from ssmtui.cli.output_file import log_to
from ssmtui.cli.printing import print_json, print_lines, print_message
from ssmtui.cli.probe import probe_reporter
from ssmtui.model.node import NodeKey
from ssmtui.model.probe import ProbeKind, ProbeStage, StageResult, StageState
from ssmtui.text.printable import printable

HOSTILE = "web\x1b]52;c;eA==\x07\x1b[2J\x9b2J\x90q\u202egnp\u200b\x7f\x00"
SHOWN = printable(HOSTILE)


def _of_a_probe() -> None:
    key = NodeKey("123456789012", "eu-west-3", "i-1")
    job = (key, ProbeKind.SHELL)
    with probe_reporter({key: HOSTILE}, [job]) as shown:
        shown.teller(job)(StageResult(next(iter(ProbeStage)), StageState.STOPPED, 1.0, HOSTILE))


DOORS: dict[str, Callable[[], object]] = {
    "complain": lambda: print_message(HOSTILE),
    "print_lines": lambda: print_lines([HOSTILE], err=True),
    "a refusal": lambda: _code_of(click.ClickException(HOSTILE)),
    "a defect": lambda: _code_of(ValueError(HOSTILE)),
    "a probe's stage": _of_a_probe,
}


@pytest.mark.parametrize("door", DOORS)
def test_standard_error_shows_what_cannot_be_seen(door: str, capsys: pytest.CaptureFixture[str]) -> None:
    DOORS[door]()
    told = capsys.readouterr().err
    assert SHOWN in told or door == "a defect"
    assert [line for line in told.split("\n") if printable(line) != line] == []


def test_a_log_is_lines_that_can_be_looked_at_on_a_terminal(tmp_path: Path) -> None:
    logger = logging.getLogger("ssmtui")
    before, level = list(logger.handlers), logger.level
    log_to(tmp_path / "log")
    (added,) = (each for each in logger.handlers if each not in before)
    try:
        added.handle(logging.makeLogRecord({"name": "ssmtui.x", "levelname": "INFO", "msg": f"{HOSTILE}\ud800\ntwo"}))
    finally:
        added.close()
        logger.removeHandler(added)
        logger.setLevel(level)
    first, second = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    assert first.endswith(f"INFO ssmtui.x: {SHOWN}\\ud800")
    assert second == "two"


def test_json_on_a_terminal_holds_nothing_for_it(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({HOSTILE: [HOSTILE]})
    told = capsys.readouterr().out
    assert json.loads(told) == {HOSTILE: [HOSTILE]}
    assert [line for line in told.split("\n") if printable(line) != line] == []


def test_no_command_writes_past_those_doors() -> None:
    """`progress` writes one line that it has made fit itself, and overwrites it."""
    folder = Path(ssmtui.cli.__file__).parent
    writing = {
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"click.echo", "click.secho", "print"}
    }
    assert writing == {"printing.py", "progress.py"}
