"""The diagnosis that runs: scopes opened and checked on the evidence thread, answers handed over as events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from queue import SimpleQueue
from typing import Any, Self

from ssmtui.diagnosis.asked import Asked
from ssmtui.diagnosis.credentials import CredentialsCare
from ssmtui.diagnosis.events import Event
from ssmtui.diagnosis.inquiry import FactSeen
from ssmtui.diagnosis.looking_ahead import look_ahead
from ssmtui.diagnosis.open_sessions import plans_to_end, sessions_told
from ssmtui.diagnosis.opening import Opening
from ssmtui.diagnosis.outstanding import Outstanding
from ssmtui.diagnosis.raw_facts import facts_seen
from ssmtui.diagnosis.region import region_facts
from ssmtui.diagnosis.scope_diagnosis import ScopeDiagnosis
from ssmtui.diagnosis.scope_plan import plan_in_scope
from ssmtui.evidence.gathering.thread import EvidenceThread
from ssmtui.evidence.recorded.writing import Snapshot
from ssmtui.evidence.wire.acceptance import WhenLost
from ssmtui.evidence.wire.clients import Clients
from ssmtui.evidence.wire.deadline import Deadline
from ssmtui.evidence.wire.pasted_denials import look_up_in
from ssmtui.model.access import Access
from ssmtui.model.answers import Unreadable
from ssmtui.model.authorization import LookedUp
from ssmtui.model.change_delay import ChangeDelay
from ssmtui.model.choice import NOTHING_CHOSEN, Choices
from ssmtui.model.denial import Denial
from ssmtui.model.lending import LentCredentials
from ssmtui.model.listed_session import ListedSession, SessionState
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import Forecast, NotApplicable, Plan
from ssmtui.model.probe import ProbeOutcome
from ssmtui.model.region_facts import RegionFacts
from ssmtui.model.scope import ScopeName
from ssmtui.preview.together import facts_after


class LiveDiagnosis:
    """A diagnosis under way (see `Inquiry`). Its methods may be called from any thread."""

    def __init__(self, asked: Asked, thread: EvidenceThread | None = None) -> None:
        self._asked = asked
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._thread = thread or EvidenceThread()
        self._outstanding = Outstanding(self._events.put)
        self._opened: Future[None] = Future()
        self._unprompted: Future[None] = Future()
        self._keeping_fresh = False

    @classmethod
    def start(cls, asked: Asked, thread: EvidenceThread | None = None) -> Self:
        """Begin, on a thread of its own where none is given; returns at once."""
        live = cls(asked, thread)
        live._thread.start()
        live._thread.submit(live._run())
        return live

    @property
    def events(self) -> SimpleQueue[Event]:
        """What has become known, in order."""
        return self._events

    @property
    def opened(self) -> Future[None]:
        """Fulfilled when every scope is open or in error."""
        return self._opened

    @property
    def unprompted(self) -> Future[None]:
        """Fulfilled when nothing prompts on the terminal any more."""
        return self._unprompted

    def look_first(self, keys: Sequence[NodeKey]) -> None:
        """Check these nodes before the others."""
        self._thread.submit(self._look_first(keys))

    def look_closer(self, keys: Sequence[NodeKey]) -> None:
        """Examine these nodes further than the others, from now on."""
        self._thread.submit(self._look_closer(keys))

    def recheck(self, scope: ScopeName, stale: tuple[type, ...]) -> None:
        """Read the facts of these kinds again, and judge what depends on them."""
        self._thread.submit(self._watched(scope, lambda each: each.recheck(stale)))

    def expect(self, scope: ScopeName, nodes: Sequence[NodeKey], delay: ChangeDelay) -> None:
        """Know of a change that was made and has yet to show on these nodes."""
        self._thread.submit(self._expect(scope, nodes, delay))

    def expect_no_more(self, scope: ScopeName, change: str) -> None:
        """Know that a change was taken back: nothing has yet to show of it."""
        self._thread.submit(self._expect_no_more(scope, change))

    def probed(self, scope: ScopeName, outcome: ProbeOutcome) -> None:
        """Know what a probe of a node met, and judge the node by that."""
        self._thread.submit(self._watched(scope, lambda each: each.probed(outcome)))

    def look_again(self, scope: ScopeName, nodes: Sequence[NodeKey], stale: tuple[type, ...]) -> None:
        """Read the facts of these kinds again that are on these nodes' paths, quietly."""
        self._thread.submit(self._watched(scope, lambda each: each.look_again(nodes, stale)))

    def refresh(self) -> None:
        """List the nodes again and read everything anew; scopes in error are tried again."""
        self._thread.submit(self._refresh())

    def keep_fresh(self) -> None:
        """Take in what has changed by itself, quietly."""
        self._thread.submit(self._keep_fresh())

    def try_again(self) -> None:
        """Come by credentials anew, and open what could not be opened."""
        self._thread.submit(self._try_again())

    def accesses(self) -> Future[tuple[Access, ...]]:
        """By which credentials scopes can be opened, and where."""
        return self._thread.submit(self._accesses())

    def look_at(self, scopes: Sequence[ScopeName]) -> None:
        """Look at these scopes from now on, and at no others."""
        self._thread.submit(self._look_at(scopes))

    def plan(
        self, scope: ScopeName, fix: str, finding_id: str | None, choices: Choices = NOTHING_CHOSEN
    ) -> Future[Plan | NotApplicable]:
        """The plan of a fix."""
        return self._thread.submit(self._plan(scope, fix, finding_id, choices))

    def forecast(self, *plans: Plan) -> Future[Forecast]:
        """What the checks say of the facts as they would be after plans of one scope, all of them made."""
        return self._thread.submit(self._forecast(plans))

    def region_facts(self, scope: ScopeName) -> Future[RegionFacts]:
        """What the Region's preferences say and point at."""
        return self._thread.submit(self._region_facts(scope))

    def facts_of(self, key: NodeKey) -> Future[tuple[FactSeen, ...]]:
        """Everything that was read for one node."""
        return self._thread.submit(self._facts_of(key))

    def look_up(self, denials: Sequence[Denial]) -> Future[tuple[LookedUp, ...]]:
        """AWS's own word for refusals."""
        return self._thread.submit(self._look_up(denials))

    def sessions(
        self, scope: ScopeName, state: SessionState, told: Callable[[Sequence[ListedSession]], None]
    ) -> Future[Unreadable | None]:
        """Read the sessions of a Region now."""
        return self._thread.submit(self._sessions(scope, state, told))

    def plans_to_end(self, scope: ScopeName, sessions: Sequence[ListedSession]) -> Future[tuple[Plan, ...]]:
        """The plans to end open sessions of a Region."""
        return self._thread.submit(self._plans_to_end(scope, sessions))

    def credentials(self, scope: ScopeName, refused: LentCredentials | None = None) -> Future[LentCredentials]:
        """The credentials by which a scope is read, for whoever writes to it. `CannotLend` where there are none now.

        Where AWS did not take those that were lent, others are come by.
        """
        return self._thread.submit(self._credentials(scope, refused))

    def snapshot(self, *, with_fixes: bool = True) -> Future[Snapshot]:
        """All that is known now of the scopes that are looked at, and what previewing their fixes takes besides."""
        return self._thread.submit(self._snapshot(with_fixes=with_fixes))

    def close(self) -> None:
        """End it: what runs is cancelled, connections are closed."""
        self._thread.stop()

    async def _run(self) -> None:
        async with self._outstanding.under_way():
            self._clients = Clients(self._asked.clients, clock=asyncio.get_running_loop().time)
            machine = self._asked.machine_with(self._clients)
            self._thread.at_stop(self._clients.close)
            tell = self._events.put
            self._opening = Opening(self._asked, self._clients, machine, self._outstanding, tell)
            self._care = CredentialsCare(self._asked, self._clients, self._opening, self._outstanding, tell)
            if self._asked.when_lost is WhenLost.WAIT:
                self._watching = asyncio.create_task(self._care.watch())
            await self._opening.open_and_check(self._opened, self._unprompted)

    def _in_time(self) -> AbstractContextManager[None]:
        """Whatever is asked for meanwhile ends in the time that a Region is given."""
        return Deadline(self._asked.timeout).in_force()

    async def _look_first(self, keys: Sequence[NodeKey]) -> None:
        for diagnosis in self._opening.scopes.values():
            diagnosis.look_first(keys)

    async def _look_closer(self, keys: Sequence[NodeKey]) -> None:
        async with self._outstanding.under_way():
            for name, diagnosis in self._opening.scopes.items():
                await self._outstanding.watched(name, diagnosis.look_closer(keys))

    async def _watched(self, scope: ScopeName, work: Callable[[ScopeDiagnosis], Coroutine[Any, Any, None]]) -> None:
        async with self._outstanding.under_way():
            await self._opening.work(scope, work)

    async def _expect(self, scope: ScopeName, nodes: Sequence[NodeKey], delay: ChangeDelay) -> None:
        self._diagnosis(scope).expect(nodes, delay)

    async def _expect_no_more(self, scope: ScopeName, change: str) -> None:
        self._diagnosis(scope).expect_no_more(change)

    async def _refresh(self) -> None:
        async with self._outstanding.under_way():
            if self._opening.is_to_begin:
                await self._opening.open_and_check(self._opened, self._unprompted)
                return
            works = {name: self._opening.refresh(name) for name in self._opening.readable}
            watched = (self._outstanding.watched(name, work) for name, work in works.items())
            await asyncio.gather(self._care.try_again(), *watched)

    async def _keep_fresh(self) -> None:
        if self._keeping_fresh or self._opening.is_to_begin:
            return
        self._keeping_fresh = True
        try:
            async with self._outstanding.under_way():
                works = {name: each.keep_fresh() for name, each in self._opening.readable.items()}
                watched = (self._outstanding.watched(name, work) for name, work in works.items())
                await asyncio.gather(self._care.try_again(), *watched)
        finally:
            self._keeping_fresh = False

    async def _try_again(self) -> None:
        async with self._outstanding.under_way():
            if self._opening.is_to_begin:
                await self._opening.open_and_check(self._opened, self._unprompted)
            else:
                await self._care.try_again()

    async def _accesses(self) -> tuple[Access, ...]:
        return await self._opening.accesses()

    async def _look_at(self, names: Sequence[ScopeName]) -> None:
        async with self._outstanding.under_way():
            await self._opening.look_at(names)

    async def _plan(self, scope: ScopeName, fix: str, finding_id: str | None, choices: Choices) -> Plan | NotApplicable:
        return await plan_in_scope(self._diagnosis(scope), fix, finding_id, choices)

    async def _forecast(self, plans: Sequence[Plan]) -> Forecast:
        calls = [call for plan in plans for call in plan.calls]
        return await self._diagnosis(plans[0].scope.name).forecast(facts_after(plans), calls)

    async def _look_up(self, denials: Sequence[Denial]) -> tuple[LookedUp, ...]:
        return await look_up_in({name.region: self._clients.scope(name) for name in self._opening.scopes}, denials)

    async def _sessions(
        self, scope: ScopeName, state: SessionState, told: Callable[[Sequence[ListedSession]], None]
    ) -> Unreadable | None:
        return await sessions_told(self._diagnosis(scope), state, told)

    async def _plans_to_end(self, scope: ScopeName, sessions: Sequence[ListedSession]) -> tuple[Plan, ...]:
        return await plans_to_end(self._diagnosis(scope), sessions)

    async def _credentials(self, scope: ScopeName, refused: LentCredentials | None) -> LentCredentials:
        with self._in_time():
            return await self._clients.lend(scope, refused)

    async def _snapshot(self, *, with_fixes: bool) -> Snapshot:
        diagnoses = tuple(self._opening.scopes.values())
        taken = [dict(each.aws.calls) for each in diagnoses]
        for each in diagnoses if with_fixes else ():
            await self._outstanding.watched(each.scope.name, look_ahead(each))
        records = [each.record(calls) for each, calls in zip(diagnoses, taken, strict=True)]
        return Snapshot(self._asked.clock(), tuple(records), self._opening.failed)

    async def _region_facts(self, scope: ScopeName) -> RegionFacts:
        with self._in_time():
            return await region_facts(self._diagnosis(scope).journey(None))

    async def _facts_of(self, key: NodeKey) -> tuple[FactSeen, ...]:
        for diagnosis in self._opening.scopes.values():
            if key in diagnosis.nodes:
                return facts_seen(await diagnosis.facts_read_for(diagnosis.nodes[key]))
        raise LookupError(f"no scope has a node {key.id}")

    def _diagnosis(self, scope: ScopeName) -> ScopeDiagnosis:
        return self._opening.diagnosis(scope)
