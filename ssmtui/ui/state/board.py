"""What the screens draw: the fleet as told so far, and which of its rows have changed since it was last drawn.

Plain objects without Textual. One timer drains the queue of the diagnosis, a bounded number of events at a time, so
that a key never waits for a burst (facts/textual-practice.md §2).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from ssmtui.causes.cause import Cause
from ssmtui.diagnosis.events import (
    ConnectionRead,
    Event,
    FindingChanged,
    FindingGone,
    LookedCloser,
    NodeGone,
    NodeListed,
    VerdictChanged,
)
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.language import say
from ssmtui.model.finding import Finding, Status
from ssmtui.model.fleet import FleetFinding, Verdict
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.scope import Scope, ScopeName
from ssmtui.ui.words.signs import STATUSES, Sign, sign_of

_SEVERITY = tuple(STATUSES)

EVENTS_A_TICK = 1000
"""Events applied before the screen gets its turn again: some 5 ms."""


@dataclass(slots=True)
class Changes:
    """What has changed since the last look: the rows, and whether anything else has."""

    nodes: dict[NodeKey, None] = field(default_factory=dict)
    findings: dict[str, None] = field(default_factory=dict)
    other: bool = False

    def __bool__(self) -> bool:
        return bool(self.nodes or self.findings or self.other)


@dataclass(slots=True)
class Board:
    """The fleet, the causes that explain it, and what has changed. `tally` counts the nodes by their sign."""

    state: FleetState = field(default_factory=FleetState)
    causes: Mapping[str, Cause] = field(default_factory=dict)
    trouble: str = ""
    changes: Changes = field(default_factory=Changes)
    tally: Counter[Sign] = field(default_factory=Counter)
    _signs: dict[NodeKey, Sign] = field(default_factory=dict)

    def drain(self, events: SimpleQueue[Event], limit: int = EVENTS_A_TICK) -> Changes:
        """Apply what has come in, `limit` events at most; what has changed by it."""
        for _ in range(limit):
            try:
                event = events.get_nowait()
            except Empty:
                break
            self.apply(event)
        changes, self.changes = self.changes, Changes()
        return changes

    def apply(self, event: Event) -> None:
        """Take in one event, and mark what it changes."""
        self.state.apply(event)
        match event:
            case NodeListed(_, node):
                self._count(node.key)
            case NodeGone(key) | VerdictChanged(key, _):
                self._count(key)
            case ConnectionRead(key, _) | LookedCloser(key, _):
                self.changes.nodes[key] = None
            case FindingChanged(finding):
                self.changes.findings[finding.id] = None
            case FindingGone(id_):
                self.changes.findings[id_] = None
            case _:
                self.changes.other = True

    def _count(self, key: NodeKey) -> None:
        """Mark a node, and count it by its sign now instead of the one before."""
        self.changes.nodes[key] = None
        if (before := self._signs.pop(key, None)) is not None:
            self.tally[before] -= 1
        if key in self.state.nodes:
            sign = self._signs[key] = sign_of(self.state.verdict(key))
            self.tally[sign] += 1

    def everything(self) -> Changes:
        """All there is, as if it had just changed: for a screen that comes up."""
        return Changes(dict.fromkeys(self.state.nodes), dict.fromkeys(self.state.findings), other=True)

    def look_again(self, scope: ScopeName) -> None:
        """A scope is being checked again: until it says so, it is not settled."""
        self.state.settled.discard(scope)
        self.changes.other = True

    def node(self, key: NodeKey) -> Node | None:
        """A node, if it is there."""
        return self.state.nodes.get(key)

    def verdict(self, key: NodeKey) -> Verdict:
        """A node's verdict so far."""
        return self.state.verdict(key)

    def scope_of(self, key: NodeKey) -> Scope | None:
        """The scope that listed a node."""
        return self.state.scope_of.get(key)

    def findings_of(self, key: NodeKey) -> list[FleetFinding]:
        """The findings of a node that have been told, in the order of the path; the worst of a link first."""
        told = (self.state.findings.get(id_) for id_ in self.verdict(key).finding_ids)
        return sorted(
            (each for each in told if each),
            key=lambda each: (each.link.position, _SEVERITY.index(each.finding.status), each.id),
        )

    def title(self, slug: str) -> str:
        """A cause in words; its slug where the catalogue has not been read yet."""
        cause = self.causes.get(slug)
        return cause.title if cause else slug

    def finding_title(self, finding: Finding) -> str:
        """A finding in words: its cause's title, and that it is not known whether it holds where that is so."""
        title = self.title(finding.cause)
        return say("unsure: {title}", title=title) if finding.status is Status.UNKNOWN else title

    def keys_named(self, scope: Scope, ids: Iterable[str]) -> list[NodeKey]:
        """The nodes of a scope's account and Region with these ids."""
        return [NodeKey(scope.account, scope.region, id_) for id_ in ids]

    @property
    def scopes(self) -> list[Scope]:
        """The open scopes, by profile and Region: in which order they were opened is chance."""
        return sorted(self.state.scopes.values(), key=lambda each: (each.name.profile or "", each.region))

    @property
    def nobody_found(self) -> bool:
        """Whether nodes were asked for, and none of them is anywhere."""
        return not self.state.nodes and not self.state.errors and bool(self.state.nowhere())

    @property
    def waiting_for(self) -> tuple[str, ...]:
        """The calls that have not answered for a while, of all scopes whose diagnosis goes on."""
        going_on = (told for name, told in self.state.progress.items() if name not in self.state.settled)
        return tuple(dict.fromkeys(call for told in going_on for call in told.waiting_for))

    @property
    def pending(self) -> bool:
        """Whether the diagnosis of any scope goes on."""
        return any(name not in self.state.settled for name in self.state.scopes)
