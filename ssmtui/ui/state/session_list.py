"""Hold the sessions of all open Regions, and the three views of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from queue import Empty, SimpleQueue

from ssmtui.diagnosis.diagnosis_handle import DiagnosisHandle
from ssmtui.language import say
from ssmtui.model.fact import ReadFailure, Unreadable
from ssmtui.model.node import NodeKey
from ssmtui.model.scope import Scope, ScopeName
from ssmtui.model.sessions import ListedSession, SessionState
from ssmtui.remediation.apply.change import ChangeState
from ssmtui.remediation.apply.journal import Journal
from ssmtui.ui.state.changes import read_history
from ssmtui.ui.state.fleet_view import FleetView
from ssmtui.ui.text.filters import NO_FILTER, Filter, FilterValues
from ssmtui.ui.text.sessions import SessionLine, filtered_row

_SOURCE = "ssm:DescribeSessions"


@dataclass(frozen=True, slots=True)
class SessionKey:
    """What tells one session from every other, over all scopes."""

    account: str
    region: str
    id: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session, and the scope that told of it."""

    scope: Scope
    session: ListedSession

    @property
    def key(self) -> SessionKey:
        """Its key."""
        return SessionKey(self.scope.account, self.scope.region, self.session.id)

    @property
    def node(self) -> NodeKey:
        """The node that it is on."""
        return NodeKey(self.scope.account, self.scope.region, self.session.target)


@dataclass(slots=True)
class SessionList:
    """The sessions of one state. Nothing is read before `read`, which may be asked for again.

    `unread` says of which Regions not all could be told, and why.
    """

    state: SessionState
    rows: dict[SessionKey, SessionRow] = field(default_factory=dict)
    unread: dict[ScopeName, Unreadable] = field(default_factory=dict)
    asked: bool = False
    _told: SimpleQueue[tuple[int, Scope, Sequence[ListedSession]]] = field(default_factory=SimpleQueue)
    _reading: dict[ScopeName, tuple[Scope, Future[Unreadable | None]]] = field(default_factory=dict)
    _seen: dict[ScopeName, set[SessionKey]] = field(default_factory=dict)
    _round: int = 0

    @property
    def is_reading(self) -> bool:
        """Whether anything is still to come."""
        return bool(self._reading)

    def read(self, handle: DiagnosisHandle, scopes: Iterable[Scope]) -> None:
        """Read the sessions of these scopes; what was known stands until it is known to be gone."""
        self.end()
        self.asked = True
        self._round += 1
        for scope in scopes:
            told = partial(self._put, self._round, scope)
            self._seen[scope.name] = set()
            self._reading[scope.name] = (scope, handle.sessions(scope.name, self.state, told))

    def drain(self) -> list[SessionRow] | None:
        """Take in what has been told since the last look: the sessions that were; None where nothing has changed."""
        ended = [(name, scope, future) for name, (scope, future) in self._reading.items() if future.done()]
        fresh: list[SessionRow] = []
        while True:
            try:
                number, scope, page = self._told.get_nowait()
            except Empty:
                break
            if number == self._round:
                fresh += self._take(scope, page)
        for name, scope, future in ended:
            del self._reading[name]
            self._settle(scope, _outcome(future))
        return fresh if fresh or ended else None

    def end(self) -> None:
        """Read no further."""
        for _, future in self._reading.values():
            future.cancel()
        self._reading.clear()

    def _put(self, number: int, scope: Scope, page: Sequence[ListedSession]) -> None:
        self._told.put((number, scope, page))

    def _take(self, scope: Scope, page: Sequence[ListedSession]) -> list[SessionRow]:
        taken = [SessionRow(scope, session) for session in page]
        self.rows.update((row.key, row) for row in taken)
        self._seen[scope.name].update(row.key for row in taken)
        return taken

    def _settle(self, scope: Scope, unread: Unreadable | None) -> None:
        self.unread.pop(scope.name, None)
        if unread is not None:
            self.unread[scope.name] = unread
            return
        seen = self._seen[scope.name]
        gone = [key for key, row in self.rows.items() if row.scope.name == scope.name and key not in seen]
        for key in gone:
            del self.rows[key]


def _outcome(future: Future[Unreadable | None]) -> Unreadable | None:
    try:
        return future.result()
    except CancelledError:
        return Unreadable("", say("it was not read to its end"), ReadFailure.FAILED, _SOURCE)
    except LookupError:
        return Unreadable("", say("this Region could not be opened"), ReadFailure.FAILED, _SOURCE)


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
class SessionHolder:
    """Who holds sessions open, and on which node: a row of that view."""

    node: NodeKey
    owner: str


@dataclass(slots=True)
class SessionViews:
    """What the three views show. `ended_here` are the ids of sessions that the journal knows to be ended from here."""

    fleet_view: FleetView
    active: SessionList = field(default_factory=lambda: SessionList(SessionState.ACTIVE))
    history: SessionList = field(default_factory=lambda: SessionList(SessionState.HISTORY))
    filter: Filter = NO_FILTER
    ended_here: frozenset[str] = frozenset()
    _filtered: dict[SessionKey, tuple[SessionLine, FilterValues]] = field(default_factory=dict)

    def of(self, view: SessionView) -> SessionList:
        """The sessions behind a view."""
        return self.history if view is SessionView.HISTORY else self.active

    def row(self, key: SessionKey) -> SessionRow | None:
        """A session, open or ended."""
        return self.active.rows.get(key) or self.history.rows.get(key)

    def line(self, row: SessionRow) -> SessionLine:
        """What is told of a session."""
        node = self.fleet_view.node(row.node)
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

    def holders(self) -> dict[SessionHolder, list[SessionRow]]:
        """Who holds how many sessions on which node: programs first, then by how many; each with its oldest first."""
        found: dict[SessionHolder, list[SessionRow]] = {}
        for row in sorted(self._admitted(self.active), key=lambda row: (row.session.started, row.session.id)):
            found.setdefault(SessionHolder(row.node, row.session.owner), []).append(row)
        ranked = sorted(found.items(), key=lambda each: (not each[1][0].session.by_a_program, -len(each[1])))
        return dict(ranked)

    def by_programs(self) -> int:
        """How many open sessions are held by owners that are called as programs are."""
        return sum(row.session.by_a_program for row in self.active.rows.values())

    def remember(self, journal: Journal | None) -> None:
        """Know again which sessions were ended from here."""
        calls = (call for each in read_history(journal).changes if each.state in _ENDED for call in each.calls)
        self.ended_here = frozenset(
            str(call.parameters["SessionId"]) for call in calls if call.operation == "TerminateSession"
        )

    def _admitted(self, of: SessionList) -> Sequence[SessionRow]:
        if not self.filter.tests:
            return list(of.rows.values())
        return [row for row in of.rows.values() if self.filter.admits(self._seen_by_filter(row))]

    def _seen_by_filter(self, row: SessionRow) -> FilterValues:
        line = self.line(row)
        known = self._filtered.get(row.key)
        if known is None or known[0] != line:
            known = self._filtered[row.key] = (line, filtered_row(line))
        return known[1]
