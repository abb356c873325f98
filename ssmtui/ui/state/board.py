"""What the screens draw: the fleet as told so far, and which of its rows have changed since it was last drawn.

Plain objects without Textual. One timer drains the queue of the diagnosis, a bounded number of events at a time, so
that a key never waits for a burst (docs/facts/libraries.md §2).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from ssmtui.diagnosis.events import (
    ConnectionRead,
    Event,
    FindingChanged,
    FindingGone,
    LookedCloser,
    NodeGone,
    NodeListed,
    ProbesChanged,
    ScopeGone,
    ScopeOpened,
    VerdictChanged,
)
from ssmtui.model.node import NodeKey
from ssmtui.model.scope import ScopeName
from ssmtui.ui.words.fleet import Fleet
from ssmtui.ui.words.signs import Sign, sign_of

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
class Board(Fleet):
    """The fleet, and what has changed of it. `tally` counts the nodes by their sign."""

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
        if isinstance(event, ScopeGone | ScopeOpened):
            self._switch(event)
            return
        self.state.apply(event)
        match event:
            case NodeListed(_, node):
                self._count(node.key)
            case NodeGone(key) | VerdictChanged(key, _):
                self._count(key)
            case ConnectionRead(key, _) | LookedCloser(key, _) | ProbesChanged(key, _):
                self.changes.nodes[key] = None
            case FindingChanged(finding):
                self.changes.findings[finding.id] = None
            case FindingGone(id_):
                self.changes.findings[id_] = None
            case _:
                self.changes.other = True

    def _switch(self, event: ScopeGone | ScopeOpened) -> None:
        """Take in that a scope is looked at, or no more; its nodes go and come with it."""
        name = event.scope if isinstance(event, ScopeGone) else event.scope.name
        keys = self.state.nodes_in(name)
        self.state.apply(event)
        self.changes.other = True
        for key in keys:
            self._count(key)

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
