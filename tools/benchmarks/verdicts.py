"""Compare a report with the expected result of every node."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tools.benchmarks.paged_aws.fleet import FleetNode

Told = tuple[str, str | None]
"""A verdict and a root cause."""


def told_by(report: Mapping[str, Any]) -> Mapping[str, Told]:
    """Return a report's result for each node."""
    return {node["id"]: (node["verdict"], node["root_cause"]) for node in report["nodes"]}


def wrong(report: Mapping[str, Any], nodes: Iterable[FleetNode], unasked: str = "ok") -> list[str]:
    """Return the nodes with another result. `unasked` is a result allowed for a healthy node instead of `ok`."""
    told = told_by(report)
    found: list[str] = []
    for node in nodes:
        expected: set[Told] = {(node.verdict, node.root_cause)}
        if not node.way:
            expected.add((unasked, None))
        if told.get(node.id) not in expected:
            found.append(
                f"{node.id} ({node.way or 'sound'}): {told.get(node.id)}, and not {sorted(map(str, expected))}"
            )
    extra = told.keys() - {node.id for node in nodes}
    return [*found, *(f"{id_}: not of the fleet" for id_ in sorted(extra))]
