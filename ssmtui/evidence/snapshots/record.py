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
    """The scope of a record, and what was known about it in addition to facts.

    `at` is the time of the diagnosis. `calls` is the number of requests by `service:Operation`. `errors` say why not
    all nodes could be listed, `pointed` are the selected nodes, `expected` the changes whose effect must still show.
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
    """The result of a read: the fact or its marker. `own` is its key among facts of its kind."""

    kind: type
    own: Hashable
    value: object


@dataclass(frozen=True, slots=True)
class ScopeRecord:
    """The evidence of one scope. Nodes and facts are in the order of the file."""

    head: ScopeHead
    nodes: tuple[Node, ...]
    facts: tuple[RecordedFact, ...]


@dataclass(frozen=True, slots=True)
class ListingReference:
    """Stands for a running listing, which is not a value: its nodes and its totals are recorded instead."""

    kind: str

    async def whole(self) -> object:
        """Raise an error: the totals of the listing are a separate fact, and unknown if that was not recorded.

        Raises:
            ReadFailed: always.

        """
        raise ReadFailed(not_recorded(self.kind))


def not_recorded(source: str) -> Unreadable:
    """Return the marker for evidence that is not in a snapshot. No permission would help."""
    return Unreadable("", say("{source}: not in the snapshot", source=source), ReadFailure.FAILED, source)
