"""The report for a pull request or a step summary (`--format markdown`): what is wrong, worst first, and who is held.

It is kept below what GitHub takes as a comment; what is left out is counted. Nothing that AWS said becomes a mark of
Markdown's, HTML, a link, or a mention of somebody.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from heapq import nsmallest
from typing import cast

from ssmtui.language import say, say_many
from ssmtui.model.plan import JSON
from ssmtui.report.annotations import (
    STATUSES_WORST_FIRST,
    WORST_FIRST,
    annotation_phrases,
    annotation_totals,
    counts,
    known_word,
    later_word,
    status_of,
    texts,
    verdict_of,
)
from ssmtui.report.format import Report, report_format
from ssmtui.report.model import Body, ReportModel
from ssmtui.text.printable import printable

_MOST = 60_000
"""Characters: a comment holds 65,536, a step's summary 1 MiB."""

_FINDINGS, _NODES = 100, 200
"""How many are told, as far as there is room."""

_MARKS = {"fail": "❌", "unknown": "❔", "warn": "⚠️", "info": "ℹ️", "ok": "✅", "stopped": "⏹️"}
_LIVELY = re.compile(r"[\\`*_\[\]<>|&~$@#]|^[-+=]|:(?=//)|(?<=\bwww)\.")


@report_format("markdown", endings=(".md", ".markdown"))
def markdown_lines(report: Report) -> Iterator[str]:
    """The sum, the scopes in error, the findings with their evidence folded, the nodes."""
    report_model = report.report_model
    head = [
        f"## {say('Session Manager: {nodes}', nodes=_sum(report_model))}",
        "",
        *_standings(report_model),
        *_errors(report_model),
    ]
    yield from head
    room = _MOST - sum(map(len, head))
    for lines in (_findings(report), _nodes(report)):
        for line in lines:
            room -= len(line) + 1
            if room < 0:
                yield ""
                yield f"*{say('There is more, which is left out here: the JSON report has all of it.')}*"
                return
            yield line
    yield ""
    version, made = plain(str(report_model.head["ssmtui"])), plain(str(report_model.head["generated_at"]))
    yield f"<sub>ssmtui {version} · {made}</sub>"


def _sum(report_model: ReportModel) -> str:
    told = [f"{report_model.summary[word]} {say(word)}" for word in WORST_FIRST if report_model.summary[word]]
    return ", ".join(told) or say("none")


def _standings(report_model: ReportModel) -> Iterator[str]:
    """What has changed against the baseline, and how many findings are muted."""
    if words := annotation_totals(report_model):
        yield ", ".join(words)
        yield ""


def _errors(report_model: ReportModel) -> Iterator[str]:
    for scope in report_model.scopes:
        if scope["error"] is not None:
            where = " ".join(str(scope[key]) for key in ("profile", "account", "region") if scope[key])
            yield f"> {_MARKS['unknown']} **{plain(where)}** {plain(str(scope['error']))}"
            yield ""


def _findings(report: Report) -> Iterator[str]:
    report_model = report.report_model
    worst = nsmallest(_FINDINGS, _telling(report_model), key=_weight)
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
            yield f"- ✅ {plain(str(finding['summary']))}"
        yield ""


def _finding(report: Report, finding: Body) -> Iterator[str]:
    cause = report.causes.get(str(finding["cause"]))
    nodes = texts(finding["nodes"])
    marks = "".join(f" · {plain(each)}" for each in annotation_phrases(finding))
    held = say_many("{count} node", "{count} nodes", len(nodes))
    sign = _sign(finding["status"], STATUSES_WORST_FIRST)
    yield f"<details><summary>{sign} {plain(str(finding['summary']))} <i>{held}{marks}</i></summary>"
    yield ""
    subject = cast("Body", finding["subject"])
    title = plain(cause.title if cause else str(finding["cause"]))
    yield f"**{title}** · {code(str(finding['cause']))} · {code(str(subject['id']))}"
    yield ""
    for each in cast("list[Body]", finding["evidence"]):
        yield f"- {plain(str(each['fact']))} ({code(str(each['source']))})"
    for need in texts(finding["needs"]):
        yield f"- {say('needs')}: {code(need)}"
    for rank, fix in enumerate(texts(finding["fixes"]), start=1):
        offer = cause.offer(fix) if cause else None
        yield f"- {say('fix')} {rank}: {plain(offer.title) if offer else ''} {code(fix)}"
    yield f"- {say('nodes')}: {', '.join(code(each) for each in nodes[:20])}{' …' if len(nodes) > 20 else ''}"
    yield ""
    yield "</details>"
    yield ""


def _nodes(report: Report) -> Iterator[str]:
    worst = nsmallest(
        _NODES, _unwell(report.report_model), key=lambda each: (WORST_FIRST.index(verdict_of(each)), str(each["id"]))
    )
    if not worst:
        return
    yield f"### {say('Nodes')}"
    yield ""
    yield f"| | {say('node')} | {say('name')} | {say('account')} | {say('region')} | {say('why')} |"
    yield "|---|---|---|---|---|---|"
    for node in worst:
        cells = (code(str(node["id"])), plain(str(node["name"])), code(str(node["account"])), code(str(node["region"])))
        why = code(str(node["root_cause"])) if node["root_cause"] else ""
        silent = "" if counts(node) else f" ({say('does not count')})"
        yield f"| {_sign(node['verdict'], WORST_FIRST)} | {' | '.join(cells)} | {why}{silent} |"
    rest = sum(1 for _ in _unwell(report.report_model)) - len(worst)
    if rest > 0:
        yield ""
        yield f"*{say('and {more} more', more=rest)}*"


def _telling(report_model: ReportModel) -> Iterator[Body]:
    """The findings that say what is wrong."""
    return (each for each in report_model.findings if each["nodes"] and each["status"] != "info")


def _unwell(report_model: ReportModel) -> Iterator[Body]:
    return (each for each in report_model.nodes if each["verdict"] not in ("ok", "stopped"))


def _weight(finding: Body) -> tuple[bool, int, int, str]:
    """What counts first, then the worst, then what holds the most nodes."""
    status = STATUSES_WORST_FIRST.index(status_of(finding))
    return not counts(finding), status, -len(texts(finding["nodes"])), str(finding["id"])


def _sign(word: JSON, known: Collection[str]) -> str:
    """Return the sign of a verdict or a status; behind that of `unknown`, the word that only a later version knows."""
    return " ".join(filter(None, (_MARKS[known_word(word, known)], plain(later_word(word, known)))))


def plain(text: str) -> str:
    """A text as it is read: no mark of Markdown's in it, no HTML, no link, and nobody called by an @."""
    return _LIVELY.sub(_quiet, printable(text))


def _quiet(found: re.Match[str]) -> str:
    # GitHub looks for @names and #numbers in what it has rendered: a space without width keeps them apart.
    sign = found.group()
    return f"&#{ord(sign)};{'&#8203;' if sign in '@#' else ''}"


def code(text: str) -> str:
    """A text as code, whatever it holds, a table's cell included: copied, it is what it was."""
    return f"<code>{_LIVELY.sub(lambda found: f'&#{ord(found.group())};', printable(text))}</code>"
