"""The findings of nodes, looked up once: thousands of nodes share a few of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ssmtui.report.marks import counts, muted_nodes, texts
from ssmtui.report.paper import Body, Paper

_KEPT = 512
"""Findings that are held at once; nodes come by their ids, so that one may be wanted again at any time."""


@dataclass(frozen=True, slots=True)
class Held:
    """A finding, and the nodes for which it is muted."""

    finding: Body
    quiet: frozenset[str]

    def counts_for(self, node: str) -> bool:
        """Whether it counts for one of its nodes: not where it is muted for it."""
        return counts(self.finding) and node not in self.quiet


class FindingsOfNodes:
    """The findings of a paper, by the nodes that name them."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._looked_up = lru_cache(maxsize=_KEPT)(self._look_up)

    def of(self, node: Body) -> Sequence[Held]:
        """Those of a node, in its order."""
        return [held for id_ in texts(node["findings"]) if (held := self._looked_up(id_)) is not None]

    def _look_up(self, id_: str) -> Held | None:
        found = self._paper.finding(id_)
        return Held(found, muted_nodes(found)) if found is not None else None
