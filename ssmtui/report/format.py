"""The formats of a report: what `check --format` and `report merge --format` take.

A format is a module in `formats/` with one function, told apart by its name, that yields the lines of a report:

    @report_format("table")
    def table_lines(report: Report) -> Iterator[str]: …

The command line and its help find it there.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING

import ssmtui.report.formats
from ssmtui.diagnosis.events import Event
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.report.annotations import annotation_phrases
from ssmtui.report.exit_code import FailOn
from ssmtui.report.model import DiagnosisReport, ReportModel
from ssmtui.text.printable import printable

if TYPE_CHECKING:
    from ssmtui.causes.catalogue import Cause

Paint = Callable[[str, str], str]
"""Paints a text in the colour of a verdict or status (its value); gives it back as it is where there is no colour."""

DEFAULT = "table"
"""The format that is written where none is asked for."""


class Report:
    """What there is to report when a diagnosis has ended, or reports were merged; `causes` are those of the catalogue.

    `width` is that of the terminal that it is for, in cells; None where it is for none, and is told whole. `paper` are
    its parts as they are to be written; `fail_on` says what of them counts.
    """

    def __init__(
        self,
        state: FleetState | None,
        causes: Mapping[str, Cause],
        generated_at: datetime,
        paint: Paint,
        width: int | None = None,
        *,
        report_model: ReportModel | None = None,
        fail_on: FailOn = FailOn.FAIL,
    ) -> None:
        if report_model is None:
            if state is None:
                raise TypeError("a report is of a diagnosis, or of a paper")
            report_model = DiagnosisReport(state, generated_at)
        self._state = state
        self.causes = causes
        self.generated_at = generated_at
        self.paint = paint
        self.width = width
        self.report_model: ReportModel = report_model
        self.fail_on = fail_on

    @cached_property
    def state(self) -> FleetState:
        """The fleet; of a paper, as far as that tells of it."""
        if self._state is not None:
            return self._state
        from ssmtui.report.report_diagnosis import fleet_state_of  # noqa: PLC0415 - what reads reports reads formats

        return fleet_state_of(self.report_model, self.causes)

    def marks_of(self, finding: str) -> str:
        """What there is to say of whether a finding counts, in brackets behind its id; empty where there is nothing."""
        found = self.report_model.finding(finding)
        return "".join(f"  [{printable(each)}]" for each in annotation_phrases(found)) if found is not None else ""


Lines = Callable[[Report], Iterable[str]]
EventLines = Callable[[FleetState, Event], Iterable[str]]


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """How a format is written while the diagnosis is under way.

    `as_it_comes` are the lines that an event, already applied to the state, adds; `at_the_end` those after the last.
    """

    as_it_comes: EventLines
    at_the_end: Lines


@dataclass(frozen=True, slots=True)
class ReportFormat:
    """A format. `lines` are those of a whole report; `stream` is None where it is written at the end alone.

    One that `tells_errors` says why a scope could not be looked at where its reader sees it. `endings` are those of
    files that are taken to be of this format.
    """

    name: str
    lines: Lines
    stream: StreamFormat | None
    reports_scope_errors: bool
    endings: tuple[str, ...]


_REGISTERED: dict[str, ReportFormat] = {}


class DuplicateReportFormat(TypeError):
    """Two formats of one name."""


def report_format(
    name: str, *, stream: StreamFormat | None = None, reports_scope_errors: bool = False, endings: tuple[str, ...] = ()
) -> Callable[[Lines], Lines]:
    """Make a function the writer of a format."""

    def register(lines: Lines) -> Lines:
        if name in _REGISTERED:
            raise DuplicateReportFormat(f"two formats are called {name}")
        _REGISTERED[name] = ReportFormat(name, lines, stream, reports_scope_errors, endings)
        return lines

    return register


@cache
def all_formats() -> Mapping[str, ReportFormat]:
    """Every format by its name, the default one first."""
    for module in pkgutil.iter_modules(ssmtui.report.formats.__path__, f"{ssmtui.report.formats.__name__}."):
        importlib.import_module(module.name)
    return {name: _REGISTERED[name] for name in sorted(_REGISTERED, key=lambda each: (each != DEFAULT, each))}


def format_of_file(name: str) -> str | None:
    """The format that a file's ending tells, the longest one; None where it tells none."""
    told = [
        (len(ending), each.name)
        for each in all_formats().values()
        for ending in each.endings
        if name.lower().endswith(ending)
    ]
    return max(told)[1] if told else None
