"""How much memory each format needs at most, for a small report and for a big one: what a test runs as a process.

In a process of its own, since what other tests hold, and what their threads make meanwhile, would be counted as well.
"""

from __future__ import annotations

import gc
import json
import sys
import tracemalloc
from collections.abc import Iterator

from ssmtui.report.format import all_formats
from ssmtui.report.model import ReportFinding, ReportHead, ReportNode, ReportScope, ReportSummary
from tests.report.papers import a_report, finding_of, node_of
from tests.report.written_reports import AT, a_finding_object, a_node_object, a_row

WARM, SMALL, BIG = 20, 520, 1300
"""Nodes. What a format keeps from its first report on is made by the first, which counts for nothing."""


class Endless:
    """A report that is made up while it is read: each node has a finding of its own."""

    scopes = (ReportScope(**a_row()),)
    compared = None

    def __init__(self, size: int) -> None:
        self.size = size
        self.head = ReportHead(ssmtui="0.1.0", generated_at=AT)
        self.summary = ReportSummary(ok=0, warn=0, fail=size, unknown=0, stopped=0, api_calls={})

    @property
    def nodes(self) -> Iterator[ReportNode]:
        for number in range(self.size):
            id_ = f"i-{number:017x}"
            yield node_of(a_node_object(id_, verdict="fail", findings=[f"log-group-unreadable@{id_}"]))

    @property
    def findings(self) -> Iterator[ReportFinding]:
        for number in range(self.size):
            yield self.finding(f"log-group-unreadable@i-{number:017x}")

    def finding(self, id_: str) -> ReportFinding:
        node = id_.partition("@")[2]
        return finding_of(a_finding_object(node, [node]))


def peak(name: str, size: int) -> int:
    """Bytes."""
    report = a_report(Endless(size))
    gc.collect()
    tracemalloc.start()
    written = sum(len(line) for line in all_formats()[name].lines(report))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert written > 100
    return most


if __name__ == "__main__":
    json.dump({name: [peak(name, size) for size in (WARM, SMALL, BIG)][1:] for name in sys.argv[1:]}, sys.stdout)
