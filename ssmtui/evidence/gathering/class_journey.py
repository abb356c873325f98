"""The facts on the path of a class of nodes, looked up by one that stands for all of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING

from ssmtui.evidence.gathering.journey import Journey, Resolved, Result
from ssmtui.evidence.gathering.reading import Read, sources
from ssmtui.evidence.gathering.watched import Watch, watched
from ssmtui.model.likeness import holds_a_node
from ssmtui.model.node import Node

if TYPE_CHECKING:
    from ssmtui.evidence.gathering.on_demand import Gathering


class NodesOwn(Exception):
    """What is asked for hangs on something that is each node's own."""


class ClassJourney(Journey):
    """The path of all nodes that are like one (`model.likeness`). `fact` raises NodesOwn where theirs may differ.

    `known` are facts that they share though each would come by its own.
    """

    def __init__(self, gathering: Gathering, node: Node, known: Mapping[type, Resolved], serial: Hashable) -> None:
        self._watch = Watch()
        self._serial = serial
        self._own: set[type] = set()
        super().__init__(gathering, watched(node, self._watch), known)

    @property
    def shared(self) -> Mapping[type, Resolved]:
        """What has been found so far and is the same on the path of every node of the class."""
        return {kind: found for kind, found in self._known.items() if found.key != self.own_key(kind)}

    @property
    def reads_own(self) -> bool:
        """Whether something is read for each of its nodes."""
        return any(isinstance(sources().get(kind), Read) for kind in self._own)

    def has_own(self, kind: type) -> bool:
        """Whether it has been found that each of its nodes has a fact of this kind of its own."""
        return kind in self._own

    def own_key(self, kind: type) -> Hashable:
        """The key of a fact that holds the node that stands for the class."""
        return (self._serial, kind) if holds_a_node(kind) else super().own_key(kind)

    def call(self, function: Callable[..., Result], arguments: Mapping[str, object]) -> Result:
        """What a function makes of facts of the path. Raises NodesOwn where it looks at what is a node's own."""
        result, looked = self._watch.saw(lambda: function(**arguments))
        if looked:
            raise NodesOwn
        return result

    async def fact(self, kind: type) -> Resolved:
        """One fact of the path. Raises NodesOwn where each node has its own."""
        if kind in self._own:
            raise NodesOwn
        try:
            return await super().fact(kind)
        except NodesOwn:
            self._own.add(kind)
            raise

    def _supposedly(self, kind: type, found: Resolved) -> Resolved:
        # What is supposed of one node is not of its class: such a node is singled out.
        if kind is Node:
            return found
        return self.call(self._gathering.supposedly, {"kind": kind, "found": found, "node": None})
