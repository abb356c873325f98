"""The report for test reporters (`--format junit`): a case for each node, for Jenkins and GitLab.

A case fails if a verdict or a finding counts for `--fail-on`. An unknown result never passes: it is an error if it
counts, else skipped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from ssmtui.language import say, translatable
from ssmtui.report.exit_code import failing_statuses
from ssmtui.report.format import NodeFinding, NodeFindings, Report, annotation_phrases, in_words, report_format
from ssmtui.report.model import STATUSES_BY_SEVERITY, ReportFinding, ReportNode, ReportScope, counts
from ssmtui.text.printable import printable

_ELEMENTS = {"fail": "failure", "warn": "failure", "unknown": "error"}


@dataclass(frozen=True, slots=True)
class _CaseResult:
    """The result of a case: the element (empty if the case passed), its type, and its text."""

    element: str
    type: str
    message: str
    lines: tuple[str, ...] = ()


@report_format("junit", endings=(".xml",))
def junit_lines(report: Report) -> Iterator[str]:
    """Yield the suites: whether each scope could be read, and whether a session to each node can be opened.

    Findings about the computer that opens sessions have a suite of their own, because they are faults of no node.
    """
    findings = NodeFindings(report.report_model)
    ends = Counter(_of_node(report, node, findings.own(node)).element for node in report.report_model.nodes)
    scope_ends = Counter(_of_scope(report, scope).element for scope in report.report_model.scopes)
    workstation = [(each.cause, _of_workstation(report, each)) for each in _about_workstation(report)]
    workstation_ends = Counter(result.element for _, result in workstation)
    all_ends = ends + scope_ends + workstation_ends
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<testsuites name="ssmtui" {_totals(all_ends)}>'
    yield from _suite(report, "scopes", scope_ends)
    for scope in report.report_model.scopes:
        yield from _case("scopes", scope.place or "?", _of_scope(report, scope))
    yield "  </testsuite>"
    if workstation:
        yield from _suite(report, "workstation", workstation_ends)
        for name, result in workstation:
            yield from _case("workstation", name, result)
        yield "  </testsuite>"
    yield from _suite(report, "nodes", ends)
    for node in report.report_model.nodes:
        yield from _case(
            f"{node.account}.{node.region}",
            f"{node.name} ({node.id})",
            _of_node(report, node, findings.own(node)),
        )
    yield "  </testsuite>"
    yield "</testsuites>"


def _of_scope(report: Report, scope: ReportScope) -> _CaseResult:
    if scope.error is None:
        return _CaseResult("", "", "")
    known = counts(scope) and "unknown" in failing_statuses(report.fail_on)
    return _CaseResult("error" if known else "skipped", "unknown", scope.error)


def _about_workstation(report: Report) -> Sequence[ReportFinding]:
    """Return the findings about the computer that opens sessions: the worst of each cause, sorted by cause."""
    by_cause: dict[str, ReportFinding] = {}
    for finding in report.report_model.findings:
        if finding.is_about_workstation and finding.nodes:
            known = by_cause.get(finding.cause, finding)
            by_cause[finding.cause] = min(known, finding, key=_weight)
    return [finding for _, finding in sorted(by_cause.items())]


def _weight(finding: ReportFinding) -> tuple[bool, int]:
    return not counts(finding), STATUSES_BY_SEVERITY.index(finding.known_status)


def _of_workstation(report: Report, finding: ReportFinding) -> _CaseResult:
    status, lines = finding.known_status, tuple(_lines_of(finding))
    if counts(finding) and status in failing_statuses(report.fail_on):
        return _CaseResult(_ELEMENTS[status], finding.cause, finding.summary, lines)
    if status == "unknown" or not counts(finding):
        return _CaseResult("skipped", status, say("not counted: {why}", why=in_words(finding.status)), lines)
    return _CaseResult("", "", "", lines)


def _of_node(report: Report, node: ReportNode, held: Sequence[NodeFinding]) -> _CaseResult:
    words = failing_statuses(report.fail_on)
    findings = [each.finding for each in held]
    seen = {each.finding.known_status for each in held if each.counts_for(node.id)}
    verdict = node.known_verdict
    if counts(node):
        seen.add(verdict)
    worst = next((word for word in STATUSES_BY_SEVERITY if word in seen and word in words), None)
    lines = tuple(line for each in findings for line in _lines_of(each))
    if worst is not None:
        told = next((each for each in findings if each.known_status == worst), None)
        cause = node.root_cause or (told.cause if told is not None else worst)
        return _CaseResult(_ELEMENTS[worst], cause, told.summary if told is not None else say(worst), lines)
    if verdict in ("ok", "warn"):
        return _CaseResult("", "", "", lines)
    why = _SKIPPED.get(verdict)
    sentence = say(why) if why is not None else say("not counted: {why}", why=in_words(node.verdict))
    return _CaseResult("skipped", verdict, sentence, lines)


_SKIPPED = {
    "stopped": translatable("the instance is not running"),
    "restricted": translatable("an AWS service manages the instance"),
}


def _lines_of(finding: ReportFinding) -> Iterator[str]:
    marks = "".join(f" [{each}]" for each in annotation_phrases(finding))
    yield f"{finding.status}: {finding.id}{marks}"
    yield f"    {finding.summary}"
    for each in finding.evidence:
        yield f"    {say('evidence')}: {each.fact} ({each.source})"
    for key, told in (("needs", finding.needs), ("fixes", finding.fixes)):
        if told:
            yield f"    {say(key)}: {', '.join(told)}"


def _suite(report: Report, name: str, ends: Counter[str]) -> Iterator[str]:
    made = report.report_model.head.generated_at.removesuffix("Z")
    yield f'  <testsuite name="{name}" {_totals(ends)} skipped="{ends["skipped"]}" timestamp="{made}">'


def _totals(ends: Counter[str]) -> str:
    return f'tests="{ends.total()}" failures="{ends["failure"]}" errors="{ends["error"]}"'


def _case(classname: str, name: str, ended: _CaseResult) -> Iterator[str]:
    opened = f"    <testcase classname={_attribute(classname)} name={_attribute(name)}"
    if not ended.element and not ended.lines:
        yield f"{opened}/>"
        return
    yield f"{opened}>"
    text = "\n".join(escape(printable(line)) for line in ended.lines)
    if ended.element:
        told = f"type={_attribute(ended.type)} message={_attribute(ended.message)}"
        yield f"      <{ended.element} {told}>{text}</{ended.element}>"
    else:
        yield f"      <system-out>{text}</system-out>"
    yield "    </testcase>"


def _attribute(text: str) -> str:
    return quoteattr(printable(text))
