"""Open, close and reopen the scopes of a run, one at a time for each lock."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import aclosing, asynccontextmanager, contextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest, Pause
from ssmtui.diagnosis.events import Event, ScopeClosed, ScopeDelayed, ScopeFailed, ScopeOpened, ScopeQueued
from ssmtui.diagnosis.finding_joiner import FindingJoiner
from ssmtui.diagnosis.pending_tasks import PendingTasks
from ssmtui.diagnosis.reading_ahead import ReadAhead
from ssmtui.diagnosis.scheduling import complete_future, wait_for_futures
from ssmtui.evidence.aws.clients import Clients
from ssmtui.evidence.aws.garbage_collection import GarbageCollectionPaused, keep_imports
from ssmtui.evidence.aws.limits import Deadline
from ssmtui.evidence.aws.scopes import (
    MAX_CONCURRENT_ACCOUNTS,
    OpenScope,
    add_principals,
    discover_scopes,
    identify_scope,
    list_accesses,
)
from ssmtui.evidence.facts.sources import all_reads
from ssmtui.evidence.facts.workstation_protocol import Workstation
from ssmtui.model.scope import Access, Scope, ScopeError, ScopeName

if TYPE_CHECKING:
    from ssmtui.checks.registry import Check
    from ssmtui.diagnosis.scope_diagnosis import ScopeDiagnosis

T = TypeVar("T")

ListRequested: TypeAlias = Callable[[OpenScope, Sequence[str]], Awaitable[Sequence[Event]]]
"""Lists the nodes that the words name: `list_requested`."""


class ScopeLocks:
    """One lock for each scope. Runs on the event loop of the evidence thread."""

    def __init__(self) -> None:
        self._locks: defaultdict[ScopeName, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._next: dict[ScopeName, object] = {}

    @property
    def is_any_locked(self) -> bool:
        """Return whether any scope is being opened."""
        return any(lock.locked() for lock in self._locks.values())

    @asynccontextmanager
    async def locked(self, scope: ScopeName) -> AsyncIterator[None]:
        """Lock a scope while it is opened."""
        async with self._locks[scope]:
            self._stop_waiting(scope)
            yield

    @contextmanager
    def next(self, scope: ScopeName) -> Iterator[bool]:
        """Wait for the lock as the only waiting task; False if another task already waits."""
        current = asyncio.current_task()
        try:
            yield self._next.setdefault(scope, current) is current
        finally:
            self._stop_waiting(scope)

    def _stop_waiting(self, scope: ScopeName) -> None:
        if scope in self._next and self._next[scope] is asyncio.current_task():
            del self._next[scope]


def load_checks() -> tuple[type[ScopeDiagnosis], tuple[Check, ...]]:
    """Import everything that checks a scope. It takes as long as an answer of AWS: the caller is asked for first."""
    with GarbageCollectionPaused():
        from ssmtui.checks.registry import all_checks
        from ssmtui.diagnosis.scope_diagnosis import ScopeDiagnosis

        loaded = ScopeDiagnosis, all_checks()
    keep_imports("checks")
    return loaded


def load_listing() -> ListRequested:
    """Import everything that lists nodes, in the same way."""
    with GarbageCollectionPaused():
        from ssmtui.diagnosis.fleet_listing import list_requested

        all_reads()
    keep_imports("listing")
    return list_requested


DELAY_EVENT_PAUSE = 0.5
"""Seconds between events about slow calls of an opening."""


async def with_progress(
    clients: Clients, name: ScopeName, emit: Callable[[ScopeDelayed], None], work: Coroutine[Any, Any, T]
) -> T:
    """Return the result of a part of an opening.

    Publish meanwhile which calls are slow, and when none is slow any more.
    """
    nothing = ScopeDelayed(name, (), throttled=False)
    task, published = asyncio.ensure_future(work), nothing
    try:
        while not (await asyncio.wait({task}, timeout=DELAY_EVENT_PAUSE))[0]:
            aws = clients.scope(name)
            waits = ScopeDelayed(name, aws.waiting_for, aws.throttled) if aws.waiting_for else nothing
            if waits != published:
                emit(published := waits)
        return task.result()
    finally:
        task.cancel()
        if published != nothing:
            emit(nothing)


class ScopeOpener:
    """Opens and closes the scopes of a run. Runs on the event loop of the evidence thread, which calls `emit`.

    `may_check` ends a requested `Pause`.

    The facts of a closed scope are stored, so that it can be shown again at once.
    """

    def __init__(
        self,
        request: DiagnosisRequest,
        clients: Clients,
        pending: PendingTasks,
        emit: Callable[[Event], None],
        may_check: asyncio.Event | None = None,
    ) -> None:
        self._request = request
        self._clients = clients
        self._may_check = may_check or asyncio.Event()
        self._loading_checks: asyncio.Task[tuple[type[ScopeDiagnosis], tuple[Check, ...]]] | None = None
        self._loading_listing: asyncio.Task[ListRequested] | None = None
        self._pending = pending
        self._emit = emit
        self._finding_joiner = FindingJoiner(emit)
        self._open: dict[ScopeName, ScopeDiagnosis] = {}
        self._stored: dict[ScopeName, ScopeDiagnosis] = {}
        self._named: list[ScopeName] = []
        self._unopened: list[ScopeName] = []
        self._failed: dict[ScopeName, ScopeError] = {}
        self._stale: set[ScopeName] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self._switched = False
        self._is_beginning = False
        self._slots = asyncio.Semaphore(MAX_CONCURRENT_ACCOUNTS)
        self._scope_locks = ScopeLocks()

    @cached_property
    def _workstation(self) -> Workstation | None:
        return self._request.workstation_for(self._clients)

    @property
    def scopes(self) -> Mapping[ScopeName, ScopeDiagnosis]:
        """Return a copy of the open scopes: the selection can change during an iteration."""
        return dict(self._open)

    @property
    def readable(self) -> Mapping[ScopeName, ScopeDiagnosis]:
        """Return the open scopes whose credentials AWS accepts."""
        return {name: each for name, each in self._open.items() if self._clients.renewal(name).lost is None}

    @property
    def unopened(self) -> tuple[ScopeName, ...]:
        """Return the selected scopes that could not be opened."""
        return tuple(self._unopened)

    @property
    def failed(self) -> tuple[ScopeError, ...]:
        """Return why selected scopes could not be opened."""
        return tuple(error for name, error in self._failed.items() if name in self._named)

    @property
    def must_begin(self) -> bool:
        """Return whether no initial scope is open or being opened, so that the start must be repeated."""
        return not (self._open or self._switched or self._is_beginning or self._scope_locks.is_any_locked)

    async def accesses(self) -> tuple[Access, ...]:
        """Return the credentials that can open scopes, with their Regions."""
        opened = [each.scope for each in (*self._open.values(), *self._stored.values())]
        wanted = [each for each in self._named if each.profile is not None or not opened]
        return await list_accesses(self._clients, opened, wanted, self._request.environment)

    def diagnosis(self, name: ScopeName) -> ScopeDiagnosis:
        """Return the diagnosis of an open or stored scope: its work continues while other scopes are shown.

        Raises:
            LookupError: the scope was never open.

        """
        diagnosis = self._open.get(name) or self._stored.get(name)
        if diagnosis is None:
            raise LookupError(f"the scope {name} is not open")
        return diagnosis

    async def work(self, name: ScopeName, work: Callable[[ScopeDiagnosis], Coroutine[Any, Any, None]]) -> None:
        """Run work that publishes results about a scope's nodes.

        For a stored scope, read everything again later instead.
        """
        diagnosis = self.diagnosis(name)
        if name in self._open:
            await self._pending.watched(name, work(diagnosis))
        else:
            self._stale.add(name)

    async def open_and_check(self, opened: Future[None], unprompted: Future[None]) -> None:
        """Open and check the initial scopes, as they are discovered.

        `unprompted` completes when no code will be prompted for any more, `opened` when each scope is open or in error.
        """
        before, self._named, self._unopened, self._is_beginning = self._named, [], [], True
        openings: dict[ScopeName, asyncio.Future[None]] = {}
        checking: list[asyncio.Task[None]] = []
        try:
            async with aclosing(discover_scopes(self._clients, self._request.scopes)) as publisher:
                async for names in publisher:
                    for name in names:
                        scope = name.name if isinstance(name, ScopeError) else name
                        if scope in openings or self._switched:
                            continue
                        openings[scope] = asyncio.get_running_loop().create_future()
                        checking.append(self._begin(name, scope, openings[scope]))
            for gone in [each for each in before if each not in self._named]:
                self._emit(ScopeClosed(gone))
            # Roles are assumed with the profile's credentials.
            await wait_for_futures({scope.profile: each for scope, each in reversed(openings.items())}.values())
            self._end_prompts(unprompted)
            await wait_for_futures(openings.values())
        finally:
            self._is_beginning = False
            self._end_prompts(unprompted)
            complete_future(opened)
        await asyncio.gather(*checking)

    def _begin(
        self, name: ScopeName | ScopeError, scope: ScopeName, is_open: asyncio.Future[None]
    ) -> asyncio.Task[None]:
        self._named.append(scope)
        if isinstance(name, ScopeName):
            self._unopened.append(name)
        task = asyncio.create_task(self._pending.watched(scope, self._check_when_free(name, is_open)))
        # The task can be cancelled before it starts.
        task.add_done_callback(lambda _: complete_future(is_open))
        return task

    async def _check_when_free(self, name: ScopeName | ScopeError, is_open: asyncio.Future[None]) -> None:
        if isinstance(name, ScopeName) and self._slots.locked():
            self._emit(ScopeQueued(name))
        identified = None
        if self._request.pause is not Pause.NEVER:
            async with self._slots:
                identified = await self._publish_first(name, is_open)
            if identified is None:
                return
            await self._may_check.wait()
        async with self._slots:
            diagnosis = await self._check(name, is_open=is_open, identified=identified)
            if diagnosis is not None:
                await self._close_connections(diagnosis)

    async def _publish_first(self, name: ScopeName | ScopeError, is_open: asyncio.Future[None]) -> OpenScope | None:
        """Publish a scope and, if requested, its nodes, before anything that only checks need is imported."""
        with Deadline(self._request.timeout).in_force():
            identified = await self._identify(name)
            if identified is None:
                return None
            self._emit(ScopeOpened(identified.scope))
            complete_future(is_open)
            if self._request.pause is Pause.AFTER_LISTING:
                list_requested = await asyncio.shield(self._load_listing())
                for event in await list_requested(identified, self._request.nodes):
                    self._emit(event)
        return identified

    async def _close_connections(self, diagnosis: ScopeDiagnosis) -> None:
        """Close the connections of a settled scope if there are many scopes: they are opened again when needed."""
        if len(self._named) > MAX_CONCURRENT_ACCOUNTS:
            await diagnosis.aws.let_go()

    def _end_prompts(self, unprompted: Future[None]) -> None:
        self._clients.forbid_prompts()
        complete_future(unprompted)

    async def refresh(self, name: ScopeName) -> None:
        """Read everything of an open scope again, when a slot is free."""
        diagnosis = self._open[name]
        async with self._slots:
            await diagnosis.refresh()
            await self._close_connections(diagnosis)

    async def retry(self, name: ScopeName) -> None:
        """Open a scope that could not be opened, and check it; at most one further attempt waits meanwhile."""
        with self._scope_locks.next(name) as is_next:
            if is_next:
                async with self._slots:
                    await self._check(name)

    async def look_at(self, names: Sequence[ScopeName]) -> None:
        """Switch to these scopes: those that are already open stay as they are."""
        self._switched = True
        wanted = list(dict.fromkeys(names))
        for gone in [each for each in self._named if each not in wanted]:
            self._store_scope(gone)
        new = [each for each in wanted if each not in self._named]
        self._named = wanted
        self._unopened += [each for each in new if each not in self._stored]
        works = {name: self._restore_scope(name) if name in self._stored else self._open_in_place(name) for name in new}
        await asyncio.gather(*(self._pending.watched(name, work) for name, work in works.items()))

    async def open_anew(self, name: ScopeName) -> None:
        """Start a scope again from nothing: another caller sees another fleet."""
        self._store_scope(name)
        del self._stored[name]
        self._unopened.append(name)
        await self._pending.watched(name, self._open_in_place(name))

    async def _open_in_place(self, name: ScopeName) -> None:
        """Open a scope in place of another scope with the same account and Region: a node is shown once."""
        await self._check(name, self._store_same_place)

    def _store_same_place(self, scope: Scope) -> None:
        for name in [each.scope.name for each in self._open.values() if _place(each.scope) == _place(scope)]:
            self._named.remove(name)
            self._store_scope(name)

    def _store_scope(self, name: ScopeName) -> None:
        """Cancel the work of a scope, and close its connections; its facts stay stored."""
        self._pending.end(name)
        if name in self._unopened:
            self._unopened.remove(name)
        diagnosis = self._open.pop(name, None)
        if diagnosis is not None:
            self._stored[name] = diagnosis
            closing = asyncio.create_task(diagnosis.aws.let_go())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
        # The order matters: events about shared findings must then be about the remaining scopes.
        self._emit(ScopeClosed(name))
        self._finding_joiner.store_scope(name)

    async def _restore_scope(self, name: ScopeName) -> None:
        self._store_same_place(self._stored[name].scope)
        diagnosis = self._open[name] = self._stored.pop(name)
        self._emit(ScopeOpened(diagnosis.scope))
        self._finding_joiner.restore_scope(name)
        if name in self._stale:
            self._stale.remove(name)
            await diagnosis.recheck(())
        else:
            await diagnosis.run()

    async def _identify(self, name: ScopeName | ScopeError) -> OpenScope | None:
        identified: OpenScope | ScopeError
        if isinstance(name, ScopeError):
            identified = name
        else:
            work = identify_scope(self._clients, name, self._request.document)
            identified = await with_progress(self._clients, name, self._emit, work)
        if isinstance(identified, ScopeError):
            self._failed[identified.name] = identified
            self._emit(ScopeFailed(identified))
            return None
        self._failed.pop(identified.scope.name, None)
        return identified

    async def _add_principals(self, identified: OpenScope) -> OpenScope:
        work = add_principals(identified, self._request.judged)
        return await with_progress(self._clients, identified.scope.name, self._emit, work)

    def begin_imports(self) -> None:
        """Import in a thread what the first answer is needed for: the loop must stay free for AWS's answers."""
        match self._request.pause:
            case Pause.NEVER:
                self._load_checks()
            case Pause.AFTER_LISTING:
                self._load_listing()
            case Pause.AFTER_OPENING:
                pass

    def _load_checks(self) -> asyncio.Task[tuple[type[ScopeDiagnosis], tuple[Check, ...]]]:
        if self._loading_checks is None:
            self._loading_checks = asyncio.create_task(asyncio.to_thread(load_checks))
        return self._loading_checks

    def _load_listing(self) -> asyncio.Task[ListRequested]:
        if self._loading_listing is None:
            self._loading_listing = asyncio.create_task(asyncio.to_thread(load_listing))
        return self._loading_listing

    @property
    def _reads_ahead(self) -> bool:
        """Return whether a person waits for named nodes. If there are several scopes, most do not have the nodes."""
        return bool(self._request.nodes) and self._request.pause is Pause.NEVER and len(self._named) == 1

    async def _checks(self) -> Sequence[Check]:
        return (await asyncio.shield(self._load_checks()))[1]

    async def _create_diagnosis(
        self, opened: OpenScope, ahead: ReadAhead, before: Callable[[Scope], None] | None
    ) -> ScopeDiagnosis:
        scope_diagnosis, checks = await asyncio.shield(self._load_checks())
        if before is not None:
            before(opened.scope)
        self._finding_joiner.forget(opened.scope.name)
        diagnosis = scope_diagnosis(
            opened.scope,
            opened.aws,
            partial(self._finding_joiner.take, opened.scope.name),
            checks,
            requested=self._request.nodes,
            skipped=self._request.skipped,
            clock=self._request.clock,
            workstation=self._workstation,
            seconds=self._request.timeout,
            connections=self._request.connections,
            without_limit=self._request.without_limit,
            evidence_source=ahead.evidence_source,
        )
        self._unopened.remove(opened.scope.name)
        for expected in self._request.expected(opened.scope, self._request.clock()):
            diagnosis.expect(expected.nodes, expected.delay)
        self._open[opened.scope.name] = diagnosis
        self._emit(ScopeOpened(opened.scope))
        return diagnosis

    async def _check(
        self,
        name: ScopeName | ScopeError,
        before: Callable[[Scope], None] | None = None,
        is_open: asyncio.Future[None] | None = None,
        identified: OpenScope | None = None,
    ) -> ScopeDiagnosis | None:
        ahead = ReadAhead(self._request, lambda: self._workstation, self._checks, self._emit)
        try:
            async with self._scope_locks.locked(name.name if isinstance(name, ScopeError) else name):
                if isinstance(name, ScopeName) and name not in self._unopened:
                    return None  # the previous task has opened it
                deadline = Deadline(self._request.timeout)
                with deadline.in_force():
                    identified = identified or await self._identify(name)
                if identified is None:
                    return None
                with deadline.in_force():
                    if self._reads_ahead:
                        ahead.begin(identified)
                    opened = await self._add_principals(identified)
                diagnosis = await self._create_diagnosis(opened, ahead, before)
            if is_open is not None:
                complete_future(is_open)
            with deadline.in_force():
                await diagnosis.run()
            return diagnosis
        finally:
            ahead.end()


def _place(scope: Scope) -> tuple[str, str]:
    return scope.account, scope.region
