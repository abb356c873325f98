"""Where the evidence of a scope comes from: AWS as it is now, or a snapshot."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from ssmtui.evidence.facts.fact_resolver import FactResolver
from ssmtui.evidence.facts.read_cache import ReadCache, ReadKey
from ssmtui.evidence.readers.node_listing import listed_nodes
from ssmtui.model.node import Node
from ssmtui.model.scope import ScopeError

ListNodes = Callable[[FactResolver], AsyncIterator[Sequence[Node] | ScopeError]]
"""Lists the nodes of a Region, given its own facts."""


@dataclass(frozen=True, slots=True)
class EvidenceSource:
    """How nodes are listed, and what was read before.

    `has` tells whether a thing was read; it is None where whatever is asked for can be.
    """

    kept: ReadCache
    listing: ListNodes = listed_nodes
    has: Callable[[ReadKey], bool] | None = None

    def may_ask(self, entry: ReadKey) -> bool:
        """Whether there is an answer to be had."""
        return self.has is None or self.has(entry)
