"""`ssmtui check`: a diagnosis followed to its end, written as a report."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ssmtui.causes.catalogue import catalogue
from ssmtui.cli.output_file import OutputFile, tried
from ssmtui.cli.printing import complain, terminal_width
from ssmtui.cli.streams import in_signs
from ssmtui.cli.unknown_words import no_such_nodes
from ssmtui.diagnosis.events import Crashed, DefectMet, Event
from ssmtui.diagnosis.following import follow
from ssmtui.language import say
from ssmtui.model.plain_text import printable
from ssmtui.report.format import DEFAULT, Report, all_formats
from ssmtui.report.outcome import ExitCode, FailOn, exit_code

if TYPE_CHECKING:
    from ssmtui.cli.run import Run
    from ssmtui.diagnosis.fleet_state import FleetState
    from ssmtui.model.scope import ScopeError

_COLOURS = {
    "fail": "red",
    "warn": "yellow",
    "unknown": "magenta",
    "ok": "green",
    "stopped": "bright_black",
    "info": "cyan",
}


def check_and_report(
    run: Run, report_format: str, output: Path | None, fail_on: FailOn, *, commands: Sequence[str] = ()
) -> ExitCode:
    """Check, write the report to the output (standard output where none is named), and say how it ended.

    `commands` are the commands that a word which names no node may have been meant as.
    """
    with tried(output) as file:
        return _check_into(file, run, report_format, fail_on, commands)


def _check_into(
    file: OutputFile | None, run: Run, report_format: str, fail_on: FailOn, commands: Sequence[str]
) -> ExitCode:
    inquiry, written_as = run.diagnosis(), all_formats()[report_format]
    lines: list[str] = []
    say_line = _print if file is None else lines.append

    def tell(state: FleetState, event: Event) -> None:
        for line in written_as.as_it_comes(state, event):
            say_line(line)

    try:
        state = follow(inquiry, tell=tell)
    finally:
        inquiry.close()
    on_paper, width = (paint, terminal_width()) if file is None else (_unpainted, None)
    lines_at_the_end = written_as.lines(Report(state, catalogue(), run.present, on_paper, width))
    printed = False
    if file is not None:
        file.write_all(f"{line}\n" for line in chain(lines, lines_at_the_end))
    else:
        for line in lines_at_the_end:
            _print(in_signs(line) if report_format == DEFAULT else line)
            printed = True
    shown = written_as.tells_errors and printed and sys.stdout.isatty()
    say_errors(state, shown=shown)
    return say_unknown_nodes(state, commands) or exit_code(state, fail_on)


def say_errors(state: FleetState, *, shown: bool = False) -> None:
    """Say on standard error which scopes could not be looked at, and what to do about it; once, if they are `shown`."""
    # What keeps many scopes from being opened alike is said once.
    for sentence in dict.fromkeys(error_sentence(error) for error in state.errors.values()) if not shown else ():
        complain(sentence)
    # A defect met in many Regions is one.
    for sentence in dict.fromkeys(_defect_sentence(each) for each in state.crashes):
        complain(sentence)


def _defect_sentence(defect: Crashed | DefectMet) -> str:
    if isinstance(defect, Crashed):
        return say("a defect ended the diagnosis: {summary}", summary=defect.summary)
    return say("a defect: {summary}. What depends on it is unknown. Please report it.", summary=defect.summary)


def error_sentence(error: ScopeError) -> str:
    """Why a scope could not be looked at, and what to do about it."""
    return printable(f"{error.message} {error.advice}".rstrip())


def say_unknown_nodes(state: FleetState, commands: Sequence[str] = ()) -> ExitCode | None:
    """Say on standard error which words name no node, with what is near; the exit code, None where all name one."""
    sentences = no_such_nodes(state, commands)
    for sentence in sentences:
        complain(sentence)
    return ExitCode.COULD_NOT_TELL if sentences else None


def _print(line: str) -> None:
    click.echo(line)


def _unpainted(text: str, _word: str) -> str:
    return text


def paint(text: str, word: str) -> str:
    """Colour, where standard output is a terminal and NO_COLOR is not set."""
    if "NO_COLOR" in os.environ or not sys.stdout.isatty():
        return text
    return click.style(text, fg=_COLOURS[word])
