"""Hold the fleet as the screens show it: events applied so far, counts, and the rows that changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from ssmtui.diagnosis.events import (
    ConnectionRead,
    Event,
    FindingChanged,
    FindingGone,
    NodeGone,
    NodeInspected,
    NodeListed,
    ProbesChanged,
    ProgressChanged,
    ScopeClosed,
    ScopeFailed,
    ScopeOpened,
    ScopeSettled,
    VerdictChanged,
)
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import FleetFinding, SubjectKind, Verdict
from ssmtui.model.node import ConnectionStatus, Node, NodeKey
from ssmtui.model.scope import Scope, ScopeName
from ssmtui.ui.text.fleet import Fleet
from ssmtui.ui.text.styled_text import CHECKING, Sign, sign_of

K = TypeVar("K", bound=Hashable)

MARK_DURATION = timedelta(seconds=8)
"""How long a change is marked: long enough to be found by an eye that was elsewhere."""

_MAX_MARKS = 200
"""Rows whose marks end at one look: where thousands changed together, their lines are painted by and by."""


class RecentChanges(Generic[K]):
    """Which columns of which rows have changed lately. It has no timer: who looks, says when."""

    def __init__(self) -> None:
        self._columns: dict[K, tuple[frozenset[str], datetime]] = {}
        self._now: datetime | None = None

    def __len__(self) -> int:
        return len(self._columns)

    def note(self, row: K, *columns: str) -> None:
        """These columns of a row have changed now. What changes before anybody has looked is no change."""
        if self._now is not None and columns:
            before = self._columns.pop(row, None)
            told = frozenset(columns) | (before[0] if before else frozenset())
            self._columns[row] = (told, self._now + MARK_DURATION)

    def forget(self, row: K) -> None:
        """The row is there no more."""
        self._columns.pop(row, None)

    def columns_of(self, row: K) -> frozenset[str]:
        """The columns of a row that are marked."""
        marked = self._columns.get(row)
        return marked[0] if marked else frozenset()

    def look(self, now: datetime) -> tuple[K, ...]:
        """Go on to that time; the rows whose marks end by it."""
        self._now = now
        ended: list[K] = []
        # The oldest stand first: what changes again goes to the end.
        for row, (_, until) in self._columns.items():
            if until > now or len(ended) == _MAX_MARKS:
                break
            ended.append(row)
        for row in ended:
            del self._columns[row]
        return tuple(ended)


EVENTS_PER_TICK = 1000
"""Events applied before the screen gets its turn again, where nobody says otherwise."""


@dataclass(slots=True)
class FleetChanges:
    """What has changed since the last look: the rows, and whether anything else has.

    `listed` are those of the nodes that were listed, anew or again; `progress`, how far it has come.
    """

    nodes: dict[NodeKey, None] = field(default_factory=dict)
    findings: dict[str, None] = field(default_factory=dict)
    other: bool = False
    listed: dict[NodeKey, None] = field(default_factory=dict)
    progress: bool = False

    def __bool__(self) -> bool:
        return bool(self.nodes or self.findings or self.other or self.progress)


@dataclass(slots=True)
class FleetView(Fleet):
    """The fleet, and what has changed of it.

    `tally` counts the nodes by their sign, `taken_in` the events so far, `calls` what was asked of AWS. `recent` and
    `recent_causes` are what has just changed of rows that were known before.
    """

    changes: FleetChanges = field(default_factory=FleetChanges)
    sign_counts: Counter[Sign] = field(default_factory=Counter)
    applied_events: int = 0
    calls: int = 0
    recent: RecentChanges[NodeKey] = field(default_factory=RecentChanges)
    recent_causes: RecentChanges[str] = field(default_factory=RecentChanges)
    _known: set[ScopeName] = field(default_factory=set)
    _asked_again: dict[NodeKey, ConnectionStatus | Unreadable] = field(default_factory=dict)

    def drain(self, events: SimpleQueue[Event], limit: int = EVENTS_PER_TICK) -> FleetChanges:
        """Apply what has come in, `limit` events at most; what has changed by it."""
        for _ in range(limit):
            try:
                event = events.get_nowait()
            except Empty:
                break
            self.apply(event)
            self.applied_events += 1
        changes, self.changes = self.changes, FleetChanges()
        return changes

    def look(self, now: datetime) -> None:
        """Go on to that time: what changed a while ago is marked no more."""
        self.changes.nodes.update(dict.fromkeys(self.recent.look(now)))
        self.changes.findings.update(dict.fromkeys(self.recent_causes.look(now)))

    def apply(self, event: Event) -> None:
        """Take in one event, and mark what it changes."""
        match event:
            # What comes by thousands stands first.
            case VerdictChanged(key, verdict):
                self._judged(key, verdict)
            case ConnectionRead(key, connection):
                self._connected(key, connection)
            case NodeInspected(key, _) | ProbesChanged(key, _):
                self.changes.nodes[key] = None
            case NodeListed(scope, node):
                self._listed(scope, node)
                self.changes.nodes[node.key] = self.changes.listed[node.key] = None
            case ScopeFailed(error):
                self.changes.nodes.update(dict.fromkeys(self.state.nodes_in(error.name)))
                self.changes.other = True
            case FindingChanged(finding):
                self.changes.findings[finding.id] = None
                self._found(self.state.findings.get(finding.id), finding)
            case FindingGone(id_):
                self.changes.findings[id_] = None
                self._found(self.state.findings.get(id_), None)
            case ProgressChanged(name):
                before = self.state.progress.get(name)
                self.calls += _calls(event) - (_calls(before) if before else 0)
                self.changes.progress = True
            case NodeGone(key):
                self._count((key,), -1)
                self.recent.forget(key)
                self._asked_again.pop(key, None)
                self.changes.nodes[key] = None
            case ScopeClosed() | ScopeOpened():
                self._switch(event)
                return
            case ScopeSettled(name):
                self._known.add(name)
                self.changes.other = True
            case _:
                self.changes.other = True
        self.state.apply(event)

    def _judged(self, key: NodeKey, verdict: Verdict) -> None:
        self.changes.nodes[key] = None
        if key not in self.state.nodes:
            return
        known = self.state.verdict(key)
        before, now = sign_of(known), sign_of(verdict)
        if before is not now:
            self.sign_counts[before] -= 1
            self.sign_counts[now] += 1
        # That a node is ok as it was presumed to be is no change, nor is what is found of one for the first time.
        if (known.status, known.root_cause) != (verdict.status, verdict.root_cause) and CHECKING not in (before, now):
            # The signs keep their colours: the words beside them say it.
            self.recent.note(key, *(("why",) if self._knows(key) else ()))

    def _connected(self, key: NodeKey, connection: ConnectionStatus | Unreadable | None) -> None:
        self.changes.nodes[key] = None
        known = self.state.connections.get(key)
        if connection is None:
            # It is to be asked again: what it said before is what its next answer is compared with.
            if known is not None:
                self._asked_again[key] = known
            return
        before = self._asked_again.pop(key, known)
        if before is not None and before != connection and self._knows(key):
            self.recent.note(key, "channel")

    def _listed(self, scope: Scope, node: Node) -> None:
        known = self.state.nodes.get(node.key)
        if known is None:
            self.sign_counts[sign_of(self.state.verdict(node.key))] += 1
        if known is not node and scope.name in self._known:
            self.recent.note(node.key, *(("name", "id") if known is None else _changed_columns(known, node)))

    def _knows(self, key: NodeKey) -> bool:
        """Whether all of a node's scope has been told once: what comes then is a change."""
        scope = self.state.scope_of.get(key)
        return scope is not None and scope.name in self._known

    def _found(self, before: FleetFinding | None, now: FleetFinding | None) -> None:
        """What is said of nodes is put into words anew where a finding is another, and not where it holds others."""
        if before is None or now is None or before.finding != now.finding:
            self.reason_cache.clear()
        if now is not None and now.scope.name in self._known and (before is None or before.nodes != now.nodes):
            self.recent_causes.note(now.id, *(("nodes",) if before else ("nodes", "cause")))
        if any(each is not None and each.finding.subject.kind is SubjectKind.WORKSTATION for each in (before, now)):
            self.changes.other = True  # no row shows that, but a line above them

    def _switch(self, event: ScopeClosed | ScopeOpened) -> None:
        """Take in that a scope is looked at, or no more; its nodes go and come with it."""
        name = event.scope if isinstance(event, ScopeClosed) else event.scope.name
        self._known.discard(name)
        keys = self.state.nodes_in(name)
        self._count(keys, -1)
        self.state.apply(event)
        self._count(keys, 1)
        self.changes.other = True
        self.changes.nodes.update(dict.fromkeys(keys))
        self.changes.listed.update(dict.fromkeys(keys))

    def _count(self, keys: Iterable[NodeKey], by: int) -> None:
        """Count those of the nodes that are there."""
        for key in keys:
            if key in self.state.nodes:
                self.sign_counts[sign_of(self.state.verdict(key))] += by

    def everything(self) -> FleetChanges:
        """All there is, as if it had just changed: for a screen that comes up."""
        nodes = dict.fromkeys(self.state.nodes)
        return FleetChanges(nodes, dict.fromkeys(self.state.findings), other=True, listed=nodes, progress=True)

    def refresh_nodes(self, scope: ScopeName) -> None:
        """A scope is being checked again: until it says so, it is not settled."""
        self.state.settled.discard(scope)
        self.changes.other = True


def _calls(progressed: ProgressChanged) -> int:
    return sum(count for _, count in progressed.api_calls)


def _changed_columns(known: Node, node: Node) -> tuple[str, ...]:
    """The columns that show something else of a node that was listed again."""
    shown = {
        "name": (known.name, node.name),
        "state": (known.state, node.state),
        "platform": (known.platform, node.platform),
        "agent": (known.agent_version, node.agent_version),
        "ping": (known.ping, node.ping),
    }
    return tuple(column for column, (before, now) in shown.items() if before != now)
