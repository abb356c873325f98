"""Whose console is read: that of one node of each class first, and of the others when all have been judged."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ssmtui.diagnosis.classes import NodeClass
from ssmtui.diagnosis.origin import Origin
from ssmtui.evidence.gathering.journey import Resolved
from ssmtui.language import say
from ssmtui.model.answers import Moot
from ssmtui.model.node import NodeKey
from ssmtui.model.system import ConsoleAsked, ConsoleOutput
from ssmtui.model.whom_to_ask import WhomToAsk

AT_ONCE = 50
"""Consoles that are read before their nodes are judged, so that nothing has to be told of a few that may not last."""

_NOTHING: Mapping[type, Resolved] = MappingProxyType({})


class Consoles:
    """The consoles of one scope's nodes that are away. Lives on the evidence thread's loop."""

    def __init__(self, whom: WhomToAsk, origin: Origin) -> None:
        self._whom = whom
        self._origin = origin
        self._left = 0
        self._asked: set[NodeKey] = set()
        self._classes: set[int] = set()
        self._later: dict[NodeKey, None] = {}

    def begin(self) -> None:
        """The nodes are looked through from the first on."""
        self._left = AT_ONCE if self._whom is WhomToAsk.ALL else 0

    def known(self, key: NodeKey, of: NodeClass) -> Mapping[type, Resolved]:
        """What is known of a node of a class whose console is not read now: that nobody asks for it."""
        if not of.has_own(ConsoleOutput) or self._is_asked_for(key, of):
            return _NOTHING
        if self._whom is WhomToAsk.ALL and self._origin.has is None:
            self._later[key] = None
        return {ConsoleAsked: Resolved(Moot(say("the console of a node like it was read")), "of a node like it")}

    def next(self) -> NodeKey | None:
        """A node whose console is to be read now, None where there is none."""
        if not self._later:
            return None
        key = next(iter(self._later))
        del self._later[key]
        self._asked.add(key)
        return key

    def forget(self) -> None:
        """Nodes are put to classes anew."""
        self._classes.clear()

    def give_up(self) -> None:
        """Read no more of them."""
        self._later.clear()

    def drop(self, key: NodeKey) -> None:
        """Forget a node."""
        self._asked.discard(key)
        self._later.pop(key, None)

    def _is_asked_for(self, key: NodeKey, of: NodeClass) -> bool:
        if self._origin.has is not None:
            return self._origin.has((ConsoleOutput, key.id))
        is_first = id(of) not in self._classes
        if key not in self._asked and not is_first:
            if self._left <= 0:
                return False
            self._left -= 1
        self._classes.add(id(of))
        self._asked.add(key)
        return True
