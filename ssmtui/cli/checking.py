"""`ssmtui check`: a diagnosis followed to its end, written as a report."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import click

from ssmtui.causes.catalogue import catalogue
from ssmtui.cli.run import Run, UsageError
from ssmtui.diagnosis.events import Event
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.diagnosis.following import follow
from ssmtui.language import say
from ssmtui.report.document import report_document
from ssmtui.report.outcome import ExitCode, FailOn, exit_code
from ssmtui.report.stream import event_lines, summary_text
from ssmtui.report.table import table_lines, unpainted

_COLOURS = {
    "fail": "red",
    "warn": "yellow",
    "unknown": "magenta",
    "ok": "green",
    "stopped": "bright_black",
    "info": "cyan",
}


def check_and_report(run: Run, report_format: str, output: Path | None, fail_on: FailOn) -> ExitCode:
    """Check, write the report to the output (standard output where none is named), and say how it ended."""
    if output is not None:
        _must_be_writable(output)
    inquiry = run.inquiry()
    streaming = report_format == "ndjson" and output is None
    lines: list[str] = []

    def tell(state: FleetState, event: Event) -> None:
        if report_format != "ndjson":
            return
        for line in event_lines(state, event):
            if streaming:
                _print(line)
            else:
                lines.append(line)

    try:
        state = follow(inquiry, tell=tell)
    finally:
        inquiry.close()
    if report_format == "ndjson":
        lines.append(summary_text(state))
    elif report_format == "json":
        lines = [json.dumps(report_document(state, datetime.now(UTC)), ensure_ascii=False, indent=2)]
    else:
        lines = list(table_lines(state, catalogue(), _paint if output is None else unpainted))
    if output is None:
        for line in lines:
            _print(line)
    else:
        write_whole(output, "\n".join(lines) + "\n")
    say_errors(state)
    return _no_such_node(run, state) or exit_code(state, fail_on)


def write_whole(file: Path, text: str) -> None:
    """Write a file so that it appears whole or not at all.

    Raises:
        UsageError: it cannot be written.

    """
    try:
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                stream.write(text)
            Path(name).chmod(0o644)
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError(
            say("the report cannot be written to {file}: {error}", file=file, error=error.strerror)
        ) from error


def _must_be_writable(file: Path) -> None:
    """Say before minutes of work that its result could not be kept."""
    if file.is_dir() or not os.access(file.parent, os.W_OK | os.X_OK):
        raise UsageError(say("the report cannot be written to {file}", file=file))


def say_errors(state: FleetState) -> None:
    """Say on standard error which scopes could not be looked at, and what to do about it."""
    for error in state.errors.values():
        click.echo(f"ssmtui: {error.message} {error.advice}".rstrip(), err=True)
    for crash in state.crashes:
        click.echo(f"ssmtui: {say('a defect ended the diagnosis: {summary}', summary=crash.summary)}", err=True)


def _no_such_node(run: Run, state: FleetState) -> ExitCode | None:
    """The exit code of a run that named nodes which are nowhere; None where all were found."""
    found = {name for node in state.nodes.values() for name in (node.id, node.name)}
    missing = [name for name in run.nodes if name not in found]
    if not missing:
        return None
    sentence = say("no such node: {names}. A NODE is an id or an exact Name tag.", names=", ".join(missing))
    click.echo(f"ssmtui: {sentence}", err=True)
    return ExitCode.COULD_NOT_TELL


def _print(line: str) -> None:
    click.echo(line)


def _paint(text: str, word: str) -> str:
    """Colour, where standard output is a terminal and NO_COLOR is not set."""
    if "NO_COLOR" in os.environ or not sys.stdout.isatty():
        return text
    return click.style(text, fg=_COLOURS[word])
