"""Where the evidence of a scope comes from: AWS as it is now, or a recording."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from ssmtui.evidence.gathering.journey import Journey
from ssmtui.evidence.gathering.kept_reads import Entry, KeptReads
from ssmtui.evidence.readers.nodes.listing import listed_nodes
from ssmtui.model.node import Node
from ssmtui.model.scope import ScopeError

Listing = Callable[[Journey], AsyncIterator[Sequence[Node] | ScopeError]]
"""Lists the nodes of a Region, given its own facts."""


@dataclass(frozen=True, slots=True)
class Origin:
    """How nodes are listed, and what was read before.

    `has` tells whether a thing was read; it is None where whatever is asked for can be.
    """

    kept: KeptReads
    listing: Listing = listed_nodes
    has: Callable[[Entry], bool] | None = None

    def may_ask(self, entry: Entry) -> bool:
        """Whether there is an answer to be had."""
        return self.has is None or self.has(entry)
