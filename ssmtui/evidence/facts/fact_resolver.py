"""Resolve the facts on the path of one node, or of all nodes that share its traits."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ssmtui.evidence.facts.sources import DerivedFact, Read, derives, sources
from ssmtui.model.fact import MARKERS, Absent, Need, NotApplicable, OfNode, Unreadable
from ssmtui.model.node import Node, NodeTraits, traits_of
from ssmtui.model.node_facts import SampleNode
from ssmtui.model.plan import FactChange
from ssmtui.model.scope import Scope

if TYPE_CHECKING:
    from ssmtui.evidence.facts.fact_store import FactStore


NODE_SPECIFIC_KEY = object()
"""The key of facts that contain the node itself: they belong to no other node, and results from them are not cached."""

_MARKERS = frozenset(MARKERS)

NO_KNOWN_FACTS: Mapping[type, ResolvedFact] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ResolvedFact:
    """A fact or its marker. `key` changes whenever the fact is read again."""

    value: object
    key: Hashable


@dataclass(frozen=True, slots=True)
class PerNode:
    """Marks a fact on a shared path that differs for each node.

    `arguments` are the needs of a function if only the node is missing, which is its parameter `name`.
    """

    name: str = ""
    arguments: Mapping[str, object] | None = None


PER_NODE: Final = ResolvedFact(PerNode(), "per node")


@dataclass(frozen=True, slots=True)
class ResolvedNeeds:
    """The complete needs of a function."""

    arguments: Mapping[str, object]
    keys: tuple[Hashable, ...]

    @property
    def of_the_node(self) -> bool:
        """Return whether one of the needs contains the node itself."""
        return NODE_SPECIFIC_KEY in self.keys


@dataclass(frozen=True, slots=True)
class UnresolvedNeed:
    """A missing need that the function does not accept; all unreadable needs are listed."""

    by: Absent | NotApplicable | PerNode | tuple[Unreadable, ...]
    keys: tuple[Hashable, ...]

    @property
    def of_the_node(self) -> bool:
        """Return whether one of the resolved needs contains the node itself."""
        return NODE_SPECIFIC_KEY in self.keys


@derives
def node_traits(node: Node) -> NodeTraits:
    """Return the properties that the node shares with nodes that are checked together with it."""
    return traits_of(node)


@derives
def sample_node(node: Node) -> SampleNode:
    """Return the node itself, on the path of a single node."""
    return SampleNode(node)


class FactResolver:
    """The facts on the path of a node, each resolved once. `known` are facts that are already known."""

    def __init__(
        self, store: FactStore, node: Node | None, known: Mapping[type, ResolvedFact] = NO_KNOWN_FACTS
    ) -> None:
        self._store = store
        self._node = node
        self._known: dict[type, ResolvedFact] = dict(known)
        self._waiting: dict[type, list[asyncio.Future[None]]] = {}
        self._of_node: dict[type, OfNode[object]] = {}

    @property
    def node(self) -> Node | None:
        """Return the node of the path, or None for the Region's facts."""
        return self._node

    @property
    def scope(self) -> Scope:
        """Return the scope of the path."""
        return self._store.scope

    @property
    def known(self) -> Mapping[type, ResolvedFact]:
        """Return the resolved facts."""
        return self._known

    def know(self, kind: type, value: object) -> None:
        """Take a fact as known on this path. Equal facts share what follows from them, if they can be hashed."""
        try:
            hash(value)
        except TypeError:
            self._known[kind] = ResolvedFact(value, ("known", kind, self._store.kept.next_serial()))
        else:
            self._known[kind] = ResolvedFact(value, ("known", value))

    def with_changed_facts(self, *changes: FactChange) -> FactResolver:
        """Return the same path with changed facts."""
        return self._store.with_fact_changes(changes).resolver(self._node)

    async def fact(self, kind: type) -> ResolvedFact:
        """Return a fact of the path or its marker; `PER_NODE` if the nodes of a shared path have different facts."""
        while (known := self._known.get(kind)) is None:
            if (waiting := self._waiting.get(kind)) is not None:
                # The checks of thousands of nodes can wait for one fact: a future takes less memory than all its needs.
                found: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                waiting.append(found)
                await found
                continue
            waiting = self._waiting[kind] = []
            try:
                known = self._known[kind] = await self._find(kind)
            finally:
                del self._waiting[kind]
                for each in waiting:
                    if not each.done():
                        each.set_result(None)
        return known

    async def supposed_node(self) -> Node | None:
        """Return the node of the path, with the changed facts; None on any other path."""
        value = (await self.fact(Node)).value
        return value if isinstance(value, Node) else None

    async def answers(self, needs: Sequence[Need]) -> ResolvedNeeds | UnresolvedNeed:
        """Resolve the needs of a function, in order, until a need shows that the function does not apply."""
        arguments: dict[str, object] = {}
        keys: list[Hashable] = []
        unreadable: list[Unreadable] = []
        lacks_node: Need | None = None
        for need in needs:
            resolved = self._known.get(need.kind) or await self.fact(need.kind)
            if resolved is PER_NODE:
                # Each node has its own identity, but a later need can still show that the function applies to no node.
                if need.kind is not Node:
                    return UnresolvedNeed(PerNode(), tuple(keys))
                lacks_node = need
                continue
            value = resolved.value
            keys.append(resolved.key)
            arguments[need.name] = value
            if type(value) not in _MARKERS or type(value) in need.admits:
                continue
            if isinstance(value, NotApplicable | Absent):
                return UnresolvedNeed(value, tuple(keys))
            if isinstance(value, Unreadable):
                unreadable.append(value)
        if lacks_node is not None:
            by = PerNode() if unreadable else PerNode(lacks_node.name, arguments)
            return UnresolvedNeed(by, tuple(keys))
        if unreadable:
            return UnresolvedNeed(tuple(unreadable), tuple(keys))
        return ResolvedNeeds(arguments, tuple(keys))

    async def _find(self, kind: type) -> ResolvedFact:
        root = self._store.root(kind, self._node)
        if root is not None:
            return self._apply_fact_changes(kind, root)
        source = sources()[kind]
        answered = await self.answers(source.needs)
        if isinstance(answered, UnresolvedNeed):
            return PER_NODE if isinstance(answered.by, PerNode) else self._store.substitute_for(kind, answered)
        if isinstance(source, DerivedFact):
            found = self._store.derive(source, answered)
            if isinstance(found.value, OfNode):
                node = await self.supposed_node()
                if node is None:
                    self._of_node[kind] = found.value
                    return PER_NODE
                found = self._store.derived_of_node(kind, found.value.answer(node))
            return self._apply_fact_changes(kind, found)
        own = source.key(**answered.arguments) if isinstance(source, Read) else None
        if isinstance(own, OfNode):
            node = await self.supposed_node()
            if node is None:
                return PER_NODE
            own = own.answer(node)
        return self._apply_fact_changes(kind, await self._store.read(source, answered, own))

    def _apply_fact_changes(self, kind: type, found: ResolvedFact) -> ResolvedFact:
        return self._store.apply_fact_changes(kind, found, self._node)


_STOPPING = frozenset((Absent, NotApplicable))


class ConcurrentFactResolver(FactResolver):
    """The path of a node that is checked alone: facts are resolved at the same time, each once for all callers.

    Nothing is read that would not be read in order: a need is resolved before the needs that precede it have values
    only if none of them can make the function not applicable.
    """

    def __init__(self, store: FactStore, node: Node | None) -> None:
        super().__init__(store, node)
        # A caller is cancelled only together with all others: then these end as well.
        self._under_way: dict[type, asyncio.Task[ResolvedFact]] = {}

    async def fact(self, kind: type) -> ResolvedFact:
        """Return a fact of the path or its marker."""
        known = self._known.get(kind)
        if known is None:
            self._begin(kind)
            known = self._known[kind] = await self._under_way[kind]
        return known

    async def answers(self, needs: Sequence[Need]) -> ResolvedNeeds | UnresolvedNeed:
        """Resolve the needs of a function, at the same time as far as each is certain to be needed."""
        left = deque(needs)
        while left:
            need = self._begin_certain(left)
            if type((await self.fact(need.kind)).value) in _STOPPING - need.admits:
                break
        return await super().answers(needs)

    def _begin_certain(self, left: deque[Need]) -> Need:
        """Begin the next needs, up to the first that can make the function not applicable; return the last of them."""
        markers: dict[type, frozenset[type]] = {}
        while True:
            need = left.popleft()
            self._begin(need.kind)
            if not left or self._possible_markers(need.kind, markers) - need.admits:
                return need

    def _begin(self, kind: type) -> None:
        if kind not in self._known and kind not in self._under_way:
            self._under_way[kind] = asyncio.create_task(self._find(kind))

    def _possible_markers(self, kind: type, markers: dict[type, frozenset[type]]) -> frozenset[type]:
        """Return what can stand in for a fact and make a function not applicable, by the facts known so far.

        `markers` keeps the results of one walk: many facts need the same ones.
        """
        if kind not in markers:
            known = self._known.get(kind) or self._store.root(kind, self._node)
            if known is not None:
                markers[kind] = _STOPPING & {type(known.value)}
            else:
                source = sources()[kind]
                needed = (self._possible_markers(need.kind, markers) - need.admits for need in source.needs)
                markers[kind] = (_STOPPING & source.markers).union(*needed)
        return markers[kind]


class SharedFactResolver(FactResolver):
    """The path of all nodes with the same traits. `known` are facts that they share, although each node has its own.

    A fact that depends on the node is `PER_NODE`. A read that does not depend on the node can use any node
    (`SampleNode`).
    """

    def __init__(self, store: FactStore, node: Node, traits: NodeTraits, known: Mapping[type, ResolvedFact]) -> None:
        sample = ResolvedFact(SampleNode(node), (SampleNode, store.kept.next_serial()))
        shared = {NodeTraits: store.derived_of_node(NodeTraits, traits), SampleNode: sample, Node: PER_NODE}
        super().__init__(store, None, {**shared, **known})

    @property
    def shared(self) -> Mapping[type, ResolvedFact]:
        """Return the resolved facts that are the same for all nodes of the class."""
        return {kind: found for kind, found in self._known.items() if found is not PER_NODE and kind is not SampleNode}

    @property
    def reads_per_node(self) -> bool:
        """Return whether a fact is read for each node."""
        return any(isinstance(sources().get(kind), Read) for kind in self._known if self.is_per_node(kind))

    def is_per_node(self, kind: type) -> bool:
        """Return whether each node is known to have its own fact of this kind."""
        return self._known.get(kind) is PER_NODE

    def of_node(self, kind: type) -> OfNode[object] | None:
        """Return the function that derives a fact of each node from shared facts, if there is one."""
        return self._of_node.get(kind)
