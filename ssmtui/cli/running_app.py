"""The app run to its end; a defect that it could not outlive is one of the command that started it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssmtui.cli.crashed_threads import told_of_crashes
from ssmtui.cli.told_to_end import ended_in_order, interrupted_by_key
from ssmtui.report.outcome import ExitCode

if TYPE_CHECKING:
    from ssmtui.ui.app.ending import Ending


def run_app(app: Ending) -> None:
    """Run it until the person leaves it. Raises what ended it otherwise, for the edge of the program to tell."""
    with (
        ended_in_order(app.end_in_order, app.has_begun_to_end, app.let_terminal_go),
        told_of_crashes(app.end_by_defect),
    ):
        try:
            app.run()
        finally:
            app.give_terminal_back()
        if app.return_code == ExitCode.INTERRUPTED:
            interrupted_by_key()
    if app.ended_by is not None:
        raise app.ended_by
