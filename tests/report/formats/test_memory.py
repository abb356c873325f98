"""However big a report is, a format holds a part of it: nodes and findings are taken one by one."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from ssmtui.report.format import all_formats
from ssmtui.report.paper import Body
from tests.report.papers import a_report
from tests.report.written_reports import AT, a_finding_object, a_node_object, a_row


class Endless:
    """A report that is made up while it is read: each node has a finding of its own."""

    scopes = (a_row(),)
    compared = None

    def __init__(self, size: int) -> None:
        self.size = size
        self.head: Body = {"schema": "ssmtui.report/1", "ssmtui": "0.1.0", "generated_at": AT}
        self.summary: Body = {"ok": 0, "warn": 0, "fail": size, "unknown": 0, "stopped": 0, "api_calls": {}}

    @property
    def nodes(self) -> Iterator[Body]:
        for number in range(self.size):
            id_ = f"i-{number:017x}"
            yield a_node_object(id_, verdict="fail", findings=[f"log-group-unreadable@{id_}"])

    @property
    def findings(self) -> Iterator[Body]:
        for number in range(self.size):
            yield self.finding(f"log-group-unreadable@i-{number:017x}")

    def finding(self, id_: str) -> Body:
        node = id_.partition("@")[2]
        return a_finding_object(node, [node])


@pytest.mark.parametrize("name", [name for name in all_formats() if name != "table"])
def test_memory_does_not_grow_with_the_report(name: str) -> None:
    def peak(size: int) -> int:
        report: Any = a_report(Endless(size))  # type: ignore[arg-type]
        # Python looks for what is garbage the more rarely the more there is: what is there already counts for nothing.
        gc.freeze()
        gc.collect()
        tracemalloc.start()
        written = sum(len(line) for line in all_formats()[name].lines(report))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        gc.unfreeze()
        assert written > 100
        return most

    # What other threads make meanwhile is counted as well: growth of the format itself is there each time.
    assert any(peak(1300) < 1.4 * peak(520) for _ in range(3))
