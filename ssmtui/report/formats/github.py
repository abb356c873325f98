"""The report for GitHub: workflow annotations (`--format github`), and Markdown for comments (`--format markdown`)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import nsmallest

from ssmtui.causes.catalogue import title_of
from ssmtui.language import say, say_many
from ssmtui.model.finding import VerdictStatus, count_with_status
from ssmtui.report.format import (
    NodeFindings,
    Report,
    annotation_phrases,
    annotation_totals,
    report_format,
    workstation_problems,
)
from ssmtui.report.model import (
    STATUSES_WORST_FIRST,
    WORST_FIRST,
    ReportFinding,
    ReportModel,
    ReportNode,
    counts,
    known_word,
    later_word,
)
from ssmtui.text.printable import printable

_KINDS: Mapping[str, str] = {"fail": "error", "unknown": "warning", "warn": "warning"}
_NAMED = 5
"""Number of findings of a cause in an annotation."""


@dataclass(slots=True)
class _CauseTotals:
    nodes: int = 0
    findings: int = 0
    summaries: list[str] = field(default_factory=list)


@report_format("github", reports_scope_errors=True)
def annotation_lines(report: Report) -> Iterator[str]:
    """Yield the scopes in error, then one line per cause; results that do not count are left out."""
    report_model = report.report_model
    for scope in report_model.scopes:
        if scope.error is not None and counts(scope):
            yield _command("error", say("could not be read"), scope.error)
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
        status, nodes = finding.known_status, len(finding.nodes)
        if status not in _KINDS or not nodes or not counts(finding):
            continue
        told = causes[status, finding.cause]
        told.nodes += nodes
        told.findings += 1
        if len(told.summaries) < _NAMED:
            told.summaries.append(
                say_many("{summary} ({count} node)", "{summary} ({count} nodes)", nodes, summary=_summary_of(finding))
            )
    return causes


def _summary_of(finding: ReportFinding) -> str:
    later = later_word(finding.status, STATUSES_WORST_FIRST)
    return f"{later}: {finding.summary}" if later else finding.summary


def _sentences(told: _CauseTotals) -> Iterator[str]:
    yield from told.summaries
    if (more := told.findings - len(told.summaries)) > 0:
        yield say("and {more} more", more=more)


def _summary(report_model: ReportModel) -> str:
    verdicts = report_model.summary.verdicts
    counted = [count_with_status(VerdictStatus(word), verdicts[word]) for word in WORST_FIRST if word in verdicts]
    return ", ".join((*counted, *annotation_totals(report_model)))


def _order(status: str) -> int:
    return STATUSES_WORST_FIRST.index(status)


def _command(kind: str, title: str, message: str) -> str:
    lines = "\n".join(printable(line) for line in message.split("\n"))
    return f"::{kind} title={_property(printable(title))}::{_data(lines)}"


def _data(text: str) -> str:
    """Escape a text as the runner unescapes it (actions/toolkit, packages/core/src/command.ts)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


_MOST = 60_000
"""Characters: a comment can have 65,536, a step summary 1 MiB."""

_FINDINGS, _NODES = 100, 200
"""The largest numbers of findings and nodes to write, if there is room."""

_MARKS = {"fail": "❌", "unknown": "❔", "warn": "⚠️", "info": "ℹ️", "ok": "✅", "stopped": "⏹️", "restricted": "🔒"}
_LIVELY = re.compile(r"[\\`*_\[\]<>|&~$@#]|^[-+=]|:(?=//)|(?<=\bwww)\.")


@report_format("markdown", endings=(".md", ".markdown"))
def markdown_lines(report: Report) -> Iterator[str]:
    """Yield the summary, the scopes in error, the findings with folded evidence, and the nodes."""
    report_model = report.report_model
    head = [
        f"## {say('Session Manager: {nodes}', nodes=_sum(report_model))}",
        "",
        *_standings(report_model),
        *_errors(report_model),
        *_workstation_problems(report),
    ]
    yield from head
    room = _MOST - sum(map(len, head))
    for lines in (_findings(report), _nodes(report)):
        for line in lines:
            room -= len(line) + 1
            if room < 0:
                yield ""
                yield f"*{say('Some results are omitted here: the JSON report contains all results.')}*"
                return
            yield line
    yield ""
    version, made = plain(report_model.head.ssmtui), plain(report_model.head.generated_at)
    yield f"<sub>ssmtui {version} · {made}</sub>"


def _sum(report_model: ReportModel) -> str:
    verdicts = report_model.summary.verdicts
    told = [count_with_status(VerdictStatus(word), verdicts[word]) for word in WORST_FIRST if verdicts.get(word)]
    return ", ".join(told) or say("none")


def _standings(report_model: ReportModel) -> Iterator[str]:
    """Yield the changes against the baseline, and the number of muted findings."""
    if words := annotation_totals(report_model):
        yield ", ".join(words)
        yield ""


def _errors(report_model: ReportModel) -> Iterator[str]:
    for scope in report_model.scopes:
        if scope.error is not None:
            yield f"> {_MARKS['unknown']} **{plain(scope.place)}** {plain(scope.error)}"
            yield ""


def _workstation_problems(report: Report) -> Iterator[str]:
    for status, cause in workstation_problems(report.report_model):
        yield f"> {_MARKS[status]} **{plain(say('This computer: ').strip())}** {plain(title_of(report.causes, cause))}"
        yield ""


def _findings(report: Report) -> Iterator[str]:
    report_model = report.report_model
    worst = nsmallest(
        _FINDINGS, _telling(report_model), key=lambda each: (not counts(each), report.rank_of_finding(each))
    )
    if worst:
        yield f"### {say('What is wrong')}"
        yield ""
    for finding in worst:
        yield from _finding(report, finding)
    rest = sum(1 for _ in _telling(report_model)) - len(worst)
    if rest > 0:
        yield f"*{say('and {more} more', more=rest)}*"
        yield ""
    if report_model.compared is not None and report_model.compared.fixed:
        yield f"### {say('Fixed')}"
        yield ""
        for finding in report_model.compared.fixed[:_FINDINGS]:
            yield f"- ✅ {plain(finding.summary)}"
        yield ""


def _finding(report: Report, finding: ReportFinding) -> Iterator[str]:
    cause = report.causes.get(finding.cause)
    nodes = finding.nodes
    marks = "".join(f" · {plain(each)}" for each in annotation_phrases(finding))
    held = say_many("{count} node", "{count} nodes", len(nodes))
    sign = _sign(finding.status, STATUSES_WORST_FIRST)
    yield f"<details><summary>{sign} {plain(finding.summary)} <i>{held}{marks}</i></summary>"
    yield ""
    title = plain(cause.title if cause else finding.cause)
    yield f"**{title}** · {code(finding.cause)} · {code(finding.subject.id)}"
    yield ""
    for each in finding.evidence:
        yield f"- {plain(each.fact)} ({code(each.source)})"
    for need in finding.needs:
        yield f"- {say('needs')}: {code(need)}"
    for rank, fix in enumerate(finding.fixes, start=1):
        offer = cause.offer(fix) if cause else None
        yield f"- {say('fix')} {rank}: {plain(offer.title) if offer else ''} {code(fix)}"
    yield f"- {say('nodes')}: {', '.join(code(each) for each in nodes[:20])}{' …' if len(nodes) > 20 else ''}"
    yield ""
    yield "</details>"
    yield ""


def _nodes(report: Report) -> Iterator[str]:
    worst = nsmallest(_NODES, _unwell(report.report_model), key=lambda each: (report.rank_of_node(each), each.id))
    if not worst:
        return
    yield f"### {say('Nodes')}"
    yield ""
    yield f"| | {say('node')} | {say('name')} | {say('account')} | {say('region')} | {say('why')} |"
    yield "|---|---|---|---|---|---|"
    findings = NodeFindings(report.report_model)
    for node in worst:
        main = findings.main(node)
        cells = (code(node.id), plain(node.name), code(node.account), code(node.region))
        cause = main.cause if main is not None else node.root_cause
        why = code(cause) if cause else ""
        silent = "" if counts(node) else f" ({say('not counted')})"
        yield f"| {_sign(node.verdict, WORST_FIRST)} | {' | '.join(cells)} | {why}{silent} |"
    rest = sum(1 for _ in _unwell(report.report_model)) - len(worst)
    if rest > 0:
        yield ""
        yield f"*{say('and {more} more', more=rest)}*"


def _telling(report_model: ReportModel) -> Iterator[ReportFinding]:
    """Yield the findings that report a problem."""
    return (each for each in report_model.findings if each.nodes and each.status != "info")


def _unwell(report_model: ReportModel) -> Iterator[ReportNode]:
    return (each for each in report_model.nodes if each.verdict not in ("ok", "stopped", "restricted"))


def _sign(word: str, known: Collection[str]) -> str:
    """Return the sign of a verdict or a status; after `unknown`, also the word that only a later version knows."""
    return " ".join(filter(None, (_MARKS[known_word(word, known)], plain(later_word(word, known)))))


def plain(text: str) -> str:
    """Return a text that shows literally: no Markdown, no HTML, no link, and no @mention."""
    return _LIVELY.sub(_quiet, printable(text))


def _quiet(found: re.Match[str]) -> str:
    # GitHub searches for @names and #numbers in the rendered text: a zero-width space separates them.
    sign = found.group()
    return f"&#{ord(sign)};{'&#8203;' if sign in '@#' else ''}"


def code(text: str) -> str:
    """Return a text as code, also in a table cell. Copying gives the original text."""
    return f"<code>{_LIVELY.sub(lambda found: f'&#{ord(found.group())};', printable(text))}</code>"
