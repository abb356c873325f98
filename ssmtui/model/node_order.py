"""Order nodes and findings for a reader: failures first, and of these the root causes behind the most nodes first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ssmtui.model.finding import STATUS_ORDER, VERDICT_ORDER, Status, VerdictStatus

NodeRank = tuple[int, int, str]
"""The place of the verdict, the number of nodes behind the same root cause (negative), and the root finding."""

FindingRank = tuple[int, int, int, str]
"""The place of the status, the nodes that fail because of it, all its nodes (both negative), and its ID."""


def root_finding(root_cause: str | None, finding_ids: Sequence[str]) -> str:
    """Return the ID of the finding that is the root cause of a node; empty if there is none."""
    if not root_cause:
        return ""
    return next((id_ for id_ in finding_ids if id_.startswith(f"{root_cause}@")), "")


class NodeOrder:
    """Counts the failing nodes of each root finding, and ranks nodes and findings by these numbers.

    One fix of the root finding can turn all these nodes green. A rank is valid until the next call of `count`.
    """

    def __init__(self) -> None:
        self._nodes: Counter[str] = Counter()

    def count(self, status: VerdictStatus, root: str, by: int = 1) -> None:
        """Add a node; -1 removes the node. `root` is its root finding."""
        if status is VerdictStatus.FAIL and root:
            self._nodes[root] += by

    def of_node(self, status: VerdictStatus, root: str) -> NodeRank:
        """Return the rank of a node: nodes with the same root finding are next to each other."""
        place = VERDICT_ORDER.index(status)
        return (place, -self._nodes[root], root) if status is VerdictStatus.FAIL else (place, 0, "")

    def of_finding(self, status: Status, id_: str, nodes: int) -> FindingRank:
        """Return the rank of a finding that affects this number of nodes."""
        return STATUS_ORDER.index(status), -self._nodes[id_], -nodes, id_
