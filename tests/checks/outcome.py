"""What a check said, without its prose: for tables of facts and outcomes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ssmtui.model.finding import (
    JOURNAL,
    PROBE,
    SKIPPED_SOURCE,
    WORKSTATION,
    Confidence,
    Finding,
    Findings,
    Status,
)

_CALLS = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+(, [a-z0-9-]+:[A-Za-z0-9]+)*")


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
    return (
        sentence and bool(finding.evidence) and all(each.fact and is_source(each.source) for each in finding.evidence)
    )


def is_source(words: str) -> bool:
    """Whether it names calls of AWS, or one of the sources that are none."""
    return words in {WORKSTATION, JOURNAL, PROBE, SKIPPED_SOURCE} or _CALLS.fullmatch(words) is not None
