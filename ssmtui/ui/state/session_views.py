"""The three views of an account's sessions: those that are open, who holds how many of them, and those that ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from ssmtui.changes.change import ChangeState
from ssmtui.changes.journal import Journal
from ssmtui.model.listed_session import SessionState
from ssmtui.model.node import NodeKey
from ssmtui.ui.state.board import Board
from ssmtui.ui.state.history import history_of
from ssmtui.ui.state.session_list import SessionKey, SessionList, SessionRow
from ssmtui.ui.words.filtering import EVERYTHING, Filter, FilteredRow
from ssmtui.ui.words.session_rows import SessionLine, filtered_row

_ENDED = frozenset({ChangeState.APPLIED, ChangeState.UNSURE})


class SessionView(Enum):
    """Which rows are up; the value is the id of their table."""

    OPEN = "open-sessions"
    HOLDERS = "session-holders"
    HISTORY = "ended-sessions"

    @property
    def next(self) -> SessionView:
        """The view that comes after this one, the first after the last."""
        views = list(SessionView)
        return views[(views.index(self) + 1) % len(views)]


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds sessions open, and on which node: a row of that view."""

    node: NodeKey
    owner: str


@dataclass(slots=True)
class SessionViews:
    """What the three views show. `ended_here` are the ids of sessions that the journal knows to be ended from here."""

    board: Board
    active: SessionList = field(default_factory=lambda: SessionList(SessionState.ACTIVE))
    history: SessionList = field(default_factory=lambda: SessionList(SessionState.HISTORY))
    filter: Filter = EVERYTHING
    ended_here: frozenset[str] = frozenset()
    _filtered: dict[SessionKey, tuple[SessionLine, FilteredRow]] = field(default_factory=dict)

    def of(self, view: SessionView) -> SessionList:
        """The sessions behind a view."""
        return self.history if view is SessionView.HISTORY else self.active

    def row(self, key: SessionKey) -> SessionRow | None:
        """A session, open or ended."""
        return self.active.rows.get(key) or self.history.rows.get(key)

    def line(self, row: SessionRow) -> SessionLine:
        """What is told of a session."""
        node = self.board.node(row.node)
        name = (node.name if node else "") or row.session.target
        return SessionLine(row.session, name, row.scope.region, row.session.id in self.ended_here)

    def opened(self) -> list[SessionKey]:
        """The open sessions that the filter admits, the oldest first."""
        rows = self._admitted(self.active)
        return [row.key for row in sorted(rows, key=lambda row: (row.session.started, row.session.id))]

    def ended(self) -> list[SessionKey]:
        """The sessions that have ended and that the filter admits, the last first."""
        rows = self._admitted(self.history)
        by_end = sorted(rows, key=lambda row: (row.session.ended or row.session.started, row.session.id), reverse=True)
        return [row.key for row in by_end]

    def holders(self) -> dict[Holder, list[SessionRow]]:
        """Who holds how many sessions on which node: programs first, then by how many; each with its oldest first."""
        found: dict[Holder, list[SessionRow]] = {}
        for row in sorted(self._admitted(self.active), key=lambda row: (row.session.started, row.session.id)):
            found.setdefault(Holder(row.node, row.session.owner), []).append(row)
        ranked = sorted(found.items(), key=lambda each: (not each[1][0].session.by_a_program, -len(each[1])))
        return dict(ranked)

    def by_programs(self) -> int:
        """How many open sessions are held by owners that are called as programs are."""
        return sum(row.session.by_a_program for row in self.active.rows.values())

    def remember(self, journal: Journal | None) -> None:
        """Know again which sessions were ended from here."""
        calls = (call for each in history_of(journal).changes if each.state in _ENDED for call in each.calls)
        self.ended_here = frozenset(
            str(call.parameters["SessionId"]) for call in calls if call.operation == "TerminateSession"
        )

    def _admitted(self, of: SessionList) -> Sequence[SessionRow]:
        if not self.filter.tests:
            return list(of.rows.values())
        return [row for row in of.rows.values() if self.filter.admits(self._seen_by_filter(row))]

    def _seen_by_filter(self, row: SessionRow) -> FilteredRow:
        line = self.line(row)
        known = self._filtered.get(row.key)
        if known is None or known[0] != line:
            known = self._filtered[row.key] = (line, filtered_row(line))
        return known[1]
