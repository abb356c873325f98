"""Diagnose one scope: list its nodes, check their paths, publish changes and refresh."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from datetime import datetime

from ssmtui.checks.registry import Check
from ssmtui.diagnosis.check_runner import CheckRunner
from ssmtui.diagnosis.connections import EvidenceSource, NodeConnections
from ssmtui.diagnosis.deep_inspection import inspect_deeply
from ssmtui.diagnosis.diagnosis_request import utc_now
from ssmtui.diagnosis.events import Event, InternalErrorMet, NodesNotFound, ScopeOpened, ScopeSettled
from ssmtui.diagnosis.finding_publisher import FindingPublisher
from ssmtui.diagnosis.forecast import Forecaster
from ssmtui.diagnosis.node_diagnosis import NodeDiagnosis
from ssmtui.diagnosis.node_list import NodeList
from ssmtui.diagnosis.probes import ProbeResults
from ssmtui.diagnosis.refresh_schedule import RefreshSchedule
from ssmtui.diagnosis.scope_recording import record_scope, restore_individual_facts
from ssmtui.evidence.aws.limits import Deadline, current_deadline
from ssmtui.evidence.aws.reader_api import ScopeAws
from ssmtui.evidence.facts.fact_resolver import FactResolver
from ssmtui.evidence.facts.fact_store import ALL_NODES, FactStore
from ssmtui.evidence.facts.read_cache import ReadCache
from ssmtui.evidence.facts.sources import reads_of_all_nodes
from ssmtui.evidence.facts.workstation_protocol import Workstation
from ssmtui.evidence.snapshots.record import ScopeHead, ScopeRecord
from ssmtui.model.choice import ConnectionOption
from ssmtui.model.fact import Now
from ssmtui.model.finding import FleetFinding
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.node_facts import Observation, RequestedNodes
from ssmtui.model.plan import Call, ChangeDelay, FactChange, Forecast, Plan
from ssmtui.model.probe import ProbeOutcome
from ssmtui.model.scope import Scope
from ssmtui.model.scope_request import DEFAULT_TIMEOUT
from ssmtui.remediation.preview import facts_after

MAX_WAIT_SECONDS = 2.0
"""Seconds until the next path or check starts while one waits for AWS; less if the timeout is shorter."""

PROGRESS_EVENT_PAUSE = 0.05
"""Seconds between events about findings and progress, because many nodes change together."""


class ScopeDiagnosis:
    """The diagnosis of one scope. Runs on the event loop of the evidence thread, which calls `emit` in order."""

    def __init__(
        self,
        scope: Scope,
        aws: ScopeAws,
        emit: Callable[[Event], None],
        checks: Sequence[Check],
        *,
        requested: Sequence[str] = (),
        skipped: frozenset[str] = frozenset(),
        clock: Callable[[], datetime] = utc_now,
        workstation: Workstation | None = None,
        seconds: float = DEFAULT_TIMEOUT,
        connections: ConnectionOption = ConnectionOption.ALL,
        without_limit: bool = False,
        evidence_source: EvidenceSource | None = None,
    ) -> None:
        evidence_source = evidence_source or EvidenceSource(ReadCache())
        self.scope = scope
        self.nodes: dict[NodeKey, Node] = {}
        self.aws = aws
        self._emit = emit
        self._checks = tuple(checks)
        self._clock = clock
        self._seconds = seconds
        self._without_limit = without_limit
        self._store = FactStore(
            aws,
            scope,
            Now(clock()),
            workstation,
            lambda words: emit(InternalErrorMet(scope.name, words)),
            evidence_source.kept,
            RequestedNodes(tuple(requested)),
        )
        self._probes = ProbeResults(self._store, emit)
        check_runner = CheckRunner(skipped)
        self._publisher = FindingPublisher(scope, emit)
        self._connections = NodeConnections(self._store, connections, evidence_source)
        shown = (self._connections, self._publisher, emit)
        self._node_diagnosis = NodeDiagnosis(
            self.nodes, self._store, check_runner, self._checks, *shown, min(MAX_WAIT_SECONDS, seconds / 50)
        )
        self._queue = self._node_diagnosis.queue
        self._list = NodeList(
            self.nodes,
            self._store,
            self._probes,
            self._node_diagnosis,
            self._publisher,
            emit,
            evidence_source.listing,
        )
        self._refresh_schedule = RefreshSchedule(self._store, checks, self.nodes, self._connections)
        self._forecaster = Forecaster(aws, self._store, check_runner, self._publisher, self._connections, self._checks)
        self._has_listed = False
        self._checking = asyncio.Lock()
        self._observing = asyncio.Lock()

    def in_time(self) -> AbstractContextManager[None]:
        """Limit all requests in the context to the scope's time limit, or to its remaining time."""
        return nullcontext() if current_deadline() else Deadline(self._seconds).in_force()

    async def run(self) -> None:
        """List and check all nodes, until all work is finished. What is not read before the timeout is unknown."""
        if not self._list.complete:
            self._emit(ScopeOpened(self.scope))
        if self._has_listed:
            # Facts about all nodes are as old as the list: they must include nodes that have registered or come back.
            self._store.forget((Node,))
        self._has_listed = True
        self._node_diagnosis.forget()
        self._list.begin()
        self._connections.queue.open()
        with self.in_time():
            lister = asyncio.create_task(self._list.list_all())
            observer = asyncio.create_task(self._observe_queued())
            try:
                await self._check_queued()
                await lister
                self._connections.queue.close()
                await observer
            finally:
                lister.cancel()
                observer.cancel()
                self._connections.queue.close()

    async def include_all_nodes(self) -> None:
        """Check all nodes from now on, if only some were requested: facts that are known are not read again."""
        if self._store.requested.words:
            self._store.requested = ALL_NODES
            await self.run()
            self._emit(NodesNotFound(self.scope.name, (), ()))

    async def refresh(self) -> None:
        """List the nodes again and read everything again."""
        self._forget_evidence(())
        await self.run()

    async def refresh_incrementally(self) -> None:
        """Read again what may have changed, and list the nodes again; earlier results stay.

        A running diagnosis is not disturbed.
        """
        if self._checking.locked() or self._observing.locked():
            return
        with self.in_time():
            self._store.look_at(now := Now(self._clock()))
            self._store.renew(await self._refresh_schedule.due(tuple(self._publisher.problems()), now.at))
            await self.run()
            # Facts about all nodes change with each report; changed nodes were already found by their rows.
            if self._store.kept.otherwise - reads_of_all_nodes() and (probed := self._probes.nodes):
                self._probes.forget_all()
                await self._check_first(probed)

    async def recheck(self, stale: Collection[type]) -> None:
        """Read the facts of these kinds again (no kinds: all facts) and check every path again.

        Nodes and observations also need a new listing: an observation begins with the ping, which is in the listing.
        """
        self._forget_evidence(stale)
        self._publisher.unsettle()
        if not stale or Node in stale or Observation in stale:
            await self.run()
            return
        self._queue.add(self.nodes)
        with self.in_time():
            await self._check_queued()
            await self._observe_queued()

    def _forget_evidence(self, stale: Collection[type]) -> None:
        self._store.forget(stale)
        self._probes.forget_all()
        self._store.look_at(Now(self._clock()))
        self._node_diagnosis.forget()
        if not stale or Observation in stale:
            self._connections.forget()

    async def refresh_nodes(self, keys: Collection[NodeKey], stale: Collection[type]) -> None:
        """Read the facts of these kinds on these nodes' paths again, and list the nodes again; earlier results stay."""
        with self.in_time():
            self._probes.forget(keys)
            for node in [self.nodes[key] for key in keys if key in self.nodes]:
                self._store.forget_along(await self.facts_read_for(node), stale)
            self._store.look_at(Now(self._clock()))
            await self.run()

    def expect(self, keys: Collection[NodeKey], delay: ChangeDelay) -> None:
        """Record a change whose effect must still show on these nodes, for all later checks."""
        self._store.individual_nodes.expect(keys, delay)
        self._probes.forget(keys)

    def stop_expecting(self, change: str) -> None:
        """Record that a change was undone, for all later checks."""
        self._store.individual_nodes.stop_expecting(change)

    async def probed(self, outcome: ProbeOutcome) -> None:
        """Record the result of a probe, and check the node with it. An interrupted probe has no result."""
        if outcome.node in self.nodes and self._probes.know(outcome):
            await self._check_first([outcome.node])

    def check_first(self, keys: Sequence[NodeKey]) -> None:
        """Check these nodes before the other waiting nodes."""
        self._queue.bring_forward(keys)
        self._connections.check_first(keys)

    async def inspect_nodes(self, keys: Collection[NodeKey]) -> None:
        """Inspect these nodes deeply from now on; facts that are already known are not read again."""
        pointed_at = self._store.individual_nodes.pointed_at
        new = [key for key in keys if key in self.nodes and not pointed_at(key)]
        for key in new:
            self._store.individual_nodes.point_at(key)
        if new:
            await self._check_first(new)

    def finding(self, id_: str) -> FleetFinding | None:
        """Return a current finding."""
        return self._publisher.finding(id_)

    def findings(self) -> Iterator[FleetFinding]:
        """Yield all current findings."""
        return self._publisher.findings()

    def record(self, calls: Mapping[str, int]) -> ScopeRecord:
        """Return the evidence of the scope as values; `calls` are the API calls that it took."""
        known = (self.nodes, self._list.errors, self._connections.option, calls, self._forecaster.iam_answers)
        return record_scope(self._store, *known)

    def remember(self, head: ScopeHead) -> None:
        """Restore the facts about single nodes from a record, before its nodes are checked."""
        restore_individual_facts(head, self._store, self._probes)

    def resolver(self, node: Node | None) -> FactResolver:
        """Return the resolver of a node's path, or of the Region."""
        return self._store.resolver(node)

    async def facts_read_for(self, node: Node) -> FactResolver:
        """Return the path of a node with all facts that its checks or a deep inspection need."""
        resolver = self._store.resolver(node)
        with self.in_time():
            for check in self._checks:
                await resolver.answers(check.needs)
            if self._store.individual_nodes.pointed_at(node.key):
                await inspect_deeply(resolver)
        return resolver

    async def forecast(self, changes: Sequence[FactChange], calls: Sequence[Call] = ()) -> Forecast:
        """Return the results of the checks on the facts after a change; IAM is asked about the roles in `calls`."""
        with self.in_time():
            return await self._forecaster.forecast(self.nodes, self._probes.nodes, changes, calls)

    async def foresee(self, nodes: Mapping[NodeKey, Node], plan: Plan) -> None:
        """Read the facts for a forecast of a plan on the paths of some nodes."""
        with self.in_time():
            await self._forecaster.forecast(nodes, (), facts_after((plan,)), plan.calls)

    async def _check_first(self, keys: Sequence[NodeKey]) -> None:
        self._queue.add(keys)
        self._queue.bring_forward(keys)
        with self.in_time():
            await self._check_queued()

    async def _check_queued(self) -> None:
        async with self._checking, self._publishing_progress(beside=self._observing):
            await self._node_diagnosis.check_queued()

    async def _observe_queued(self) -> None:
        """Read the connections. This takes as long as AWS needs, and does not delay the checks."""
        async with self._observing, self._publishing_progress(beside=self._checking):
            await self._node_diagnosis.observe_queued(self._in_observation_time)

    def _in_observation_time(self) -> AbstractContextManager[None]:
        return Deadline(self._seconds).in_force() if self._without_limit else self.in_time()

    @asynccontextmanager
    async def _publishing_progress(self, *, beside: asyncio.Lock) -> AsyncIterator[None]:
        progress = asyncio.create_task(self._publish_progress_repeatedly())
        try:
            yield
        finally:
            progress.cancel()
            self._publish_progress()
        if not self._connections.queue and not beside.locked():
            self._emit(ScopeSettled(self.scope.name))

    async def _publish_progress_repeatedly(self) -> None:
        while True:
            await asyncio.sleep(PROGRESS_EVENT_PAUSE)
            self._publish_progress()

    def _publish_progress(self) -> None:
        listed, to_observe = len(self.nodes), len(self._connections.queue)
        self._publisher.publish_progress(self.aws, listed=listed, listing=self._list.is_listing, to_observe=to_observe)
