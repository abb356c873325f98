"""What the events of a diagnosis add up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ssmtui.diagnosis.events import (
    AllSettled,
    ConnectionRead,
    Crashed,
    DefectMet,
    Event,
    FindingChanged,
    FindingGone,
    LookedCloser,
    NodeGone,
    NodeListed,
    NodesSought,
    ProbesChanged,
    Progressed,
    ScopeDelayed,
    ScopeFailed,
    ScopeGone,
    ScopeOpened,
    ScopeSettled,
    ScopeWaits,
    VerdictChanged,
)
from ssmtui.model.fleet import NO_VERDICT, FleetFinding, Verdict, VerdictStatus
from ssmtui.model.probe import NOT_PROBED, Probes

if TYPE_CHECKING:
    from ssmtui.model.answers import Unreadable
    from ssmtui.model.closer_look import CloserLook
    from ssmtui.model.node import ConnectionStatus, Node, NodeKey
    from ssmtui.model.scope import Scope, ScopeError, ScopeName


@dataclass(frozen=True, slots=True)
class PutAway:
    """What was told of a scope that is looked at no more: `by_node` are its rows, as `FleetState` has them."""

    scope: Scope
    progress: Progressed | None
    by_node: tuple[dict[NodeKey, Any], ...]


@dataclass(slots=True)
class FleetState:
    """The fleet as told so far. `apply` takes one event after another; everything else only reads."""

    scopes: dict[ScopeName, Scope] = field(default_factory=dict)
    errors: dict[ScopeName, ScopeError] = field(default_factory=dict)
    nodes: dict[NodeKey, Node] = field(default_factory=dict)
    scope_of: dict[NodeKey, Scope] = field(default_factory=dict)
    connections: dict[NodeKey, ConnectionStatus | Unreadable | None] = field(default_factory=dict)
    verdicts: dict[NodeKey, Verdict] = field(default_factory=dict)
    closer: dict[NodeKey, tuple[CloserLook, ...] | None] = field(default_factory=dict)
    probes: dict[NodeKey, Probes] = field(default_factory=dict)
    findings: dict[str, FleetFinding] = field(default_factory=dict)
    progress: dict[ScopeName, Progressed] = field(default_factory=dict)
    delayed: dict[ScopeName, ScopeDelayed] = field(default_factory=dict)
    settled: set[ScopeName] = field(default_factory=set)
    sought: dict[ScopeName, NodesSought] = field(default_factory=dict)
    crashes: list[Crashed | DefectMet] = field(default_factory=list)
    away: dict[ScopeName, PutAway] = field(default_factory=dict)
    waiting: set[ScopeName] = field(default_factory=set)

    def apply(self, event: Event) -> None:
        """Take in one event."""
        match event:
            # What comes by thousands stands first.
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
                self._take_up(scope)
            case ScopeFailed(error):
                self.errors[error.name] = error
                self.waiting.discard(error.name)
            case ScopeWaits(scope_name):
                self.waiting.add(scope_name)
            case ScopeDelayed():
                self.delayed[event.scope] = event
            case ScopeGone(scope_name):
                self.errors.pop(scope_name, None)
                self.waiting.discard(scope_name)
                self._put_away(scope_name)
            case NodesSought(scope_name):
                self.sought[scope_name] = event
            case NodeGone(key):
                for held in self._by_node:
                    held.pop(key, None)
            case LookedCloser(key, looks):
                self.closer[key] = looks
            case ProbesChanged(key, probes):
                self.probes[key] = probes
            case FindingChanged(finding):
                self.findings[finding.id] = finding
            case FindingGone(id_):
                self.findings.pop(id_, None)
            case Progressed():
                self.progress[event.scope] = event
            case ScopeSettled(scope_name):
                self.settled.add(scope_name)
            case AllSettled():
                pass
            case Crashed():
                self.crashes.append(event)
                self.settled.add(event.scope)
            case DefectMet():
                self.crashes.append(event)

    @property
    def _by_node(self) -> tuple[dict[NodeKey, Any], ...]:
        return (self.nodes, self.scope_of, self.connections, self.verdicts, self.closer, self.probes)

    def nodes_in(self, name: ScopeName) -> tuple[NodeKey, ...]:
        """The nodes of one scope, whether it is looked at or put away."""
        if name in self.away:
            return tuple(self.away[name].by_node[0])
        return tuple(key for key, scope in self.scope_of.items() if scope.name == name)

    def _put_away(self, name: ScopeName) -> None:
        scope = self.scopes.pop(name, None)
        self.settled.discard(name)
        self.sought.pop(name, None)
        self.crashes = [each for each in self.crashes if each.scope != name]
        if scope is not None:
            keys = self.nodes_in(name)
            rows = tuple({key: held.pop(key) for key in keys if key in held} for held in self._by_node)
            self.away[name] = PutAway(scope, self.progress.pop(name, None), rows)

    def _take_up(self, scope: Scope) -> None:
        kept = self.away.pop(scope.name, None)
        # What another caller sees there is another fleet.
        if kept is not None and kept.scope == scope:
            for held, row in zip(self._by_node, kept.by_node, strict=True):
                held.update(row)
            if kept.progress is not None:
                self.progress[scope.name] = kept.progress

    def verdict(self, key: NodeKey) -> Verdict:
        """A node's verdict so far."""
        return self.verdicts.get(key, NO_VERDICT)

    def probed(self, key: NodeKey) -> Probes:
        """What is known of a node by probes."""
        return self.probes.get(key, NOT_PROBED)

    def counts(self, keys: Iterable[NodeKey] | None = None) -> Counter[VerdictStatus]:
        """How many nodes have which verdict (of all, where none are named)."""
        return Counter(self.verdict(key).status for key in (self.nodes if keys is None else keys))

    def nowhere(self) -> tuple[str, ...]:
        """The words that were asked for and name no node of any scope; none before every open scope is listed."""
        if not self.sought or self.scopes.keys() - self.errors.keys() - self.sought.keys():
            return ()
        missing = [each.missing for each in self.sought.values()]
        return tuple(word for word in missing[0] if all(word in each for each in missing))

    def others(self) -> frozenset[str]:
        """The ids and names of the nodes that nobody asked for, where some were asked for."""
        return frozenset(name for each in self.sought.values() for name in each.others)

    def api_calls(self) -> Counter[str]:
        """How many API calls have been made, by `service:Operation`."""
        total: Counter[str] = Counter()
        for progressed in (*self.progress.values(), *(each.progress for each in self.away.values())):
            total.update(dict(progressed.api_calls) if progressed is not None else {})
        return total
