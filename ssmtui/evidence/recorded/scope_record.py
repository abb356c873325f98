"""The evidence of one scope as it was recorded: its nodes, the facts that readers gave, and what else was known."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime

from ssmtui.evidence.wire.aws import ReadFailed
from ssmtui.language import say
from ssmtui.model.answers import Obstacle, Unreadable
from ssmtui.model.change_delay import Expected
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.probe import Probes
from ssmtui.model.scope import Scope, ScopeError
from ssmtui.model.whom_to_ask import WhomToAsk


@dataclass(frozen=True, slots=True)
class ScopeHead:
    """Which scope it is, and what was known of it besides facts.

    `at` is the present by which it was judged. `calls` counts the requests that it took, by `service:Operation`.
    `errors` say why not all nodes could be listed, `pointed` are the nodes that somebody pointed at, `expected` the
    changes that had yet to show.
    """

    scope: Scope
    at: datetime
    whom: WhomToAsk
    calls: tuple[tuple[str, int], ...] = ()
    errors: tuple[ScopeError, ...] = ()
    pointed: tuple[NodeKey, ...] = ()
    expected: tuple[Expected, ...] = ()
    probed: tuple[tuple[NodeKey, Probes], ...] = ()


@dataclass(frozen=True, slots=True)
class RecordedFact:
    """What a read gave: the fact, or what stands in its place. `own` tells it from others of its kind."""

    kind: type
    own: Hashable
    value: object


@dataclass(frozen=True, slots=True)
class ScopeRecord:
    """One scope's evidence. Nodes and facts are in the order of the file."""

    head: ScopeHead
    nodes: tuple[Node, ...]
    facts: tuple[RecordedFact, ...]


@dataclass(frozen=True, slots=True)
class TheListing:
    """Stands for a listing of all nodes, which is no value: its nodes, and what they come to, are recorded instead."""

    kind: str

    async def whole(self) -> object:
        """What the listing came to: a fact of its own, and not to be told where that was not recorded.

        Raises:
            ReadFailed: always.

        """
        raise ReadFailed(not_recorded(self.kind))


def not_recorded(source: str) -> Unreadable:
    """What stands in the place of evidence that a snapshot does not hold. No permission would settle it."""
    return Unreadable("", say("{source}: not in the snapshot", source=source), Obstacle.FAILED, source)
