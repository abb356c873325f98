"""Hold the fleet as the screens show it: events applied so far, counts, changed rows, groups, and its past hour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

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
from ssmtui.model.finding import FleetFinding, Verdict, VerdictStatus
from ssmtui.model.node import ConnectionStatus, Node, NodeKey, PingStatus
from ssmtui.model.scope import Scope, ScopeName
from ssmtui.ui.text.fleet import Fleet
from ssmtui.ui.text.styled_text import CHECKING, Sign, sign_of

if TYPE_CHECKING:
    from ssmtui.ui.text.overview import FleetSample, Group, Grouping

K = TypeVar("K", bound=Hashable)

MARK_DURATION = timedelta(seconds=8)
"""How long a change stays marked: long enough for a person who looked elsewhere to notice it."""

_MAX_MARKS = 200
"""The most marks that end in one step: after thousands of changes, the rows are repainted over several steps."""


class RecentChanges(Generic[K]):
    """The columns of each row that changed recently. It has no timer of its own: the caller passes the time."""

    def __init__(self) -> None:
        self._columns: dict[K, tuple[frozenset[str], datetime]] = {}
        self._now: datetime | None = None

    def __len__(self) -> int:
        return len(self._columns)

    def note(self, row: K, *columns: str) -> None:
        """Mark columns of a row as changed. Changes before the first look do not count."""
        if self._now is not None and columns:
            before = self._columns.pop(row, None)
            told = frozenset(columns) | (before[0] if before else frozenset())
            self._columns[row] = (told, self._now + MARK_DURATION)

    def forget(self, row: K) -> None:
        """Forget a row that was removed."""
        self._columns.pop(row, None)

    def columns_of(self, row: K) -> frozenset[str]:
        """Return the columns of a row that are marked."""
        marked = self._columns.get(row)
        return marked[0] if marked else frozenset()

    def look(self, now: datetime) -> tuple[K, ...]:
        """Advance to this time; return the rows whose marks end."""
        self._now = now
        ended: list[K] = []
        # The oldest mark is first: a row that changes again moves to the end.
        for row, (_, until) in self._columns.items():
            if until > now or len(ended) == _MAX_MARKS:
                break
            ended.append(row)
        for row in ended:
            del self._columns[row]
        return tuple(ended)


EVENTS_PER_TICK = 1000
"""Events applied before the screen gets its turn again (the default)."""


@dataclass(slots=True)
class FleetChanges:
    """The changes since the last look: the rows, and whether anything else has changed.

    `listed` holds the nodes that were listed, for the first time or again; `progress` says that the progress changed.
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
    """The fleet, with the changes since the last look.

    `tally` counts the nodes by sign, `taken_in` the applied events, `calls` the API calls. `recent` and `recent_causes`
    hold the recent changes of rows that were known before.
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
        """Apply the waiting events, at most `limit`; return what has changed."""
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
        """Advance to this time: marks of older changes end."""
        self.changes.nodes.update(dict.fromkeys(self.recent.look(now)))
        self.changes.findings.update(dict.fromkeys(self.recent_causes.look(now)))

    def apply(self, event: Event) -> None:
        """Apply one event, and mark what it changes."""
        match event:
            # The most frequent events are first.
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
        # A presumed "ok" that is confirmed is no change, and neither is the first finding of a node.
        if (known.status, known.root_cause) != (verdict.status, verdict.root_cause) and CHECKING not in (before, now):
            # The signs keep their colours: the words beside them show the mark.
            self.recent.note(key, *(("why",) if self._knows(key) else ()))

    def _connected(self, key: NodeKey, connection: ConnectionStatus | Unreadable | None) -> None:
        self.changes.nodes[key] = None
        known = self.state.connections.get(key)
        if connection is None:
            # The node is being checked again: its next result is compared with this one.
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
        """Return whether the node's scope has been read completely once; only later results count as changes."""
        scope = self.state.scope_of.get(key)
        return scope is not None and scope.name in self._known

    def _found(self, before: FleetFinding | None, now: FleetFinding | None) -> None:
        """Rebuild the texts of the nodes if a finding is a different one, but not if only its nodes changed."""
        if before is None or now is None or before.finding != now.finding:
            self.reason_cache.clear()
        if now is not None and now.scope.name in self._known and (before is None or before.nodes != now.nodes):
            self.recent_causes.note(now.id, *(("nodes",) if before else ("nodes", "cause")))
        if any(each is not None and each.finding.is_about_workstation for each in (before, now)):
            self.changes.other = True  # no row shows it, only a line above the rows

    def _switch(self, event: ScopeClosed | ScopeOpened) -> None:
        """Open or close a scope, and add or remove its nodes."""
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
        """Count the nodes among these keys that exist."""
        for key in keys:
            if key in self.state.nodes:
                self.sign_counts[sign_of(self.state.verdict(key))] += by

    def everything(self) -> FleetChanges:
        """Return everything as changed, for a screen that opens."""
        nodes = dict.fromkeys(self.state.nodes)
        return FleetChanges(nodes, dict.fromkeys(self.state.findings), other=True, listed=nodes, progress=True)

    def refresh_nodes(self, scope: ScopeName) -> None:
        """Mark a scope as unsettled until its new results arrive."""
        self.state.settled.discard(scope)
        self.changes.other = True


def _calls(progressed: ProgressChanged) -> int:
    return sum(count for _, count in progressed.api_calls)


def _changed_columns(known: Node, node: Node) -> tuple[str, ...]:
    """Return the columns whose cells changed for a node that was listed again."""
    shown = {
        "name": (known.name, node.name),
        "state": (known.state, node.state),
        "platform": (known.platform, node.platform),
        "agent": (known.agent_version, node.agent_version),
        "ping": (known.ping, node.ping),
    }
    return tuple(column for column, (before, now) in shown.items() if before != now)


_CountedIn: TypeAlias = "tuple[Group, Sign] | None"


class GroupCounts:
    """The node counts of a fleet by grouping. The cost of `take` depends on the number of changed nodes."""

    def __init__(self, fleet: Fleet, groupings: Sequence[Grouping]) -> None:
        self._fleet = fleet
        self._groupings = tuple(groupings)
        self._counts: dict[str, dict[Group, Counter[Sign]]] = {each.key: {} for each in groupings}
        self._known: dict[NodeKey, tuple[_CountedIn, ...]] = {}

    def take(self, keys: Iterable[NodeKey]) -> bool:
        """Update nodes; return whether any count has changed."""
        changed = False
        for key in keys:
            before, now = self._known.get(key), self._look(key)
            if before == now:
                continue
            changed = True
            if now is None:
                del self._known[key]
            else:
                self._known[key] = now
            self._count(before, -1)
            self._count(now, 1)
        return changed

    def groups(self, grouping: Grouping) -> list[Group]:
        """Return the groups that have nodes, in order."""
        counts = self._counts[grouping.key]
        return sorted(counts, key=lambda group: grouping.rank(group, counts[group].total()))

    def counts(self, grouping: Grouping, group: Group) -> Mapping[Sign, int]:
        """Return the nodes of a group by sign."""
        return self._counts[grouping.key].get(group, Counter())

    def nodes(self, grouping: Grouping, group: Group) -> int:
        """Return the number of nodes in a group."""
        return self._counts[grouping.key].get(group, Counter()).total()

    def total(self, grouping: Grouping) -> Counter[Sign]:
        """Return the nodes of all groups by sign."""
        return sum(self._counts[grouping.key].values(), Counter())

    def most(self, grouping: Grouping) -> int:
        """Return the number of nodes in the largest group."""
        return max((each.total() for each in self._counts[grouping.key].values()), default=0)

    def _look(self, key: NodeKey) -> tuple[_CountedIn, ...] | None:
        node = self._fleet.node(key)
        if node is None:
            return None
        from ssmtui.ui.text.overview import CountedNode

        counted = CountedNode(self._fleet, node, self._fleet.verdict(key))
        return tuple(
            None if (group := each.group_of(counted)) is None else (group, each.sign_of(counted))
            for each in self._groupings
        )

    def _count(self, places: tuple[_CountedIn, ...] | None, by: int) -> None:
        for grouping, place in zip(self._groupings, places or (), strict=False):
            if place is None:
                continue
            group, sign = place
            counts = self._counts[grouping.key]
            held = counts.setdefault(group, Counter())
            held[sign] += by
            if not held[sign]:
                del held[sign]
            if not held:
                del counts[group]


MAX_SAMPLES = 512
"""The most samples to store. If there are more, every second sample is dropped, so that the start stays covered."""

_MIN_INTERVAL = timedelta(seconds=1)
"""The shortest time between two samples, at first."""

_NodeStatus = tuple[bool, bool, bool]
"""Whether a node pings, is connected, and fails."""

_NO_STATUS: _NodeStatus = (False, False, False)


class OverviewHistory:
    """The samples, oldest first. Results of nodes are counted as they arrive; only changes add a sample."""

    def __init__(self, most: int = MAX_SAMPLES) -> None:
        self._most = most
        self._apart = _MIN_INTERVAL
        self._samples: list[FleetSample] = []
        self._standing: dict[NodeKey, _NodeStatus] = {}
        self._counts = [0, 0, 0]

    @property
    def samples(self) -> Sequence[FleetSample]:
        """The state of the fleet, one sample for each change."""
        return self._samples

    def take(self, fleet: Fleet, keys: Iterable[NodeKey], now: datetime) -> None:
        """Count the current state of these nodes."""
        for key in keys:
            self._look(fleet, key)
        if not self._samples and not self._standing:
            return
        from ssmtui.ui.text.overview import FleetSample

        online, connected, failing = self._counts
        sample = FleetSample(now, len(self._standing), online, connected, failing)
        if not self._samples:
            self._samples.append(sample)
        elif _as_counts(sample) != _as_counts(self._samples[-1]):
            self._put(sample)

    def _put(self, sample: FleetSample) -> None:
        last = self._samples[-1]
        if sample.at - last.at < self._apart:
            # Too close to the sample before: replace that one.
            self._samples[-1] = replace(sample, at=last.at)
            return
        self._samples.append(sample)
        if len(self._samples) > self._most:
            self._apart *= 2
            self._samples = self._samples[-1::-2][::-1]  # the newest sample stays: it is the current state

    def _look(self, fleet: Fleet, key: NodeKey) -> None:
        before = self._standing.get(key)
        now = _status_of(fleet, key, before or _NO_STATUS)
        if before == now:
            return
        if now is None:
            del self._standing[key]
        else:
            self._standing[key] = now
        gone, come = before or _NO_STATUS, now or _NO_STATUS
        self._counts = [count - old + new for count, old, new in zip(self._counts, gone, come, strict=True)]


def _status_of(fleet: Fleet, key: NodeKey, before: _NodeStatus) -> _NodeStatus | None:
    node = fleet.node(key)
    if node is None:
        return None
    _, was_connected, was_failing = before
    connection, verdict = fleet.state.connections.get(key), fleet.verdict(key)
    # While a node is read or judged again, nothing has changed yet.
    connected = was_connected if connection is None else connection is ConnectionStatus.CONNECTED
    failing = was_failing if was_failing and not verdict.settled else verdict.status is VerdictStatus.FAIL
    return (node.ping is PingStatus.ONLINE, connected, failing)


def _as_counts(sample: FleetSample) -> tuple[int, int, int, int]:
    return (sample.nodes, sample.online, sample.connected, sample.failing)
