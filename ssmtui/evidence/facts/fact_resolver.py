"""Resolve the facts on the path of one node, or of all nodes that share its traits."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from ssmtui.evidence.facts.sources import DerivedFact, Read, sources
from ssmtui.model.fact import Absent, Need, NotApplicable, Unreadable
from ssmtui.model.node import NODE_SPECIFIC_FIELDS, Instance, Node, Registration, holds_node
from ssmtui.model.plan import FactChange
from ssmtui.model.scope import Scope

if TYPE_CHECKING:
    from ssmtui.evidence.facts.fact_store import FactStore


Result = TypeVar("Result")

NODE_SPECIFIC_KEY = object()
"""The key of what holds the node itself: it is no other node's, and nothing that is made of it is remembered."""

NO_KNOWN_FACTS: Mapping[type, ResolvedFact] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ResolvedFact:
    """A fact, or what stands in its place. `key` is another one whenever the fact was read anew."""

    value: object
    key: Hashable


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

    by: Absent | NotApplicable | tuple[Unreadable, ...]
    keys: tuple[Hashable, ...]

    @property
    def of_the_node(self) -> bool:
        """Whether one of the needs looked at holds the node itself."""
        return any(key is NODE_SPECIFIC_KEY for key in self.keys)


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

    def node_specific_key(self, kind: type) -> Hashable:  # noqa: ARG002 - of a class, each kind has a key
        """The key of a fact that holds the node."""
        return NODE_SPECIFIC_KEY

    def call(self, function: Callable[..., Result], arguments: Mapping[str, object]) -> Result:
        """What a function that does not wait makes of facts of the path."""
        return function(**arguments)

    async def fact(self, kind: type) -> ResolvedFact:
        """One fact of the path, or what stands in its place."""
        known = self._known.get(kind)
        if known is None:
            known = self._known[kind] = await self._find(kind)
        return known

    async def answers(self, needs: Sequence[Need]) -> ResolvedNeeds | UnresolvedNeed:
        """All of a function's needs, in order; what comes after a need that makes the question moot is not asked."""
        arguments: dict[str, object] = {}
        keys: list[Hashable] = []
        unreadable: list[Unreadable] = []
        for need in needs:
            resolved = await self.fact(need.kind)
            keys.append(resolved.key)
            arguments[need.name] = resolved.value
            if type(resolved.value) in need.admits:
                continue
            if isinstance(resolved.value, NotApplicable | Absent):
                return UnresolvedNeed(resolved.value, tuple(keys))
            if isinstance(resolved.value, Unreadable):
                unreadable.append(resolved.value)
        if unreadable:
            return UnresolvedNeed(tuple(unreadable), tuple(keys))
        return ResolvedNeeds(arguments, tuple(keys))

    async def _find(self, kind: type) -> ResolvedFact:
        root = self._store.root(kind, self._node)
        if root is not None:
            found = ResolvedFact(root.value, self.node_specific_key(kind)) if root.key is NODE_SPECIFIC_KEY else root
            return self._apply_fact_changes(kind, found)
        source = sources()[kind]
        answered = await self.answers(source.needs)
        if isinstance(answered, UnresolvedNeed):
            return self._store.substitute_for(kind, answered)
        if isinstance(source, DerivedFact):
            return self._apply_fact_changes(kind, self._store.derive(source, answered, self))
        own = self.call(source.key, answered.arguments) if isinstance(source, Read) else None
        return self._apply_fact_changes(kind, await self._store.read(source, answered, own))

    def _apply_fact_changes(self, kind: type, found: ResolvedFact) -> ResolvedFact:
        return self._store.apply_fact_changes(kind, found, self._node)


Value = TypeVar("Value")
Part = TypeVar("Part", Node, Instance, Registration)


class AccessRecorder:
    """Whether something of a node's own was looked at."""

    __slots__ = ("_looked",)

    def __init__(self) -> None:
        self._looked = False

    def look(self) -> None:
        """Take note of a look at something that is the node's own."""
        self._looked = True

    def saw(self, work: Callable[[], Value]) -> tuple[Value, bool]:
        """What a work that does not wait gives, and whether it looked at something of the node's own."""
        self._looked = False
        value = work()
        return value, self._looked


class _Watched:
    """What the watched parts of a node have in common. Compared, hashed or printed, a part is looked at as a whole."""

    __slots__ = ()


def record_access(node: Node, watch: AccessRecorder) -> Node:
    """The node, under watch: equal to it, and of its type."""
    stand_in = _stand_in(node, watch)
    if isinstance(node.instance, Instance):
        _set(stand_in, Node, "instance", _stand_in(node.instance, watch))
    if isinstance(node.registration, Registration):
        _set(stand_in, Node, "registration", _stand_in(node.registration, watch))
    return stand_in


def _stand_in(part: Part, watch: AccessRecorder) -> Part:
    of = type(part)
    stand_in: Part = object.__new__(_CLASSES[of])
    for each in fields(part):
        _set(stand_in, of, each.name, getattr(part, each.name))
    object.__setattr__(stand_in, "_watch", watch)
    object.__setattr__(stand_in, "_plain", part)
    return stand_in


def _set(stand_in: object, of: type, name: str, value: object) -> None:
    of.__dict__[name].__set__(stand_in, value)


def _watched_class(of: type, own: frozenset[str]) -> type:
    def looked_at(name: str) -> property:
        slot = of.__dict__[name]

        def get(self: object) -> object:
            self._watch.look()  # type: ignore[attr-defined]
            return slot.__get__(self)

        return property(get)

    def equal(self: object, other: object) -> bool:
        self._watch.look()  # type: ignore[attr-defined]
        plain: object = self._plain  # type: ignore[attr-defined]
        return plain == (other._plain if isinstance(other, _Watched) else other)  # type: ignore[attr-defined]

    def hashed(self: object) -> int:
        self._watch.look()  # type: ignore[attr-defined]
        return hash(self._plain)  # type: ignore[attr-defined]

    def printed(self: object) -> str:
        self._watch.look()  # type: ignore[attr-defined]
        return repr(self._plain)  # type: ignore[attr-defined]

    members: dict[str, object] = {name: looked_at(name) for name in own}
    members |= {"__slots__": ("_watch", "_plain"), "__eq__": equal, "__hash__": hashed, "__repr__": printed}
    if of is Instance:
        public_ip = of.__dict__["public_ip"]
        members["has_public_ip"] = property(lambda self: public_ip.__get__(self) is not None)
    return type(f"Watched{of.__name__}", (of, _Watched), members)


_CLASSES = {of: _watched_class(of, own) for of, own in NODE_SPECIFIC_FIELDS.items()}


class NodeSpecificFact(Exception):
    """What is asked for hangs on something that is each node's own."""


class SharedFactResolver(FactResolver):
    """The path of all nodes that are like one (`model.likeness`). `fact` raises NodesOwn where theirs may differ.

    `known` are facts that they share though each would come by its own.
    """

    def __init__(self, store: FactStore, node: Node, known: Mapping[type, ResolvedFact], serial: Hashable) -> None:
        self._watch = AccessRecorder()
        self._serial = serial
        self._own: set[type] = set()
        super().__init__(store, record_access(node, self._watch), known)

    @property
    def shared(self) -> Mapping[type, ResolvedFact]:
        """What has been found so far and is the same on the path of every node of the class."""
        return {kind: found for kind, found in self._known.items() if found.key != self.node_specific_key(kind)}

    @property
    def reads_per_node(self) -> bool:
        """Whether something is read for each of its nodes."""
        return any(isinstance(sources().get(kind), Read) for kind in self._own)

    def is_per_node(self, kind: type) -> bool:
        """Whether it has been found that each of its nodes has a fact of this kind of its own."""
        return kind in self._own

    def node_specific_key(self, kind: type) -> Hashable:
        """The key of a fact that holds the node that stands for the class."""
        return (self._serial, kind) if holds_node(kind) else super().node_specific_key(kind)

    def call(self, function: Callable[..., Result], arguments: Mapping[str, object]) -> Result:
        """What a function makes of facts of the path. Raises NodesOwn where it looks at what is a node's own."""
        result, looked = self._watch.saw(lambda: function(**arguments))
        if looked:
            raise NodeSpecificFact
        return result

    async def fact(self, kind: type) -> ResolvedFact:
        """One fact of the path. Raises NodesOwn where each node has its own."""
        if kind in self._own:
            raise NodeSpecificFact
        try:
            return await super().fact(kind)
        except NodeSpecificFact:
            self._own.add(kind)
            raise

    def _apply_fact_changes(self, kind: type, found: ResolvedFact) -> ResolvedFact:
        # What is supposed of one node is not of its class: such a node is singled out.
        if kind is Node:
            return found
        return self.call(self._store.apply_fact_changes, {"kind": kind, "found": found, "node": None})
