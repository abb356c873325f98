"""Copying rows of the fleet: what was found, how a node is reached, or the ids and nothing else."""

from __future__ import annotations

from ssmtui.ui.screens.marking import MarkingScreen
from ssmtui.ui.words.copying import connect_commands, copied, finding_ids, statements


class RowCopying(MarkingScreen):
    """A screen of nodes and of causes whose rows are copied: the marked ones, or the one under the cursor."""

    @property
    def to_copy(self) -> str:
        """The commands that open sessions on the nodes, or what there is to say of the causes."""
        board = self.bench.board
        if self.shows_causes:
            return statements(board, self.causes_chosen)
        return connect_commands(board, self.nodes_chosen)

    @property
    def can_copy(self) -> bool:
        """Whether there is a row."""
        return bool(self.marked_here) or (self.causes if self.shows_causes else self.nodes).cursor is not None

    @property
    def ids_to_copy(self) -> str:
        """The ids of the rows."""
        if not self.shows_causes:
            return copied(key.id for key in self.nodes_chosen)
        found = self.bench.board.state.findings
        return "\n".join(finding_ids(found[id_]) for id_ in self.causes_chosen if id_ in found)
