"""The report for programs (`--format json`): one document, written when the diagnosis has ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ssmtui.model.plan import JSON
from ssmtui.report.format import Report, report_format
from ssmtui.report.model import Body, ReportModel
from ssmtui.text.json_text import visible_json

_PIECE = 1 << 16
"""Characters that are held at once: what is said of ten thousand nodes is megabytes."""


@report_format("json", endings=(".json",))
def document_lines(report: Report) -> Iterator[str]:
    """The document, indented; many lines at a time."""
    held, length = list[str](), 0
    for line in _lines(report.report_model):
        if length >= _PIECE:
            yield "\n".join(held)
            held, length = [], 0
        held.append(line)
        length += len(line)
    yield "\n".join(held)


def _lines(report_model: ReportModel) -> Iterator[str]:
    """Nodes and findings are taken one by one: nobody holds them all."""
    yield "{"
    for key, value in report_model.head.items():
        yield f"  {_text(key)}: {_text(value)},"
    yield from _list("scopes", report_model.scopes, ",")
    yield f"  {_text('summary')}: {_indented(report_model.summary, 2)},"
    yield from _list("nodes", report_model.nodes, ",")
    compared = report_model.compared
    yield from _list("findings", report_model.findings, "," if compared is not None else "")
    if compared is not None:
        yield f"  {_text('baseline')}: {_text({'generated_at': compared.generated_at})},"
        yield from _list("fixed", compared.fixed, ",")
        yield from _list("unseen", compared.unseen, "")
    yield "}"


def _list(key: str, items: Iterable[Body], comma: str) -> Iterator[str]:
    before = ""
    for item in items:
        yield f"{before}," if before else f"  {_text(key)}: ["
        before = f"    {_indented(item, 4)}"
    if before:
        yield before
        yield f"  ]{comma}"
    else:
        yield f"  {_text(key)}: []{comma}"


def _text(value: JSON) -> str:
    return visible_json(value)


def _indented(value: JSON, by: int) -> str:
    """As it stands in the whole document. In JSON a line ends between values only, and never inside a text."""
    return visible_json(value, indent=2).replace("\n", "\n" + " " * by)
