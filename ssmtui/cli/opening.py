"""`ssmtui`: the screen opened on a running diagnosis."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ssmtui.cli.run import Run
from ssmtui.evidence.prompting import may_prompt
from ssmtui.report.outcome import ExitCode

if TYPE_CHECKING:
    from ssmtui.diagnosis.live import LiveDiagnosis


def open_screen(run: Run, *, mode: str = "") -> ExitCode:
    """Run the app until the person leaves it. What may ask for an MFA code asks before the screen is taken."""
    from ssmtui.changes.journal import Journal
    from ssmtui.ui.app import SsmtuiApp

    profiles = run.settings.profiles or (None,)
    asks_first = any(may_prompt(profile, os.environ) for profile in profiles)
    inquiry = _already_open(run) if asks_first else None
    desk = run.desk(lend=inquiry.credentials if inquiry is not None else None)
    app = SsmtuiApp(inquiry or run.inquiry, desk, mode=mode, journal=Journal(run.journal))
    try:
        app.run()
    finally:
        if desk is not None:
            desk.close()
    return ExitCode(app.return_code or 0)


def _already_open(run: Run) -> LiveDiagnosis:
    """A diagnosis whose scopes are open or in error, so that it will not prompt any more."""
    inquiry = run.inquiry()
    inquiry.opened.result()
    return inquiry
