"""A diagnosis of recorded evidence: every check is run again, on what was read then, and AWS is not asked."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeVar

from ssmtui.checks.check import all_checks
from ssmtui.diagnosis.at_rest import AtRest
from ssmtui.diagnosis.events import Crashed, Event, NodesSought, ScopeFailed, ScopeOpened
from ssmtui.diagnosis.inquiry import FactSeen
from ssmtui.diagnosis.joining import Joining
from ssmtui.diagnosis.open_sessions import plans_to_end, sessions_told
from ssmtui.diagnosis.origin import Origin
from ssmtui.diagnosis.outstanding import Outstanding
from ssmtui.diagnosis.raw_facts import facts_seen
from ssmtui.diagnosis.region import region_facts
from ssmtui.diagnosis.scope_diagnosis import ScopeDiagnosis
from ssmtui.diagnosis.scope_plan import plan_in_scope
from ssmtui.evidence.gathering.thread import EvidenceThread
from ssmtui.evidence.recorded.kept import NoAws, RecordedReads, recorded_nodes
from ssmtui.evidence.recorded.scope_record import ScopeRecord
from ssmtui.evidence.recorded.writing import Snapshot
from ssmtui.language import say
from ssmtui.model.answers import Unreadable
from ssmtui.model.choice import NOTHING_CHOSEN, Choices
from ssmtui.model.defects import NotJudged, defect_words
from ssmtui.model.listed_session import ListedSession, SessionState
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.plan import Forecast, NotApplicable, Plan
from ssmtui.model.region_facts import RegionFacts
from ssmtui.model.scope import ScopeError, ScopeName, ScopeProblem
from ssmtui.preview.together import facts_after

T = TypeVar("T")

_log = logging.getLogger(__name__)


class ReplayedDiagnosis(AtRest):
    """A diagnosis of a snapshot (see `Inquiry`). `why_not` says why nothing is read anew, changed or opened by it.

    The present is that of the recording. `nodes` are ids and exact Name tags; all are looked at where there are none.
    """

    def __init__(
        self, snapshot: Snapshot, why_not: str, nodes: Sequence[str] = (), skipped: frozenset[str] = frozenset()
    ) -> None:
        super().__init__(why_not)
        self._snapshot = snapshot
        self._sought = tuple(nodes)
        self._skipped = skipped
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._thread = EvidenceThread()
        self._outstanding = Outstanding(self._tell)
        self._joining = Joining(self._events.put)
        self._scopes: dict[ScopeName, ScopeDiagnosis] = {}
        self._thread.start()
        self._thread.submit(self._run())

    @property
    def events(self) -> SimpleQueue[Event]:
        """What has become known, in order."""
        return self._events

    def look_first(self, keys: Sequence[NodeKey]) -> None:
        """Check these nodes before the others."""
        self._thread.submit(self._look_first(keys))

    def plan(
        self, scope: ScopeName, fix: str, finding_id: str | None, choices: Choices = NOTHING_CHOSEN
    ) -> Future[Plan | NotApplicable]:
        """The plan of a fix, to be looked at and handed over."""
        return self._asked(self._plan(scope, fix, finding_id, choices))

    def forecast(self, *plans: Plan) -> Future[Forecast]:
        """What the checks say of the facts as they would be after plans of one scope, all of them made."""
        return self._asked(self._forecast(plans))

    def region_facts(self, scope: ScopeName) -> Future[RegionFacts]:
        """What the Region's preferences say and point at."""
        return self._asked(self._region_facts(scope))

    def facts_of(self, key: NodeKey) -> Future[tuple[FactSeen, ...]]:
        """Everything that was read for one node."""
        return self._asked(self._facts_of(key))

    def sessions(
        self, scope: ScopeName, state: SessionState, told: Callable[[Sequence[ListedSession]], None]
    ) -> Future[Unreadable | None]:
        """A snapshot does not list sessions."""
        return self._asked(self._sessions(scope, state, told))

    def plans_to_end(self, scope: ScopeName, sessions: Sequence[ListedSession]) -> Future[tuple[Plan, ...]]:
        """The plans to end open sessions of a Region."""
        return self._asked(self._plans_to_end(scope, sessions))

    def close(self) -> None:
        """End it."""
        self._thread.stop()

    def _asked(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return self._thread.submit(_in_words(work))

    async def _run(self) -> None:
        async with self._outstanding.under_way():
            for error in self._snapshot.errors:
                # What to do about it was to be done then.
                told = replace(error, problem=ScopeProblem.REPORTED, advice="", command="")
                self._events.put(ScopeFailed(told))
            for record in self._snapshot.scopes:
                self._open(record)
            # One after another: none waits for anything, and what comes first is told first.
            for name, diagnosis in self._scopes.items():
                await self._outstanding.watched(name, diagnosis.run())

    def _tell(self, event: Event) -> None:
        """Tell it. Where judging ends in an error, the file may as well be at fault: somebody may have altered it."""
        if isinstance(event, Crashed):
            event = ScopeFailed(ScopeError(event.scope, ScopeProblem.REPORTED, _not_judged(event.summary), ""))
        self._events.put(event)

    def _open(self, record: ScopeRecord) -> None:
        scope, at = record.head.scope, record.head.at
        nodes = tuple(node for node in record.nodes if not self._sought or node.is_called(self._sought))
        reads = RecordedReads(record)
        diagnosis = ScopeDiagnosis(
            scope,
            NoAws(record),
            partial(self._joining.take, scope.name),
            all_checks(),
            skipped=self._skipped,
            clock=lambda: at,
            whom=record.head.whom,
            origin=Origin(reads, recorded_nodes(nodes, record.head.errors), reads.has),
        )
        diagnosis.remember(record.head)
        self._scopes[scope.name] = diagnosis
        self._events.put(ScopeOpened(scope))
        if self._sought and not record.head.errors:
            self._events.put(self._found(scope.name, nodes, record.nodes))

    def _found(self, name: ScopeName, nodes: Sequence[Node], of: Sequence[Node]) -> NodesSought:
        missing = tuple(word for word in self._sought if not any(node.is_called((word,)) for node in nodes))
        others = {called for node in of if not node.is_called(self._sought) for called in (node.id, node.name)}
        return NodesSought(name, missing, tuple(sorted(others)))

    def _diagnosis(self, name: ScopeName) -> ScopeDiagnosis:
        if name not in self._scopes:
            raise LookupError(f"the scope {name} is not in the snapshot")
        return self._scopes[name]

    async def _look_first(self, keys: Sequence[NodeKey]) -> None:
        for diagnosis in self._scopes.values():
            diagnosis.look_first(keys)

    async def _plan(self, scope: ScopeName, fix: str, finding_id: str | None, choices: Choices) -> Plan | NotApplicable:
        try:
            return await _in_words(plan_in_scope(self._diagnosis(scope), fix, finding_id, choices))
        except NotJudged as error:
            return NotApplicable(fix, str(error))

    async def _forecast(self, plans: Sequence[Plan]) -> Forecast:
        calls = [call for plan in plans for call in plan.calls]
        return await self._diagnosis(plans[0].scope.name).forecast(facts_after(plans), calls)

    async def _region_facts(self, scope: ScopeName) -> RegionFacts:
        return await region_facts(self._diagnosis(scope).journey(None))

    async def _facts_of(self, key: NodeKey) -> tuple[FactSeen, ...]:
        for diagnosis in self._scopes.values():
            if key in diagnosis.nodes:
                return facts_seen(await diagnosis.facts_read_for(diagnosis.nodes[key]))
        raise LookupError(f"no scope has a node {key.id}")

    async def _sessions(
        self, scope: ScopeName, state: SessionState, told: Callable[[Sequence[ListedSession]], None]
    ) -> Unreadable | None:
        return await sessions_told(self._diagnosis(scope), state, told)

    async def _plans_to_end(self, scope: ScopeName, sessions: Sequence[ListedSession]) -> tuple[Plan, ...]:
        return await plans_to_end(self._diagnosis(scope), sessions)


async def _in_words(work: Coroutine[Any, Any, T]) -> T:
    """What comes of work on evidence that somebody may have altered. Raises NotJudged if it ends in an error."""
    try:
        return await work
    except Exception as error:
        _log.exception("a snapshot's evidence cannot be judged")
        raise NotJudged(_not_judged(defect_words(error))) from error


def _not_judged(summary: str) -> str:
    return say(
        "Its evidence cannot be judged: the snapshot was altered, or this is a defect of ssmtui: {summary}.",
        summary=summary,
    )
