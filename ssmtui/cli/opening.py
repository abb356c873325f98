"""`ssmtui`: the screen opened on a running diagnosis."""

from __future__ import annotations

import os
from functools import partial

from ssmtui.cli.run import Run
from ssmtui.diagnosis.inquiry import Inquiry
from ssmtui.evidence.prompting import may_prompt
from ssmtui.report.outcome import ExitCode


def open_screen(run: Run, *, mode: str = "") -> ExitCode:
    """Run the app until the person leaves it. What may ask for an MFA code asks before the screen is taken."""
    from ssmtui.ui.app import SsmtuiApp

    profiles = run.settings.profiles or (None,)
    asks_first = any(may_prompt(profile, os.environ) for profile in profiles)
    start = partial(_already_open, run) if asks_first else run.inquiry
    inquiry: Inquiry | None = start() if asks_first else None
    desk = run.desk()
    app = SsmtuiApp(inquiry or start, desk, mode=mode)
    try:
        app.run()
    finally:
        if desk is not None:
            desk.close()
    return ExitCode(app.return_code or 0)


def _already_open(run: Run) -> Inquiry:
    """A diagnosis whose scopes are open or in error, so that it will not prompt any more."""
    inquiry = run.inquiry()
    inquiry.opened.result()
    return inquiry
