"""The pulse: the fleet at a glance. How many nodes stand how, by what they have in common, and over time."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from ssmtui.language import marked, say
from ssmtui.ui.screens.pace import PacedWork
from ssmtui.ui.screens.putting_up import put_up_as
from ssmtui.ui.screens.refreshing import RefreshedScreen
from ssmtui.ui.screens.screen import BenchScreen
from ssmtui.ui.screens.wishes import PutUp, ShowNodes
from ssmtui.ui.state.pulse_tallies import Tallies
from ssmtui.ui.widgets.content import inked
from ssmtui.ui.widgets.group_panel import GroupPanel
from ssmtui.ui.widgets.key_bar import KeyBar
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.notice_pane import Banner, NoticePane, told_of
from ssmtui.ui.widgets.summary_bar import SummaryBar
from ssmtui.ui.words import pulse_rows, pulse_series
from ssmtui.ui.words.ink import Ink
from ssmtui.ui.words.pulse_groups import GROUPINGS

if TYPE_CHECKING:
    from ssmtui.ui.state.bench import Bench
    from ssmtui.ui.state.board import Changes
    from ssmtui.ui.widgets.series_plot import SeriesPlot

_TWO_COLUMNS = 100
"""Columns of cells from which on there is room for two panels beside each other."""

_LOOK = 1
"""Seconds between two looks at whether the plot has gone on."""


class PulseScreen(RefreshedScreen):
    """The nodes by Region, root cause, agent and platform, and how many ping, are connected and fail over time."""

    CRUMB = marked("Pulse")
    MERELY_LOOKS = True
    HORIZONTAL_BREAKPOINTS = [(0, "-one-column"), (_TWO_COLUMNS, "-two-columns")]  # noqa: RUF012 - as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", marked("Back"), key_display="Esc"),
        Binding("backspace,tilde", "close", marked("Back"), show=False),
        Binding("tab", "next_panel(1)", marked("Next panel"), key_display="Tab", tooltip=marked("To the next panel")),
        Binding("shift+tab", "next_panel(-1)", marked("Panel before"), show=False, tooltip=marked("To the one before")),
        *BenchScreen.SESSIONS[-1:],
    ]

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        self.tallies = Tallies(bench.board, GROUPINGS)
        self.panels = tuple(GroupPanel(bench.board, self.tallies, each) for each in GROUPINGS)
        self.summary = SummaryBar(bench)
        self.banner = Banner(id="banner")
        self.notice = NoticePane(id="notice")
        self.scrolled = VerticalScroll(id="panels", can_focus=False)
        self.legend = Static(id="legend")
        self._counting = PacedWork(self._show_counts, self.set_timer)
        self._plot: SeriesPlot | None = None

    def compose(self) -> ComposeResult:
        """How all stand, the panels, and the plot below them; or what there is instead of nodes."""
        from ssmtui.ui.widgets.series_plot import SeriesPlot  # it brings the plotting library, which few starts need

        self._plot = SeriesPlot(id="plot")
        yield self.crumbs
        yield self.summary
        yield self.banner
        with self.scrolled:
            yield from self.panels
            with Vertical(id="over-time"):
                yield self.legend
                yield self._plot
        yield self.notice
        yield KeyBar()

    def on_mount(self) -> None:
        """Count what there is."""
        # Textual says so once it has painted the screen, which would be seen.
        self.set_class(self.app.size.width >= _TWO_COLUMNS, "-two-columns")
        self._take_in(self.bench.board.everything())
        self.set_interval(_LOOK, self._show_time)
        self.call_after_refresh(self._show_time)

    def on_resize(self) -> None:
        """The plot has another width."""
        self.call_after_refresh(self._show_time)

    def board_changed(self, changes: Changes) -> None:
        """Count what has changed."""
        if changes and self.is_mounted:
            self._take_in(changes)

    @property
    def about(self) -> Hashable:
        """What is come back to."""
        return self.CRUMB

    @property
    def to_copy(self) -> str:
        """The row under the cursor, in words."""
        panel = self._panel_here
        group = panel.rows.cursor if panel else None
        if panel is None or group is None:
            return ""
        return pulse_rows.copied(self.bench.board, panel.grouping, group, self.tallies.counts(panel.grouping, group))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """It is not put up over itself."""
        if (action, parameters) == ("put_up", ("pulse",)):
            return False
        return super().check_action(action, parameters)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss()

    def action_next_panel(self, by: int) -> None:
        """Go to the next panel, or to the one before; the plot is seen after the last."""
        here = self._panel_here
        self._to_panel(self.panels[(self.panels.index(here) + by if here else 0) % len(self.panels)])

    def _to_panel(self, panel: GroupPanel) -> None:
        """Give the keys to a panel, and have its title in sight, too; with the last, the plot."""
        self.set_focus(panel.rows, scroll_visible=False)
        if panel is self.panels[-1]:
            self.scrolled.scroll_end(animate=False)
        else:
            self.scrolled.scroll_to_widget(panel, animate=False)

    @property
    def _panel_here(self) -> GroupPanel | None:
        return next((panel for panel in self.panels if panel.rows is self.focused), None)

    @on(LineTable.Opened)
    def _show_nodes(self, event: LineTable.Opened) -> None:
        panel = next(panel for panel in self.panels if panel.rows is event.control)
        if (group := panel.rows.cursor) is not None:
            self.post_message(ShowNodes(panel.grouping.wanted(group)))

    @on(LineTable.Moved)
    def _other_row(self) -> None:
        self.refresh_bindings()

    def _take_in(self, changes: Changes) -> None:
        if self.tallies.take(changes.nodes) or changes.other:
            self._counting.ask()
        self._tell_notice()
        self.summary.update_summary()
        if changes.other:
            self.refresh_keys()

    def _show_counts(self) -> None:
        for panel in self.panels:
            panel.show_counts()

    def _show_time(self) -> None:
        if self._plot is None or not self._plot.is_attached:
            return
        moments = self.bench.history.moments
        self.legend.update(inked((say("Over time") + "  ", Ink.HEADING), *pulse_series.legend(moments)))
        instead = (
            say("A report tells of one moment.") if self.bench.instead_of_aws else say("Nothing has been told yet.")
        )
        self._plot.show(pulse_series.chart(moments, self.bench.now(), self._plot.columns), instead)

    def _tell_notice(self) -> None:
        notice, banner = told_of(self.bench)
        self.notice.tell(notice)
        self.scrolled.display = notice is None
        self.banner.tell(() if notice else banner)
        if notice is not None:
            self.set_focus(self.notice)
        elif self._panel_here is None:
            self._to_panel(self.panels[0])


@put_up_as("pulse")
def pulse(bench: Bench, _wish: PutUp) -> PulseScreen:
    """The fleet at a glance."""
    return PulseScreen(bench)
