"""The report for code scanning (`--format sarif`): SARIF 2.1.0, a rule per cause and a result per finding.

An AWS resource is not a file, but GitHub shows a result only at a path. So each subject has a path that begins with
`aws/`; the name of the resource is in the logical location.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from urllib.parse import quote

from ssmtui.causes.catalogue import Cause
from ssmtui.language import current_language
from ssmtui.model.plan import JSON
from ssmtui.report.format import NEW, Report, report_format
from ssmtui.report.model import ReportFinding, ReportModel, ReportSubject
from ssmtui.text.json_text import visible_json

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_HOME = "https://pypi.org/project/ssmtui/"
_LEVELS = {"fail": "error", "warn": "warning", "unknown": "note", "info": "note"}
_UNCHANGED, _ABSENT = "unchanged", "absent"


@report_format("sarif", endings=(".sarif", ".sarif.json"))
def sarif_lines(report: Report) -> Iterator[str]:
    """Yield one run. Results are written one at a time; fixed findings of a baseline come last, as absent."""
    report_model = report.report_model
    yield "{"
    yield f'  "$schema": {_written(_SCHEMA)},'
    yield '  "version": "2.1.0",'
    yield '  "runs": ['
    yield "    {"
    yield f'      "tool": {_written(_tool(report))},'
    yield f'      "automationDetails": {_written({"id": "ssmtui/"})},'
    yield f'      "language": {_written(current_language().value)},'
    yield f'      "invocations": [{_written(_invocation(report_model))}],'
    yield '      "results": ['
    before = ""
    for result in _results(report):
        if before:
            yield f"{before},"
        before = f"        {_written(result)}"
    if before:
        yield before
    yield "      ]"
    yield "    }"
    yield "  ]"
    yield "}"


def _tool(report: Report) -> Mapping[str, JSON]:
    slugs = sorted({finding.cause for finding in _all_findings(report.report_model)})
    return {
        "driver": {
            "name": "ssmtui",
            "version": report.report_model.head.ssmtui,
            "informationUri": _HOME,
            "rules": [_rule(slug, report.causes.get(slug)) for slug in slugs],
        }
    }


def _rule(slug: str, cause: Cause | None) -> Mapping[str, JSON]:
    """Return the rule of a cause. A cause of a later version has no page here."""
    if cause is None:
        return {"id": slug}
    rule: dict[str, JSON] = {
        "id": slug,
        "name": "".join(part.capitalize() for part in slug.split("-")),
        "shortDescription": {"text": cause.title},
        "fullDescription": {"text": cause.what_is_wrong},
        "help": {"text": cause.how_to_resolve, "markdown": cause.how_to_resolve},
        "properties": {"tags": ["aws", "session-manager", cause.link.value]},
    }
    if cause.documentation:
        rule["helpUri"] = cause.documentation[0].url
    return rule


def _invocation(report_model: ReportModel) -> Mapping[str, JSON]:
    """Return the invocation: the run was successful, and which scopes are in error."""
    notes: list[JSON] = [
        {
            "level": "error",
            "message": {"text": scope.error},
            "properties": {"account": scope.account, "region": scope.region},
        }
        for scope in report_model.scopes
        if scope.error is not None
    ]
    return {
        "executionSuccessful": not notes,
        "endTimeUtc": report_model.head.generated_at,
        "toolExecutionNotifications": notes,
    }


def _all_findings(report_model: ReportModel) -> Iterator[ReportFinding]:
    yield from (finding for finding in report_model.findings if finding.nodes)
    if report_model.compared is not None:
        yield from report_model.compared.fixed


def _results(report: Report) -> Iterator[Mapping[str, JSON]]:
    compared = report.report_model.compared
    for finding in report.report_model.findings:
        # A finding that affects no node has nothing to fix.
        if finding.nodes:
            yield _result(finding, None if compared is None else finding.baseline or "")
    for finding in compared.fixed if compared is not None else ():
        yield _result(finding, _ABSENT)


def _result(finding: ReportFinding, state: str | None) -> Mapping[str, JSON]:
    status = finding.known_status
    result: dict[str, JSON] = {
        "ruleId": finding.cause,
        # SARIF 2.1.0, 3.27.9: “open” means undecided. If there is a kind, GitHub also needs a level.
        **({"kind": "open", "level": "none"} if status == "unknown" else {"level": _LEVELS[status]}),
        "message": {"text": _message(finding)},
        "locations": [_location(finding.subject)],
        "partialFingerprints": {
            "ssmtuiFinding/v1": (fingerprint := sha256(finding.id.encode(errors="replace")).hexdigest()),
            # GitHub identifies alerts by this value.
            "primaryLocationLineHash": f"{fingerprint[:16]}:1",
        },
        "properties": {
            "id": finding.id,
            "status": finding.status,
            "confidence": finding.confidence,
            "nodes": finding.nodes,
            "evidence": [{"fact": each.fact, "source": each.source} for each in finding.evidence],
            "needs": finding.needs,
            "fixes": finding.fixes,
        },
    }
    if state is not None:
        result["baselineState"] = state if state in (NEW, _ABSENT) else _UNCHANGED
    reasons = [each.reason for each in finding.muted or ()]
    if reasons and finding.muted_nodes.issuperset(finding.nodes):
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": "; ".join(reasons)}]
    return result


def _message(finding: ReportFinding) -> str:
    lines = [finding.summary, *(f"- {each.fact} ({each.source})" for each in finding.evidence)]
    # In a message, brackets make links and braces make placeholders (3.11.6, 3.11.5).
    return (
        "\n".join(lines)
        .replace("\\", "\\\\")
        .replace("[", "\\[")
        .replace("]", "\\]")
        .replace("{", "{{")
        .replace("}", "}}")
    )


def _location(subject: ReportSubject) -> Mapping[str, JSON]:
    kind, id_ = subject.kind, subject.id
    path = "/".join(map(_part, filter(None, id_.replace(":", "/").split("/"))))
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": f"aws/{quote(kind, safe='')}/{path}"},
            "region": {"startLine": 1},
        },
        "logicalLocations": [{"name": id_.rpartition("/")[2] or id_, "fullyQualifiedName": id_, "kind": "resource"}],
    }


def _part(part: str) -> str:
    """Return a part of a path, escaped; a part of only dots must not lead to another folder."""
    return quote(part.encode(errors="replace"), safe="") if part.strip(".") else "_" * len(part)


def _written(value: JSON) -> str:
    return visible_json(value)
