"""What screens ask of a report: it tells what it holds at once, and nothing of it can be read anew."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from functools import cache
from queue import SimpleQueue
from typing import TypeVar

from ssmtui.causes.cause import Cause
from ssmtui.diagnosis.at_rest import AtRest
from ssmtui.diagnosis.events import (
    AllSettled,
    ConnectionRead,
    Event,
    FindingChanged,
    NodeListed,
    Progressed,
    ScopeSettled,
    VerdictChanged,
)
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.diagnosis.inquiry import FactSeen
from ssmtui.model.answers import Unreadable
from ssmtui.model.choice import NOTHING_CHOSEN, Choices
from ssmtui.model.fleet import FleetFinding
from ssmtui.model.listed_session import ListedSession, SessionState
from ssmtui.model.node import ConnectionStatus, Node, NodeKey
from ssmtui.model.plan import Forecast, NotApplicable, Plan
from ssmtui.model.region_facts import RegionFacts
from ssmtui.model.scope import Scope, ScopeName
from ssmtui.report.merging.spool import Place
from ssmtui.report.opened.findings import finding_of
from ssmtui.report.opened.nodes import ToldVerdict, Verdicts, connection_of, key_of, node_of, verdict_in
from ssmtui.report.opened.scopes import ReportScopes, api_calls
from ssmtui.report.paper import Paper

T = TypeVar("T")


class ReportInquiry(AtRest):
    """A diagnosis that ended when the report was made (see `Inquiry`). `why_not` says why nothing more is asked."""

    def __init__(self, paper: Paper, causes: Mapping[str, Cause], why_not: str) -> None:
        super().__init__(why_not)
        self._events: SimpleQueue[Event] = SimpleQueue()
        for event in events_of(paper, causes):
            self._events.put(event)

    @property
    def events(self) -> SimpleQueue[Event]:
        """All that the report tells."""
        return self._events

    def look_first(self, keys: Sequence[NodeKey]) -> None:
        """Nothing is under way."""

    def plan(
        self, scope: ScopeName, fix: str, finding_id: str | None, choices: Choices = NOTHING_CHOSEN
    ) -> Future[Plan | NotApplicable]:
        """No fix can be planned without the facts."""
        return _answered(NotApplicable(fix, self._why_not))

    def forecast(self, *plans: Plan) -> Future[Forecast]:
        """Nothing is planned."""
        return self._refused()

    def region_facts(self, scope: ScopeName) -> Future[RegionFacts]:
        """A report does not hold them."""
        return self._refused()

    def facts_of(self, key: NodeKey) -> Future[tuple[FactSeen, ...]]:
        """A report does not hold them."""
        return self._refused()

    def sessions(
        self, scope: ScopeName, state: SessionState, told: Callable[[Sequence[ListedSession]], None]
    ) -> Future[Unreadable | None]:
        """AWS is not asked."""
        return _answered(Unreadable("", self._why_not, source="ssm:DescribeSessions"))

    def plans_to_end(self, scope: ScopeName, sessions: Sequence[ListedSession]) -> Future[tuple[Plan, ...]]:
        """Nothing is ended."""
        return _answered(())

    def close(self) -> None:
        """Nothing is held."""

    def _refused(self) -> Future[T]:
        refused: Future[T] = Future()
        refused.set_exception(LookupError(self._why_not))
        return refused


def state_of(paper: Paper, causes: Mapping[str, Cause]) -> FleetState:
    """The fleet, as far as a report tells of it."""
    state = FleetState()
    for event in events_of(paper, causes):
        state.apply(event)
    return state


def events_of(paper: Paper, causes: Mapping[str, Cause]) -> Iterator[Event]:
    """What a report tells, as a diagnosis would have told it."""
    scopes = ReportScopes.of(paper.scopes)
    keys = defaultdict[str, list[NodeKey]](list)
    # Gone over once: of a quarter of a million nodes, reading them again would take seconds.
    nodes: list[tuple[Node, ConnectionStatus | None, ToldVerdict]] = []
    told_verdict = cache(ToldVerdict)
    places: set[Place] = set()
    for told in paper.nodes:
        key = key_of(told)
        keys[key.id].append(key)
        if (place := Place(key.account, key.region)) not in places:
            places.add(place)
            scopes.of_place(place)
        nodes.append((node_of(told, key), connection_of(told), told_verdict(*verdict_in(told))))
    if not scopes.at and not keys:
        yield from scopes.events
        yield AllSettled()
        return
    anywhere = next(iter(scopes.at.values()))

    def scope_of(key: NodeKey | None) -> Scope:
        return scopes.at[Place(key.account, key.region)] if key is not None else anywhere

    findings: dict[str, FleetFinding] = {}
    yield from scopes.events
    for each in paper.findings:
        finding = finding_of(each, lambda id_: keys.get(id_, ()), scope_of, causes)
        findings[finding.id] = finding
        yield FindingChanged(finding)
    listed, verdicts = Counter[ScopeName](), Verdicts(findings)
    for node, connection, verdict in nodes:
        scope = scope_of(node.key)
        listed[scope.name] += 1
        yield NodeListed(scope, node)
        if connection is not None:
            yield ConnectionRead(node.key, connection)
        yield VerdictChanged(node.key, verdicts.of(verdict))
    yield from _ended(scopes, listed, api_calls(paper.summary))


def _ended(
    scopes: ReportScopes, listed: Mapping[ScopeName, int], calls: tuple[tuple[str, int], ...]
) -> Iterator[Event]:
    """That nothing is outstanding. The calls are told of one scope: a report sums them."""
    for scope in scopes.at.values():
        count = listed.get(scope.name, 0)
        yield Progressed(scope.name, count, count, listing=False, api_calls=calls, throttled=False)
        calls = ()
    for event in scopes.events:
        if (name := getattr(getattr(event, "scope", None), "name", None)) is not None:
            yield ScopeSettled(name)
    yield AllSettled()


def _answered(value: T) -> Future[T]:
    answer: Future[T] = Future()
    answer.set_result(value)
    return answer
