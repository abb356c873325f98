"""Filtering the fleet: nodes by what they are, and causes by what they say as well as by the nodes that are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from ssmtui.language import marked
from ssmtui.ui.screens.filtered_screen import FilteredScreen
from ssmtui.ui.screens.refreshing import RefreshingScreen
from ssmtui.ui.state.fleet_view import CausesView, NodesView
from ssmtui.ui.widgets.filter_line import FilterLine
from ssmtui.ui.words import cause_rows, fleet_rows
from ssmtui.ui.words.filter_near import wrong_word

if TYPE_CHECKING:
    from ssmtui.ui.state.bench import Bench
    from ssmtui.ui.words.filtering import Filter

_ONLY_FAILING = "verdict:fail"


class FleetFiltering(FilteredScreen, RefreshingScreen):
    """A screen of nodes and of causes, one of them up. Each has a line of its own; that of the nodes holds for both."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *FilteredScreen.FILTER,
        Binding(
            "f,exclamation_mark",
            "only_failing",
            marked("Failing"),
            tooltip=marked("Show failing nodes only, or all again"),
        ),
        Binding(
            "ctrl+o",
            "app.saved_filters",
            marked("Filters"),
            show=False,
            tooltip=marked("Filters that were saved, and those typed lately"),
        ),
        Binding(
            "escape", "no_filter", marked("No filter"), show=False, tooltip=marked("Show every row, then mark none")
        ),
    ]

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        self.node_view = NodesView(bench.board)
        self.cause_view = CausesView(bench.board, self.node_view)
        board = bench.board
        self.filter_line = FilterLine(
            fleet_rows.FIELDS,
            bench.first_filter,
            wrong_in=lambda text: wrong_word(text, fleet_rows.FIELDS, fleet_rows.filtered_rows(board)),
            saved=lambda: dict(bench.habits.current.filters),
        )
        self.cause_filter = FilterLine(
            cause_rows.FIELDS,
            hint="kms   status:warn   subject:web   fix:grant-*",
            wrong_in=lambda text: wrong_word(text, cause_rows.FIELDS, cause_rows.filtered_rows(board)),
        )

    def show_rows(self) -> None:
        """Show the rows of both views as they are now."""
        raise NotImplementedError

    def tell_notice(self) -> None:
        """Say in the place of the rows what is wrong, where something is."""
        raise NotImplementedError

    def action_show_nodes(self) -> None:
        """Show nodes instead of causes."""
        raise NotImplementedError

    def narrow(self, text: str) -> None:
        """Filter the nodes by a text."""
        self.filter_line.put(text)
        if self.shows_causes:
            self.action_show_nodes()

    def action_filter(self) -> None:
        """Type a filter for the rows that are up."""
        (self.cause_filter if self.shows_causes else self.filter_line).open()

    def action_no_filter(self) -> None:
        """Filter no more, the causes first; where nothing is filtered, mark nothing more."""
        if self.shows_causes and self.cause_filter.text:
            self.cause_filter.put("")
        elif self.filter_line.text:
            self.filter_line.put("")
        else:
            self.action_no_marks()

    def action_only_failing(self) -> None:
        """Show failing nodes only, or all again."""
        self.filter_line.toggle(_ONLY_FAILING)

    @on(FilterLine.Left)
    def _remember(self) -> None:
        """A filter that somebody is done typing is offered again, at the next start as well."""
        if self.filter_line.is_kept:
            self.bench.habits.change(lambda habits: habits.after_filtering(self.filter_line.text.strip()))

    def filter_by(self, line: FilterLine, wanted: Filter) -> None:
        """Show what a filter admits."""
        if line is self.cause_filter:
            self.cause_view.filter_by(wanted)
        else:
            self.node_view.filter_by(wanted)
            self.cause_view.filter_changed()
        self.show_rows()
        self.causes.touch_all()
        self.tell_notice()
        self.say_filtered()

    def say_filtered(self) -> None:
        """Say how many rows the filters admit; the causes' own is there where the causes are."""
        state = self.bench.board.state
        here = self.cause_view if self.shows_causes and not self.cause_filter.text else self.node_view
        self.filter_line.say(len(here), len(state.nodes if here is self.node_view else state.findings))
        self.cause_filter.say(len(self.cause_view), len(state.findings))
        typed = bool(self.cause_filter.text) or self.cause_filter.line.has_focus
        self.cause_filter.display = self.shows_causes and typed
        self.nodes.say_when_empty(self.node_view.when_empty)
        self.causes.say_when_empty(self.cause_view.when_empty)
