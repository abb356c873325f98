"""The command line on a terminal, each of its streams closed, full, or somewhere else."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path

import pytest

pytest.importorskip("termios")

from tests.report.written_reports import a_node_object, a_report, a_row, as_document
from tests.session.emulator import Emulator

SSMTUI = f"{shlex.quote(sys.executable)} -P -m ssmtui"
DEMO = f"{SSMTUI} demo --scenario healthy-small"
# The app on a report begins as every app does, and starts no simulated AWS.
SAVED = f"{SSMTUI} report open report.json"
REPORT = as_document(a_report([a_row()], [a_node_object(f"i-{each}", name=f"web-{each}") for each in (1, 2, 3)]))
SAID = b"Standard input is not a terminal"
REPORTED = b"3 nodes: 3 ok"
SCREEN = b"\x1b[?1049h"
NO_SPACE, CLOSED = b"cannot be written: No space left on device", b"cannot be written: Bad file descriptor"


def on_terminal(line: str, folder: Path, **variables: str) -> Emulator:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "TERM": "xterm-256color"}
    (folder / "report.json").write_text(REPORT, encoding="utf-8")
    words = ["/bin/sh", "-c", f'cd {shlex.quote(str(folder))}; {line}; echo "[$?]"']
    emulator = Emulator(words, {**environment, **variables})
    emulator.patience = 90
    return emulator


@pytest.mark.parametrize(
    "line",
    [
        f"{DEMO} </dev/null",
        f"{SAVED} </etc/passwd",
        f"{SAVED} <&-",
        f"echo x | xargs -I@ {SAVED}",
        f'printf "a\\nb\\n" | while read x; do {SAVED}; done',
    ],
)
def test_without_keys_the_report_is_printed_and_why_is_said(line: str, tmp_path: Path) -> None:
    terminal = on_terminal(line, tmp_path)
    try:
        terminal.end()
        times = 2 if "while" in line else 1
        assert (terminal.shown.count(SAID), terminal.shown.count(REPORTED)) == (times, times)
        assert SCREEN not in terminal.shown
        assert b"[0]" in terminal.shown
    finally:
        terminal.close()


@pytest.mark.parametrize("line", [f"{DEMO} 2>log", f"{SAVED} 2>&-", f"{SAVED} 2>/dev/full"])
def test_the_app_is_drawn_on_the_terminal_wherever_errors_go(line: str, tmp_path: Path) -> None:
    terminal = on_terminal(line, tmp_path)
    try:
        terminal.wait_for(SCREEN)
        terminal.wait_for(b"web-1")
        terminal.type(b"q")
        terminal.end()
        assert b"[0]" in terminal.shown
        assert "2>log" not in line or (tmp_path / "log").read_bytes() == b""
    finally:
        terminal.close()


@pytest.mark.parametrize(
    ("line", "said", "code"),
    [
        (f"{SSMTUI} info >&-", CLOSED, 2),
        (f"{SSMTUI} info >/dev/full", NO_SPACE, 2),
        (f"{SSMTUI} info <&- >&- 2>&-", b"[2]", 2),
        (f"{SSMTUI} --version <&- 2>&-", b"ssmtui", 0),
        (f"{SSMTUI} nope --bad 2>/dev/full", b"[2]", 2),
        (f"{SSMTUI} explain </dev/null", b"no text to explain", 2),
        (f"{SSMTUI} explain <&-", b"no text to explain", 2),
    ],
)
def test_what_cannot_be_written_or_read_is_said_where_it_can_be(
    line: str, said: bytes, code: int, tmp_path: Path
) -> None:
    terminal = on_terminal(line, tmp_path)
    try:
        terminal.end()
        assert said in terminal.shown
        assert f"[{code}]".encode() in terminal.shown
        assert b"Traceback" not in terminal.shown
        assert b"internal error" not in terminal.shown
    finally:
        terminal.close()


@pytest.mark.parametrize("words", [SAVED, f"{SSMTUI} causes kms-node-denied", f"{SSMTUI} explain TargetNotConnected"])
def test_a_dumb_terminal_gets_no_control_sequence(words: str, tmp_path: Path) -> None:
    terminal = on_terminal(words, tmp_path, TERM="dumb")
    try:
        terminal.end()
        assert b"\x1b" not in terminal.shown
        assert b"[0]" in terminal.shown
    finally:
        terminal.close()


def without_link_ids(shown: bytes) -> bytes:
    return re.sub(rb"id=\d+", b"", shown)


@pytest.mark.parametrize("columns", ["99999", "9" * 5_000, "-3", "abc", "٣"])
@pytest.mark.parametrize("words", [f"{SSMTUI} causes kms-node-denied", f"{SSMTUI} --help"])
def test_a_width_that_no_terminal_has_is_not_believed(words: str, columns: str, tmp_path: Path) -> None:
    usual, told = on_terminal(words, tmp_path), on_terminal(words, tmp_path, COLUMNS=columns, LINES=columns)
    try:
        usual.end()
        told.end()
        assert without_link_ids(told.shown) == without_link_ids(usual.shown)
    finally:
        usual.close()
        told.close()
