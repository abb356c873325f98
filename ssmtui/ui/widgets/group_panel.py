"""A panel of the pulse: what it counts by, and the rows of its groups."""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from ssmtui.language import say
from ssmtui.ui.state.pulse_tallies import Tallies
from ssmtui.ui.widgets.content import inked
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.words import pulse_rows
from ssmtui.ui.words.fleet import Fleet
from ssmtui.ui.words.ink import Cell
from ssmtui.ui.words.pulse_groups import Group, Grouping


class GroupPanel(Vertical):
    """The groups of one grouping, and above them what they are."""

    DEFAULT_CSS = """
    GroupPanel > Static { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    GroupPanel > LineTable { padding: 0 1; }
    """

    def __init__(self, fleet: Fleet, tallies: Tallies, grouping: Grouping) -> None:
        super().__init__(id=grouping.key)
        self.grouping = grouping
        self._fleet = fleet
        self._tallies = tallies
        self._title = Static()
        self.rows = LineTable[Group](pulse_rows.columns(grouping), self._cells, id=f"{grouping.key}-rows")

    def compose(self) -> ComposeResult:
        """The title, and the rows."""
        yield self._title
        yield self.rows

    def show_counts(self) -> None:
        """Show the groups as they are counted now."""
        grouping, tallies = self.grouping, self._tallies
        self._title.update(inked(*pulse_rows.title(grouping, tallies.total(grouping))))
        self.rows.say_when_empty(say(grouping.when_empty))
        groups = tallies.groups(grouping)
        for group in groups:
            name = grouping.label(self._fleet, group)
            self.rows.measure(pulse_rows.widths(grouping, name, tallies.counts(grouping, group)))
        self.rows.show(groups)
        self.rows.touch_all()

    def _cells(self, group: Group) -> Mapping[str, Cell]:
        grouping, tallies = self.grouping, self._tallies
        room = next((placed.width for placed in self.rows.placed if placed.column.key == "bar"), 0)
        return pulse_rows.cells(
            grouping,
            grouping.label(self._fleet, group),
            tallies.counts(grouping, group),
            room,
            tallies.most(grouping),
            len(self._fleet.state.nodes),
        )
