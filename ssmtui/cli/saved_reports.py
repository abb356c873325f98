"""`ssmtui report merge` and `ssmtui report open`: merge saved reports, or open them in the app."""

from __future__ import annotations

from collections.abc import Sequence

from ssmtui.causes.catalogue import catalogue
from ssmtui.cli.app_launch import (
    apply_colours,
    apply_key_bindings,
    apply_own_commands,
    apply_ui_state,
    can_show_screens,
    restore_terminal,
    run_app,
)
from ssmtui.cli.check import paint
from ssmtui.cli.printing import print_lines
from ssmtui.cli.report_treatment import (
    EPOCH,
    made_at,
    merged_reports,
    moment_of,
    prepare_treatment,
    print_unreadable_files,
)
from ssmtui.cli.report_writing import ReportRequest, finish_reports, open_report_writers
from ssmtui.diagnosis.fleet_state import follow
from ssmtui.report.exit_code import ExitCode, FailOn
from ssmtui.report.format import Report, all_formats
from ssmtui.report.formats import DEFAULT
from ssmtui.report.merge import MergedReport
from ssmtui.report.report_diagnosis import ReportDiagnosis
from ssmtui.ui.text.notices import OfflineReport


def merge_reports(files: Sequence[str], wanted: ReportRequest) -> ExitCode:
    """Merge reports into one. Print to standard error which files are not reports, or are incomplete."""
    with (
        prepare_treatment(wanted.treatment_options) as treatment,
        open_report_writers(wanted.outputs, at_once=False) as reports,
        merged_reports(files) as merged_report,
    ):
        made, marked = made_at(merged_report), treatment.marked(merged_report)
        report_model = treatment.shown(marked or merged_report).report_model
        finish_reports(
            reports,
            lambda painted, width: Report(
                None, catalogue, made, painted, width, report_model=report_model, fail_on=wanted.fail_on
            ),
            paint,
        )
        print_unreadable_files(merged_report)
        treatment.print_unused_mutes(marked)
        return merged_report.exit_code(wanted.fail_on, marked.exit_code if marked is not None else None)


def open_reports(files: Sequence[str]) -> ExitCode:
    """Show reports in the app. Without a terminal, print them; the exit code is that of a check."""
    with merged_reports(files) as merged_report:
        print_unreadable_files(merged_report)
        if all(each.why_not for each in merged_report.sources):
            return ExitCode.COULD_NOT_TELL
        shown = _shown(merged_report)
        handle = ReportDiagnosis(merged_report, catalogue(), shown.why_not)
        code = merged_report.exit_code(FailOn.FAIL)
    if can_show_screens():
        return _in_the_app(handle, shown)
    print_lines(all_formats()[DEFAULT].lines(Report(follow(handle), catalogue, shown.made, paint)))
    return code


def _in_the_app(handle: ReportDiagnosis, shown: OfflineReport) -> ExitCode:
    from ssmtui.cli.run import asked_settings
    from ssmtui.config.declared_settings import COMMANDS, KEYS
    from ssmtui.config.private_files import folders
    from ssmtui.ui.app.app import SsmtuiApp

    restore_terminal()
    app = SsmtuiApp(handle, report=shown)
    settings = asked_settings({})
    apply_ui_state(app, folders().state, folders().themes, settings)
    apply_key_bindings(app, settings.how(KEYS))
    apply_own_commands(app, settings.how(COMMANDS))
    apply_colours(app, settings)
    # All events are applied before the first paint.
    app.context.fleet_view.causes, app.context.handle = catalogue(), handle
    app.context.tick(handle.events.qsize())
    run_app(app)
    return ExitCode(app.return_code or 0)


def _shown(merged_report: MergedReport) -> OfflineReport:
    made = made_at(merged_report)
    earlier = (moment_of(row.generated_at) for row in merged_report.scopes if row.generated_at is not None)
    # The age of a report that was cut off is unknown; its scope has an error that says so.
    return OfflineReport(made, min([made, *(each for each in earlier if each > EPOCH)]))
