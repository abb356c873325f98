"""The report for spreadsheets (`--format csv`): a row for each finding of each node; a row for a node without findings.

A cell that a spreadsheet would read as a formula gets an apostrophe before it (OWASP, "CSV Injection"). A cell that is
longer than Excel allows is cut, and says so: otherwise Excel moves the rest into another row.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ssmtui.language import say
from ssmtui.report.format import NodeFinding, NodeFindings, Report, report_format
from ssmtui.report.model import ReportFinding, ReportNode, counts
from ssmtui.text.printable import printable

_OF_NODE = (
    *("verdict", "id", "name", "kind", "account", "region", "state", "platform", "agent_version", "managed", "ping"),
    *("connection", "root_cause"),
)
_OF_FINDING = ("cause", "status", "confidence", "subject_kind", "subject", "summary", "needs", "fixes", "evidence")
_MARKS = ("counted", "baseline", "muted")
_LATER = ("source_type", "operator")
"""Members of a node that later versions added: after the others, so that no column moves."""
_MOST_IN_A_CELL = 32_767
"""Characters (https://support.microsoft.com/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3)."""
_ROOM_TO_TELL = 150
_Cell = str | bool | None
_Cells = Mapping[str, _Cell]
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@report_format("csv", endings=(".csv",))
def csv_lines(report: Report) -> Iterator[str]:
    """Yield the header, the scopes in error, and the rows; then the findings of a baseline that are gone."""
    report_model = report.report_model
    yield _line("node" if name == "id" else name for name in (*_OF_NODE, *_OF_FINDING, *_MARKS, *_LATER))
    for scope in report_model.scopes:
        if scope.error is not None:
            told: _Cells = {"status": "unknown", "summary": scope.error, "counted": counts(scope)}
            yield _row({"account": scope.account, "region": scope.region}, told)
    findings = NodeFindings(report_model)
    for node in report_model.nodes:
        yield from _rows(node, findings.of(node))
    if (compared := report_model.compared) is not None:
        for word, gone in (("fixed", compared.fixed), ("unseen", compared.unseen)):
            for finding in gone:
                yield _row({}, {**_cells_of(finding), "baseline": word})


def _rows(node: ReportNode, findings: Sequence[NodeFinding]) -> Iterator[str]:
    cells = {name: getattr(node, name) for name in (*_OF_NODE, *_LATER)}
    if not findings:
        yield _row(cells, {"counted": counts(node)})
    for held in findings:
        finding = held.finding
        muted = finding.muted or () if node.id in held.quiet else ()
        reasons = [each.reason for each in muted if node.id in each.nodes]
        marks = {"counted": held.counts_for(node.id), "baseline": finding.baseline, "muted": "; ".join(reasons)}
        yield _row(cells, {**_cells_of(finding), **marks})


def _cells_of(finding: ReportFinding) -> _Cells:
    return {
        "cause": finding.cause,
        "status": finding.status,
        "confidence": finding.confidence,
        "subject_kind": finding.subject.kind,
        "subject": finding.subject.id,
        "summary": finding.summary,
        "needs": " ".join(finding.needs),
        "fixes": " ".join(finding.fixes),
        "evidence": "; ".join(f"{each.fact} ({each.source})" for each in finding.evidence),
    }


def _row(node: _Cells, finding: _Cells) -> str:
    return _line(
        (
            *(_cell(node.get(name)) for name in _OF_NODE),
            *(_cell(finding.get(name)) for name in (*_OF_FINDING, *_MARKS)),
            *(_cell(node.get(name)) for name in _LATER),
        )
    )


def _cell(value: _Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = printable(value)
    return _within_a_cell(f"'{text}" if text.startswith(_FORMULA) else text)


def _within_a_cell(text: str) -> str:
    """Return a text that fits into a cell; a longer text is cut, with the number of characters left out."""
    if _length(text) <= _MOST_IN_A_CELL:
        return text
    kept = text[: _MOST_IN_A_CELL - _ROOM_TO_TELL]
    while (over := _length(kept) - (_MOST_IN_A_CELL - _ROOM_TO_TELL)) > 0:
        kept = kept[: -max(over // 2, 1)]
    return f"{kept} … " + say("{count:,} more characters in the JSON report", count=len(text) - len(kept))


def _length(text: str) -> int:
    """Return the length of a text as Excel counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _line(cells: Iterable[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(cells)
    return written.getvalue()
