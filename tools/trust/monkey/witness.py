"""The witness of writes: a desk that notes what was on the screen when a change was handed in."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakSet

from ssmtui.model.plan import Plan
from ssmtui.model.scope import Scope
from ssmtui.remediation.apply.change import AppliedOutcome
from ssmtui.remediation.apply.change_service import ChangeService, open_change_service
from ssmtui.ui.screens.change_screen import ChangeScreen, ChangeSetScreen
from ssmtui.ui.state.changes import ChangePhase

if TYPE_CHECKING:
    from ssmtui.remediation.apply.change import ChangeOutcome
    from ssmtui.simulator.in_thread import SimulatedAws
    from ssmtui.ui.app.app import SsmtuiApp

_READABLE_ROWS = 5
"""On fewer rows than a terminal can have, nobody reads anything."""


class WitnessedDesk(ChangeService):
    """The real desk, on the simulated AWS. `unasked` are the writes that nobody was asked about before."""

    def __init__(self, journal: Path, aws: SimulatedAws) -> None:
        real = open_change_service(journal, endpoint_url=aws.endpoint_url)
        super().__init__(real.journal, real._writer_for)
        real.close()
        self.app: SsmtuiApp | None = None
        self.unasked: list[str] = []
        self.handed_in = self.made = self.taken_back = 0
        self._shown: WeakSet[ChangeScreen | ChangeSetScreen] = WeakSet()

    def look(self, _message: object = None) -> None:
        """Look at the screen, as somebody does before a key: before each message of the app."""
        app = self.app
        screen = app.screen_stack[-1] if app is not None and app.screen_stack else None
        if (
            not isinstance(screen, ChangeScreen | ChangeSetScreen)
            or not screen.is_mounted
            or screen.confirmation.phase is not ChangePhase.PREVIEW
        ):
            return
        if screen.confirmation.line.display and (
            screen.confirmation.line.region.height or screen.size.height < _READABLE_ROWS
        ):
            self._shown.add(screen)

    def apply(self, plan: Plan) -> Future[ChangeOutcome]:
        """Make it, and note whether it was confirmed."""
        self._note(f"apply {plan.fix}")
        attempt = self._watched(super().apply(plan))
        attempt.add_done_callback(self._note_made)
        return attempt

    def undo(self, change_id: str | None = None, scope: Scope | None = None) -> Future[ChangeOutcome]:
        """Take it back, and note whether that was confirmed."""
        self._note("undo")
        attempt = self._watched(super().undo(change_id, scope))
        attempt.add_done_callback(self._note_taken_back)
        return attempt

    def _watched(self, attempt: Future[ChangeOutcome]) -> Future[ChangeOutcome]:
        """A defect in the desk's thread is told as an outcome: note it."""
        attempt.add_done_callback(self._note_defect)
        return attempt

    def _note_defect(self, attempt: Future[ChangeOutcome]) -> None:
        from ssmtui.remediation.apply.change import DefectOutcome

        if not attempt.cancelled() and isinstance(outcome := attempt.result(), DefectOutcome):
            self.unasked.append(f"a defect while a change was made: {outcome.why}")

    def _note_made(self, attempt: Future[ChangeOutcome]) -> None:
        self.made += _is_made(attempt)

    def _note_taken_back(self, attempt: Future[ChangeOutcome]) -> None:
        self.taken_back += _is_made(attempt)

    def _note(self, what: str) -> None:
        self.handed_in += 1
        screen = self.app.screen if self.app is not None else None
        if not isinstance(screen, ChangeScreen | ChangeSetScreen) or screen not in self._shown:
            self.unasked.append(f"a write without a confirmation on the screen before it: {what}")
        elif (
            screen.confirmation.line.asks
            and screen.confirmation.line._input.value.strip() != screen.confirmation.line._word
        ):
            self.unasked.append(f"a write whose word was not typed: {what}")


def _is_made(future: Future[ChangeOutcome]) -> bool:
    return not future.cancelled() and future.exception() is None and isinstance(future.result(), AppliedOutcome)
