"""Findings: what a check says is wrong, and on what evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from ssmtui.language import marked
from ssmtui.model.subject import Subject


class Status(Enum):
    """How much a finding matters; the value is what reports print."""

    FAIL = marked("fail")
    WARN = marked("warn")
    UNKNOWN = marked("unknown")
    INFO = marked("info")


class Confidence(Enum):
    """How sure a finding or verdict is."""

    PROVED = marked("proved")
    LIKELY = marked("likely")
    POSSIBLE = marked("possible")


WORKSTATION = "workstation"
JOURNAL = "journal"
PROBE = "probe"
"""The sources of evidence that are no API call (docs/interface.md §4): never translated, scripts compare them."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One observed fact in words, and the API call (`kms:DescribeKey`) or local source it came from: never empty."""

    fact: str
    source: str


LEFT_OUT = "--skip"
"""The source of the evidence of a check that whoever asked left out."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found wrong with a subject.

    `needs` are the IAM actions that would settle an unknown. `fixes` are slugs in rank, least privilege first.
    `until` is when AWS's own delay will have passed, where one is running (UTC).
    """

    cause: str
    status: Status
    confidence: Confidence
    subject: Subject
    summary: str
    evidence: tuple[Evidence, ...]
    fixes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    until: datetime | None = None

    @property
    def is_left_out(self) -> bool:
        """Whether nothing is known of it because whoever asked left its checks out."""
        return bool(self.evidence) and all(each.source == LEFT_OUT for each in self.evidence)

    def id_in(self, region: str) -> str:
        """The id that reports print: `<cause>@<subject id>`, with the Region where the subject has none."""
        suffix = f"@{region}" if self.subject.is_global else ""
        return f"{self.cause}@{self.subject.id}{suffix}"


Findings = tuple[Finding, ...]
"""What a check returns. Empty: evaluated, and without a fault."""
