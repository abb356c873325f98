"""The report as it comes (`--format ndjson`): one object a line; a later one of the same id replaces the earlier."""

from __future__ import annotations

from collections.abc import Iterator

from ssmtui.diagnosis.events import Event, FindingChanged, NodeListed, ScopeFailed, ScopeOpened, VerdictChanged
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.report.format import Report, StreamFormat, report_format
from ssmtui.report.model import Body, finding_object, node_object, scope_object
from ssmtui.text.json_text import visible_json


def event_lines(state: FleetState, event: Event) -> Iterator[str]:
    """The lines that an event, already applied to the state, adds to the stream."""
    match event:
        case ScopeOpened(scope):
            yield _line("scope", scope_object(state, scope.name))
        case ScopeFailed(error):
            yield _line("scope", scope_object(state, error.name))
        case NodeListed(_, node):
            yield _line("node", node_object(state, node.key))
        case VerdictChanged(key, verdict) if verdict.settled:
            yield _line("node", node_object(state, key))
        case FindingChanged(finding):
            yield _line("finding", finding_object(finding))
        case _:
            return


def last_lines(report: Report) -> Iterator[str]:
    """The last two lines of the stream: by whom it was made, and when; and the sum, without which it was cut off."""
    yield _line("report", report.report_model.head)
    yield _line("summary", report.report_model.summary)


@report_format("ndjson", stream=StreamFormat(event_lines, last_lines), endings=(".ndjson", ".jsonl"))
def whole_stream(report: Report) -> Iterator[str]:
    """The stream of a report that is whole already: each object once."""
    report_model = report.report_model
    for scope in report_model.scopes:
        yield _line("scope", scope)
    for finding in report_model.findings:
        yield _line("finding", finding)
    for node in report_model.nodes:
        yield _line("node", node)
    if (compared := report_model.compared) is not None:
        yield _line("baseline", {"generated_at": compared.generated_at})
        for finding in compared.fixed:
            yield _line("fixed", finding)
        for finding in compared.unseen:
            yield _line("unseen", finding)
    yield from last_lines(report)


def _line(word: str, body: Body) -> str:
    return visible_json({"event": word, **body})
