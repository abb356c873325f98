"""The report as it comes (`--format ndjson`): one object a line; a later one of the same id replaces the earlier."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from ssmtui.diagnosis.events import Event, FindingChanged, NodeListed, ScopeFailed, ScopeOpened, VerdictChanged
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.plan import JSON
from ssmtui.report.document import finding_object, node_object, report_head, scope_object, summary_object
from ssmtui.report.format import Report, report_format


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


@report_format("ndjson", as_it_comes=event_lines)
def last_lines(report: Report) -> Iterator[str]:
    """The last two lines of the stream: by whom it was made, and when; and the sum, without which it was cut off."""
    yield _line("report", report_head(report.generated_at))
    yield _line("summary", summary_object(report.state))


def _line(word: str, body: Mapping[str, JSON]) -> str:
    return json.dumps({"event": word, **body}, ensure_ascii=False)
