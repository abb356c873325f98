"""A diagnosis of recorded evidence: all checks run again, without requests to AWS."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeVar

from ssmtui.checks.registry import all_checks
from ssmtui.diagnosis.connections import EvidenceSource
from ssmtui.diagnosis.diagnosis_handle import RawFact, ReadOnlyDiagnosis
from ssmtui.diagnosis.events import Event, ScopeCrashed, ScopeFailed, ScopeOpened
from ssmtui.diagnosis.finding_joiner import FindingJoiner
from ssmtui.diagnosis.pending_tasks import PendingTasks
from ssmtui.diagnosis.planning import plan_in_scope, read_region_preferences
from ssmtui.diagnosis.requested_names import RequestedNames
from ssmtui.diagnosis.scope_diagnosis import ScopeDiagnosis
from ssmtui.diagnosis.scope_queries import list_raw_facts, plans_to_end, publish_open_sessions
from ssmtui.evidence.facts.event_loop import EvidenceThread
from ssmtui.evidence.snapshots.record import ScopeRecord
from ssmtui.evidence.snapshots.replay import RecordedAws, RecordedReads, recorded_nodes
from ssmtui.evidence.snapshots.snapshot_file import Snapshot
from ssmtui.language import say
from ssmtui.model.choice import NOTHING_CHOSEN, Choices
from ssmtui.model.fact import NotJudged, Unreadable, describe_internal_error
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import FixNotApplicable, Forecast, Plan, Reach
from ssmtui.model.preferences import RegionPreferences
from ssmtui.model.scope import ScopeError, ScopeName, ScopeProblem
from ssmtui.model.sessions import ListedSession, SessionState
from ssmtui.remediation.preview import facts_after

T = TypeVar("T")

_log = logging.getLogger(__name__)


class ReplayedDiagnosis(ReadOnlyDiagnosis):
    """A diagnosis of a snapshot (see `DiagnosisHandle`). `why_not` says why it cannot read, change or open anything.

    The current time is the time of the recording. `nodes` are IDs and exact Name tags; empty: all nodes.
    """

    def __init__(
        self, snapshot: Snapshot, why_not: str, nodes: Sequence[str] = (), skipped: frozenset[str] = frozenset()
    ) -> None:
        super().__init__(why_not)
        self._snapshot = snapshot
        self._requested_nodes = tuple(nodes)
        self._skipped = skipped
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._thread = EvidenceThread()
        self._pending = PendingTasks(self._publish)
        self._finding_joiner = FindingJoiner(self._events.put)
        self._scopes: dict[ScopeName, ScopeDiagnosis] = {}
        self._thread.start()
        self._thread.submit(self._run())

    @property
    def events(self) -> SimpleQueue[Event]:
        """Return the queue of events, in order."""
        return self._events

    def check_first(self, keys: Sequence[NodeKey]) -> None:
        """Check these nodes first."""
        self._thread.submit(self._check_first(keys))

    def plan(
        self, scope: ScopeName, fix: str, finding_id: str | None, choices: Choices = NOTHING_CHOSEN
    ) -> Future[Plan | FixNotApplicable]:
        """Return the plan of a fix, to show and export."""
        return self._submit(self._plan(scope, fix, finding_id, choices))

    def forecast(self, *plans: Plan) -> Future[Forecast]:
        """Return the results of the checks on the facts after these plans of one scope."""
        return self._submit(self._forecast(plans))

    def region_facts(self, scope: ScopeName) -> Future[RegionPreferences]:
        """Return the facts about the Region's preferences and their resources."""
        return self._submit(self._region_facts(scope))

    def facts_of(self, key: NodeKey) -> Future[tuple[RawFact, ...]]:
        """Return all facts of a node."""
        return self._submit(self._facts_of(key))

    def sessions(
        self, scope: ScopeName, state: SessionState, on_page: Callable[[Sequence[ListedSession]], None]
    ) -> Future[Unreadable | None]:
        """Return an error: a snapshot does not list sessions."""
        return self._submit(self._sessions(scope, state, on_page))

    def plans_to_end(self, scope: ScopeName, sessions: Sequence[ListedSession]) -> Future[tuple[Plan, ...]]:
        """Return the plans that end open sessions of a Region."""
        return self._submit(self._plans_to_end(scope, sessions))

    def close(self) -> None:
        """Stop the diagnosis."""
        self._thread.stop()

    def _submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return self._thread.submit(_with_reported_errors(work))

    async def _run(self) -> None:
        async with self._pending.under_way():
            for error in self._snapshot.errors:
                # The advice was for the time of the recording.
                recorded = replace(error, problem=ScopeProblem.REPORTED, advice="", command="")
                self._events.put(ScopeFailed(recorded))
            for record in self._snapshot.scopes:
                self._open(record)
            # In order: no scope waits for anything, so the first events are published first.
            for name, diagnosis in self._scopes.items():
                await self._pending.watched(name, diagnosis.run())

    def _publish(self, event: Event) -> None:
        """Publish an event. If a check raises an error, the cause can be the file: somebody may have altered it."""
        if isinstance(event, ScopeCrashed):
            event = ScopeFailed(ScopeError(event.scope, ScopeProblem.REPORTED, _not_judged(event.summary), ""))
        self._events.put(event)

    def _open(self, record: ScopeRecord) -> None:
        scope, at = record.head.scope, record.head.at
        requested = RequestedNames(self._requested_nodes)
        nodes = tuple(requested.choose(record.nodes))
        reads = RecordedReads(record)
        diagnosis = ScopeDiagnosis(
            scope,
            RecordedAws(record),
            partial(self._finding_joiner.take, scope.name),
            all_checks(),
            skipped=self._skipped,
            clock=lambda: at,
            connections=record.head.whom,
            evidence_source=EvidenceSource(reads, recorded_nodes(nodes, record.head.errors), reads.has),
        )
        diagnosis.remember(record.head)
        self._scopes[scope.name] = diagnosis
        self._events.put(ScopeOpened(scope))
        if self._requested_nodes and not record.head.errors:
            self._events.put(requested.not_found(scope.name))

    def _diagnosis(self, name: ScopeName) -> ScopeDiagnosis:
        if name not in self._scopes:
            raise LookupError(f"the scope {name} is not in the snapshot")
        return self._scopes[name]

    async def _check_first(self, keys: Sequence[NodeKey]) -> None:
        for diagnosis in self._scopes.values():
            diagnosis.check_first(keys)

    async def _plan(
        self, scope: ScopeName, fix: str, finding_id: str | None, choices: Choices
    ) -> Plan | FixNotApplicable:
        try:
            planned = await _with_reported_errors(plan_in_scope(self._diagnosis(scope), fix, finding_id, choices))
        except NotJudged as error:
            return FixNotApplicable(fix, str(error))
        if self._requested_nodes and isinstance(planned, Plan) and planned.reach is not Reach.NODE:
            return replace(planned, nodes_reached=None)  # not all affected nodes are here
        return planned

    async def _forecast(self, plans: Sequence[Plan]) -> Forecast:
        calls = [call for plan in plans for call in plan.calls]
        return await self._diagnosis(plans[0].scope.name).forecast(facts_after(plans), calls)

    async def _region_facts(self, scope: ScopeName) -> RegionPreferences:
        return await read_region_preferences(self._diagnosis(scope).resolver(None))

    async def _facts_of(self, key: NodeKey) -> tuple[RawFact, ...]:
        for diagnosis in self._scopes.values():
            if key in diagnosis.nodes:
                return list_raw_facts(await diagnosis.facts_read_for(diagnosis.nodes[key]))
        raise LookupError(f"no scope has a node {key.id}")

    async def _sessions(
        self, scope: ScopeName, state: SessionState, on_page: Callable[[Sequence[ListedSession]], None]
    ) -> Unreadable | None:
        return await publish_open_sessions(self._diagnosis(scope), state, on_page)

    async def _plans_to_end(self, scope: ScopeName, sessions: Sequence[ListedSession]) -> tuple[Plan, ...]:
        return await plans_to_end(self._diagnosis(scope), sessions)


async def _with_reported_errors(work: Coroutine[Any, Any, T]) -> T:
    """Run work on evidence that somebody may have altered. Raises NotJudged after an error."""
    try:
        return await work
    except Exception as error:
        _log.exception("a snapshot's evidence cannot be judged")
        raise NotJudged(_not_judged(describe_internal_error(error))) from error


def _not_judged(summary: str) -> str:
    return say(
        "Cannot evaluate the evidence: the snapshot was altered, or ssmtui has an internal error: {summary}.",
        summary=summary,
    )
