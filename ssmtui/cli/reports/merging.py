"""`ssmtui report merge`: reports of many accounts folded into one."""

from __future__ import annotations

from collections.abc import Sequence

from ssmtui.causes.catalogue import catalogue
from ssmtui.cli.checking import paint
from ssmtui.cli.reports.files import made_at, merged_reports, say_what_is_missing
from ssmtui.cli.reports.treatment import prepared
from ssmtui.cli.reports.writing import Reporting, finish_all, writers
from ssmtui.report.format import Report
from ssmtui.report.outcome import ExitCode


def merge_reports(files: Sequence[str], wanted: Reporting) -> ExitCode:
    """Write one report of many; on standard error, which of them are none, or have no end."""
    with (
        prepared(wanted.asked) as treatment,
        writers(wanted.outputs, at_once=False) as reports,
        merged_reports(files) as merged,
    ):
        made, marked = made_at(merged), treatment.marked(merged)
        paper = treatment.shown(marked or merged).paper
        finish_all(
            reports,
            lambda painted, width: Report(None, catalogue(), made, painted, width, paper=paper, fail_on=wanted.fail_on),
            paint,
        )
        say_what_is_missing(merged)
        treatment.say_idle_mutes(marked)
        return merged.exit_code(wanted.fail_on, marked.exit_code if marked is not None else None)
