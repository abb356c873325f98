"""The live diagnosis: opens and checks scopes on the evidence thread, and publishes the results as events.

The checks, plans and readers are imported while AWS answers the first request.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Self

from ssmtui.diagnosis.credential_watch import CredentialWatch
from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.events import Event
from ssmtui.diagnosis.pending_tasks import PendingTasks
from ssmtui.diagnosis.scope_opening import ScopeOpener
from ssmtui.evidence.aws.clients import Clients
from ssmtui.evidence.aws.credentials import RejectionPolicy
from ssmtui.evidence.aws.limits import Deadline
from ssmtui.evidence.facts.event_loop import EvidenceThread
from ssmtui.model.choice import NOTHING_CHOSEN, Choices

if TYPE_CHECKING:
    from ssmtui.diagnosis.diagnosis_handle import RawFact
    from ssmtui.diagnosis.scope_diagnosis import ScopeDiagnosis
    from ssmtui.evidence.snapshots.snapshot_file import Snapshot
    from ssmtui.model.access_denied import Denial, LookedUp
    from ssmtui.model.fact import Unreadable
    from ssmtui.model.node import NodeKey
    from ssmtui.model.plan import ChangeDelay, FixNotApplicable, Forecast, Plan
    from ssmtui.model.preferences import RegionPreferences
    from ssmtui.model.probe import ProbeOutcome
    from ssmtui.model.scope import Access, ScopeName, SharedCredentials
    from ssmtui.model.sessions import ListedSession, SessionState


_MAX_WAIT = 0.1
"""Seconds between two looks of a waiting caller, so that Ctrl-C works on every platform."""


class LiveDiagnosis:
    """A running diagnosis (see `DiagnosisHandle`). Its methods can be called from any thread."""

    def __init__(self, request: DiagnosisRequest, thread: EvidenceThread | None = None) -> None:
        self._request = request
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._thread = thread or EvidenceThread()
        self._pending = PendingTasks(self._events.put)
        self._opened: Future[None] = Future()
        self._unprompted: Future[None] = Future()
        self._is_refreshing = False
        self._may_check = asyncio.Event()
        self._requested = threading.Event()

    @classmethod
    def start(cls, request: DiagnosisRequest, thread: EvidenceThread | None = None) -> Self:
        """Start on the given thread or a new thread, and return at once."""
        live = cls(request, thread)
        live._thread.start()
        live._thread.submit(live._run())
        return live

    @property
    def events(self) -> SimpleQueue[Event]:
        """Return the queue of events, in order."""
        return self._events

    @property
    def opened(self) -> Future[None]:
        """Return a future that completes when every scope is open or in error."""
        return self._opened

    @property
    def unprompted(self) -> Future[None]:
        """Return a future that completes when no prompt can appear on the terminal any more."""
        return self._unprompted

    def await_first_request(self) -> None:
        """Wait until the first request is sent, or none can be: other imports would delay it."""
        while not self._requested.is_set() and not self._opened.done():
            self._requested.wait(_MAX_WAIT)

    def proceed(self) -> None:
        """Continue after a requested `Pause`."""
        self._thread.submit(self._proceed())

    def check_first(self, keys: Sequence[NodeKey]) -> None:
        """Check these nodes first."""
        self._thread.submit(self._check_first(keys))

    def inspect_nodes(self, keys: Sequence[NodeKey]) -> None:
        """Inspect these nodes deeply from now on."""
        self._thread.submit(self._inspect_nodes(keys))

    def recheck(self, scope: ScopeName, stale: tuple[type, ...]) -> None:
        """Read the facts of these kinds again, and repeat the checks that depend on them."""
        self._thread.submit(self._watched(scope, lambda each: each.recheck(stale)))

    def expect(self, scope: ScopeName, nodes: Sequence[NodeKey], delay: ChangeDelay) -> None:
        """Record a change whose effect must still show on these nodes."""
        self._thread.submit(self._expect(scope, nodes, delay))

    def stop_expecting(self, scope: ScopeName, change: str) -> None:
        """Record that a change was undone: its effect is not awaited any more."""
        self._thread.submit(self._stop_expecting(scope, change))

    def probed(self, scope: ScopeName, outcome: ProbeOutcome) -> None:
        """Record the result of a probe, and use it for the verdict of the node."""
        self._thread.submit(self._watched(scope, lambda each: each.probed(outcome)))

    def refresh_nodes(self, scope: ScopeName, nodes: Sequence[NodeKey], stale: tuple[type, ...]) -> None:
        """Read the facts of these kinds on these nodes' paths again; earlier results stay meanwhile."""
        self._thread.submit(self._watched(scope, lambda each: each.refresh_nodes(nodes, stale)))

    def include_all_nodes(self, scope: ScopeName) -> None:
        """Check all nodes of a scope from now on, if only some were requested."""
        self._thread.submit(self._watched(scope, lambda each: each.include_all_nodes()))

    def refresh(self) -> None:
        """List the nodes and read everything again; scopes in error are opened again."""
        self._thread.submit(self._refresh())

    def refresh_incrementally(self) -> None:
        """Detect changes made elsewhere; earlier results stay meanwhile."""
        self._thread.submit(self._refresh_incrementally())

    def retry(self) -> None:
        """Obtain new credentials, and open scopes that could not be opened."""
        self._thread.submit(self._retry())

    def accesses(self) -> Future[tuple[Access, ...]]:
        """Return the credentials that can open scopes, with their Regions."""
        return self._thread.submit(self._accesses())

    def look_at(self, scopes: Sequence[ScopeName]) -> None:
        """Switch to these scopes."""
        self._thread.submit(self._look_at(scopes))

    def plan(
        self, scope: ScopeName, fix: str, finding_id: str | None, choices: Choices = NOTHING_CHOSEN
    ) -> Future[Plan | FixNotApplicable]:
        """Return the plan of a fix."""
        return self._thread.submit(self._plan(scope, fix, finding_id, choices))

    def forecast(self, *plans: Plan) -> Future[Forecast]:
        """Return the results of the checks on the facts after these plans of one scope."""
        return self._thread.submit(self._forecast(plans))

    def region_facts(self, scope: ScopeName) -> Future[RegionPreferences]:
        """Return the facts about the Region's preferences and their resources."""
        return self._thread.submit(self._region_facts(scope))

    def facts_of(self, key: NodeKey) -> Future[tuple[RawFact, ...]]:
        """Return all facts of a node."""
        return self._thread.submit(self._facts_of(key))

    def look_up(self, denials: Sequence[Denial]) -> Future[tuple[LookedUp, ...]]:
        """Return AWS's details of refusals."""
        return self._thread.submit(self._look_up(denials))

    def sessions(
        self, scope: ScopeName, state: SessionState, on_page: Callable[[Sequence[ListedSession]], None]
    ) -> Future[Unreadable | None]:
        """Read the sessions of a Region now."""
        return self._thread.submit(self._sessions(scope, state, on_page))

    def plans_to_end(self, scope: ScopeName, sessions: Sequence[ListedSession]) -> Future[tuple[Plan, ...]]:
        """Return the plans that end open sessions of a Region."""
        return self._thread.submit(self._plans_to_end(scope, sessions))

    def credentials(self, scope: ScopeName, refused: SharedCredentials | None = None) -> Future[SharedCredentials]:
        """Return the credentials of a scope for a writer.

        The future raises CredentialsUnavailable if there are none now. If AWS rejected the given credentials, others
        are obtained.
        """
        return self._thread.submit(self._credentials(scope, refused))

    def snapshot(self, *, with_fixes: bool = True) -> Future[Snapshot]:
        """Return all evidence of the open scopes, and the facts that the previews of their fixes need."""
        return self._thread.submit(self._snapshot(with_fixes=with_fixes))

    def close(self) -> None:
        """Stop: cancel all work, and close all connections."""
        self._thread.stop()

    async def _run(self) -> None:
        try:
            await self._open_and_check()
        finally:
            self._requested.set()

    def _on_first_request(self) -> None:
        self._requested.set()
        self._scope_opener.begin_imports()

    async def _open_and_check(self) -> None:
        async with self._pending.under_way():
            self._clients = Clients(self._request.clients, clock=asyncio.get_running_loop().time)
            self._clients.on_first_request = self._on_first_request
            self._thread.at_stop(self._clients.close)
            emit = self._events.put
            self._scope_opener = ScopeOpener(self._request, self._clients, self._pending, emit, self._may_check)
            self._credential_watch = CredentialWatch(
                self._request, self._clients, self._scope_opener, self._pending, emit
            )
            if self._request.on_rejection is RejectionPolicy.WAIT:
                self._watching = asyncio.create_task(self._credential_watch.watch())
            await self._scope_opener.open_and_check(self._opened, self._unprompted)

    async def _proceed(self) -> None:
        self._may_check.set()

    def _in_time(self) -> AbstractContextManager[None]:
        """Limit all requests in the context to the time limit of a Region."""
        return Deadline(self._request.timeout).in_force()

    async def _check_first(self, keys: Sequence[NodeKey]) -> None:
        for diagnosis in self._scope_opener.scopes.values():
            diagnosis.check_first(keys)

    async def _inspect_nodes(self, keys: Sequence[NodeKey]) -> None:
        async with self._pending.under_way():
            for name, diagnosis in self._scope_opener.scopes.items():
                await self._pending.watched(name, diagnosis.inspect_nodes(keys))

    async def _watched(self, scope: ScopeName, work: Callable[[ScopeDiagnosis], Coroutine[Any, Any, None]]) -> None:
        async with self._pending.under_way():
            await self._scope_opener.work(scope, work)

    async def _expect(self, scope: ScopeName, nodes: Sequence[NodeKey], delay: ChangeDelay) -> None:
        self._diagnosis(scope).expect(nodes, delay)

    async def _stop_expecting(self, scope: ScopeName, change: str) -> None:
        self._diagnosis(scope).stop_expecting(change)

    async def _refresh(self) -> None:
        async with self._pending.under_way():
            if self._scope_opener.must_begin:
                await self._scope_opener.open_and_check(self._opened, self._unprompted)
                return
            works = {name: self._scope_opener.refresh(name) for name in self._scope_opener.readable}
            watched = (self._pending.watched(name, work) for name, work in works.items())
            await asyncio.gather(self._credential_watch.retry(), *watched)

    async def _refresh_incrementally(self) -> None:
        if self._is_refreshing or self._scope_opener.must_begin:
            return
        self._is_refreshing = True
        try:
            async with self._pending.under_way():
                works = {name: each.refresh_incrementally() for name, each in self._scope_opener.readable.items()}
                watched = (self._pending.watched(name, work) for name, work in works.items())
                await asyncio.gather(self._credential_watch.retry(), *watched)
        finally:
            self._is_refreshing = False

    async def _retry(self) -> None:
        async with self._pending.under_way():
            if self._scope_opener.must_begin:
                await self._scope_opener.open_and_check(self._opened, self._unprompted)
            else:
                await self._credential_watch.retry()

    async def _accesses(self) -> tuple[Access, ...]:
        return await self._scope_opener.accesses()

    async def _look_at(self, names: Sequence[ScopeName]) -> None:
        async with self._pending.under_way():
            await self._scope_opener.look_at(names)

    async def _plan(
        self, scope: ScopeName, fix: str, finding_id: str | None, choices: Choices
    ) -> Plan | FixNotApplicable:
        from ssmtui.diagnosis.planning import plan_in_scope

        return await plan_in_scope(self._diagnosis(scope), fix, finding_id, choices)

    async def _forecast(self, plans: Sequence[Plan]) -> Forecast:
        from ssmtui.remediation.preview import facts_after

        calls = [call for plan in plans for call in plan.calls]
        return await self._diagnosis(plans[0].scope.name).forecast(facts_after(plans), calls)

    async def _look_up(self, denials: Sequence[Denial]) -> tuple[LookedUp, ...]:
        from ssmtui.evidence.aws.pasted_denials import look_up_in_scopes

        return await look_up_in_scopes(
            {name.region: self._clients.scope(name) for name in self._scope_opener.scopes}, denials
        )

    async def _sessions(
        self, scope: ScopeName, state: SessionState, on_page: Callable[[Sequence[ListedSession]], None]
    ) -> Unreadable | None:
        from ssmtui.diagnosis.scope_queries import publish_open_sessions

        return await publish_open_sessions(self._diagnosis(scope), state, on_page)

    async def _plans_to_end(self, scope: ScopeName, sessions: Sequence[ListedSession]) -> tuple[Plan, ...]:
        from ssmtui.diagnosis.scope_queries import plans_to_end

        return await plans_to_end(self._diagnosis(scope), sessions)

    async def _credentials(self, scope: ScopeName, refused: SharedCredentials | None) -> SharedCredentials:
        with self._in_time():
            return await self._clients.lend(scope, refused)

    async def _snapshot(self, *, with_fixes: bool) -> Snapshot:
        from ssmtui.diagnosis.planning import prefetch_facts
        from ssmtui.evidence.snapshots.snapshot_file import Snapshot

        diagnoses = tuple(self._scope_opener.scopes.values())
        taken = [dict(each.aws.calls) for each in diagnoses]
        for each in diagnoses if with_fixes else ():
            await self._pending.watched(each.scope.name, prefetch_facts(each))
        records = [each.record(calls) for each, calls in zip(diagnoses, taken, strict=True)]
        return Snapshot(self._request.clock(), tuple(records), self._scope_opener.failed)

    async def _region_facts(self, scope: ScopeName) -> RegionPreferences:
        from ssmtui.diagnosis.planning import read_region_preferences

        with self._in_time():
            return await read_region_preferences(self._diagnosis(scope).resolver(None))

    async def _facts_of(self, key: NodeKey) -> tuple[RawFact, ...]:
        from ssmtui.diagnosis.scope_queries import list_raw_facts

        for diagnosis in self._scope_opener.scopes.values():
            if key in diagnosis.nodes:
                return list_raw_facts(await diagnosis.facts_read_for(diagnosis.nodes[key]))
        raise LookupError(f"no scope has a node {key.id}")

    def _diagnosis(self, scope: ScopeName) -> ScopeDiagnosis:
        return self._scope_opener.diagnosis(scope)
