"""`ssmtui check`: run a diagnosis to its end and write the report."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from ssmtui.cli.notices import print_interrupted_changes, unknown_node_messages
from ssmtui.cli.printing import is_output_open, is_terminal, print_message
from ssmtui.cli.progress import follow_with_progress
from ssmtui.language import say
from ssmtui.report.exit_code import ExitCode, exit_code
from ssmtui.text.printable import printable

if TYPE_CHECKING:
    from ssmtui.cli.report_treatment import Treatment
    from ssmtui.cli.report_writing import ReportRequest, ReportWriter
    from ssmtui.cli.run import Run
    from ssmtui.diagnosis.events import Event, InternalErrorMet, ScopeCrashed
    from ssmtui.diagnosis.fleet_state import FleetState
    from ssmtui.model.scope import ScopeError


_COLOURS = {
    "fail": "red",
    "warn": "yellow",
    "unknown": "magenta",
    "ok": "green",
    "stopped": "bright_black",
    "restricted": "bright_black",
    "info": "cyan",
}


OBJECTS_BETWEEN_COLLECTIONS = 1_000_000
"""New objects between two garbage collections.

A check keeps almost all objects until its report, and makes few reference cycles: a collection takes time and frees
little (docs/facts/libraries.md §4).
"""


class _OutputClosed(Exception):
    """Nobody reads the streamed report any more, and there is no other output."""

    def __init__(self, so_far: FleetState) -> None:
        super().__init__("nobody reads the report any more")
        self.so_far = so_far


def check_and_report(run: Run, wanted: ReportRequest | None = None, *, commands: Sequence[str] = ()) -> ExitCode:
    """Check, write the requested reports (default: a table on standard output), and return the exit code.

    `commands` are command names; an unknown node name may be a misspelt command.
    """
    # Imported here: other commands need the messages of this module only.
    from ssmtui.cli.report_treatment import prepare_treatment
    from ssmtui.cli.report_writing import ReportRequest, open_report_writers

    wanted = wanted or ReportRequest()
    treatment_options = wanted.treatment_options
    with (
        prepare_treatment(treatment_options) as treatment,
        open_report_writers(wanted.outputs, at_once=treatment_options.changes_nothing) as reports,
    ):
        return _check_into(reports, run, wanted, treatment, commands)


def _check_into(
    reports: Sequence[ReportWriter], run: Run, wanted: ReportRequest, treatment: Treatment, commands: Sequence[str]
) -> ExitCode:
    from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis

    handle = run.diagnosis()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    if isinstance(handle, LiveDiagnosis):
        # The formats are imported while AWS answers: before that, they would delay the first request.
        handle.await_first_request()
    streams = any(each.streams for each in reports)

    def tell(state: FleetState, event: Event) -> None:
        for each in reports:
            each.tell(state, event)
        if streams and not is_output_open() and all(each.file is None for each in reports):
            raise _OutputClosed(state)

    try:
        from ssmtui.diagnosis.fleet_state import follow

        # Streamed lines may reach the same terminal through another program, so no progress line is shown.
        state = follow(handle, on_event=tell) if streams else follow_with_progress(handle, tell=tell)
        if isinstance(handle, LiveDiagnosis):
            print_interrupted_changes(run, state.scopes, lend=handle.credentials)
    except _OutputClosed as ended:
        found = exit_code(ended.so_far, wanted.fail_on) is ExitCode.FOUND
        return ExitCode.FOUND if found else ExitCode.COULD_NOT_TELL
    finally:
        handle.close()
    run.remember(state)
    from ssmtui.causes.catalogue import catalogue
    from ssmtui.cli.report_writing import finish_reports
    from ssmtui.report.format import Report
    from ssmtui.report.model import DiagnosisReport

    made = run.present
    marked = treatment.marked(DiagnosisReport(state, made))
    shown = treatment.shown(marked or DiagnosisReport(state, made))
    # A redacted report uses only the redacted model: the state still has the original names.
    told = None if wanted.treatment_options.redact else state
    finish_reports(
        reports,
        lambda painted, width: Report(
            told, catalogue, made, painted, width, report_model=shown.report_model, fail_on=wanted.fail_on
        ),
        paint,
    )
    _print_written(reports, state)
    told_there = any(each.reports_errors for each in reports) and sys.stdout.isatty()
    print_scope_errors(state, shown=told_there, words=shown.words)
    if not (run.nodes or run.skipped):
        # A partial check cannot say whether a mute is unused.
        treatment.print_unused_mutes(marked)
    counted = marked.exit_code if marked is not None else None
    return print_unknown_nodes(state, commands) or exit_code(state, wanted.fail_on, counted)


def _print_written(reports: Sequence[ReportWriter], state: FleetState) -> None:
    """Print to standard error the files that were written; the totals too, if standard output has no report."""
    files = [each.file.file for each in reports if each.file is not None]
    if not files:
        return
    if len(files) == len(reports):
        from ssmtui.report.formats.table import summary_line

        print_message(summary_line(state))
    for file in files:
        print_message(say("Report written to {file}", file=file))


def print_scope_errors(state: FleetState, *, shown: bool = False, words: Callable[[str], str] = str) -> None:
    """Print to standard error which scopes could not be read and what to do; not if the report already `shown` it.

    `words` redacts a sentence.
    """
    # The same problem of many scopes is printed once.
    for sentence in dict.fromkeys(scope_error_text(error) for error in state.errors.values()) if not shown else ():
        print_message(words(sentence))
    # The same bug in many Regions is printed once.
    for sentence in dict.fromkeys(_defect_sentence(each) for each in state.crashes):
        print_message(sentence)


def _defect_sentence(defect: ScopeCrashed | InternalErrorMet) -> str:
    from ssmtui.diagnosis.events import ScopeCrashed

    if isinstance(defect, ScopeCrashed):
        return say("an internal error ended the diagnosis: {summary}", summary=defect.summary)
    return say(
        "an internal error: {summary}. The results that depend on it are unknown. Please report it.",
        summary=defect.summary,
    )


def scope_error_text(error: ScopeError) -> str:
    """Return why a scope could not be read, and what to do about it."""
    return printable(f"{error.message} {error.advice}".rstrip())


def print_unknown_nodes(state: FleetState, commands: Sequence[str] = ()) -> ExitCode | None:
    """Print unknown node names with similar names to standard error. Return the exit code; None if all are known."""
    sentences = unknown_node_messages(state, commands)
    for sentence in sentences:
        print_message(sentence)
    return ExitCode.COULD_NOT_TELL if sentences else None


def paint(text: str, word: str) -> str:
    """Colour a text if standard output is a terminal and NO_COLOR is not set."""
    if "NO_COLOR" in os.environ or not is_terminal(sys.stdout):
        return text
    return click.style(text, fg=_COLOURS[word])
