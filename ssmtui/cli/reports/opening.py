"""`ssmtui report open`: reports that were made before, in the app; without a terminal, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from ssmtui.causes.catalogue import catalogue
from ssmtui.cli.checking import paint
from ssmtui.cli.dressing import dress, shows_screens, wear_colours
from ssmtui.cli.keymapping import give_keys
from ssmtui.cli.printing import print_lines
from ssmtui.cli.reports.files import LONG_AGO, made_at, merged_reports, moment_of, say_what_is_missing
from ssmtui.cli.running_app import run_app
from ssmtui.cli.sane_terminal import make_sane
from ssmtui.diagnosis.following import follow
from ssmtui.report.format import DEFAULT, Report, all_formats
from ssmtui.report.merging.merge import Merged
from ssmtui.report.opened.inquiry import ReportInquiry
from ssmtui.report.outcome import ExitCode, FailOn
from ssmtui.ui.words.report_text import ReportShown


def open_reports(files: Sequence[str]) -> ExitCode:
    """Show them until the person leaves. Without a terminal the exit code is that of a check."""
    with merged_reports(files) as merged:
        say_what_is_missing(merged)
        if all(each.why_not for each in merged.told):
            return ExitCode.COULD_NOT_TELL
        shown = _shown(merged)
        inquiry = ReportInquiry(merged, catalogue(), shown.why_not)
        code = merged.exit_code(FailOn.FAIL)
    if shows_screens():
        return _in_the_app(inquiry, shown)
    print_lines(all_formats()[DEFAULT].lines(Report(follow(inquiry), catalogue(), shown.made, paint)))
    return code


def _in_the_app(inquiry: ReportInquiry, shown: ReportShown) -> ExitCode:
    from ssmtui.cli.run_settings import asked_settings
    from ssmtui.config.declared import KEYS, THEME
    from ssmtui.config.folders import folders
    from ssmtui.ui.app.app import SsmtuiApp

    make_sane()
    app = SsmtuiApp(inquiry, report=shown)
    settings = asked_settings({})
    dress(app, folders().state, folders().themes, settings[THEME])
    give_keys(app, settings.how(KEYS))
    wear_colours(app, settings)
    # All that it tells is there before the first paint.
    app.bench.board.causes, app.bench.inquiry = catalogue(), inquiry
    app.bench.tick(inquiry.events.qsize())
    run_app(app)
    return ExitCode(app.return_code or 0)


def _shown(merged: Merged) -> ReportShown:
    made = made_at(merged)
    earlier = (moment_of(str(row["generated_at"])) for row in merged.scopes if row.get("generated_at") is not None)
    # Of what was cut off nobody knows the age; it is in error, and says so.
    return ReportShown(made, min([made, *(each for each in earlier if each > LONG_AGO)]))
