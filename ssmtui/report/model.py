"""The parts of a report as formats write them, and as the JSON report, `ssmtui.report/1`, has them.

A field without a default is in every report of this schema; one with a default may be missing when a report is read.
"""

# Without annotations as texts: cattrs would read them without their patterns.
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol, Self

from ssmtui import __version__
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import FleetFinding, VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.model.scope import ScopeName
from ssmtui.text.times import utc_text

SCHEMA = "ssmtui.report/1"

VERDICTS = (VerdictStatus.OK, VerdictStatus.WARN, VerdictStatus.FAIL, VerdictStatus.UNKNOWN, VerdictStatus.STOPPED)
"""In the order in which the summary counts them."""

WORST_FIRST = ("fail", "unknown", "warn", "ok", "stopped")
"""Verdicts, as people want them sorted."""

STATUSES_WORST_FIRST = ("fail", "unknown", "warn", "info")

CONFIDENCES = ("proved", "likely", "possible")


@dataclass(frozen=True, slots=True)
class Matching:
    """The pattern that a text of the report matches."""

    pattern: str


Text = Annotated[str, Matching(r"(?s).")]
"""A text that is not empty."""

Word = Annotated[str, Matching(r"^[A-Za-z][A-Za-z0-9-]{0,63}\Z")]
"""One of a list of words that a later version may extend: a word that this one does not know is shown as it is."""

Account = Annotated[str, Matching(r"^[0-9]{12}$")]
Action = Annotated[str, Matching(r"^[a-z0-9-]+:[A-Z]")]
Day = Annotated[str, Matching(r"^\d{4}-\d\d-\d\d$")]
FindingId = Annotated[str, Matching(r"^[a-z0-9-]+@.")]
Moment = Annotated[str, Matching(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
NodeId = Annotated[str, Matching(r"^m?i-")]
Slug = Annotated[str, Matching(r"^[a-z0-9-]+$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportHead:
    """By which schema and version the report was made, and when."""

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
        """Return its profile, account and Region, as far as they are known."""
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

    @classmethod
    def of(cls, verdicts: Mapping[str, int], api_calls: Mapping[str, int]) -> Self:
        """Return the summary of these counts."""
        ok, warn, fail, unknown, stopped = (verdicts[status.value] for status in VERDICTS)
        return cls(ok, warn, fail, unknown, stopped, dict(sorted(api_calls.items())))

    @property
    def verdicts(self) -> Mapping[str, int]:
        """Return the number of nodes of each verdict."""
        return {each.value: getattr(self, each.value) for each in VERDICTS}


@dataclass(frozen=True, slots=True)
class ReportNode:
    """A node with its verdict."""

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
    counted: bool | None = None

    @property
    def known_verdict(self) -> str:
        """Return its verdict; `unknown` if only a later version knows it."""
        return known_word(self.verdict, WORST_FIRST)


@dataclass(frozen=True, slots=True)
class ReportSubject:
    """What is wrong, and what a fix would change."""

    kind: Text
    id: Text


@dataclass(frozen=True, slots=True)
class ReportEvidence:
    """A fact, and the operation that told it."""

    fact: Text
    source: Text


@dataclass(frozen=True, slots=True)
class ReportMute:
    """What mutes a finding: for which of its nodes, why, and until which day."""

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
        """Return its status; `unknown` if only a later version knows it."""
        return known_word(self.status, STATUSES_WORST_FIRST)

    @property
    def muted_nodes(self) -> frozenset[str]:
        """Return the nodes for which it is muted."""
        return frozenset(node for each in self.muted or () for node in each.nodes)


ReportPart = ReportHead | ReportScope | ReportSummary | ReportNode | ReportFinding


def known_word(word: str, known: Collection[str]) -> str:
    """Return a word of a report, or `unknown` for one that only a later version knows."""
    return word if word in known else "unknown"


def later_word(word: str, known: Collection[str]) -> str:
    """Return a word that only a later version knows, to be shown beside the sign of `unknown`; else nothing."""
    return "" if word in known else word


def known_confidence(word: str) -> str:
    """Return the confidence of a node or a finding; one that only a later version knows is the lowest."""
    return word if word in CONFIDENCES else CONFIDENCES[-1]


def counts(part: ReportScope | ReportNode | ReportFinding) -> bool:
    """Return whether a scope's error, a node's verdict or a finding's status counts for the exit code."""
    return part.counted is not False


def report_head(generated_at: datetime) -> ReportHead:
    """Return the head of a report that this version makes."""
    return ReportHead(ssmtui=__version__, generated_at=utc_text(generated_at))


def scope_names(state: FleetState) -> list[ScopeName]:
    """Return the scopes of a report, in their order."""
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
    )


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
    """Against which report it was compared: when that one was made, and its findings that are not in this one.

    `fixed` are those of which a node was looked at again; of `unseen` none was, so that nobody knows.
    """

    generated_at: str
    fixed: Sequence[ReportFinding]
    unseen: Sequence[ReportFinding]


class ReportModel(Protocol):
    """The parts. Nodes and findings come in the order of their ids, each time that they are asked for."""

    @property
    def head(self) -> ReportHead:
        """By which schema and version it was made, and when."""

    @property
    def scopes(self) -> Sequence[ReportScope]:
        """What was looked at."""

    @property
    def summary(self) -> ReportSummary:
        """Nodes by verdict, and the API calls made."""

    @property
    def nodes(self) -> Iterable[ReportNode]:
        """The nodes."""

    @property
    def findings(self) -> Iterable[ReportFinding]:
        """The findings."""

    @property
    def compared(self) -> BaselineComparison | None:
        """What it was compared with; None where with nothing."""

    def finding(self, id_: str) -> ReportFinding | None:
        """The finding of that id."""


@dataclass(frozen=True, slots=True)
class DiagnosisReport:
    """The report of a diagnosis that has ended."""

    state: FleetState
    generated_at: datetime

    @property
    def head(self) -> ReportHead:
        """By which schema and version it was made, and when."""
        return report_head(self.generated_at)

    @property
    def scopes(self) -> Sequence[ReportScope]:
        """What was looked at."""
        return [report_scope(self.state, name) for name in scope_names(self.state)]

    @property
    def summary(self) -> ReportSummary:
        """Nodes by verdict, and the API calls made."""
        counts = self.state.counts()
        return ReportSummary.of({status.value: counts[status] for status in VERDICTS}, self.state.api_calls())

    @property
    def nodes(self) -> Iterator[ReportNode]:
        """The nodes, sorted."""
        for key in sorted(self.state.nodes, key=lambda each: (each.id, each.region, each.account)):
            yield report_node(self.state, key)

    @property
    def findings(self) -> Iterator[ReportFinding]:
        """The findings, sorted."""
        for _, finding in sorted(self.state.findings.items()):
            yield report_finding(finding)

    @property
    def compared(self) -> None:
        """It is as it was found."""

    def finding(self, id_: str) -> ReportFinding | None:
        """The finding of that id."""
        return report_finding(self.state.findings[id_]) if id_ in self.state.findings else None
