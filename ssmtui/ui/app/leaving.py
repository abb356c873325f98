"""Leaving the app: for good, after asking where something would be lost, or for a while, as every program may be."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ssmtui.language import say
from ssmtui.ui.app.clipboard import Clipboard
from ssmtui.ui.screens.dialog import YesOrNo, leaving, leaving_edits, leaving_probes
from ssmtui.ui.screens.screen import BenchScreen
from ssmtui.ui.state.tunnels import tunnels_of

if TYPE_CHECKING:
    from ssmtui.ui.state.bench import Bench

INTERRUPTED = 130
"""The exit code of what a signal by the keyboard ended (128 + SIGINT)."""


class Leaving(Clipboard):
    """The part of the app that is left."""

    bench: Bench

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where there is no shell to go back to, nothing is suspended: on Windows, and in a browser."""
        if action == "suspend_process" and not (
            self._driver is not None and self._driver.can_suspend and sys.platform != "win32"
        ):
            return False
        return super().check_action(action, parameters)

    def action_suspend_process(self) -> None:
        """Stop, as Ctrl-Z stops every program, till the shell takes it up again; not in the middle of a change."""
        if self.bench.writing:
            self.notify(say("A change is being written: suspend ssmtui once it is done."), severity="warning")
        else:
            super().action_suspend_process()

    def action_leave(self) -> None:
        """Leave; ask first while a change is written, a tunnel is open, or where something typed would be lost."""
        self._leave(return_code=0)

    def action_interrupt(self) -> None:
        """Copy what is selected; without a selection, leave as what Ctrl-C interrupts does, by its exit code."""
        if not self.copy_selection():
            self._leave(return_code=INTERRUPTED)

    def _leave(self, *, return_code: int) -> None:
        unsaved = [each.unsaved for each in self.screen_stack if isinstance(each, BenchScreen) and each.unsaved]
        question = leaving() if self.bench.writing else leaving_edits(unsaved[-1]) if unsaved else None
        if question is None and (tunnels := tunnels_of(self.bench)):
            from ssmtui.ui.words.tunnel_rows import is_alive
            from ssmtui.ui.words.tunnel_text import leaving_tunnels

            open_ones = [each for each in tunnels if is_alive(each)]
            question = leaving_tunnels(open_ones) if open_ones else None
        if question is None and any(each.is_running for each in self.bench.probes):
            question = leaving_probes()
        if question is None:
            self.exit(return_code=return_code)
        elif not isinstance(self.screen, YesOrNo):
            self.push_screen(YesOrNo(*question), lambda yes: self.exit(return_code=return_code) if yes else None)
