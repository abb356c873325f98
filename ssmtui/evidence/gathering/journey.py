"""The facts on one path: each looked up once, and what a function needs of them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssmtui.evidence.gathering.reading import Read, Seen, sources
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.need import Need
from ssmtui.model.node import Node
from ssmtui.model.plan import FactChange
from ssmtui.model.scope import Scope

if TYPE_CHECKING:
    from ssmtui.evidence.gathering.on_demand import Gathering


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


@dataclass(frozen=True, slots=True)
class Blocked:
    """A need that is not there, and that the function does not admit. Several unreadable ones are all named."""

    by: Absent | Moot | tuple[Unreadable, ...]
    keys: tuple[Hashable, ...]


class Journey:
    """The facts on one node's path, each looked up once."""

    def __init__(self, gathering: Gathering, node: Node | None) -> None:
        self._gathering = gathering
        self._node = node
        self._known: dict[type, Resolved] = {}

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

    def elsewhere(self, change: FactChange) -> Journey:
        """The same path, but for a fact that is supposed to be otherwise."""
        return self._gathering.supposing([change]).journey(self._node)

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
            return self._gathering.supposedly(kind, root, self._node)
        source = sources()[kind]
        answered = await self.answers(source.needs)
        if isinstance(answered, Blocked):
            stands = answered.by if not isinstance(answered.by, tuple) else answered.by[0]
            return Resolved(stands, (kind, answered.keys))
        if isinstance(source, Read | Seen):
            return self._gathering.supposedly(kind, await self._gathering.read(source, answered), self._node)
        return self._gathering.supposedly(kind, self._gathering.work_out(source, answered), self._node)
