"""The report as JSON: one document (`--format json`), or one object per line as results come (`--format ndjson`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ssmtui.diagnosis.events import Event, FindingChanged, NodeListed, ScopeFailed, ScopeOpened, VerdictChanged
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.plan import JSON
from ssmtui.report.format import Report, StreamFormat, report_format
from ssmtui.report.model import ReportModel, ReportPart, report_finding, report_node, report_scope
from ssmtui.report.report_json import part_to_json
from ssmtui.text.json_text import visible_json

_PIECE = 1 << 16
"""Number of characters in memory at once: a report on ten thousand nodes has megabytes."""


@report_format("json", endings=(".json",))
def document_lines(report: Report) -> Iterator[str]:
    """Yield the document, indented; many lines at a time."""
    held, length = list[str](), 0
    for line in _lines(report.report_model):
        if length >= _PIECE:
            yield "\n".join(held)
            held, length = [], 0
        held.append(line)
        length += len(line)
    yield "\n".join(held)


def _lines(report_model: ReportModel) -> Iterator[str]:
    """Yield nodes and findings one at a time: they are never all in memory."""
    yield "{"
    for key, value in part_to_json(report_model.head).items():
        yield f"  {_text(key)}: {_text(value)},"
    yield from _list("scopes", report_model.scopes, ",")
    yield f"  {_text('summary')}: {_indented(part_to_json(report_model.summary), 2)},"
    yield from _list("nodes", report_model.nodes, ",")
    compared = report_model.compared
    yield from _list("findings", report_model.findings, "," if compared is not None else "")
    if compared is not None:
        yield f"  {_text('baseline')}: {_text({'generated_at': compared.generated_at})},"
        yield from _list("fixed", compared.fixed, ",")
        yield from _list("unseen", compared.unseen, "")
    yield "}"


def _list(key: str, items: Iterable[ReportPart], comma: str) -> Iterator[str]:
    before = ""
    for item in items:
        yield f"{before}," if before else f"  {_text(key)}: ["
        before = f"    {_indented(part_to_json(item), 4)}"
    if before:
        yield before
        yield f"  ]{comma}"
    else:
        yield f"  {_text(key)}: []{comma}"


def _text(value: JSON) -> str:
    return visible_json(value)


def _indented(value: JSON, by: int) -> str:
    """Return a value, indented for its place in the document. JSON has line breaks only between values."""
    return visible_json(value, indent=2).replace("\n", "\n" + " " * by)


def event_lines(state: FleetState, event: Event) -> Iterator[str]:
    """Yield the lines for an event, which the state already includes."""
    match event:
        case ScopeOpened(scope):
            yield _line("scope", report_scope(state, scope.name))
        case ScopeFailed(error):
            yield _line("scope", report_scope(state, error.name))
        case NodeListed(_, node):
            yield _line("node", report_node(state, node.key))
        case VerdictChanged(key, verdict) if verdict.settled:
            yield _line("node", report_node(state, key))
        case FindingChanged(finding):
            yield _line("finding", report_finding(finding))
        case _:
            return


def last_lines(report: Report) -> Iterator[str]:
    """Yield the last two lines of the stream: the head, and the summary. A stream without a summary was cut off."""
    yield _line("report", report.report_model.head)
    yield _line("summary", report.report_model.summary)


@report_format("ndjson", stream=StreamFormat(event_lines, last_lines), endings=(".ndjson", ".jsonl"))
def whole_stream(report: Report) -> Iterator[str]:
    """Yield the stream of a complete report: each object once."""
    report_model = report.report_model
    for scope in report_model.scopes:
        yield _line("scope", scope)
    for finding in report_model.findings:
        yield _line("finding", finding)
    for node in report_model.nodes:
        yield _line("node", node)
    if (compared := report_model.compared) is not None:
        yield visible_json({"event": "baseline", "generated_at": compared.generated_at})
        for finding in compared.fixed:
            yield _line("fixed", finding)
        for finding in compared.unseen:
            yield _line("unseen", finding)
    yield from last_lines(report)


def _line(word: str, part: ReportPart) -> str:
    return visible_json({"event": word, **part_to_json(part)})
