"""The state of a fleet from the events of a diagnosis, and a loop that follows a diagnosis to its end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from queue import Empty
from typing import TYPE_CHECKING, Any

from ssmtui.diagnosis.events import (
    AllSettled,
    ConnectionRead,
    Event,
    FindingChanged,
    FindingGone,
    InternalErrorMet,
    NodeGone,
    NodeInspected,
    NodeListed,
    NodesNotFound,
    ProbesChanged,
    ProgressChanged,
    ScopeClosed,
    ScopeCrashed,
    ScopeDelayed,
    ScopeFailed,
    ScopeOpened,
    ScopeQueued,
    ScopeSettled,
    VerdictChanged,
)
from ssmtui.model.finding import NO_VERDICT, FleetFinding, Verdict, VerdictStatus

if TYPE_CHECKING:
    from ssmtui.diagnosis.diagnosis_handle import DiagnosisHandle
    from ssmtui.model.fact import Unreadable
    from ssmtui.model.finding import InspectionResult
    from ssmtui.model.node import ConnectionStatus, Node, NodeKey
    from ssmtui.model.probe import Probes
    from ssmtui.model.scope import Scope, ScopeError, ScopeName


@dataclass(frozen=True, slots=True)
class StoredScope:
    """The results of a closed scope: `by_node` are its rows as in `FleetState`."""

    scope: Scope
    progress: ProgressChanged | None
    by_node: tuple[dict[NodeKey, Any], ...]


@dataclass(slots=True)
class FleetState:
    """The current state of the fleet. `apply` changes it by one event; everything else only reads."""

    scopes: dict[ScopeName, Scope] = field(default_factory=dict)
    errors: dict[ScopeName, ScopeError] = field(default_factory=dict)
    nodes: dict[NodeKey, Node] = field(default_factory=dict)
    scope_of: dict[NodeKey, Scope] = field(default_factory=dict)
    connections: dict[NodeKey, ConnectionStatus | Unreadable | None] = field(default_factory=dict)
    verdicts: dict[NodeKey, Verdict] = field(default_factory=dict)
    inspections: dict[NodeKey, tuple[InspectionResult, ...] | None] = field(default_factory=dict)
    probes: dict[NodeKey, Probes] = field(default_factory=dict)
    findings: dict[str, FleetFinding] = field(default_factory=dict)
    progress: dict[ScopeName, ProgressChanged] = field(default_factory=dict)
    delayed: dict[ScopeName, ScopeDelayed] = field(default_factory=dict)
    settled: set[ScopeName] = field(default_factory=set)
    sought: dict[ScopeName, NodesNotFound] = field(default_factory=dict)
    crashes: list[ScopeCrashed | InternalErrorMet] = field(default_factory=list)
    away: dict[ScopeName, StoredScope] = field(default_factory=dict)
    waiting: set[ScopeName] = field(default_factory=set)

    def apply(self, event: Event) -> None:
        """Apply an event."""
        match event:
            # The most frequent events come first.
            case VerdictChanged(key, verdict):
                self.verdicts[key] = verdict
            case ConnectionRead(key, connection):
                self.connections[key] = connection
            case NodeListed(scope, node):
                self.nodes[node.key] = node
                self.scope_of[node.key] = scope
            case ScopeOpened(scope):
                self.scopes[scope.name] = scope
                self.errors.pop(scope.name, None)
                self.settled.discard(scope.name)
                self.waiting.discard(scope.name)
                self._restore_scope(scope)
            case ScopeFailed(error):
                self.errors[error.name] = error
                self.waiting.discard(error.name)
            case ScopeQueued(scope_name):
                self.waiting.add(scope_name)
            case ScopeDelayed():
                self.delayed[event.scope] = event
            case ScopeClosed(scope_name):
                self.errors.pop(scope_name, None)
                self.waiting.discard(scope_name)
                self._store_scope(scope_name)
            case NodesNotFound(scope_name):
                self.sought[scope_name] = event
            case NodeGone(key):
                for values in self._by_node:
                    values.pop(key, None)
            case NodeInspected(key, looks):
                self.inspections[key] = looks
            case ProbesChanged(key, probes):
                self.probes[key] = probes
            case FindingChanged(finding):
                self.findings[finding.id] = finding
            case FindingGone(id_):
                self.findings.pop(id_, None)
            case ProgressChanged():
                self.progress[event.scope] = event
            case ScopeSettled(scope_name):
                self.settled.add(scope_name)
            case AllSettled():
                pass
            case ScopeCrashed():
                self.crashes.append(event)
                self.settled.add(event.scope)
            case InternalErrorMet():
                self.crashes.append(event)

    @property
    def _by_node(self) -> tuple[dict[NodeKey, Any], ...]:
        return (self.nodes, self.scope_of, self.connections, self.verdicts, self.inspections, self.probes)

    def nodes_in(self, name: ScopeName) -> tuple[NodeKey, ...]:
        """Return the nodes of a scope, open or stored."""
        if name in self.away:
            return tuple(self.away[name].by_node[0])
        return tuple(key for key, scope in self.scope_of.items() if scope.name == name)

    def _store_scope(self, name: ScopeName) -> None:
        scope = self.scopes.pop(name, None)
        self.settled.discard(name)
        self.sought.pop(name, None)
        self.crashes = [each for each in self.crashes if each.scope != name]
        if scope is not None:
            keys = self.nodes_in(name)
            rows = tuple({key: values.pop(key) for key in keys if key in values} for values in self._by_node)
            self.away[name] = StoredScope(scope, self.progress.pop(name, None), rows)

    def _restore_scope(self, scope: Scope) -> None:
        kept = self.away.pop(scope.name, None)
        # Another caller sees another fleet.
        if kept is not None and kept.scope == scope:
            for values, row in zip(self._by_node, kept.by_node, strict=True):
                values.update(row)
            if kept.progress is not None:
                self.progress[scope.name] = kept.progress

    def verdict(self, key: NodeKey) -> Verdict:
        """Return the current verdict of a node."""
        return self.verdicts.get(key, NO_VERDICT)

    def probed(self, key: NodeKey) -> Probes:
        """Return the probes of a node."""
        from ssmtui.model.probe import NOT_PROBED

        return self.probes.get(key, NOT_PROBED)

    def counts(self, keys: Iterable[NodeKey] | None = None) -> Counter[VerdictStatus]:
        """Return the number of nodes by verdict (None: of all nodes)."""
        return Counter(self.verdict(key).status for key in (self.nodes if keys is None else keys))

    def nowhere(self) -> tuple[str, ...]:
        """Return the requested words that match no node of any scope; empty until every open scope is listed."""
        if not self.sought or self.scopes.keys() - self.errors.keys() - self.sought.keys():
            return ()
        missing = [each.missing for each in self.sought.values()]
        return tuple(word for word in missing[0] if all(word in each for each in missing))

    def others(self) -> frozenset[str]:
        """Return the IDs and names of the nodes that were not requested, if only some nodes were requested."""
        return frozenset(name for each in self.sought.values() for name in each.others)

    def api_calls(self) -> Counter[str]:
        """Return the number of API calls, by `service:Operation`."""
        total: Counter[str] = Counter()
        for progressed in (*self.progress.values(), *(each.progress for each in self.away.values())):
            total.update(dict(progressed.api_calls) if progressed is not None else {})
        return total


_MAX_WAIT = 0.2
"""Maximum wait in seconds, so that Ctrl-C works on every platform."""

_BATCH = 0.01
"""Seconds in which events are collected: the thread of the diagnosis then stops for each batch, not for each event."""


def follow(
    handle: DiagnosisHandle,
    state: FleetState | None = None,
    on_event: Callable[[FleetState, Event], None] = lambda _state, _event: None,
) -> FleetState:
    """Follow the diagnosis until all work is finished, and return the state."""
    state = state or FleetState()
    while True:
        if handle.events.empty():
            time.sleep(_BATCH)
        try:
            event = handle.events.get(timeout=_MAX_WAIT)
        except Empty:
            continue
        state.apply(event)
        on_event(state, event)
        if isinstance(event, AllSettled):
            return state
