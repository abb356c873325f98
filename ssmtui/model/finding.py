"""Findings (subject, link of the session path, status, evidence), verdicts of nodes, and inspection results."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ssmtui.language import say_many, translatable
from ssmtui.model.identity_enum import IdentityEnum

if TYPE_CHECKING:  # `explain` and `causes` need none of these modules
    from ssmtui.model.fact import Unreadable
    from ssmtui.model.node import NodeKey
    from ssmtui.model.scope import Scope


class SubjectKind(IdentityEnum):
    """The kind of a subject; the value is printed in reports."""

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
    """A thing that can be wrong. `id` is an ARN, except for nodes, network objects and the workstation."""

    kind: SubjectKind
    id: str

    @property
    def name(self) -> str:
        """Return the last part of the ID: the name for people."""
        if self.kind is SubjectKind.LOG_GROUP:
            return self.id.partition(":log-group:")[2].removesuffix(":*") or self.id
        return self.id.rpartition("/")[2].rpartition(":")[2]

    @property
    def is_global(self) -> bool:
        """Return whether the subject is checked once per Region, so that the ID of a finding needs the Region."""
        return self.kind in _GLOBAL


class Link(IdentityEnum):
    """A link of the path from a workstation to a shell; the members are in the order of the path."""

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
        """Return the position on the path, from 0."""
        return _ORDER[self]


_ORDER = {link: place for place, link in enumerate(Link)}


class LinkState(IdentityEnum):
    """The state of a link on a node's path; the value is printed in reports.

    `NOT_CHECKED`: no check, observation or probe says that the link is ok, and none found a problem. It is neither ok
    nor unknown.
    """

    PENDING = "pending"
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_CHECKED = "not-checked"


class Status(IdentityEnum):
    """The severity of a finding; the value is printed in reports."""

    FAIL = translatable("fail")
    WARN = translatable("warn")
    UNKNOWN = translatable("unknown")
    INFO = translatable("info")


class Confidence(IdentityEnum):
    """The certainty of a finding or verdict."""

    PROVED = translatable("proved")
    LIKELY = translatable("likely")
    POSSIBLE = translatable("possible")


WORKSTATION = "workstation"
JOURNAL = "journal"
PROBE = "probe"
"""Sources of evidence that are not API calls (docs/interface.md §4): never translated, because scripts compare them."""

NOT_CONNECTED = frozenset({"not-registered", "connection-lost", "control-channel-down"})
"""Causes that only say that the node is not connected. A more specific finding explains it and stays."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """An observed fact in words, with its API call (`kms:DescribeKey`) or local source, which is never empty."""

    fact: str
    source: str


SKIPPED_SOURCE = "--skip"
"""The source in the evidence of a check that the user skipped."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check about a subject.

    `needs` are the IAM actions that would settle an unknown result. `fixes` are slugs in rank order, least privilege
    first. `until` is the end of a current delay of AWS (UTC). The summary is one line, even if a name in it
    has several.
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

    def __post_init__(self) -> None:
        """Join the lines of the summary."""
        lines = self.summary.splitlines()
        if len(lines) > 1:
            object.__setattr__(self, "summary", " ".join(lines))

    @property
    def is_about_workstation(self) -> bool:
        """Return whether the finding is about this computer, and so about no single node."""
        return self.subject.kind is SubjectKind.WORKSTATION

    @property
    def is_left_out(self) -> bool:
        """Return whether the result is unknown because the user skipped the checks."""
        return bool(self.evidence) and all(each.source == SKIPPED_SOURCE for each in self.evidence)

    def id_in(self, region: str) -> str:
        """Return the ID that reports print: `<cause>@<subject id>`, with the Region if the subject has none."""
        suffix = f"@{region}" if self.subject.is_global else ""
        return f"{self.cause}@{self.subject.id}{suffix}"


Findings = tuple[Finding, ...]
"""The result of a check. An empty result means that nothing is wrong."""


class VerdictStatus(IdentityEnum):
    """Whether a session can be opened; the value is printed in reports."""

    OK = translatable("ok")
    WARN = translatable("warn")
    FAIL = translatable("fail")
    UNKNOWN = translatable("unknown")
    STOPPED = translatable("stopped")
    RESTRICTED = translatable("restricted")


SERVICE_MANAGED = "instance-service-managed"
"""The cause of `RESTRICTED`: a note, which is never a root cause."""

VERDICT_ORDER = (
    VerdictStatus.FAIL,
    VerdictStatus.WARN,
    VerdictStatus.UNKNOWN,
    VerdictStatus.OK,
    VerdictStatus.STOPPED,
    VerdictStatus.RESTRICTED,
)
"""The verdicts in the order in which nodes are listed."""


def count_with_status(status: VerdictStatus, count: int) -> str:
    """Return a number of nodes and their status in the current language: `8 fail`. French has a plural of the word."""
    match status:
        case VerdictStatus.OK:
            return say_many("{count} ok", "{count} ok", count)
        case VerdictStatus.WARN:
            return say_many("{count} warn", "{count} warn", count)
        case VerdictStatus.FAIL:
            return say_many("{count} fail", "{count} fail", count)
        case VerdictStatus.UNKNOWN:
            return say_many("{count} unknown", "{count} unknown", count)
        case VerdictStatus.STOPPED:
            return say_many("{count} stopped", "{count} stopped", count)
        case VerdictStatus.RESTRICTED:
            return say_many("{count} restricted", "{count} restricted", count)


def status_word(status: VerdictStatus, count: int) -> str:
    """Return the word of `count_with_status`, for texts that show the number in another style."""
    return count_with_status(status, count).partition(" ")[2]


STATUS_ORDER = (Status.FAIL, Status.WARN, Status.UNKNOWN, Status.INFO)
"""The statuses in the order in which findings are listed."""

GLYPHS = {"fail": "✖", "unknown": "?", "warn": "▲", "ok": "●", "stopped": "■", "restricted": "□", "info": "i"}
"""The glyph of each status of a node or finding, by its value, for screens and reports."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of a node so far.

    `links` is the state of each link of its path. `settled`: no check of the node is outstanding; until then `status`
    is based on the finished checks, and is never `ok`. `finding_ids` are sorted. `passed` has the passed checks of each
    link, in words; it is empty until the verdict is settled.
    """

    status: VerdictStatus
    confidence: Confidence
    root_cause: str | None
    finding_ids: tuple[str, ...]
    links: tuple[LinkState, ...]
    settled: bool
    passed: tuple[tuple[str, ...], ...] = ()

    def passed_on(self, link: Link) -> tuple[str, ...]:
        """Return the passed checks of a link."""
        return self.passed[link.position] if self.passed else ()

    def link(self, link: Link) -> LinkState:
        """Return the state of a link."""
        return self.links[link.position]


NO_VERDICT = Verdict(
    VerdictStatus.UNKNOWN, Confidence.POSSIBLE, None, (), tuple(LinkState.PENDING for _ in Link), settled=False
)
"""The verdict of a node before its first check."""


@dataclass(frozen=True, slots=True)
class FleetFinding:
    """A finding with the nodes whose path uses its subject, in one scope. `link` is the link on the path."""

    id: str
    scope: Scope
    link: Link
    finding: Finding
    nodes: frozenset[NodeKey]


@dataclass(frozen=True, slots=True)
class InspectionResult:
    """An inspected item: its name, its source, and the result, each in words.

    `unread` says why it could not be read; `not_applicable` why it does not apply to this node. `limits` says what the
    source does not contain: a missing entry is not an answer.
    """

    what: str
    source: str
    found: str = ""
    unread: Unreadable | None = None
    not_applicable: str = ""
    limits: str = ""
