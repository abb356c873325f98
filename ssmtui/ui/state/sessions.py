"""Hold the sessions that screens show: running probes, and the sessions of the account."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from ssmtui.language import say
from ssmtui.model.fact import ReadFailure, Unreadable
from ssmtui.model.finding import VerdictStatus
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.probe import ProbeKind, ProbeOutcome, ProbeStage, StageResult
from ssmtui.model.scope import Scope, ScopeName
from ssmtui.model.sessions import ListedSession, SessionState
from ssmtui.remediation.apply.change import ChangeState
from ssmtui.remediation.apply.journal import Journal
from ssmtui.session.calls import SessionProblem
from ssmtui.ui.state.changes import read_history
from ssmtui.ui.state.fleet_view import FleetView
from ssmtui.ui.text.filters import NO_FILTER, Filter, FilterValues
from ssmtui.ui.text.sessions import SessionLine, filtered_row

if TYPE_CHECKING:
    from ssmtui.diagnosis.diagnosis_handle import DiagnosisHandle
    from ssmtui.session.session_service import SessionService


MAX_PARALLEL = 3
"""StartSession is called at most three times a second (docs/facts/limits.md §1)."""

_Job = tuple[NodeKey, ProbeKind]


@dataclass(slots=True)
class ProbeStatus:
    """The progress of one probe, and its result: `problem` says why there is no outcome."""

    stages: dict[ProbeStage, StageResult] = field(default_factory=dict)
    outcome: ProbeOutcome | None = None
    problem: str = ""

    @property
    def is_over(self) -> bool:
        """Whether the probe is over."""
        return self.outcome is not None or bool(self.problem)


@dataclass(slots=True)
class ProbedNode:
    """A node that is probed, with the verdict and the root cause (in words) before the probe."""

    node: Node
    scope: Scope
    expectation: VerdictStatus
    root_cause: str | None
    probe_statuses: dict[ProbeKind, ProbeStatus] = field(default_factory=dict)

    def probe_status(self, kind: ProbeKind) -> ProbeStatus:
        """Return the status of the probe of this kind; empty if it was not requested."""
        return self.probe_statuses.get(kind, ProbeStatus())


class ProbeRun:
    """The probes of some nodes. No session is opened before `start`."""

    def __init__(
        self, fleet_view: FleetView, sessions: SessionService, handle: DiagnosisHandle, keys: Iterable[NodeKey]
    ) -> None:
        self._sessions = sessions
        self._handle = handle
        self._waiting: deque[_Job] = deque()
        self._running: dict[_Job, Future[ProbeOutcome]] = {}
        self._results: SimpleQueue[tuple[ProbeStatus, StageResult]] = SimpleQueue()
        self.given_up = False
        self.nodes: dict[NodeKey, ProbedNode] = {}
        for key in keys:
            node, scope, verdict = fleet_view.node(key), fleet_view.scope_of(key), fleet_view.verdict(key)
            if node is not None and scope is not None:
                self.nodes[key] = ProbedNode(node, scope, verdict.status, verdict.root_cause)

    @property
    def scopes(self) -> dict[Scope, None]:
        """The scopes in which sessions are opened, each once."""
        return dict.fromkeys(each.scope for each in self.nodes.values())

    @property
    def is_running(self) -> bool:
        """Whether a session is open or about to be opened."""
        return bool(self._waiting or self._running)

    @property
    def done(self) -> int:
        """The number of nodes whose probes are over."""
        return sum(
            bool(each.probe_statuses) and all(c.is_over for c in each.probe_statuses.values())
            for each in self.nodes.values()
        )

    def start(self, kind: ProbeKind, keys: Iterable[NodeKey] | None = None) -> None:
        """Probe nodes again: all, if none are named. Skip nodes whose probe is running."""
        self.given_up = False
        for key in self.nodes if keys is None else keys:
            job = (key, kind)
            if job not in self._running and job not in self._waiting:
                self.nodes[key].probe_statuses[kind] = ProbeStatus()
                self._waiting.append(job)
        self._go_on()

    def cancel(self) -> None:
        """Stop, and end the open sessions."""
        self.given_up = self.is_running
        for key, kind in self._waiting:
            self.nodes[key].probe_statuses[kind].problem = say("canceled before it started")
        self._waiting.clear()
        for future in self._running.values():
            future.cancel()

    def look(self) -> bool:
        """Apply the events since the last look; return whether there were any."""
        changed = False
        while True:
            try:
                probe_status, told = self._results.get_nowait()
            except Empty:
                break
            probe_status.stages[told.stage] = told
            changed = True
        for job, future in [each for each in self._running.items() if each[1].done()]:
            del self._running[job]
            self._take(job, future)
            changed = True
        self._go_on()
        return changed

    def _go_on(self) -> None:
        while self._waiting and len(self._running) < MAX_PARALLEL:
            key, kind = job = self._waiting.popleft()
            probed = self.nodes[key]
            told = partial(_put_stage, self._results, probed.probe_statuses[kind])
            self._running[job] = self._sessions.probe(probed.scope, key, kind, told)

    def _take(self, job: _Job, future: Future[ProbeOutcome]) -> None:
        key, kind = job
        probed = self.nodes[key]
        probe_status = probed.probe_statuses[kind]
        try:
            probe_status.outcome = future.result()
        except CancelledError:
            probe_status.problem = say("canceled: its session is ending")
            return
        except SessionProblem as problem:
            probe_status.problem = problem.text
            return
        probe_status.stages.update((each.stage, each) for each in probe_status.outcome.stages)
        self._handle.probed(probed.scope.name, probe_status.outcome)


def _put_stage(
    queue: SimpleQueue[tuple[ProbeStatus, StageResult]], probe_status: ProbeStatus, told: StageResult
) -> None:
    queue.put((probe_status, told))


_SOURCE = "ssm:DescribeSessions"


@dataclass(frozen=True, slots=True)
class SessionKey:
    """The key of a session, unique over all scopes."""

    account: str
    region: str
    id: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session, and the scope that listed it."""

    scope: Scope
    session: ListedSession

    @property
    def key(self) -> SessionKey:
        """The key of the session."""
        return SessionKey(self.scope.account, self.scope.region, self.session.id)

    @property
    def node(self) -> NodeKey:
        """The node of the session."""
        return NodeKey(self.scope.account, self.scope.region, self.session.target)


@dataclass(slots=True)
class SessionList:
    """The sessions of one state. Nothing is read before `read`, which can be called again.

    `unread` holds the Regions whose sessions could not all be read, with the reason.
    """

    state: SessionState
    rows: dict[SessionKey, SessionRow] = field(default_factory=dict)
    unread: dict[ScopeName, Unreadable] = field(default_factory=dict)
    asked: bool = False
    _results: SimpleQueue[tuple[int, Scope, Sequence[ListedSession]]] = field(default_factory=SimpleQueue)
    _reading: dict[ScopeName, tuple[Scope, Future[Unreadable | None]]] = field(default_factory=dict)
    _seen: dict[ScopeName, set[SessionKey]] = field(default_factory=dict)
    _round: int = 0

    @property
    def is_reading(self) -> bool:
        """Whether sessions are still being read."""
        return bool(self._reading)

    def read(self, handle: DiagnosisHandle, scopes: Iterable[Scope]) -> None:
        """Read the sessions of these scopes; the known sessions stay until AWS says that they are gone."""
        self.end()
        self.asked = True
        self._round += 1
        for scope in scopes:
            told = partial(self._put, self._round, scope)
            self._seen[scope.name] = set()
            self._reading[scope.name] = (scope, handle.sessions(scope.name, self.state, told))

    def drain(self) -> list[SessionRow] | None:
        """Apply the results since the last look; return the sessions from before, or None if nothing has changed."""
        ended = [(name, scope, future) for name, (scope, future) in self._reading.items() if future.done()]
        fresh: list[SessionRow] = []
        while True:
            try:
                number, scope, page = self._results.get_nowait()
            except Empty:
                break
            if number == self._round:
                fresh += self._take(scope, page)
        for name, scope, future in ended:
            del self._reading[name]
            self._settle(scope, _outcome(future))
        return fresh if fresh or ended else None

    def end(self) -> None:
        """Stop reading."""
        for _, future in self._reading.values():
            future.cancel()
        self._reading.clear()

    def _put(self, number: int, scope: Scope, page: Sequence[ListedSession]) -> None:
        self._results.put((number, scope, page))

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
        return Unreadable("", say("the read was canceled"), ReadFailure.FAILED, _SOURCE)
    except LookupError:
        return Unreadable("", say("this Region could not be opened"), ReadFailure.FAILED, _SOURCE)


_ENDED = frozenset({ChangeState.APPLIED, ChangeState.UNSURE})


class SessionView(Enum):
    """The rows that are shown; the value is the id of their table."""

    OPEN = "open-sessions"
    HOLDERS = "session-holders"
    HISTORY = "ended-sessions"

    @property
    def next(self) -> SessionView:
        """The view after this one, the first after the last."""
        views = list(SessionView)
        return views[(views.index(self) + 1) % len(views)]


@dataclass(frozen=True, slots=True)
class SessionHolder:
    """A row of the holders view: an owner of open sessions, and the node of the sessions."""

    node: NodeKey
    owner: str


@dataclass(slots=True)
class SessionViews:
    """The three views of sessions. `ended_here` holds the ids of sessions that were ended from here, by the journal."""

    fleet_view: FleetView
    active: SessionList = field(default_factory=lambda: SessionList(SessionState.ACTIVE))
    history: SessionList = field(default_factory=lambda: SessionList(SessionState.HISTORY))
    filter: Filter = NO_FILTER
    ended_here: frozenset[str] = frozenset()
    _filtered: dict[SessionKey, tuple[SessionLine, FilterValues]] = field(default_factory=dict)

    def of(self, view: SessionView) -> SessionList:
        """Return the sessions behind a view."""
        return self.history if view is SessionView.HISTORY else self.active

    def row(self, key: SessionKey) -> SessionRow | None:
        """Return a session, open or ended."""
        return self.active.rows.get(key) or self.history.rows.get(key)

    def line(self, row: SessionRow) -> SessionLine:
        """Return the text of a session's row."""
        node = self.fleet_view.node(row.node)
        name = (node.name if node else "") or row.session.target
        return SessionLine(row.session, name, row.scope.region, row.session.id in self.ended_here)

    def opened(self) -> list[SessionKey]:
        """Return the open sessions that the filter admits, the oldest first."""
        rows = self._admitted(self.active)
        return [row.key for row in sorted(rows, key=lambda row: (row.session.started, row.session.id))]

    def ended(self) -> list[SessionKey]:
        """Return the ended sessions that the filter admits, the newest first."""
        rows = self._admitted(self.history)
        by_end = sorted(rows, key=lambda row: (row.session.ended or row.session.started, row.session.id), reverse=True)
        return [row.key for row in by_end]

    def holders(self) -> dict[SessionHolder, list[SessionRow]]:
        """Return the open sessions of each owner on each node, the oldest first; programs and large groups first."""
        found: dict[SessionHolder, list[SessionRow]] = {}
        for row in sorted(self._admitted(self.active), key=lambda row: (row.session.started, row.session.id)):
            found.setdefault(SessionHolder(row.node, row.session.owner), []).append(row)
        ranked = sorted(found.items(), key=lambda each: (not each[1][0].session.by_a_program, -len(each[1])))
        return dict(ranked)

    def by_programs(self) -> int:
        """Return the number of open sessions whose owner's name looks like a program's."""
        return sum(row.session.by_a_program for row in self.active.rows.values())

    def remember(self, journal: Journal | None) -> None:
        """Read from the journal which sessions were ended from here."""
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
