"""Explain a finding, and show which of its fixes can be applied."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from ssmtui.language import say
from ssmtui.model.finding import FleetFinding
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import FixNotApplicable, Plan
from ssmtui.ui.state.app_context import AppContext
from ssmtui.ui.text.explanation import MANUAL_STEPS, finding_explanation
from ssmtui.ui.text.styled_text import Prose
from ssmtui.ui.widgets.text_pane import TextPane


class FindingPane(TextPane):
    """Explains one finding at a time; asks for the plans of its fixes when it first shows it."""

    def __init__(self, context: AppContext, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._bench = context
        self._finding: FleetFinding | None = None
        self._looked_at: Collection[NodeKey] = ()
        self._offers: dict[str, Plan | FixNotApplicable] = {}

    def on_mount(self) -> None:
        """Count AWS's own delays down."""
        self.set_interval(1, self._count_down)

    @property
    def finding(self) -> FleetFinding | None:
        """The finding that is explained; None where the pane shows something else."""
        return self._finding

    def explain(self, fleet_finding: FleetFinding, nodes: Collection[NodeKey]) -> None:
        """Explain a finding to somebody who looks at these nodes."""
        self._looked_at = nodes
        another = self._finding is None or fleet_finding.id != self._finding.id
        if another or (self._finding and fleet_finding.finding != self._finding.finding):
            self._offers = {}
            self._finding = fleet_finding
            if fleet_finding.finding.fixes:
                self.run_worker(self._ask(fleet_finding), exclusive=True, group="offers", exit_on_error=False)
        self._finding = fleet_finding
        self._show(from_top=another)

    def tell(self, prose: Prose) -> None:
        """Show something that is no finding."""
        another = self._finding is not None
        self._finding = None
        self._offers = {}
        self.show(prose, from_top=another)

    def offers(self, parameters: tuple[object, ...]) -> bool:
        """Whether the finding has a fix of that number."""
        count = len(self._finding.finding.fixes) if self._finding else 0
        return any(isinstance(number, int) and number <= count for number in parameters)

    def why_not_fix(self, number: int) -> str:
        """Why the fix of that number cannot be made here; empty where it can, or is not known yet."""
        fixes = self._finding.finding.fixes if self._finding else ()
        offer = self._offers.get(fixes[number - 1]) if number <= len(fixes) else None
        if isinstance(offer, FixNotApplicable) and offer.steps is not None:
            return ""  # they are only read, whoever may change what
        return offer.why if isinstance(offer, FixNotApplicable) and not offer.choices else ""

    def fix(self, number: int) -> str:
        """The slug of the fix of that number."""
        return self._finding.finding.fixes[number - 1] if self._finding else ""

    async def _ask(self, fleet_finding: FleetFinding) -> None:
        for fix in fleet_finding.finding.fixes:
            future = self._bench.plan(fleet_finding.scope.name, fix, fleet_finding.id)
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
        if self._finding is not None:
            prose = finding_explanation(
                self._bench.fleet_view, self._finding, self._looked_at, self._offers, self._bench.now()
            )
            self.show(prose, from_top=from_top)
