"""The report for spreadsheets (`--format csv`): a row for each finding of each node, and one for a node without any.

A cell that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, "CSV Injection").
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import cast

from ssmtui.model.plain_text import printable
from ssmtui.model.plan import JSON
from ssmtui.report.format import Report, report_format
from ssmtui.report.marks import counts, counts_for, muted, standing, texts
from ssmtui.report.paper import Body, Paper

_OF_NODE = (
    *("verdict", "id", "name", "kind", "account", "region", "state", "platform", "agent_version", "managed", "ping"),
    *("connection", "root_cause"),
)
_OF_FINDING = ("cause", "status", "confidence", "subject_kind", "subject", "summary", "needs", "fixes", "evidence")
_MARKS = ("counted", "baseline", "muted")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@report_format("csv", endings=(".csv",))
def csv_lines(report: Report) -> Iterator[str]:
    """The head, the scopes in error, then the rows; of a baseline, those that are gone at the end."""
    paper = report.paper
    yield _line("node" if name == "id" else name for name in (*_OF_NODE, *_OF_FINDING, *_MARKS))
    for scope in paper.scopes:
        if scope["error"] is not None:
            told: Body = {"status": "unknown", "summary": scope["error"], "counted": counts(scope)}
            yield _row({"account": scope["account"], "region": scope["region"]}, told)
    for node in paper.nodes:
        yield from _rows(paper, node)
    if (compared := paper.compared) is not None:
        for word, findings in (("fixed", compared.fixed), ("unseen", compared.unseen)):
            for finding in findings:
                yield _row({}, {**_cells_of(finding), "baseline": word})


def _rows(paper: Paper, node: Body) -> Iterator[str]:
    findings = [finding for id_ in texts(node["findings"]) if (finding := paper.finding(id_)) is not None]
    if not findings:
        yield _row(node, {"counted": counts(node)})
    for finding in findings:
        reasons = [str(each["reason"]) for each in muted(finding) if str(node["id"]) in texts(each["nodes"])]
        yield _row(
            node,
            {
                **_cells_of(finding),
                "counted": counts_for(finding, str(node["id"])),
                "baseline": standing(finding),
                "muted": "; ".join(reasons),
            },
        )


def _cells_of(finding: Body) -> dict[str, JSON]:
    subject, evidence = cast("Body", finding["subject"]), cast("list[Body]", finding["evidence"])
    return {
        **finding,
        "subject_kind": subject["kind"],
        "subject": subject["id"],
        "needs": " ".join(texts(finding["needs"])),
        "fixes": " ".join(texts(finding["fixes"])),
        "evidence": "; ".join(f"{each['fact']} ({each['source']})" for each in evidence),
    }


def _row(node: Body, finding: Body) -> str:
    return _line(
        (
            *(_cell(node.get(name)) for name in _OF_NODE),
            *(_cell(finding.get(name)) for name in (*_OF_FINDING, *_MARKS)),
        )
    )


def _cell(value: JSON) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = printable(str(value))
    return f"'{text}" if text.startswith(_FORMULA) else text


def _line(cells: Iterable[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(cells)
    return written.getvalue()
