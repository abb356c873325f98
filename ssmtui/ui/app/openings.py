"""The screens that others ask for, put up: those that need more than a line of the app's wiring."""

from __future__ import annotations

from textual import on
from textual.app import App

from ssmtui.ui.screens.changes_screen import ChangesScreen
from ssmtui.ui.screens.explain_screen import ExplainScreen
from ssmtui.ui.screens.fixes_screen import FixesScreen
from ssmtui.ui.screens.handover_screen import HandOverScreen, request_of
from ssmtui.ui.screens.set_screen import SetScreen
from ssmtui.ui.screens.wishes import ChooseFixes, Explain, HandOverPlans, OpenChanges, PreviewTogether
from ssmtui.ui.state.bench import Bench


class Openings(App[None]):
    """What the app is made of besides its own wiring."""

    bench: Bench

    @on(Explain)
    def _explain(self, wish: Explain) -> None:
        self.push_screen(ExplainScreen(self.bench, wish.node, wish.text))

    @on(OpenChanges)
    def _open_changes(self) -> None:
        self.push_screen(ChangesScreen(self.bench))

    @on(ChooseFixes)
    def _choose_fixes(self, wish: ChooseFixes) -> None:
        findings = self.bench.board.state.findings
        held = tuple(findings[id_] for id_ in wish.finding_ids if id_ in findings)
        self.push_screen(FixesScreen(self.bench, held, wish.nodes))

    @on(PreviewTogether)
    def _preview_together(self, wish: PreviewTogether) -> None:
        self.push_screen(SetScreen(self.bench, wish.plans))

    @on(HandOverPlans)
    def _hand_over(self, wish: HandOverPlans) -> None:
        board = self.bench.board
        # What all of them would do together is said of none of them.
        forecasts = wish.forecasts if len(wish.plans) == 1 else {}
        requests = tuple(request_of(board, plan, forecasts.get(plan.scope.name)) for plan in wish.plans)
        self.push_screen(HandOverScreen(self.bench, requests))
