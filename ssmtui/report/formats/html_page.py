"""The report as one page (`--format html`), which loads nothing from elsewhere, and filters and sorts by itself.

Without its script, the page has two plain tables, sorted by what counts and by severity. Texts from AWS are always
escaped.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from html import escape
from importlib.resources import files

from ssmtui.causes.catalogue import Cause, title_of
from ssmtui.language import current_language, say, say_many
from ssmtui.model.finding import GLYPHS, VerdictStatus, status_word
from ssmtui.report.format import (
    NodeFindings,
    Report,
    annotation_phrases,
    annotation_totals,
    in_words,
    report_format,
    workstation_problems,
)
from ssmtui.report.model import STATUSES_WORST_FIRST, WORST_FIRST, ReportFinding, ReportModel, ReportNode, counts
from ssmtui.report.sorted_rows import sorted_rows
from ssmtui.text.printable import printable


@report_format("html", endings=(".html", ".htm"))
def page_lines(report: Report) -> Iterator[str]:
    """Yield the head, the summary, the scopes in error, the findings, and the nodes."""
    report_model = report.report_model
    yield from _head()
    yield "<body>"
    yield "<header>"
    yield f"<h1>{_said(say('Session Manager'))}</h1>"
    made = _said(report_model.head.generated_at)
    version = _said(report_model.head.ssmtui)
    yield f'<p class="made">ssmtui {version} · <time datetime="{made}">{made}</time></p>'
    yield "</header>"
    yield "<main>"
    yield from _sum(report_model)
    for scope in report_model.scopes:
        if scope.error is not None:
            yield f'<p class="error"><b>{_said(scope.place)}</b> {_said(scope.error)}</p>'
    for status, cause in workstation_problems(report_model):
        title = _said(title_of(report.causes, cause))
        yield f'<p class="computer {status}"><b>{GLYPHS[status]} {_said(say("This computer: "))}</b>{title}</p>'
    findings = NodeFindings(report_model)
    yield from _section(
        say("What is wrong"),
        STATUSES_WORST_FIRST,
        (say("status"), say("cause"), say("subject"), say("nodes"), say("finding")),
        sorted_rows(
            ((not counts(finding), *report.rank_of_finding(finding)), _finding_row(finding, report.causes))
            for finding in report_model.findings
            if finding.nodes
        ),
    )
    if report_model.compared is not None:
        yield from _gone(say("Fixed"), report_model.compared.fixed)
        yield from _gone(say("Not seen again"), report_model.compared.unseen)
    yield from _section(
        say("Nodes"),
        WORST_FIRST,
        (
            *(say("result"), say("name"), say("node"), say("account"), say("region"), say("state"), say("platform")),
            *(say("agent"), say("ping"), say("channel"), say("why")),
        ),
        sorted_rows(
            (report.rank_of_node(node), _node_row(node, findings.main(node), report.causes))
            for node in report_model.nodes
        ),
    )
    yield "</main>"
    yield f"<script>{_asset('script.js')}</script>"
    yield "</body>"
    yield "</html>"


def source_of(text: str) -> str:
    """Return the content security policy source of a style or a script in the page."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _asset(name: str) -> str:
    return (files("ssmtui.report") / "page" / name).read_text(encoding="utf-8").strip()


def _head() -> Iterator[str]:
    style, script = _asset("style.css"), _asset("script.js")
    policy = (
        f"default-src 'none'; style-src {source_of(style)}; script-src {source_of(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    yield "<!DOCTYPE html>"
    yield f'<html lang="{current_language().value}">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="referrer" content="no-referrer">'
    yield f"<title>{_said(say('Session Manager'))} – ssmtui</title>"
    yield '<link rel="icon" href="data:,">'
    yield f"<style>{style}</style>"
    yield "</head>"


def _sum(report_model: ReportModel) -> Iterator[str]:
    yield '<ul class="sum">'
    for word in WORST_FIRST:
        if count := report_model.summary.verdicts.get(word):
            yield f'<li class="{word}"><b>{count}</b> {_said(status_word(VerdictStatus(word), count))}</li>'
    yield "</ul>"
    if words := annotation_totals(report_model):
        yield f"<p>{_said(', '.join(words))}</p>"


def _section(title: str, words: Iterable[str], columns: Iterable[str], rows: Iterable[str]) -> Iterator[str]:
    """Yield a table with its filters. The script shows the filters: they do nothing without the script."""
    choices = "".join(f'<option value="{word}">{_said(say(word))}</option>' for word in words)
    heads = "".join(f'<th scope="col">{_said(column)}</th>' for column in columns)
    yield f'<section data-shown="{_said(say("{shown} of {all} shown", shown="{shown}", all="{all}"))}">'
    yield f"<h2>{_said(title)}</h2>"
    yield '<div class="controls" hidden>'
    yield f'<label>{_said(say("Filter"))} <input type="search" autocomplete="off" spellcheck="false"></label>'
    yield f'<label>{_said(say("Only"))} <select><option value="">{_said(say("all"))}</option>{choices}</select></label>'
    yield "<output></output></div>"
    yield f'<div class="scroll"><table aria-label="{_said(title)}"><thead><tr>{heads}</tr></thead><tbody>'
    yield from rows
    yield "</tbody></table></div></section>"


def _finding_row(finding: ReportFinding, causes: Mapping[str, Cause]) -> str:
    return "\n".join(_finding_cells(finding, causes))


def _finding_cells(finding: ReportFinding, causes: Mapping[str, Cause]) -> Iterator[str]:
    status, nodes = finding.known_status, finding.nodes
    cause = causes.get(finding.cause)
    title = cause.title if cause is not None else finding.cause
    marks = "".join(f' <span class="mark">· {_said(each)}</span>' for each in annotation_phrases(finding))
    yield f'<tr id="{_anchor(finding.id)}" data-word="{_said(status)}">'
    yield _sign(status, STATUSES_WORST_FIRST.index(status), finding.status)
    yield f"<td>{_said(title)}<br><code>{_said(finding.cause)}</code></td>"
    yield f"<td>{_said(in_words(finding.subject.kind))}<br><code>{_said(finding.subject.id)}</code></td>"
    yield f'<td data-order="{len(nodes)}">{len(nodes)}</td>'
    yield f"<td><details><summary>{_said(finding.summary)}{marks}</summary><ul>"
    for each in finding.evidence:
        yield f"<li>{_said(each.fact)} <code>{_said(each.source)}</code></li>"
    for need in finding.needs:
        yield f"<li>{_said(say('needs'))}: <code>{_said(need)}</code></li>"
    for rank, fix in enumerate(finding.fixes, start=1):
        offer = cause.offer(fix) if cause is not None else None
        yield f"<li>{_said(say('fix'))} {rank}: {_said(offer.title if offer else '')} <code>{_said(fix)}</code></li>"
    yield f"<li>{_said(say('nodes'))}: {', '.join(f'<code>{_said(node)}</code>' for node in nodes)}</li>"
    for page in cause.documentation if cause is not None else ():
        yield f'<li><a href="{_said(page.url)}" rel="noreferrer">{_said(page.title)}</a></li>'
    yield "</ul></details></td></tr>"


def _node_row(node: ReportNode, main: ReportFinding | None, causes: Mapping[str, Cause]) -> str:
    return "\n".join(_node_cells(node, main, causes))


def _node_cells(node: ReportNode, main: ReportFinding | None, causes: Mapping[str, Cause]) -> Iterator[str]:
    verdict = node.known_verdict
    yield f'<tr data-word="{_said(verdict)}">{_sign(verdict, WORST_FIRST.index(verdict), node.verdict)}'
    for key in ("name", "id", "account", "region", "state", "platform", "agent_version", "ping", "connection"):
        told = _said(getattr(node, key) or "")
        yield f'<td class="id"><code>{told}</code></td>' if key == "id" else f"<td>{told}</td>"
    yield f"<td>{_why(node, main, causes)}</td></tr>"


def _why(node: ReportNode, main: ReportFinding | None, causes: Mapping[str, Cause]) -> str:
    quiet = "" if counts(node) else f' <span class="mark">· {_said(say("not counted"))}</span>'
    slug = main.cause if main is not None else node.root_cause or ""
    title = _said(title_of(causes, slug)) if slug else ""
    return (f'<a href="#{_anchor(main.id)}">{title}</a>' if main is not None else title) + quiet


def _gone(title: str, findings: Iterable[ReportFinding]) -> Iterator[str]:
    told = [f"<li>{_said(each.summary)} <code>{_said(each.id)}</code></li>" for each in findings]
    if told:
        count = say_many("{count} finding", "{count} findings", len(told))
        yield f"<h2>{_said(title)}</h2><details><summary>{_said(count)}</summary><ul>"
        yield from told
        yield "</ul></details>"


def _sign(word: str, order: int, told: str) -> str:
    sign = f'<span aria-hidden="true">{GLYPHS[word]}</span>'
    return f'<td class="sign {word}" data-order="{order}">{sign} {_said(in_words(told))}</td>'


def _anchor(id_: str) -> str:
    return f"f-{sha256(id_.encode(errors='replace')).hexdigest()[:16]}"


def _said(text: str) -> str:
    """Escape a text for an element or an attribute."""
    return escape(printable(text))
