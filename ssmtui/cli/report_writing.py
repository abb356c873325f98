"""Write reports to their outputs and formats, complete or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from ssmtui.cli.errors import UsageError
from ssmtui.cli.output_file import OutputFile, open_output_file
from ssmtui.cli.printing import in_signs, print_data, terminal_width
from ssmtui.cli.report_treatment import NO_TREATMENT, TreatmentOptions
from ssmtui.language import say
from ssmtui.report.exit_code import FailOn
from ssmtui.report.formats import DEFAULT
from ssmtui.text.printable import printable_styled

if TYPE_CHECKING:
    from ssmtui.causes.catalogue import Cause
    from ssmtui.diagnosis.events import Event
    from ssmtui.diagnosis.fleet_state import FleetState
    from ssmtui.report.format import Paint, Report, ReportFormat


_STANDARD_OUTPUT = Path("-")


@dataclass(frozen=True, slots=True)
class ReportOutput:
    """The output of one report: its format and file. None is standard output."""

    format: str = DEFAULT
    file: Path | None = None

    @property
    def shared(self) -> bool:
        """Return whether other programs write to the file, so that it must not be replaced."""
        return self.file is not None and is_step_summary(self.file)


TO_STANDARD_OUTPUT = (ReportOutput(),)
"""The default output."""


def requested_outputs(
    formats: Sequence[str], files: Sequence[Path], default: str = DEFAULT
) -> tuple[ReportOutput, ...]:
    """Return the requested reports. Without `--format`, the file's ending gives the format, else it is `default`.

    Raises:
        UsageError: the options contradict each other.

    """
    if not files:
        if len(formats) > 1:
            raise UsageError(say("standard output can have only one format: add an --output for every other format"))
        return (ReportOutput(formats[0] if formats else default),)
    if formats and len(formats) != len(files):
        sentence = say(
            "give one --format for each --output, in the same order, or no --format: then the file extension decides"
        )
        raise UsageError(sentence)
    outputs = tuple(
        ReportOutput(
            formats[number] if formats else _format_of(file, default), None if file == _STANDARD_OUTPUT else file
        )
        for number, file in enumerate(files)
    )
    places = [None if each.file is None else each.file.resolve(strict=False) for each in outputs]
    if len(set(places)) != len(places):
        raise UsageError(say("two reports cannot be written to the same file"))
    return outputs


def is_step_summary(file: Path) -> bool:
    """Return whether GitHub shows this file as a step's summary. Other commands may have written to it."""
    named = os.environ.get("GITHUB_STEP_SUMMARY")
    return bool(named) and file.resolve(strict=False) == Path(str(named)).resolve(strict=False)


def _format_of(file: Path, default: str) -> str:
    if file == _STANDARD_OUTPUT:
        return default
    from ssmtui.report.format import format_of_file

    return "markdown" if is_step_summary(file) else format_of_file(file.name) or default


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """A requested report: outputs, what counts as a failure, and the treatment."""

    outputs: Sequence[ReportOutput] = TO_STANDARD_OUTPUT
    fail_on: FailOn = FailOn.FAIL
    treatment_options: TreatmentOptions = NO_TREATMENT


@dataclass(slots=True)
class ReportWriter:
    """The writer of one report. Streamed lines are printed at once, or held until the file is complete."""

    format_name: str
    file: OutputFile | None
    at_once: bool
    held: list[str] = field(default_factory=list)
    printed: bool = False

    @property
    def format(self) -> ReportFormat:
        """Return the format. All formats are imported at the first use: the diagnosis starts before."""
        from ssmtui.report.format import all_formats

        return all_formats()[self.format_name]

    def tell(self, state: FleetState, event: Event) -> None:
        """Handle an event that is already applied to the state."""
        if self.at_once and self.format.stream is not None:
            for line in self.format.stream.as_it_comes(state, event):
                self._take(line)

    def finish(self, report: Report) -> None:
        """Write the rest of the report.

        Raises:
            UsageError: the file cannot be written.

        """
        stream = self.format.stream if self.at_once else None
        lines = self.format.lines(report) if stream is None else stream.at_the_end(report)
        if self.file is not None:
            self.file.write_all(f"{line}\n" for line in chain(self.held, lines))
            return
        for line in lines:
            self._take(in_signs(printable_styled(line)) if self.format_name == DEFAULT else line)
            self.printed = True

    @property
    def streams(self) -> bool:
        """Return whether it prints while the diagnosis runs."""
        return self.file is None and self.at_once and self.format.stream is not None

    @property
    def reports_errors(self) -> bool:
        """Return whether the printed report says why a scope could not be read."""
        return self.format.reports_scope_errors and self.printed

    def _take(self, line: str) -> None:
        if self.file is None:
            print_data(f"{line}\n")
        else:
            self.held.append(line)


@contextmanager
def open_report_writers(outputs: Iterable[ReportOutput], *, at_once: bool) -> Iterator[list[ReportWriter]]:
    """Yield the writers of the reports. Each file is tested before the work starts.

    Raises:
        UsageError: a file cannot be written.

    """
    with ExitStack() as stack:
        yield [
            ReportWriter(each.format, stack.enter_context(open_output_file(each.file, shared=each.shared)), at_once)
            for each in outputs
        ]


def finish_reports(
    made: Iterable[ReportWriter], report_for: Callable[[Paint, int | None], Report], paint: Paint
) -> None:
    """Write all reports. Only standard output has colours and fits the terminal."""
    for writer in made:
        report = report_for(paint, terminal_width()) if writer.file is None else report_for(unpainted, None)
        writer.finish(report)


def unpainted(text: str, _word: str) -> str:
    """Return the text without colours."""
    return text


def save_report(state: FleetState, causes: Mapping[str, Cause], made: datetime, name: str) -> Path:
    """Write a complete report of a fleet to a file and return its path. The state must not change meanwhile.

    The ending of the name gives the format, else it is JSON.

    Raises:
        OSError: the file cannot be written.

    """
    from ssmtui.report.format import Report

    try:
        file = Path.cwd() / Path(name).expanduser()
        outputs = requested_outputs((), (file,), default="json")
        with open_report_writers(outputs, at_once=False) as reports:
            finish_reports(reports, lambda paint, width: Report(state, lambda: causes, made, paint, width), unpainted)
    except UsageError as refused:
        raise OSError(refused.message) from refused
    except RuntimeError as error:  # there is no such user, or no home folder
        raise OSError(str(error)) from error
    return file
