"""Choose among the fixes of several findings, and preview them together."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import BindingType

from ssmtui.language import say, say_many, translatable
from ssmtui.model.finding import FleetFinding, Subject
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import FixNotApplicable, Plan, awaited_nodes
from ssmtui.model.scope import Scope
from ssmtui.remediation.preview import reach_text
from ssmtui.ui.screens.base_screen import BACK_KEY, FILTER_KEY, OTHER_PANE_KEY, BaseScreen, subject_of
from ssmtui.ui.screens.screen_requests import ChooseFixes, PreviewChanges, PreviewFix, screen_for_request
from ssmtui.ui.state.app_context import AppContext
from ssmtui.ui.state.changes import FixOffer, FixOffers, OfferKey, most_needed_first
from ssmtui.ui.state.fleet_view import FleetChanges
from ssmtui.ui.text.cause_rows import fix_title, subject_name
from ssmtui.ui.text.changes import forecast_prose
from ssmtui.ui.text.explanation import MANUAL_STEPS
from ssmtui.ui.text.filters import Column, fields_of_columns
from ssmtui.ui.text.styled_text import MARKED, STATUSES, Cell, Prose, TextStyle, cell, item, paragraph
from ssmtui.ui.widgets.filter_line import FilterLine
from ssmtui.ui.widgets.key_bindings import bind
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.text_pane import TextPane

_FIX_COLUMNS = (
    Column("chosen", "", 1, 1, 0),
    Column("nodes", translatable("nodes"), 5, 6, 3, numeric=True),
    Column("fix", translatable("fix"), 24, None, 1),
    Column("subject", translatable("subject"), 12, 36, 4),
    Column("cause", translatable("cause"), 20, 40, 2),
)


class FixTable(LineTable[OfferKey]):
    """The fixes: Enter previews the chosen ones, or the one under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("enter", "open", translatable("Preview"), translatable("Preview the selected fixes"), display="⏎"),
    ]


class FixesScreen(BaseScreen):
    """The fixes of some findings: marked with space, previewed with Enter, alone or together."""

    BREADCRUMB = translatable("Fixes")
    TABLES = (FixTable,)
    filter_line: FilterLine
    BINDINGS: ClassVar[list[BindingType]] = [
        BACK_KEY,
        bind(
            "space",
            "choose",
            translatable("Select"),
            translatable("Select or clear this fix"),
            display="Space",
        ),
        FILTER_KEY,
        OTHER_PANE_KEY,
    ]

    def __init__(
        self, context: AppContext, findings: tuple[FleetFinding, ...], nodes: tuple[NodeKey, ...] = ()
    ) -> None:
        super().__init__(context)
        self._asked_for = nodes
        self.offers = FixOffers(findings, nodes)
        self.filter_line = FilterLine(fields_of_columns(_FIX_COLUMNS), hint=say("grant   subject:web   cause:key"))
        self.rows = FixTable(_FIX_COLUMNS, self._cells, id="offers")
        self.pane = TextPane(id="offer")
        self.body = (self.filter_line, self.rows, self.pane)

    def on_mount(self) -> None:
        """Show the fixes, and compute their plans."""
        self.show_rows()
        self.rows.focus()
        self.run_worker(self._work_out(), exit_on_error=False, group="offers")

    def fleet_changed(self, changes: FleetChanges) -> None:
        """Remove the fixes of findings that are gone, and plan the rest again: a change invalidates older plans."""
        if not changes.findings or not self.is_mounted:
            return
        anew = self.offers.follow(self.context.fleet_view.state.findings)
        self.show_rows()
        if anew:
            self.run_worker(self._work_out(), exit_on_error=False, exclusive=True, group="offers")

    @property
    def current_scope(self) -> Scope | None:
        """The scope of the fix under the cursor."""
        offer = self.offers.offer(self.rows.cursor)
        return offer.finding.scope if offer else None

    @property
    def current_subject(self) -> tuple[Scope, Subject] | None:
        """The subject that the fix under the cursor changes."""
        offer = self.offers.offer(self.rows.cursor)
        return subject_of(offer.finding) if offer else None

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """Return why a fix cannot be chosen: it cannot be made, or must be previewed alone."""
        offer = self.offers.offer(self.rows.cursor)
        match action:
            case "choose" if offer is not None:
                return self.offers.why_not(offer.key)
            case _:
                return super().why_not(action, parameters)

    def action_choose(self) -> None:
        """Select or deselect the fix under the cursor."""
        if self.rows.cursor is not None:
            self.offers.toggle(self.rows.cursor)
            self.show_rows()

    def row_moved(self) -> None:
        """Show the fix under the cursor."""
        self._tell()
        self.refresh_bindings()

    def row_opened(self, row: object) -> None:
        """Preview the chosen fixes, or the fix of the row if none is chosen."""
        offer = next((each for each in self.offers if each.key == row), None)
        if offer is None or self.offers.plans or offer.is_for_itself or not offer.why_not:
            self._preview(offer)
        else:
            self.notify(offer.why_not, title=say("Not available"), severity="warning", markup=False)

    def _preview(self, offer: FixOffer | None) -> None:
        if len(self.offers.plans) > 1:
            self.post_message(PreviewChanges(self.offers.plans))
        elif chosen := next((each for each in self.offers if self.offers.is_chosen(each.key)), offer):
            self.post_message(PreviewFix(chosen.finding.scope.name, chosen.fix, chosen.finding.id))

    async def _work_out(self) -> None:
        for offer in self.offers.open:
            future = self.context.plan(offer.finding.scope.name, offer.fix, offer.finding.id)
            try:
                answer: Plan | FixNotApplicable = await asyncio.wrap_future(future)
            except LookupError:
                answer = FixNotApplicable(offer.fix, say(MANUAL_STEPS))
            self.offers.answered(offer.key, answer)
            self.show_rows()
        await self._foresee()

    async def _foresee(self) -> None:
        """Run the forecast of each plan: the number of nodes is that of its preview."""
        if (handle := self.context.handle) is None:
            return
        for plan in [each.answer for each in self.offers if isinstance(each.answer, Plan)]:
            self.offers.foreseen(plan, await asyncio.wrap_future(handle.forecast(plan)))
            self.show_rows()

    def show_rows(self) -> None:
        """Show the fixes that the filter admits."""
        for offer in self.offers:
            self.rows.measure(self._content(offer))
        when_none = say("No fix matches the filter. Esc clears it.")
        self.filter_line.show_filtered(self.rows, self.offers.keys, when_none)
        self.rows.touch_all()
        self._update_title_line()
        self._tell()
        self.refresh_bindings()

    def _update_title_line(self) -> None:
        fleet_view = self.context.fleet_view
        names = [node.name or node.id for key in self._asked_for if (node := fleet_view.node(key))]
        several = say_many("Fixes for {count} node", "Fixes for {count} nodes", count=len(names))
        title = say("Fixes") if not names else say("Fixes for {node}", node=names[0]) if len(names) == 1 else several
        count = len(self.offers.plans)
        chosen = say_many("{count} fix is selected", "{count} fixes are selected", count)
        hint = say("Space selects a fix. Enter previews the selected fixes together.")
        self.show_title(title, chosen if count else hint)

    def _tell(self) -> None:
        offer = self.offers.offer(self.rows.cursor)
        if offer is None:
            self.pane.show(())
            return
        # The complete text, as its column may have cut it.
        whole = paragraph((self._title(offer), TextStyle.STRONG))
        effect = (
            forecast_prose(self.context.fleet_view, offer.answer, offer.forecast)
            if isinstance(offer.answer, Plan) and not offer.is_gone
            else ()
        )
        self.pane.show((whole, *_offer_prose(offer, self.offers.why_not(offer.key), self._loses(offer), effect)))

    def _loses(self, offer: FixOffer) -> str:
        cause = self.context.fleet_view.causes.get(offer.finding.finding.cause)
        named = cause.offer(offer.fix) if cause else None
        return named.loses if named else ""

    def _content(self, offer: FixOffer) -> Mapping[str, int]:
        fleet_view = self.context.fleet_view
        return {
            "fix": cell_len(self._title(offer)),
            "subject": cell_len(subject_name(fleet_view, offer.finding)),
            "cause": cell_len(fleet_view.title(offer.finding.finding.cause)),
        }

    def _title(self, offer: FixOffer) -> str:
        if isinstance(offer.answer, Plan):
            return offer.answer.title
        return fix_title(self.context.fleet_view, offer.finding.finding.cause, offer.fix)

    def _cells(self, key: OfferKey) -> Mapping[str, Cell]:
        offer = self.offers.offer(key)
        if offer is None:
            return {}
        can = not self.offers.why_not(key)
        fleet_view = self.context.fleet_view
        return {
            "chosen": cell(MARKED.glyph, MARKED.text_style)
            if self.offers.is_chosen(key)
            else cell("·" if can else " ", TextStyle.FAINT),
            "nodes": cell(_improved_nodes(offer), TextStyle.STRONG if can else TextStyle.FAINT),
            "fix": cell(
                self._title(offer),
                TextStyle.PLAIN if can else TextStyle.MUTED if offer.is_for_itself else TextStyle.FAINT,
            ),
            "subject": cell(subject_name(fleet_view, offer.finding), TextStyle.MUTED),
            "cause": cell(fleet_view.title(offer.finding.finding.cause), TextStyle.MUTED),
        }


@screen_for_request(ChooseFixes)
def fixes_screen(context: AppContext, request: ChooseFixes) -> FixesScreen:
    """Return the screen of the fixes of these findings, as far as they still exist, the most needed first."""
    findings = context.fleet_view.state.findings
    there = (findings[id_] for id_ in request.finding_ids if id_ in findings)
    return FixesScreen(context, tuple(most_needed_first(context.fleet_view, there, request.nodes)), request.nodes)


def _improved_nodes(offer: FixOffer) -> str:
    """Return the number of nodes that the preview of the fix says improve; a dash if there is no preview."""
    if isinstance(offer.answer, Plan) and offer.forecast is not None:
        return str(len(awaited_nodes(offer.answer, offer.forecast)))
    return "…" if offer.answer is None or isinstance(offer.answer, Plan) else "–"


def _offer_prose(offer: FixOffer, why_not: str, loses: str, effect: Prose) -> Prose:
    if offer.is_gone:
        # No sign: the finding may be fixed, or its Region closed.
        return (paragraph((say("The checks no longer report this finding."), TextStyle.MUTED)),)
    sign = STATUSES[offer.finding.finding.status]
    plan = offer.answer if isinstance(offer.answer, Plan) else None
    return (
        item(sign.glyph, offer.finding.finding.summary, text_style=sign.text_style),
        *effect,
        *((paragraph((why_not, TextStyle.WARN), gap=True),) if why_not else ()),
        *((paragraph((say("affects {reach}", reach=reach_text(plan)), TextStyle.MUTED), gap=True),) if plan else ()),
        *((paragraph((say("trade-off: "), TextStyle.WARN), (loses, TextStyle.MUTED)),) if loses else ()),
        *((paragraph((say("cost: "), TextStyle.WARN), (plan.costs, TextStyle.MUTED)),) if plan and plan.costs else ()),
        *((paragraph((plan.delay, TextStyle.MUTED)),) if plan and plan.delay else ()),
    )
