"""The parts of a report, which the formats write, and which the JSON report `ssmtui.report/1` contains.

A field without a default is in every report of this schema; a field with a default can be missing in a report file.
"""

# No `from __future__ import annotations`: cattrs would lose the patterns.
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Annotated, Protocol, Self

from ssmtui import __version__
from ssmtui.diagnosis.finding_index import BY_SEVERITY
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import STATUS_ORDER, VERDICT_ORDER, FleetFinding, Link, LinkState, SubjectKind, VerdictStatus
from ssmtui.model.node import NodeKey, NodeKind
from ssmtui.model.scope import ScopeName
from ssmtui.text.times import utc_text

SCHEMA = "ssmtui.report/1"

VERDICTS = (
    *(VerdictStatus.OK, VerdictStatus.WARN, VerdictStatus.FAIL, VerdictStatus.UNKNOWN),
    *(VerdictStatus.STOPPED, VerdictStatus.RESTRICTED),
)
"""The order of the verdicts in the summary."""

_RARE = VerdictStatus.RESTRICTED.value

WORST_FIRST = tuple(status.value for status in VERDICT_ORDER)
"""Verdicts in display order."""

STATUSES_WORST_FIRST = tuple(status.value for status in STATUS_ORDER)
"""Statuses in display order."""

STATUSES_BY_SEVERITY = tuple(status.value for status in BY_SEVERITY)
"""If a finding has several statuses, the first of these counts."""

CONFIDENCES = ("proved", "likely", "possible")


@dataclass(frozen=True, slots=True)
class Matching:
    """The pattern that a text of the report matches."""

    pattern: str


Text = Annotated[str, Matching(r"(?s).")]
"""A non-empty text."""

Word = Annotated[str, Matching(r"^[A-Za-z][A-Za-z0-9-]{0,63}\Z")]
"""A word from a list that a later version can extend: a word that this version does not know is shown unchanged."""

Account = Annotated[str, Matching(r"^[0-9]{12}$")]
Action = Annotated[str, Matching(r"^[a-z0-9-]+:[A-Z]")]
Day = Annotated[str, Matching(r"^\d{4}-\d\d-\d\d$")]
FindingId = Annotated[str, Matching(r"^[a-z0-9-]+@.")]
Moment = Annotated[str, Matching(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
NodeId = Annotated[str, Matching(r"^m?i-")]
Slug = Annotated[str, Matching(r"^[a-z0-9-]+$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportHead:
    """The schema, the version and the time of a report."""

    schema: Annotated[str, Matching(rf"^{SCHEMA}\Z")] = SCHEMA
    ssmtui: Text
    redacted: bool = False
    generated_at: Moment


@dataclass(frozen=True, slots=True)
class ReportScope:
    """A profile or a role in a Region. `generated_at` is None if it was read when the report was made."""

    profile: str | None
    account: str | None
    region: str | None
    caller: str | None
    error: str | None
    role: str | None = None
    generated_at: Moment | None = None
    counted: bool | None = None

    @property
    def place(self) -> str:
        """Return the profile, account and Region of the scope, as far as they are known."""
        return " ".join(filter(None, (self.profile, self.account, self.region)))


@dataclass(frozen=True, slots=True)
class ReportSummary:
    """Nodes by verdict, and the API calls made."""

    ok: int
    warn: int
    fail: int
    unknown: int
    stopped: int
    api_calls: Mapping[Action, int]
    restricted: int = 0

    @classmethod
    def of(cls, verdicts: Mapping[str, int], api_calls: Mapping[str, int]) -> Self:
        """Return the summary of these counts."""
        counts = {status.value: verdicts[status.value] for status in VERDICTS}
        return cls(**counts, api_calls=dict(sorted(api_calls.items())))

    @property
    def verdicts(self) -> Mapping[str, int]:
        """Return the number of nodes of each verdict. `restricted` is only there if a node is."""
        counts = {each.value: getattr(self, each.value) for each in VERDICTS}
        return {verdict: count for verdict, count in counts.items() if count or verdict != _RARE}


@dataclass(frozen=True, slots=True)
class ReportNode:
    """A node with its verdict, and the states of the links of its path (None in a report of an older version).

    `source_type` is of a machine outside EC2. `operator` is the AWS service that manages the instance, if one does.
    """

    id: NodeId
    name: str
    kind: Word
    account: Account
    region: Text
    state: str | None
    platform: str
    agent_version: str | None
    managed: bool | None
    ping: Word | None
    connection: Word | None
    verdict: Word
    confidence: Word
    root_cause: str | None
    findings: tuple[Text, ...]
    links: Mapping[Text, Word] | None = None
    source_type: Text | None = None
    operator: str | None = None
    counted: bool | None = None

    @property
    def known_verdict(self) -> str:
        """Return the verdict; `unknown` if only a later version knows it."""
        return known_word(self.verdict, WORST_FIRST)


@dataclass(frozen=True, slots=True)
class ReportSubject:
    """The thing that is wrong and that a fix would change."""

    kind: Text
    id: Text


@dataclass(frozen=True, slots=True)
class ReportEvidence:
    """A fact, and the operation that returned it."""

    fact: Text
    source: Text


@dataclass(frozen=True, slots=True)
class ReportMute:
    """A mute of a finding: its nodes, the reason, and the last day."""

    nodes: tuple[NodeId, ...]
    reason: Text
    expires: Day


@dataclass(frozen=True, slots=True)
class ReportFinding:
    """A finding with the nodes that it affects. `baseline` is `new` or `still` if the report was compared."""

    id: FindingId
    cause: Slug
    status: Word
    confidence: Word
    subject: ReportSubject
    nodes: tuple[NodeId, ...]
    summary: Text
    evidence: tuple[ReportEvidence, ...]
    needs: tuple[Action, ...]
    fixes: tuple[Slug, ...]
    baseline: Word | None = None
    muted: tuple[ReportMute, ...] | None = None
    counted: bool | None = None

    @property
    def known_status(self) -> str:
        """Return the status; `unknown` if only a later version knows it."""
        return known_word(self.status, STATUSES_WORST_FIRST)

    @property
    def is_about_workstation(self) -> bool:
        """Return whether the finding is about the computer that opens sessions, and so about no single node."""
        return self.subject.kind == SubjectKind.WORKSTATION.value

    @property
    def muted_nodes(self) -> frozenset[str]:
        """Return the nodes for which the finding is muted."""
        return frozenset(node for each in self.muted or () for node in each.nodes)


ReportPart = ReportHead | ReportScope | ReportSummary | ReportNode | ReportFinding


def known_word(word: str, known: Collection[str]) -> str:
    """Return a word of a report, or `unknown` for one that only a later version knows."""
    return word if word in known else "unknown"


def later_word(word: str, known: Collection[str]) -> str:
    """Return a word that only a later version knows, to show next to the sign of `unknown`; else an empty text."""
    return "" if word in known else word


def known_confidence(word: str) -> str:
    """Return the confidence of a node or a finding; one that only a later version knows becomes the lowest."""
    return word if word in CONFIDENCES else CONFIDENCES[-1]


def counts(part: ReportScope | ReportNode | ReportFinding) -> bool:
    """Return whether a scope's error, a node's verdict or a finding's status counts for the exit code."""
    return part.counted is not False


def report_head(generated_at: datetime) -> ReportHead:
    """Return the head of a report that this version makes."""
    return ReportHead(ssmtui=__version__, generated_at=utc_text(generated_at))


def scope_names(state: FleetState) -> list[ScopeName]:
    """Return the scopes of a report, sorted."""
    return sorted({*state.scopes, *state.errors}, key=lambda name: name.order)


def report_scope(state: FleetState, name: ScopeName) -> ReportScope:
    """Return one scope of a diagnosis."""
    scope, error = state.scopes.get(name), state.errors.get(name)
    return ReportScope(
        profile=name.profile,
        account=scope.account if scope else name.role_account or None,
        region=name.region or None,
        caller=scope.caller if scope else None,
        error=error.message if error else None,
        role=name.role,
    )


def report_node(state: FleetState, key: NodeKey) -> ReportNode:
    """Return one node of a diagnosis with its verdict."""
    node, verdict = state.nodes[key], state.verdict(key)
    connection = state.connections.get(key)
    return ReportNode(
        id=node.id,
        name=node.name,
        kind=node.kind.value,
        account=key.account,
        region=key.region,
        state=node.state.value if node.state else None,
        platform=node.platform,
        agent_version=node.agent_version,
        managed=None if isinstance(node.registration, Unreadable) else node.managed,
        ping=node.ping.value if node.ping else None,
        connection=None if connection is None or isinstance(connection, Unreadable) else connection.value,
        verdict=verdict.status.value,
        confidence=verdict.confidence.value,
        root_cause=verdict.root_cause,
        findings=verdict.finding_ids,
        links=_link_states(verdict.links),
        source_type=node.source_type or None if node.kind is NodeKind.HYBRID else None,
        operator=node.service,
    )


@cache
def _link_states(links: tuple[LinkState, ...]) -> Mapping[str, str]:
    """Return the states by the name of the link. Thousands of nodes share a few dozen values."""
    return {link.value: state.value for link, state in zip(Link, links, strict=True)}


def report_finding(held: FleetFinding) -> ReportFinding:
    """Return one finding of a diagnosis with the nodes that it affects."""
    finding = held.finding
    return ReportFinding(
        id=held.id,
        cause=finding.cause,
        status=finding.status.value,
        confidence=finding.confidence.value,
        subject=ReportSubject(finding.subject.kind.value, finding.subject.id),
        nodes=tuple(sorted(key.id for key in held.nodes)),
        summary=finding.summary,
        evidence=tuple(ReportEvidence(each.fact, each.source) for each in finding.evidence),
        needs=tuple(finding.needs),
        fixes=tuple(finding.fixes),
    )


@dataclass(frozen=True, slots=True)
class BaselineComparison:
    """The comparison with a baseline: its time, and its findings that are not in this report.

    `fixed`: a node of the finding was checked again; `unseen`: none was, so the result is unknown.
    """

    generated_at: str
    fixed: Sequence[ReportFinding]
    unseen: Sequence[ReportFinding]


class ReportModel(Protocol):
    """The parts of a report. Nodes and findings can be iterated again, each time in the order of their IDs."""

    @property
    def head(self) -> ReportHead:
        """Return the schema, the version and the time of the report."""

    @property
    def scopes(self) -> Sequence[ReportScope]:
        """Return the scopes."""

    @property
    def summary(self) -> ReportSummary:
        """Return the nodes by verdict, and the API calls made."""

    @property
    def nodes(self) -> Iterable[ReportNode]:
        """Return the nodes."""

    @property
    def findings(self) -> Iterable[ReportFinding]:
        """Return the findings."""

    @property
    def compared(self) -> BaselineComparison | None:
        """Return the comparison with a baseline, or None."""

    def finding(self, id_: str) -> ReportFinding | None:
        """Return the finding with that ID."""


@dataclass(frozen=True, slots=True)
class DiagnosisReport:
    """The report of a diagnosis that has ended."""

    state: FleetState
    generated_at: datetime

    @property
    def head(self) -> ReportHead:
        """Return the schema, the version and the time of the report."""
        return report_head(self.generated_at)

    @property
    def scopes(self) -> Sequence[ReportScope]:
        """Return the scopes."""
        return [report_scope(self.state, name) for name in scope_names(self.state)]

    @property
    def summary(self) -> ReportSummary:
        """Return the nodes by verdict, and the API calls made."""
        counts = self.state.counts()
        return ReportSummary.of({status.value: counts[status] for status in VERDICTS}, self.state.api_calls())

    @property
    def nodes(self) -> Iterator[ReportNode]:
        """Return the nodes, sorted."""
        for key in sorted(self.state.nodes, key=lambda each: (each.id, each.region, each.account)):
            yield report_node(self.state, key)

    @property
    def findings(self) -> Iterator[ReportFinding]:
        """Return the findings, sorted."""
        for _, finding in sorted(self.state.findings.items()):
            yield report_finding(finding)

    @property
    def compared(self) -> None:
        """Return None: there is no baseline."""

    def finding(self, id_: str) -> ReportFinding | None:
        """Return the finding with that ID."""
        return report_finding(self.state.findings[id_]) if id_ in self.state.findings else None
