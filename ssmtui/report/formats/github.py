"""Annotations of a GitHub workflow (`--format github`): its runner reads them from standard output.

GitHub shows ten of each kind a step: so there is one a cause, those with the most nodes first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ssmtui.causes.catalogue import title_of
from ssmtui.language import say, say_many
from ssmtui.report.annotations import STATUSES_WORST_FIRST, annotation_totals, counts, later_word, status_of, texts
from ssmtui.report.format import Report, report_format
from ssmtui.report.model import Body, ReportModel
from ssmtui.text.printable import printable

_KINDS: Mapping[str, str] = {"fail": "error", "unknown": "warning", "warn": "warning"}
_NAMED = 5
"""How many findings of a cause an annotation tells."""


@dataclass(slots=True)
class _CauseTotals:
    nodes: int = 0
    findings: int = 0
    summaries: list[str] = field(default_factory=list)


@report_format("github", reports_scope_errors=True)
def annotation_lines(report: Report) -> Iterator[str]:
    """The scopes that could not be looked at, then what is wrong, a line a cause; what does not count is left out."""
    report_model = report.report_model
    for scope in report_model.scopes:
        if scope["error"] is not None and counts(scope):
            yield _command("error", say("could not be looked at"), str(scope["error"]))
    of_cause = _by_cause(report_model)
    for (status, cause), told in sorted(
        of_cause.items(), key=lambda each: (_order(each[0][0]), -each[1].nodes, each[0])
    ):
        title = title_of(report.causes, cause)
        yield _command(_KINDS[status], f"{title} ({cause})", "\n".join(_sentences(told)))
    yield _command("notice", "ssmtui", _summary(report_model))


def _by_cause(report_model: ReportModel) -> Mapping[tuple[str, str], _CauseTotals]:
    causes = defaultdict[tuple[str, str], _CauseTotals](_CauseTotals)
    for finding in report_model.findings:
        status, nodes = status_of(finding), len(texts(finding["nodes"]))
        if status not in _KINDS or not nodes or not counts(finding):
            continue
        told = causes[status, str(finding["cause"])]
        told.nodes += nodes
        told.findings += 1
        if len(told.summaries) < _NAMED:
            told.summaries.append(
                say_many("{summary} ({count} node)", "{summary} ({count} nodes)", nodes, summary=_summary_of(finding))
            )
    return causes


def _summary_of(finding: Body) -> str:
    later = later_word(finding["status"], STATUSES_WORST_FIRST)
    return f"{later}: {finding['summary']}" if later else str(finding["summary"])


def _sentences(told: _CauseTotals) -> Iterator[str]:
    yield from told.summaries
    if (more := told.findings - len(told.summaries)) > 0:
        yield say("and {more} more", more=more)


def _summary(report_model: ReportModel) -> str:
    counted = [f"{report_model.summary[word]} {say(word)}" for word in ("fail", "unknown", "warn", "ok", "stopped")]
    return ", ".join((*counted, *annotation_totals(report_model)))


def _order(status: str) -> int:
    return STATUSES_WORST_FIRST.index(status)


def _command(kind: str, title: str, message: str) -> str:
    lines = "\n".join(printable(line) for line in message.split("\n"))
    return f"::{kind} title={_property(printable(title))}::{_data(lines)}"


def _data(text: str) -> str:
    """As the runner unescapes it (actions/toolkit, packages/core/src/command.ts)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
