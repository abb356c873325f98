"""Check reports of a later version: an unknown cause, status, verdict, kind or state is shown unchanged."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from ssmtui.causes.catalogue import catalogue
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.report.annotated_report import AnnotatedReport, AnnotationRules, Baseline, Mute
from ssmtui.report.exit_code import ExitCode, FailOn
from ssmtui.report.format import Report, all_formats
from ssmtui.report.merge import MergedReport, ReportSource, ReportStore, merge
from ssmtui.report.model import ReportModel
from ssmtui.report.redactor import RedactedReport
from ssmtui.report.report_diagnosis import ReportDiagnosis
from ssmtui.ui.app.app import SsmtuiApp
from ssmtui.ui.text.notices import OfflineReport
from tests.builders.fleet import NOON
from tests.report.papers import a_paper
from tests.report.whole_document import document_of
from tests.report.written_reports import as_document, as_stream
from tests.ui.opened import Opened

WORD = "not-yet-known"
PLACES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "cause": (("findings", "cause"), ("nodes", "root_cause")),
    "status": (("findings", "status"),),
    "confidence": (("findings", "confidence"), ("nodes", "confidence")),
    "subject": (("findings", "subject", "kind"),),
    "fixes": (("findings", "fixes"),),
    "kind": (("nodes", "kind"),),
    "state": (("nodes", "state"),),
    "ping": (("nodes", "ping"),),
    "connection": (("nodes", "connection"),),
    "verdict": (("nodes", "verdict"),),
}
"""The members in which a later version can use a new word, and their places in a report."""

SHOWN_BY: Mapping[str, frozenset[str]] = {
    "cause": frozenset({"table", "markdown", "html", "github", "sarif", "junit", "csv", "json", "ndjson"}),
    "status": frozenset({"table", "markdown", "html", "github", "sarif", "junit", "csv", "json", "ndjson"}),
    "verdict": frozenset({"table", "markdown", "html", "csv", "json", "ndjson"}),
    "subject": frozenset({"html", "sarif", "csv", "json", "ndjson"}),
    "fixes": frozenset({"table", "markdown", "html", "sarif", "junit", "csv", "json", "ndjson"}),
    "state": frozenset({"html", "csv", "json", "ndjson"}),
    "ping": frozenset({"html", "csv", "json", "ndjson"}),
    "connection": frozenset({"html", "csv", "json", "ndjson"}),
    "kind": frozenset({"csv", "json", "ndjson"}),
    "confidence": frozenset({"sarif", "csv", "json", "ndjson"}),
}
"""The formats that show such a word, because they show the others of its kind."""


def later_report(place: str, word: str = WORD) -> dict[str, Any]:
    """Return a report with a node of every verdict, in which that member always has a new word."""
    told = json.loads(json.dumps(document_of(a_paper())))
    for list_, *members in PLACES[place]:
        for each in told[list_]:
            held = each
            for member in members[:-1]:
                held = held[member]
            if held[members[-1]] is not None:
                held[members[-1]] = [word] if isinstance(held[members[-1]], list) else word
    return dict(told)


@contextmanager
def read(text: str) -> Iterator[MergedReport]:
    """Read the report back, as `report merge` does."""
    with tempfile.TemporaryDirectory() as folder:
        spool = ReportStore(Path(folder))
        try:
            yield merge([ReportSource("later", partial(io.BytesIO, text.encode()))], spool)
        finally:
            spool.close()


def written(report_model: ReportModel, format_: str) -> str:
    """Return the report in a format."""
    report = Report(None, catalogue, NOON, lambda text, _: text, report_model=report_model)
    return "".join(f"{line}\n" for line in all_formats()[format_].lines(report))


def faults(place: str) -> Iterator[str]:
    """Yield what is wrong with such a report: merged, in every format, compared, muted, redacted, opened."""
    report = later_report(place)
    mute = Mute(("not-yet-*",), (), (), "OPS-1", date(2030, 1, 1))
    for text in (as_document(report), as_stream(report)):
        with read(text) as merged, read(as_document(later_report("fixes"))) as before:
            if merged.sources[0].why_not:
                yield f"it is no report: {merged.sources[0].why_not}"
                return
            marked = AnnotatedReport.of(merged, AnnotationRules((mute,), Baseline(before)))
            back = AnnotatedReport.of(before, AnnotationRules((), Baseline(merged), only_new=True))
            for name in all_formats():
                told = written(merged, name)
                if name in SHOWN_BY.get(place, ()) and WORD not in told:
                    yield f"{name} does not show it"
                for other in (marked, back, RedactedReport(merged, b"a key")):
                    written(other, name)
            sum_ = merged.summary.verdicts
            if sum(sum_.values()) != len(report["nodes"]):
                yield f"the sum is of other nodes: {sum_}"
            codes = [merged.exit_code(each, marked.exit_code) for each in FailOn]
            if place == "verdict" and merged.exit_code(FailOn.UNKNOWN) is not ExitCode.FOUND:
                yield "a later verdict does not count as unknown"
            if any(code is ExitCode.DEFECT for code in codes):
                yield "a defect"
            state = FleetState()
            handle = ReportDiagnosis(merged, catalogue(), "this is a report")
            while not handle.events.empty():
                state.apply(handle.events.get())
            if len(state.nodes) != len(report["nodes"]):
                yield f"the app lists {len(state.nodes)} nodes"


async def app_faults(place: str) -> list[str]:
    """Return what is wrong in the app with such a report: each screen must open, with a slug instead of a title."""
    found: list[str] = []
    shown = OfflineReport(NOON - timedelta(hours=3), NOON - timedelta(hours=5))
    with read(as_document(later_report(place))) as merged:
        handle = ReportDiagnosis(merged, catalogue(), shown.why_not)
    app = SsmtuiApp(handle, report=shown, now=lambda: NOON)
    app.context.fleet_view.causes, app.context.handle = catalogue(), handle
    app.context.tick()
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.pause()
        opened = Opened(app, pilot)
        if place == "cause" and WORD not in opened.painted:
            found.append("the fleet does not show it")
        if len(opened.nodes.keys) != 5:
            found.append(f"{len(opened.nodes.keys)} rows")
        for _ in range(5):
            await opened.press("enter", "y", "c", "escape", "escape", "down")
            await pilot.pause()
        await opened.press("tab", "enter")
        await pilot.pause()
        if place in ("cause", "status") and WORD not in opened.painted:
            found.append("its page does not show it")
        await opened.press("escape", "question_mark", "escape", "e", "escape", "h", "escape", "f1", "escape")
        await pilot.pause()
        found += [each.message for each in app._notifications if "ssmtui" in each.message and "(" in each.message]
        if not app.is_running:
            found.append("the app has ended")
    return found
