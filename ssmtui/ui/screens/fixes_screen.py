"""Choosing among the fixes behind marked nodes or causes: several are previewed and made together."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from ssmtui.language import marked, say, say_many
from ssmtui.model.fleet import FleetFinding
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.scope import Scope
from ssmtui.model.subject import Subject
from ssmtui.preview.reach_words import reach_words
from ssmtui.ui.screens.filtered_screen import FilteredScreen
from ssmtui.ui.screens.putting_up import put_up_by
from ssmtui.ui.screens.screen import about
from ssmtui.ui.screens.wishes import ChooseFixes, Preview, PreviewTogether
from ssmtui.ui.state.bench import Bench
from ssmtui.ui.state.board import Changes
from ssmtui.ui.state.fix_offers import FixOffer, FixOffers, OfferKey, most_needed_first
from ssmtui.ui.widgets.content import inked
from ssmtui.ui.widgets.filter_line import FilterLine
from ssmtui.ui.widgets.key_bar import KeyBar
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.text_pane import TextPane
from ssmtui.ui.words.cause_rows import fix_title, subject_name
from ssmtui.ui.words.cell_filtering import admitted, fields_of_columns
from ssmtui.ui.words.columns import Column
from ssmtui.ui.words.explanation import BY_HAND
from ssmtui.ui.words.filtering import EVERYTHING, Filter
from ssmtui.ui.words.ink import Cell, Ink, cell
from ssmtui.ui.words.prose import Prose, item, paragraph
from ssmtui.ui.words.signs import MARKED, STATUSES

_COLUMNS = (
    Column("chosen", "", 1, 1, 0),
    Column("nodes", marked("nodes"), 5, 6, 3, numeric=True),
    Column("fix", marked("fix"), 24, None, 1),
    Column("subject", marked("subject"), 12, 36, 4),
    Column("cause", marked("cause"), 20, 40, 2),
)


class OfferTable(LineTable[OfferKey]):
    """The fixes: Enter previews what is chosen, or the one under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", marked("Preview"), key_display="⏎", tooltip=marked("Preview what is chosen")),
    ]


class FixesScreen(FilteredScreen):
    """The fixes of some findings: marked with space, previewed with Enter, alone or together."""

    CRUMB = marked("Fixes")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "close", marked("Back"), key_display="Esc"),
        Binding(
            "space",
            "choose",
            marked("Choose"),
            key_display="Space",
            tooltip=marked("Choose this fix, or choose it no more"),
        ),
        *FilteredScreen.FILTER,
        Binding("tab", "other_pane", marked("Other pane"), show=False),
    ]

    def __init__(self, bench: Bench, findings: tuple[FleetFinding, ...], nodes: tuple[NodeKey, ...] = ()) -> None:
        super().__init__(bench)
        self._asked_for = nodes
        self.offers = FixOffers(findings, nodes)
        self.who = Static(id="who")
        self._filter = EVERYTHING
        self.filter_line = FilterLine(fields_of_columns(_COLUMNS), hint=say("grant   subject:web   cause:key"))
        self.rows = OfferTable(_COLUMNS, self._cells, id="offers")
        self.pane = TextPane(id="offer")

    def compose(self) -> ComposeResult:
        """The fixes, and what there is to say of the one under the cursor."""
        yield self.crumbs
        yield self.who
        yield self.filter_line
        yield self.rows
        yield self.pane
        yield KeyBar()

    def on_mount(self) -> None:
        """Show them, and have their plans worked out."""
        self._show()
        self.rows.focus()
        self.run_worker(self._work_out(), exit_on_error=False, group="offers")

    def board_changed(self, changes: Changes) -> None:
        """Offer no more what is found no more, and plan the rest anew: a change that was made is in its way."""
        if not changes.findings or not self.is_mounted:
            return
        anew = self.offers.follow(self.bench.board.state.findings)
        self._show()
        if anew:
            self.run_worker(self._work_out(), exit_on_error=False, exclusive=True, group="offers")

    @property
    def scope_here(self) -> Scope | None:
        """The scope of the fix under the cursor."""
        offer = self.offers.offer(self.rows.cursor)
        return offer.finding.scope if offer else None

    @property
    def subject_here(self) -> tuple[Scope, Subject] | None:
        """What the fix under the cursor mends."""
        offer = self.offers.offer(self.rows.cursor)
        return about(offer.finding) if offer else None

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """What cannot be made cannot be chosen; what is known only alone is previewed alone."""
        offer = self.offers.offer(self.rows.cursor)
        match action:
            case "choose" if offer is not None:
                return self.offers.why_not(offer.key)
            case _:
                return super().why_not(action, parameters)

    def filter_by(self, line: FilterLine, wanted: Filter) -> None:  # noqa: ARG002
        """Show the fixes that a filter admits."""
        self._filter = wanted
        self._show()

    def focus_rows(self) -> None:
        """Give the keys to the rows."""
        self.rows.focus()

    def action_other_pane(self) -> None:
        """Move between the fixes and the text."""
        (self.pane if self.rows.has_focus else self.rows).focus()

    def action_choose(self) -> None:
        """Choose the fix under the cursor, or choose it no more."""
        if self.rows.cursor is not None:
            self.offers.toggle(self.rows.cursor)
            self._show()

    @on(LineTable.Moved, "#offers")
    def _other_fix(self) -> None:
        self._tell()
        self.refresh_bindings()

    @on(LineTable.Opened, "#offers")
    def _opened(self, event: LineTable.Opened) -> None:
        offer = next((each for each in self.offers if each.key == event.row), None)
        if offer is None or self.offers.plans or offer.is_for_itself or not offer.why_not:
            self._preview(offer)
        else:
            self.notify(offer.why_not, title=say("Cannot be done here"), severity="warning", markup=False)

    def _preview(self, offer: FixOffer | None) -> None:
        if len(self.offers.plans) > 1:
            self.post_message(PreviewTogether(self.offers.plans))
        elif chosen := next((each for each in self.offers if self.offers.is_chosen(each.key)), offer):
            self.post_message(Preview(chosen.finding.scope.name, chosen.fix, chosen.finding.id))

    async def _work_out(self) -> None:
        for offer in self.offers.open:
            future = self.bench.plan(offer.finding.scope.name, offer.fix, offer.finding.id)
            try:
                answer: Plan | NotApplicable = await asyncio.wrap_future(future)
            except LookupError:
                answer = NotApplicable(offer.fix, say(BY_HAND))
            self.offers.answered(offer.key, answer)
            self._show()

    def _show(self) -> None:
        for offer in self.offers:
            self.rows.measure(self._content(offer))
        self.rows.show(admitted(self._filter, self.offers.keys, self._cells))
        self.rows.say_when_empty(say("No fix is like that. Esc shows them all."))
        self.filter_line.say(len(self.rows.keys), len(self.offers.keys))
        self.rows.touch_all()
        self._say_who()
        self._tell()
        self.refresh_bindings()

    def _say_who(self) -> None:
        board = self.bench.board
        names = [node.name or node.id for key in self._asked_for if (node := board.node(key))]
        several = say_many("Fixes for {count} node", "Fixes for {count} nodes", count=len(names))
        title = say("Fixes") if not names else say("Fixes for {node}", node=names[0]) if len(names) == 1 else several
        count = len(self.offers.plans)
        chosen = say_many(
            "{count} chosen, for {nodes} of the nodes",
            "{count} chosen, for {nodes} of the nodes",
            count=count,
            nodes=len(self.offers.served),
        )
        hint = say("space chooses, Enter previews: what is chosen is previewed and made together")
        self.who.update(inked((title, Ink.STRONG), "\n", (chosen if count else hint, Ink.MUTED)))

    def _tell(self) -> None:
        offer = self.offers.offer(self.rows.cursor)
        if offer is None:
            self.pane.show(())
            return
        # Whole, as its column may have cut it off.
        whole = paragraph((self._title(offer), Ink.STRONG))
        self.pane.show((whole, *_prose(offer, self.offers.why_not(offer.key), self._loses(offer))))

    def _loses(self, offer: FixOffer) -> str:
        cause = self.bench.board.causes.get(offer.finding.finding.cause)
        named = cause.offer(offer.fix) if cause else None
        return named.loses if named else ""

    def _content(self, offer: FixOffer) -> Mapping[str, int]:
        board = self.bench.board
        return {
            "fix": cell_len(self._title(offer)),
            "subject": cell_len(subject_name(board, offer.finding)),
            "cause": cell_len(board.title(offer.finding.finding.cause)),
        }

    def _title(self, offer: FixOffer) -> str:
        if isinstance(offer.answer, Plan):
            return offer.answer.title
        return fix_title(self.bench.board, offer.finding.finding.cause, offer.fix)

    def _cells(self, key: OfferKey) -> Mapping[str, Cell]:
        offer = self.offers.offer(key)
        if offer is None:
            return {}
        can = not self.offers.why_not(key)
        board = self.bench.board
        return {
            "chosen": cell(MARKED.glyph, MARKED.ink)
            if self.offers.is_chosen(key)
            else cell("·" if can else " ", Ink.FAINT),
            "nodes": cell(str(len(offer.nodes)), Ink.STRONG if can else Ink.FAINT),
            "fix": cell(self._title(offer), Ink.PLAIN if can else Ink.MUTED if offer.is_for_itself else Ink.FAINT),
            "subject": cell(subject_name(board, offer.finding), Ink.MUTED),
            "cause": cell(board.title(offer.finding.finding.cause), Ink.MUTED),
        }


@put_up_by(ChooseFixes)
def fixes(bench: Bench, wish: ChooseFixes) -> FixesScreen:
    """The fixes of findings: those that are still there, the most needed first."""
    findings = bench.board.state.findings
    there = (findings[id_] for id_ in wish.finding_ids if id_ in findings)
    return FixesScreen(bench, tuple(most_needed_first(bench.board, there, wish.nodes)), wish.nodes)


def _prose(offer: FixOffer, why_not: str, loses: str) -> Prose:
    if offer.is_gone:
        # No sign: it may be mended, or its Region not be looked at any more.
        return (paragraph((say("The checks do not find it any more."), Ink.MUTED)),)
    sign = STATUSES[offer.finding.finding.status]
    plan = offer.answer if isinstance(offer.answer, Plan) else None
    return (
        item(sign.glyph, offer.finding.finding.summary, ink=sign.ink),
        *((paragraph((why_not, Ink.WARN), gap=True),) if why_not else ()),
        *((paragraph((say("reaches {reach}", reach=reach_words(plan)), Ink.MUTED), gap=True),) if plan else ()),
        *((paragraph((say("gives up: "), Ink.WARN), (loses, Ink.MUTED)),) if loses else ()),
        *((paragraph((say("costs: "), Ink.WARN), (plan.costs, Ink.MUTED)),) if plan and plan.costs else ()),
        *((paragraph((plan.delay, Ink.MUTED)),) if plan and plan.delay else ()),
    )
