"""The order of nodes and findings in the formats that people read."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ssmtui.report.format import all_formats
from ssmtui.report.sorted_rows import sorted_rows
from tests.report.papers import APaper, a_report
from tests.report.written_reports import a_finding_object, a_node_object

KEY = a_finding_object("key", ["i-2", "i-4", "i-6"], "kms-node-denied")
GROUP = a_finding_object("sg-1", ["i-1", "i-2", "i-4", "i-6"], "egress-blocked")
"""The nodes i-2, i-4 and i-6 fail because of the key first, so the group's fix turns only i-1 green."""
OLD = a_finding_object("i-3", ["i-3"], "agent-outdated", status="warn")
UNREAD = a_finding_object("logs", ["i-5"], "s3-logs-lost", status="unknown")


def node(id_: str, verdict: str, root: str | None = None, *findings: Any) -> Any:
    return a_node_object(id_, verdict=verdict, root_cause=root, findings=sorted(each["id"] for each in findings))


PAPER = APaper(
    [
        node("i-0", "ok"),
        node("i-1", "fail", "egress-blocked", GROUP),
        node("i-2", "fail", "kms-node-denied", KEY, GROUP),
        node("i-3", "warn", None, OLD),
        node("i-4", "fail", "kms-node-denied", KEY, GROUP),
        node("i-5", "unknown", None, UNREAD),
        node("i-6", "fail", "kms-node-denied", KEY, GROUP),
        node("i-7", "stopped"),
    ],
    [GROUP, OLD, UNREAD, KEY],
)
FINDINGS = ["kms-node-denied", "egress-blocked", "agent-outdated", "s3-logs-lost"]
NODES = ["i-2", "i-4", "i-6", "i-1", "i-3", "i-5", "i-0", "i-7"]


@pytest.mark.parametrize(
    ("name", "finding", "row", "nodes"),
    [
        ("table", r"^\S ([a-z0-9-]+)@", r"^\S  (i-\d) ", NODES),
        ("html", r"<br><code>([a-z0-9-]+)</code></td>\n<td>bucket", r'<td class="id"><code>(i-\d)</code>', NODES),
        ("markdown", r"· <code>([a-z0-9-]+)</code> ·", r"^\| \S+ \| <code>(i-\d)</code>", NODES[:-2]),
    ],
)
def test_failures_come_first_and_of_these_what_one_fix_turns_green(
    name: str, finding: str, row: str, nodes: list[str]
) -> None:
    text = "\n".join(all_formats()[name].lines(a_report(PAPER)))
    assert re.findall(finding, text, re.MULTILINE) == FINDINGS
    assert re.findall(row, text, re.MULTILINE) == nodes


def test_rows_are_sorted_by_their_ranks_as_python_sorts_them() -> None:
    ranks: list[tuple[int | str, ...]] = [
        *((place, number, text) for place in (1, 0) for number in (3, -2, -11, 0) for text in ("é", "e", "", "\udc80")),
    ]
    rows = [(rank, f"{number} \ud800") for number, rank in enumerate((*ranks, *ranks))]
    assert list(sorted_rows(rows)) == [text for _, text in sorted(rows, key=lambda row: row[0])]
