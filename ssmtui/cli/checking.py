"""`ssmtui check`: a diagnosis followed to its end, written as a report."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from ssmtui.causes.catalogue import catalogue
from ssmtui.cli.changes.unfinished import name_unfinished
from ssmtui.cli.printing import complain
from ssmtui.cli.progress import followed
from ssmtui.cli.reports.treatment import Treatment, prepared
from ssmtui.cli.reports.writing import Reporting, Writer, finish_all, writers
from ssmtui.cli.streams import is_terminal
from ssmtui.cli.unknown_words import no_such_nodes
from ssmtui.cli.unread_output import is_read
from ssmtui.diagnosis.events import Crashed, DefectMet, Event
from ssmtui.diagnosis.following import follow
from ssmtui.diagnosis.live import LiveDiagnosis
from ssmtui.language import say
from ssmtui.model.plain_text import printable
from ssmtui.report.format import Report
from ssmtui.report.outcome import ExitCode, exit_code
from ssmtui.report.paper import StatePaper

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


class _NobodyReads(Exception):
    """What comes by and by is read by nobody any more, and goes nowhere else."""

    def __init__(self, so_far: FleetState) -> None:
        super().__init__("nobody reads the report any more")
        self.so_far = so_far


def check_and_report(run: Run, wanted: Reporting | None = None, *, commands: Sequence[str] = ()) -> ExitCode:
    """Check, write the reports that are wanted (a table on standard output by default), and say how it ended.

    `commands` are the commands that a word which names no node may have been meant as.
    """
    wanted = wanted or Reporting()
    asked = wanted.asked
    with prepared(asked) as treatment, writers(wanted.outputs, at_once=asked.changes_nothing) as reports:
        return _check_into(reports, run, wanted, treatment, commands)


def _check_into(
    reports: Sequence[Writer], run: Run, wanted: Reporting, treatment: Treatment, commands: Sequence[str]
) -> ExitCode:
    inquiry = run.diagnosis()
    streams = any(each.streams for each in reports)

    def tell(state: FleetState, event: Event) -> None:
        for each in reports:
            each.tell(state, event)
        if streams and not is_read() and all(each.file is None for each in reports):
            raise _NobodyReads(state)

    try:
        # What comes by and by may go to the same terminal, by way of another program: no line may stand between.
        state = follow(inquiry, tell=tell) if streams else followed(inquiry, tell=tell)
        if isinstance(inquiry, LiveDiagnosis):
            name_unfinished(run, state.scopes, lend=inquiry.credentials)
    except _NobodyReads as ended:
        found = exit_code(ended.so_far, wanted.fail_on) is ExitCode.FOUND
        return ExitCode.FOUND if found else ExitCode.COULD_NOT_TELL
    finally:
        inquiry.close()
    run.remember(state)
    made = run.present
    marked = treatment.marked(StatePaper(state, made))
    shown = treatment.shown(marked or StatePaper(state, made))
    # What is redacted is told of the paper alone: the state still knows how everything is called.
    told = None if wanted.asked.redact else state
    finish_all(
        reports,
        lambda painted, width: Report(
            told, catalogue(), made, painted, width, paper=shown.paper, fail_on=wanted.fail_on
        ),
        paint,
    )
    told_there = any(each.told_errors for each in reports) and sys.stdout.isatty()
    say_errors(state, shown=told_there, words=shown.words)
    if not (run.nodes or run.skipped):
        # Of a part nobody can tell what the rest would have been muted by.
        treatment.say_idle_mutes(marked)
    counted = marked.exit_code if marked is not None else None
    return say_unknown_nodes(state, commands) or exit_code(state, wanted.fail_on, counted)


def say_errors(state: FleetState, *, shown: bool = False, words: Callable[[str], str] = str) -> None:
    """Say on standard error which scopes could not be looked at, and what to do about it; once, if they are `shown`.

    `words` makes of a sentence what others may read.
    """
    # What keeps many scopes from being opened alike is said once.
    for sentence in dict.fromkeys(error_sentence(error) for error in state.errors.values()) if not shown else ():
        complain(words(sentence))
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


def paint(text: str, word: str) -> str:
    """Colour, where standard output is a terminal and NO_COLOR is not set."""
    if "NO_COLOR" in os.environ or not is_terminal(sys.stdout):
        return text
    return click.style(text, fg=_COLOURS[word])
