"""Show the overview: nodes by group, and their status over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from ssmtui.language import say, translatable
from ssmtui.ui.screens.base_screen import SESSIONS_KEY, BaseScreen
from ssmtui.ui.screens.row_actions import REFRESH_KEYS, refresh_all, toggle_auto_refresh
from ssmtui.ui.screens.screen_requests import ShowNamedScreen, ShowNodes, named_screen
from ssmtui.ui.state.fleet_view import GroupCounts
from ssmtui.ui.state.scheduling import ThrottledWork
from ssmtui.ui.text import overview
from ssmtui.ui.text.fleet import Fleet
from ssmtui.ui.text.overview import GROUPINGS, Group, Grouping
from ssmtui.ui.text.styled_text import Cell, TextStyle
from ssmtui.ui.widgets.key_bindings import bind
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.screen_frame import Banner, KeyBar, NoticePane, SummaryBar, notice_and_banner
from ssmtui.ui.widgets.text_pane import styled_content

if TYPE_CHECKING:
    from ssmtui.ui.state.app_context import AppContext
    from ssmtui.ui.state.fleet_view import FleetChanges
    from ssmtui.ui.widgets.series_plot import SeriesPlot


class GroupPanel(Vertical):
    """The groups of one grouping, below their title."""

    DEFAULT_CSS = """
    GroupPanel > Static { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    GroupPanel > LineTable { padding: 0 1; }
    """

    def __init__(self, fleet: Fleet, group_counts: GroupCounts, grouping: Grouping) -> None:
        super().__init__(id=grouping.key)
        self.grouping = grouping
        self._fleet = fleet
        self._group_counts = group_counts
        self._title = Static()
        self.rows = LineTable[Group](overview.columns(grouping), self._cells, id=f"{grouping.key}-rows")

    def compose(self) -> ComposeResult:
        """Compose the title and the rows."""
        yield self._title
        yield self.rows

    def show_counts(self) -> None:
        """Show the current counts of the groups."""
        grouping, group_counts = self.grouping, self._group_counts
        self._title.update(styled_content(*overview.title(grouping, group_counts.total(grouping))))
        self.rows.say_when_empty(say(grouping.when_empty))
        groups = group_counts.groups(grouping)
        for group in groups:
            name = grouping.label(self._fleet, group)
            self.rows.measure(overview.widths(grouping, name, group_counts.counts(grouping, group)))
        self.rows.show(groups)
        self.rows.touch_all()

    def _cells(self, group: Group) -> Mapping[str, Cell]:
        grouping, group_counts = self.grouping, self._group_counts
        room = next((placed.width for placed in self.rows.placed if placed.column.key == "bar"), 0)
        return overview.cells(
            grouping,
            grouping.label(self._fleet, group),
            group_counts.counts(grouping, group),
            room,
            group_counts.most(grouping),
            len(self._fleet.state.nodes),
        )


_TWO_COLUMN_WIDTH = 100
"""The width from which two panels fit side by side."""

_REFRESH_SECONDS = 1
"""Seconds between two checks whether the plot has a new sample."""


class OverviewScreen(BaseScreen):
    """The nodes by Region, root cause, agent and platform, and how many ping, are connected and fail over time."""

    BREADCRUMB = translatable("Overview")
    KEEPS_POSITION = True
    ALLOWS_AUTO_REFRESH = True
    HORIZONTAL_BREAKPOINTS = [(0, "-one-column"), (_TWO_COLUMN_WIDTH, "-two-columns")]  # noqa: RUF012 - as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [
        *REFRESH_KEYS,
        bind("escape", "close", translatable("Back"), display="Esc"),
        bind("backspace,tilde", "close", translatable("Back"), shown=False),
        bind("tab", "next_panel(1)", translatable("Next panel"), translatable("Go to the next panel"), display="Tab"),
        bind(
            "shift+tab",
            "next_panel(-1)",
            translatable("Previous panel"),
            translatable("Go to the previous panel"),
            shown=False,
        ),
        SESSIONS_KEY,
    ]

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.group_counts = GroupCounts(context.fleet_view, GROUPINGS)
        self.panels = tuple(GroupPanel(context.fleet_view, self.group_counts, each) for each in GROUPINGS)
        self.summary = SummaryBar(context)
        self.banner = Banner(id="banner")
        self.notice = NoticePane(id="notice")
        self.scrolled = VerticalScroll(id="panels", can_focus=False)
        self.legend = Static(id="legend")
        self._counting = ThrottledWork(self._show_counts, self.set_timer)
        self._plot: SeriesPlot | None = None

    def compose(self) -> ComposeResult:
        """Compose the summary, the panels and the plot; or the notice shown instead of nodes."""
        from ssmtui.ui.widgets.series_plot import SeriesPlot  # this imports the plotting library, which few starts need

        self._plot = SeriesPlot(id="plot")
        yield self.breadcrumbs
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
        """Count the nodes."""
        # Textual reports the resize only after the first paint, which the user would see.
        self.set_class(self.app.size.width >= _TWO_COLUMN_WIDTH, "-two-columns")
        self._take_in(self.context.fleet_view.everything())
        self.set_interval(_REFRESH_SECONDS, self._show_time)
        self.call_after_refresh(self._show_time)

    def on_resize(self) -> None:
        """Draw the plot in its new width."""
        self.call_after_refresh(self._show_time)

    def fleet_changed(self, changes: FleetChanges) -> None:
        """Count the changed nodes."""
        if changes and self.is_mounted:
            self._take_in(changes)

    @property
    def to_copy(self) -> str:
        """The row under the cursor, in words."""
        panel = self._panel_here
        group = panel.rows.cursor if panel else None
        if panel is None or group is None:
            return ""
        return overview.group_text(
            self.context.fleet_view, panel.grouping, group, self.group_counts.counts(panel.grouping, group)
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide the key of this screen."""
        if (action, parameters) == ("put_up", ("pulse",)):
            return False
        return super().check_action(action, parameters)

    def action_next_panel(self, by: int) -> None:
        """Focus the next or previous panel; scroll to the plot after the last."""
        here = self._panel_here
        self._to_panel(self.panels[(self.panels.index(here) + by if here else 0) % len(self.panels)])

    def _to_panel(self, panel: GroupPanel) -> None:
        """Focus a panel and scroll to its title; with the last panel, also to the plot."""
        self.set_focus(panel.rows, scroll_visible=False)
        if panel is self.panels[-1]:
            self.scrolled.scroll_end(animate=False)
        else:
            self.scrolled.scroll_to_widget(panel, animate=False)

    @property
    def _panel_here(self) -> GroupPanel | None:
        return next((panel for panel in self.panels if panel.rows is self.focused), None)

    def row_opened(self, row: object) -> None:  # noqa: ARG002 - it is the one under the cursor
        """Show the nodes of a group."""
        panel = self._panel_here
        if panel is not None and (group := panel.rows.cursor) is not None:
            self.post_message(ShowNodes(panel.grouping.wanted(group)))

    def row_moved(self) -> None:
        """Update the keys: they act on another group now."""
        self.refresh_bindings()

    def action_refresh_all(self) -> None:
        """List and check everything again."""
        refresh_all(self.context, self)

    def action_timed_refresh(self) -> None:
        """Switch auto-refresh on or off."""
        toggle_auto_refresh(self.context, self)

    def _take_in(self, changes: FleetChanges) -> None:
        if self.group_counts.take(changes.nodes) or changes.other:
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
        samples = self.context.history.samples
        self.legend.update(styled_content((say("History") + "  ", TextStyle.HEADING), *overview.legend(samples)))
        instead = say("A report has no history.") if self.context.offline_source else say("No results yet.")
        self._plot.show(overview.chart(samples, self.context.now(), self._plot.columns), instead)

    def _tell_notice(self) -> None:
        notice, banner = notice_and_banner(self.context)
        self.notice.tell(notice)
        self.scrolled.display = notice is None
        self.banner.tell(() if notice else banner)
        if notice is not None:
            self.set_focus(self.notice)
        elif self._panel_here is None:
            self._to_panel(self.panels[0])


@named_screen("pulse")
def overview_screen(context: AppContext, _request: ShowNamedScreen) -> OverviewScreen:
    """Return the overview screen."""
    return OverviewScreen(context)
