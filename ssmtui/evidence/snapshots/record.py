"""The recorded evidence of one scope: nodes, facts of readers, and other state."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime

from ssmtui.evidence.aws.reader_api import ReadFailed
from ssmtui.language import say
from ssmtui.model.choice import ConnectionOption
from ssmtui.model.fact import ReadFailure, Unreadable
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.plan import Expected
from ssmtui.model.probe import Probes
from ssmtui.model.scope import Scope, ScopeError


@dataclass(frozen=True, slots=True)
class ScopeHead:
    """Which scope it is, and what was known of it besides facts.

    `at` is the present by which it was judged. `calls` counts the requests that it took, by `service:Operation`.
    `errors` say why not all nodes could be listed, `pointed` are the nodes that somebody pointed at, `expected` the
    changes that had yet to show.
    """

    scope: Scope
    at: datetime
    whom: ConnectionOption
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
class ListingReference:
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
    return Unreadable("", say("{source}: not in the snapshot", source=source), ReadFailure.FAILED, source)
