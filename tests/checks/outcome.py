"""What a check said, without its prose: for tables of facts and outcomes."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.model.finding import Confidence, Finding, Findings, Status


@dataclass(frozen=True)
class Said:
    cause: str
    status: Status
    confidence: Confidence
    subject: str
    fixes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


def said(findings: Findings) -> list[Said]:
    """The findings without summary and evidence, which each must have."""
    for finding in findings:
        assert is_worded(finding), finding
    return [
        Said(each.cause, each.status, each.confidence, each.subject.id, each.fixes, each.needs) for each in findings
    ]


def is_worded(finding: Finding) -> bool:
    """One sentence that ends, and evidence that says where it is from."""
    sentence = finding.summary.endswith(".") and "\n" not in finding.summary
    return sentence and bool(finding.evidence) and all(each.fact and each.source for each in finding.evidence)
