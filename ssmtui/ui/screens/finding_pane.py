"""Explain a finding beside or below the rows, and preview its fixes by their numbers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import TypeAlias

from ssmtui.language import say
from ssmtui.model.finding import FleetFinding
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import FixNotApplicable, Plan
from ssmtui.ui.screens.base_screen import BaseScreen
from ssmtui.ui.screens.row_actions import has_fix
from ssmtui.ui.screens.screen_requests import PreviewFix
from ssmtui.ui.state.app_context import AppContext
from ssmtui.ui.text.explanation import MANUAL_STEPS, FixPlans, finding_explanation
from ssmtui.ui.text.styled_text import Prose
from ssmtui.ui.widgets.text_pane import TextPane

DescribeFinding: TypeAlias = Callable[[FleetFinding, FixPlans], Prose]


class FindingPane(TextPane):
    """A pane that explains one finding; it requests the plans of the fixes when it first shows the finding."""

    def __init__(self, context: AppContext, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._app_context = context
        self._finding: FleetFinding | None = None
        self._describe: DescribeFinding | None = None
        self._offers: dict[str, Plan | FixNotApplicable] = {}

    def on_mount(self) -> None:
        """Count down the delays of AWS."""
        self.set_interval(1, self._count_down)

    @property
    def finding(self) -> FleetFinding | None:
        """The explained finding; None if the pane shows something else."""
        return self._finding

    def explain(self, fleet_finding: FleetFinding, describe: DescribeFinding) -> None:
        """Explain a finding; `describe` returns the text for its finding and the plans that are known."""
        self._describe = describe
        another = self._finding is None or fleet_finding.id != self._finding.id
        if another or (self._finding and fleet_finding.finding != self._finding.finding):
            self._offers = {}
            self._finding = fleet_finding
            if fleet_finding.finding.fixes:
                self.run_worker(self._ask(fleet_finding), exclusive=True, group="offers", exit_on_error=False)
        self._finding = fleet_finding
        self._show(from_top=another)

    def tell(self, prose: Prose, *, from_top: bool = False) -> None:
        """Show a text that is no finding."""
        another = from_top or self._finding is not None
        self._finding = None
        self._offers = {}
        self.show(prose, from_top=another)

    def why_not_fix(self, number: int) -> str:
        """Return why a fix of the explained finding cannot be made here; empty if it can, or if it is not known yet."""
        fixes = self._finding.finding.fixes if self._finding else ()
        offer = self._offers.get(fixes[number - 1]) if number <= len(fixes) else None
        if isinstance(offer, FixNotApplicable) and offer.steps is not None:
            return ""  # steps can be read without any permission
        return offer.why if isinstance(offer, FixNotApplicable) and not offer.choices else ""

    async def _ask(self, fleet_finding: FleetFinding) -> None:
        for fix in fleet_finding.finding.fixes:
            future = self._app_context.plan(fleet_finding.scope.name, fix, fleet_finding.id)
            try:
                answer = await asyncio.wrap_future(future)
            except LookupError:
                answer = FixNotApplicable(fix, say(MANUAL_STEPS))
            if self._finding is None or self._finding.id != fleet_finding.id:
                return
            self._offers[fix] = answer
        self._show()
        self.screen.refresh_bindings()

    def _count_down(self) -> None:
        if self._finding and self._finding.finding.until:
            self._show()

    def _show(self, *, from_top: bool = False) -> None:
        if self._finding is not None and self._describe is not None:
            self.show(self._describe(self._finding, self._offers), from_top=from_top)


class FindingPaneScreen(BaseScreen):
    """A screen with a pane that explains findings. Its class adds `FIX_KEYS` to its own bindings."""

    pane: FindingPane

    def show_finding(self, held: FleetFinding, nodes: Collection[NodeKey]) -> None:
        """Explain a finding to a user who looks at these nodes."""
        fleet_view, now = self.context.fleet_view, self.context.now
        self.pane.explain(held, lambda found, offers: finding_explanation(fleet_view, found, nodes, offers, now()))

    @property
    def fixable_finding(self) -> FleetFinding | None:
        """The finding that the fix keys act on: the one in the pane."""
        return self.pane.finding

    def action_fix(self, number: int) -> None:
        """Preview a fix of the finding."""
        if held := self.fixable_finding:
            self.post_message(PreviewFix(held.scope.name, held.finding.fixes[number - 1], held.id))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide a number without a fix; dim a fix that cannot be made here."""
        if action == "fix" and not has_fix(self.fixable_finding, parameters):
            return False
        return super().check_action(action, parameters)

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """Return why a fix is not possible here."""
        match action, parameters:
            case "fix", (int(number),):
                return self.pane.why_not_fix(number)
            case _:
                return super().why_not(action, parameters)
