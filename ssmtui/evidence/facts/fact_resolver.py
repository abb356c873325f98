"""Resolve the facts on the path of one node, or of all nodes that share its traits."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ssmtui.evidence.facts.sources import DerivedFact, Read, derives, sources
from ssmtui.model.fact import Absent, Need, NotApplicable, OfNode, Unreadable
from ssmtui.model.node import Node, NodeTraits, traits_of
from ssmtui.model.node_facts import SampleNode
from ssmtui.model.plan import FactChange
from ssmtui.model.scope import Scope

if TYPE_CHECKING:
    from ssmtui.evidence.facts.fact_store import FactStore


NODE_SPECIFIC_KEY = object()
"""The key of what holds the node itself: it is no other node's, and nothing that is made of it is remembered."""

NO_KNOWN_FACTS: Mapping[type, ResolvedFact] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ResolvedFact:
    """A fact, or what stands in its place. `key` is another one whenever the fact was read anew."""

    value: object
    key: Hashable


@dataclass(frozen=True, slots=True)
class PerNode:
    """Stands on a shared path for what each of its nodes has of its own.

    `arguments` are a function's needs if nothing is missing but the node, which is its parameter `name`.
    """

    name: str = ""
    arguments: Mapping[str, object] | None = None


PER_NODE: Final = ResolvedFact(PerNode(), "per node")


@dataclass(frozen=True, slots=True)
class ResolvedNeeds:
    """The needs of a function, all there."""

    arguments: Mapping[str, object]
    keys: tuple[Hashable, ...]

    @property
    def of_the_node(self) -> bool:
        """Whether one of them holds the node itself."""
        return any(key is NODE_SPECIFIC_KEY for key in self.keys)


@dataclass(frozen=True, slots=True)
class UnresolvedNeed:
    """A need that is not there, and that the function does not admit. Several unreadable ones are all named."""

    by: Absent | NotApplicable | PerNode | tuple[Unreadable, ...]
    keys: tuple[Hashable, ...]

    @property
    def of_the_node(self) -> bool:
        """Whether one of the needs looked at holds the node itself."""
        return any(key is NODE_SPECIFIC_KEY for key in self.keys)


@derives
def node_traits(node: Node) -> NodeTraits:
    """What the node shares with the nodes that are judged with it."""
    return traits_of(node)


@derives
def sample_node(node: Node) -> SampleNode:
    """On the path of one node, that node."""
    return SampleNode(node)


class FactResolver:
    """The facts on one node's path, each looked up once. `known` are those that are known already."""

    def __init__(
        self, store: FactStore, node: Node | None, known: Mapping[type, ResolvedFact] = NO_KNOWN_FACTS
    ) -> None:
        self._store = store
        self._node = node
        self._known: dict[type, ResolvedFact] = dict(known)

    @property
    def node(self) -> Node | None:
        """The node whose path it is, None for the Region's own facts."""
        return self._node

    @property
    def scope(self) -> Scope:
        """The scope that the path is in."""
        return self._store.scope

    @property
    def known(self) -> Mapping[type, ResolvedFact]:
        """What has been looked up so far."""
        return self._known

    def know(self, kind: type, value: object) -> None:
        """Take a fact as known on this path."""
        self._known[kind] = ResolvedFact(value, ("known", value))

    def with_changed_facts(self, *changes: FactChange) -> FactResolver:
        """The same path, but for facts that are supposed to be otherwise."""
        return self._store.with_fact_changes(changes).resolver(self._node)

    async def fact(self, kind: type) -> ResolvedFact:
        """One fact of the path, or what stands in its place; `PER_NODE` if nodes of a shared path have their own."""
        known = self._known.get(kind)
        if known is None:
            known = self._known[kind] = await self._find(kind)
        return known

    async def supposed_node(self) -> Node | None:
        """The node whose path it is, as it is supposed to be; None on any other path."""
        value = (await self.fact(Node)).value
        return value if isinstance(value, Node) else None

    async def answers(self, needs: Sequence[Need]) -> ResolvedNeeds | UnresolvedNeed:
        """All of a function's needs, in order; what comes after a need that makes the question moot is not asked."""
        arguments: dict[str, object] = {}
        keys: list[Hashable] = []
        unreadable: list[Unreadable] = []
        lacks_node: Need | None = None
        for need in needs:
            resolved = await self.fact(need.kind)
            if resolved is PER_NODE:
                # Every node has its own identity: only what comes after that can still make the question moot for all.
                if need.kind is not Node:
                    return UnresolvedNeed(PerNode(), tuple(keys))
                lacks_node = need
                continue
            keys.append(resolved.key)
            arguments[need.name] = resolved.value
            if type(resolved.value) in need.admits:
                continue
            if isinstance(resolved.value, NotApplicable | Absent):
                return UnresolvedNeed(resolved.value, tuple(keys))
            if isinstance(resolved.value, Unreadable):
                unreadable.append(resolved.value)
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


class SharedFactResolver(FactResolver):
    """The path of all nodes with the same traits. `known` are facts that they share though each would have its own.

    What depends on which node it is, is `PER_NODE`. A read that does not may use one of them (`SampleNode`).
    """

    def __init__(self, store: FactStore, node: Node, traits: NodeTraits, known: Mapping[type, ResolvedFact]) -> None:
        sample = ResolvedFact(SampleNode(node), (SampleNode, store.kept.next_serial()))
        shared = {NodeTraits: store.derived_of_node(NodeTraits, traits), SampleNode: sample, Node: PER_NODE}
        super().__init__(store, None, {**shared, **known})

    @property
    def shared(self) -> Mapping[type, ResolvedFact]:
        """What has been found so far and is the same on the path of every node of the class."""
        return {kind: found for kind, found in self._known.items() if found is not PER_NODE and kind is not SampleNode}

    @property
    def reads_per_node(self) -> bool:
        """Whether something is read for each of its nodes."""
        return any(isinstance(sources().get(kind), Read) for kind in self._known if self.is_per_node(kind))

    def is_per_node(self, kind: type) -> bool:
        """Whether it has been found that each of its nodes has a fact of this kind of its own."""
        return self._known.get(kind) is PER_NODE
