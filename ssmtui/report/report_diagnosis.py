"""Show a saved report as a finished diagnosis: its scopes, nodes and findings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from queue import SimpleQueue
from typing import TypeVar

from ssmtui.causes.catalogue import Cause
from ssmtui.diagnosis.diagnosis_handle import RawFact, ReadOnlyDiagnosis
from ssmtui.diagnosis.events import (
    AllSettled,
    ConnectionRead,
    Event,
    FindingChanged,
    NodeListed,
    ProgressChanged,
    ScopeFailed,
    ScopeOpened,
    ScopeSettled,
    VerdictChanged,
)
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.language import say
from ssmtui.model.choice import NOTHING_CHOSEN, Choices
from ssmtui.model.fact import Absent, Unreadable
from ssmtui.model.finding import (
    Confidence,
    Evidence,
    Finding,
    FleetFinding,
    Link,
    LinkState,
    Status,
    Subject,
    SubjectKind,
    Verdict,
    VerdictStatus,
)
from ssmtui.model.node import (
    ConnectionStatus,
    Instance,
    InstanceState,
    MetadataOptions,
    MetadataTokens,
    Node,
    NodeKey,
    NodeKind,
    PingStatus,
    PlatformFamily,
    Registration,
)
from ssmtui.model.plan import FixNotApplicable, Forecast, Plan
from ssmtui.model.preferences import RegionPreferences
from ssmtui.model.scope import Scope, ScopeError, ScopeName, ScopeProblem
from ssmtui.model.sessions import ListedSession, SessionState
from ssmtui.report.merge import AccountRegion, account_region_of
from ssmtui.report.model import (
    STATUSES_WORST_FIRST,
    WORST_FIRST,
    ReportFinding,
    ReportModel,
    ReportNode,
    ReportScope,
    known_confidence,
    known_word,
    later_word,
)

_STATES = {state.value: state for state in InstanceState}
_CONNECTIONS = {status.value: status for status in ConnectionStatus}
_PINGS = {status.value: status for status in PingStatus}
_NOT_TOLD = datetime(1970, 1, 1, tzinfo=UTC)
_METADATA = MetadataOptions(endpoint_enabled=True, tokens=MetadataTokens.REQUIRED)
# A report does not change any more: checks that did not end have no result.
_LINK_STATES = {state.value: LinkState.NOT_CHECKED if state is LinkState.PENDING else state for state in LinkState}
_WORST_FIRST = (
    (Status.FAIL, LinkState.FAIL),
    (Status.UNKNOWN, LinkState.UNKNOWN),
    (Status.WARN, LinkState.WARN),
)


def key_of(told: ReportNode) -> NodeKey:
    """Return the key of a node."""
    return NodeKey(_shared(told.account), _shared(told.region), told.id)


def node_of(told: ReportNode, key: NodeKey) -> Node:
    """Return the node."""
    kind = NodeKind.HYBRID if told.kind == NodeKind.HYBRID.value else NodeKind.EC2
    instance, registration = _instance(told, kind, key.id), _registration(told, key.id)
    return Node(kind, instance, registration, key, told.name, ())


def connection_of(told: ReportNode) -> ConnectionStatus | None:
    """Return the status of the control channel; None if the report has none that this version knows."""
    return _CONNECTIONS.get(told.connection or "")


@dataclass(frozen=True, slots=True)
class ReportedVerdict:
    """The verdict of a node in a report. Thousands of nodes share the same value."""

    verdict: str
    confidence: str
    root_cause: str | None
    held: tuple[str, ...]
    links: tuple[tuple[str, str], ...]


class ReportedVerdicts:
    """The verdicts of nodes, from the findings of the report. Equal nodes share one verdict."""

    def __init__(self, findings: Mapping[str, FleetFinding]) -> None:
        self._findings = findings
        self._made: dict[ReportedVerdict, Verdict] = {}

    def of(self, told: ReportedVerdict) -> Verdict:
        """Return the verdict of a node."""
        if told not in self._made:
            held = told.held
            status = VerdictStatus(known_word(told.verdict, WORST_FIRST))
            # A verdict that only a later version knows is shown in place of a cause.
            root = told.root_cause or later_word(told.verdict, WORST_FIRST) or None
            links = links_of(dict(told.links), [self._findings[each] for each in held if each in self._findings])
            confidence = Confidence(known_confidence(told.confidence))
            self._made[told] = Verdict(status, confidence, root, held, links, settled=True)
        return self._made[told]


def links_of(told: Mapping[str, str], held: Iterable[FleetFinding]) -> tuple[LinkState, ...]:
    """Return the links of a path. A report of an older version has only findings: no link of it is known to be ok."""
    statuses: dict[Link, set[Status]] = {}
    for each in held:
        statuses.setdefault(each.link, set()).add(each.finding.status)
    return tuple(
        _LINK_STATES[known_word(told[link.value], _LINK_STATES)]
        if link.value in told
        else next((state for each, state in _WORST_FIRST if each in statuses.get(link, ())), LinkState.NOT_CHECKED)
        for link in Link
    )


@cache
def _shared(text: str) -> str:
    return text


def _instance(told: ReportNode, kind: NodeKind, id_: str) -> Instance | Absent | Unreadable:
    if kind is NodeKind.HYBRID:
        return Absent(say("an EC2 instance"), "ec2:DescribeInstances")
    state = _STATES.get(told.state or "")
    if state is None:
        return Unreadable("ec2:DescribeInstances", say("the report does not contain the value"))
    platform = _shared(told.platform)
    return Instance(
        state, platform, None, None, (), None, _METADATA, id_, _NOT_TOLD, "", None, None, (), managed_by=told.operator
    )


def _registration(told: ReportNode, id_: str) -> Registration | Absent | Unreadable:
    if told.managed is None:
        return Unreadable("ssm:DescribeInstanceProperties", say("the report does not contain the value"))
    if not told.managed or told.ping is None:
        return Absent(say("a registration"), "ssm:DescribeInstanceProperties")
    ping = _PINGS.get(told.ping)
    if ping is None:
        later = say("the report has the ping status {word}, which this version does not know", word=told.ping)
        return Unreadable("", later, source="ssm:DescribeInstanceProperties")
    platform = _shared(told.platform)
    family = PlatformFamily.WINDOWS if "windows" in platform.casefold() else PlatformFamily.LINUX
    version = _shared(told.agent_version or "")
    source = _shared(told.source_type or "")
    return Registration(ping, version, family, platform, None, id_, None, "", None, None, source_type=source)


_KINDS = {kind.value: kind for kind in SubjectKind}


def finding_of(
    told: ReportFinding,
    keys: Callable[[str], Iterable[NodeKey]],
    scope: Callable[[NodeKey | None], Scope],
    causes: Mapping[str, Cause],
) -> FleetFinding:
    """Return the finding; `keys` returns the nodes of an ID, and `scope` the scope of a node."""
    nodes = frozenset(key for id_ in told.nodes for key in keys(id_))
    cause = causes.get(told.cause)
    first = min(nodes, key=lambda key: (key.account, key.region, key.id), default=None)
    return FleetFinding(
        told.id,
        scope(first),
        cause.link if cause is not None else Link.SYSTEM,
        Finding(
            told.cause,
            Status(told.known_status),
            Confidence(known_confidence(told.confidence)),
            Subject(_KINDS.get(told.subject.kind, SubjectKind.NODE), told.subject.id),
            _summary(told),
            tuple(Evidence(each.fact, each.source) for each in told.evidence),
            told.fixes,
            told.needs,
        ),
        nodes,
    )


def _summary(told: ReportFinding) -> str:
    """Return the summary, after the status if only a later version knows the status."""
    later = later_word(told.status, STATUSES_WORST_FIRST)
    return f"{later}: {told.summary}" if later else told.summary


@dataclass(slots=True)
class ReportScopes:
    """The scopes of a report. `at` has the scope of each account and Region."""

    events: list[Event] = field(default_factory=list)
    at: dict[AccountRegion, Scope] = field(default_factory=dict)
    _named: set[ScopeName] = field(default_factory=set)

    @classmethod
    def of(cls, rows: Iterable[ReportScope]) -> ReportScopes:
        """Return the scopes of the rows, in their order."""
        scopes = cls()
        for row in rows:
            scopes.add(row)
        return scopes

    def add(self, row: ReportScope) -> None:
        """Add a scope: open if its account is known, and in error if the report says so."""
        name, account_region = self._name(row), account_region_of(row)
        if account_region is not None:
            scope = _scope(name, account_region, row.caller or "")
            self.at.setdefault(account_region, scope)
            self.events.append(ScopeOpened(scope))
        if row.error is not None:
            advice = say("To check again: ssmtui check --region {region}", region=name.region) if account_region else ""
            self.events.append(ScopeFailed(ScopeError(name, ScopeProblem.REPORTED, row.error, advice)))

    def of_place(self, account_region: AccountRegion) -> Scope:
        """Return the scope of an account and Region; add a scope if the report has none."""
        if account_region not in self.at:
            self.add(ReportScope(None, account_region.account, account_region.region, caller=None, error=None))
        return self.at[account_region]

    def _name(self, row: ReportScope) -> ScopeName:
        """Return the name of the requested scope; if several have the same name, add the caller, then a number."""
        for name in _names(row):
            if name not in self._named:
                self._named.add(name)
                return name
        raise AssertionError("numbers do not end")


def _names(row: ReportScope) -> Iterator[ScopeName]:
    told, region = row.profile, row.region or ""
    yield ScopeName(told, region, row.role)
    if row.caller:
        yield ScopeName(told, region, row.caller)
    if row.account:
        yield ScopeName(f"{told or ''} {row.account}".strip(), region)
    number = 2
    while True:
        yield ScopeName(f"{told or ''} {number}".strip(), region)
        number += 1


def _scope(name: ScopeName, account_region: AccountRegion, caller: str) -> Scope:
    partition = caller.split(":")[1] if caller.startswith("arn:") else "aws"
    return Scope(name, account_region.account, account_region.region, partition, "", caller, None)


T = TypeVar("T")


class ReportDiagnosis(ReadOnlyDiagnosis):
    """A diagnosis that ended when the report was made (see `DiagnosisHandle`). `why_not` says why AWS is not asked."""

    def __init__(self, report_model: ReportModel, causes: Mapping[str, Cause], why_not: str) -> None:
        super().__init__(why_not)
        self._events: SimpleQueue[Event] = SimpleQueue()
        for event in events_of(report_model, causes):
            self._events.put(event)

    @property
    def events(self) -> SimpleQueue[Event]:
        """Return all events of the report."""
        return self._events

    def check_first(self, keys: Sequence[NodeKey]) -> None:
        """Do nothing: no check is running."""

    def plan(
        self, scope: ScopeName, fix: str, finding_id: str | None, choices: Choices = NOTHING_CHOSEN
    ) -> Future[Plan | FixNotApplicable]:
        """Return that no fix can be planned without the facts."""
        return _answered(FixNotApplicable(fix, self._why_not))

    def forecast(self, *plans: Plan) -> Future[Forecast]:
        """Return no forecast: nothing can be planned."""
        return self._refused()

    def region_facts(self, scope: ScopeName) -> Future[RegionPreferences]:
        """Return an error: a report has no such facts."""
        return self._refused()

    def facts_of(self, key: NodeKey) -> Future[tuple[RawFact, ...]]:
        """Return an error: a report has no raw facts."""
        return self._refused()

    def sessions(
        self, scope: ScopeName, state: SessionState, told: Callable[[Sequence[ListedSession]], None]
    ) -> Future[Unreadable | None]:
        """Return an error: AWS is not asked."""
        return _answered(Unreadable("", self._why_not, source="ssm:DescribeSessions"))

    def plans_to_end(self, scope: ScopeName, sessions: Sequence[ListedSession]) -> Future[tuple[Plan, ...]]:
        """Return no plans: sessions cannot be ended."""
        return _answered(())

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def _refused(self) -> Future[T]:
        refused: Future[T] = Future()
        refused.set_exception(LookupError(self._why_not))
        return refused


def fleet_state_of(report_model: ReportModel, causes: Mapping[str, Cause]) -> FleetState:
    """Return the fleet, as far as a report describes it."""
    state = FleetState()
    for event in events_of(report_model, causes):
        state.apply(event)
    return state


def events_of(report_model: ReportModel, causes: Mapping[str, Cause]) -> Iterator[Event]:
    """Yield the events that a diagnosis with this report would have published."""
    scopes = ReportScopes.of(report_model.scopes)
    keys = defaultdict[str, list[NodeKey]](list)
    # The nodes are read once: to read a quarter of a million nodes again would take seconds.
    nodes: list[tuple[Node, ConnectionStatus | None, ReportedVerdict]] = []
    reported_verdict = cache(ReportedVerdict)
    places: set[AccountRegion] = set()
    for told in report_model.nodes:
        key = key_of(told)
        keys[key.id].append(key)
        if (account_region := AccountRegion(key.account, key.region)) not in places:
            places.add(account_region)
            scopes.of_place(account_region)
        nodes.append(
            (
                node_of(told, key),
                connection_of(told),
                reported_verdict(
                    told.verdict,
                    told.confidence,
                    told.root_cause,
                    told.findings,
                    tuple((told.links or {}).items()),
                ),
            )
        )
    if not scopes.at and not keys:
        yield from scopes.events
        yield AllSettled()
        return
    anywhere = next(iter(scopes.at.values()))

    def scope_of(key: NodeKey | None) -> Scope:
        return scopes.at[AccountRegion(key.account, key.region)] if key is not None else anywhere

    findings: dict[str, FleetFinding] = {}
    yield from scopes.events
    for each in report_model.findings:
        finding = finding_of(each, lambda id_: keys.get(id_, ()), scope_of, causes)
        findings[finding.id] = finding
        yield FindingChanged(finding)
    listed, verdicts = Counter[ScopeName](), ReportedVerdicts(findings)
    for node, connection, verdict in nodes:
        scope = scope_of(node.key)
        listed[scope.name] += 1
        yield NodeListed(scope, node)
        if connection is not None:
            yield ConnectionRead(node.key, connection)
        yield VerdictChanged(node.key, verdicts.of(verdict))
    yield from _ended(scopes, listed, tuple(sorted(report_model.summary.api_calls.items())))


def _ended(
    scopes: ReportScopes, listed: Mapping[ScopeName, int], calls: tuple[tuple[str, int], ...]
) -> Iterator[Event]:
    """Yield the ends of the scopes. The calls go to one scope: a report has only their sum."""
    for scope in scopes.at.values():
        count = listed.get(scope.name, 0)
        yield ProgressChanged(scope.name, count, count, listing=False, api_calls=calls, throttled=False)
        calls = ()
    for event in scopes.events:
        if (name := getattr(getattr(event, "scope", None), "name", None)) is not None:
            yield ScopeSettled(name)
    yield AllSettled()


def _answered(value: T) -> Future[T]:
    answer: Future[T] = Future()
    answer.set_result(value)
    return answer
