"""The facts on one path: each looked up once, and what a function needs of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from ssmtui.evidence.gathering.reading import Derived, Read, sources
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.need import Need
from ssmtui.model.node import Node
from ssmtui.model.plan import FactChange
from ssmtui.model.scope import Scope

if TYPE_CHECKING:
    from ssmtui.evidence.gathering.on_demand import Gathering


Result = TypeVar("Result")

OF_THE_NODE = object()
"""The key of what holds the node itself: it is no other node's, and nothing that is made of it is remembered."""

NOTHING_KNOWN: Mapping[type, Resolved] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Resolved:
    """A fact, or what stands in its place. `key` is another one whenever the fact was read anew."""

    value: object
    key: Hashable


@dataclass(frozen=True, slots=True)
class Answered:
    """The needs of a function, all there."""

    arguments: Mapping[str, object]
    keys: tuple[Hashable, ...]

    @property
    def of_the_node(self) -> bool:
        """Whether one of them holds the node itself."""
        return any(key is OF_THE_NODE for key in self.keys)


@dataclass(frozen=True, slots=True)
class Blocked:
    """A need that is not there, and that the function does not admit. Several unreadable ones are all named."""

    by: Absent | Moot | tuple[Unreadable, ...]
    keys: tuple[Hashable, ...]

    @property
    def of_the_node(self) -> bool:
        """Whether one of the needs looked at holds the node itself."""
        return any(key is OF_THE_NODE for key in self.keys)


class Journey:
    """The facts on one node's path, each looked up once. `known` are those that are known already."""

    def __init__(self, gathering: Gathering, node: Node | None, known: Mapping[type, Resolved] = NOTHING_KNOWN) -> None:
        self._gathering = gathering
        self._node = node
        self._known: dict[type, Resolved] = dict(known)

    @property
    def node(self) -> Node | None:
        """The node whose path it is, None for the Region's own facts."""
        return self._node

    @property
    def scope(self) -> Scope:
        """The scope that the path is in."""
        return self._gathering.scope

    @property
    def known(self) -> Mapping[type, Resolved]:
        """What has been looked up so far."""
        return self._known

    def know(self, kind: type, value: object) -> None:
        """Take a fact as known on this path."""
        self._known[kind] = Resolved(value, ("known", value))

    def elsewhere(self, *changes: FactChange) -> Journey:
        """The same path, but for facts that are supposed to be otherwise."""
        return self._gathering.supposing(changes).journey(self._node)

    def own_key(self, kind: type) -> Hashable:  # noqa: ARG002 - of a class, each kind has a key
        """The key of a fact that holds the node."""
        return OF_THE_NODE

    def call(self, function: Callable[..., Result], arguments: Mapping[str, object]) -> Result:
        """What a function that does not wait makes of facts of the path."""
        return function(**arguments)

    async def fact(self, kind: type) -> Resolved:
        """One fact of the path, or what stands in its place."""
        known = self._known.get(kind)
        if known is None:
            known = self._known[kind] = await self._find(kind)
        return known

    async def answers(self, needs: Sequence[Need]) -> Answered | Blocked:
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
            if isinstance(resolved.value, Moot | Absent):
                return Blocked(resolved.value, tuple(keys))
            if isinstance(resolved.value, Unreadable):
                unreadable.append(resolved.value)
        if unreadable:
            return Blocked(tuple(unreadable), tuple(keys))
        return Answered(arguments, tuple(keys))

    async def _find(self, kind: type) -> Resolved:
        root = self._gathering.root(kind, self._node)
        if root is not None:
            found = Resolved(root.value, self.own_key(kind)) if root.key is OF_THE_NODE else root
            return self._supposedly(kind, found)
        source = sources()[kind]
        answered = await self.answers(source.needs)
        if isinstance(answered, Blocked):
            return self._gathering.in_its_place(kind, answered)
        if isinstance(source, Derived):
            return self._supposedly(kind, self._gathering.work_out(source, answered, self))
        own = self.call(source.key, answered.arguments) if isinstance(source, Read) else None
        return self._supposedly(kind, await self._gathering.read(source, answered, own))

    def _supposedly(self, kind: type, found: Resolved) -> Resolved:
        return self._gathering.supposedly(kind, found, self._node)
