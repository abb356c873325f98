"""Findings (subject, link of the session path, status, evidence), verdicts of nodes, and inspection results."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from ssmtui.language import translatable
from ssmtui.model.fact import Unreadable
from ssmtui.model.node import NodeKey
from ssmtui.model.scope import Scope


class SubjectKind(Enum):
    """What sort of thing a finding is about; the value is what reports print."""

    WORKSTATION = translatable("workstation")
    CALLER = translatable("caller")
    NODE = translatable("node")
    ROLE = translatable("role")
    INSTANCE_PROFILE = translatable("instance-profile")
    SERVICE_SETTING = translatable("service-setting")
    SUBNET = translatable("subnet")
    SECURITY_GROUP = translatable("security-group")
    ENDPOINT = translatable("endpoint")
    ROUTE_TABLE = translatable("route-table")
    NETWORK_ACL = translatable("network-acl")
    VPC = translatable("vpc")
    DOCUMENT = translatable("document")
    KEY = translatable("key")
    BUCKET = translatable("bucket")
    LOG_GROUP = translatable("log-group")
    REGION = translatable("region")


_GLOBAL = frozenset({SubjectKind.WORKSTATION, SubjectKind.CALLER, SubjectKind.ROLE})


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that can be wrong. `id` is an ARN, except for nodes, network objects and the workstation."""

    kind: SubjectKind
    id: str

    @property
    def name(self) -> str:
        """The last part of the id: what a person calls it."""
        if self.kind is SubjectKind.LOG_GROUP:
            return self.id.partition(":log-group:")[2].removesuffix(":*") or self.id
        return self.id.rpartition("/")[2].rpartition(":")[2]

    @property
    def is_global(self) -> bool:
        """Whether the same thing is judged once a Region, so that a finding's id must name the Region."""
        return self.kind in _GLOBAL


class Link(Enum):
    """One link of the path from a workstation to a shell; members are in the order of the path."""

    WORKSTATION = translatable("workstation")
    CALLER = translatable("caller")
    INSTANCE = translatable("instance")
    IDENTITY = translatable("identity")
    NETWORK = translatable("network")
    AGENT = translatable("agent")
    PREFERENCES = translatable("preferences")
    SYSTEM = translatable("operating system")

    @property
    def position(self) -> int:
        """Place on the path, from 0."""
        return _ORDER[self]


_ORDER = {link: place for place, link in enumerate(Link)}


class LinkState(Enum):
    """What is known of one link of one node's path. `UNTOLD`: a report tells no fault of it, and no more."""

    PENDING = "pending"
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    MOOT = "moot"
    UNTOLD = "untold"


class Status(Enum):
    """How much a finding matters; the value is what reports print."""

    FAIL = translatable("fail")
    WARN = translatable("warn")
    UNKNOWN = translatable("unknown")
    INFO = translatable("info")


class Confidence(Enum):
    """How sure a finding or verdict is."""

    PROVED = translatable("proved")
    LIKELY = translatable("likely")
    POSSIBLE = translatable("possible")


WORKSTATION = "workstation"
JOURNAL = "journal"
PROBE = "probe"
"""The sources of evidence that are no API call (docs/interface.md §4): never translated, scripts compare them."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One observed fact in words, and the API call (`kms:DescribeKey`) or local source it came from: never empty."""

    fact: str
    source: str


SKIPPED_SOURCE = "--skip"
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
        return bool(self.evidence) and all(each.source == SKIPPED_SOURCE for each in self.evidence)

    def id_in(self, region: str) -> str:
        """The id that reports print: `<cause>@<subject id>`, with the Region where the subject has none."""
        suffix = f"@{region}" if self.subject.is_global else ""
        return f"{self.cause}@{self.subject.id}{suffix}"


Findings = tuple[Finding, ...]
"""What a check returns. Empty: evaluated, and without a fault."""


class VerdictStatus(Enum):
    """Whether a session can be opened; the value is what reports print."""

    OK = translatable("ok")
    WARN = translatable("warn")
    FAIL = translatable("fail")
    UNKNOWN = translatable("unknown")
    STOPPED = translatable("stopped")


GLYPHS = {"fail": "✖", "unknown": "?", "warn": "▲", "ok": "●", "stopped": "■", "info": "i"}
"""The glyph of each status of a node or of a finding, by its value: on screens and in reports."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of one node so far.

    `links` is the state of each link of its path. `settled` says that no check of the node is outstanding: until then
    `status` is what the checks that came back allow to say, and never `ok`. `finding_ids` are sorted.
    `passed` holds for each link what was asked and came back without a fault, in words; empty until it is settled.
    """

    status: VerdictStatus
    confidence: Confidence
    root_cause: str | None
    finding_ids: tuple[str, ...]
    links: tuple[LinkState, ...]
    settled: bool
    passed: tuple[tuple[str, ...], ...] = ()

    def passed_on(self, link: Link) -> tuple[str, ...]:
        """What was asked of one link and came back without a fault."""
        return self.passed[link.position] if self.passed else ()

    def link(self, link: Link) -> LinkState:
        """The state of one link."""
        return self.links[link.position]


NO_VERDICT = Verdict(
    VerdictStatus.UNKNOWN, Confidence.POSSIBLE, None, (), tuple(LinkState.PENDING for _ in Link), settled=False
)
"""A node of which nothing has been checked yet."""


@dataclass(frozen=True, slots=True)
class FleetFinding:
    """A finding with the nodes whose path goes through its subject, in one scope. `link` is where on the path it is."""

    id: str
    scope: Scope
    link: Link
    finding: Finding
    nodes: frozenset[NodeKey]


@dataclass(frozen=True, slots=True)
class InspectionResult:
    """One thing that was looked at: what it is, where it was read, and what was found, each in words.

    `unread` says why it could not be read; `moot` why there is nothing to look at on this node. `limits` is what the
    source does not hold, where somebody could take its silence for an answer.
    """

    what: str
    source: str
    found: str = ""
    unread: Unreadable | None = None
    moot: str = ""
    limits: str = ""
