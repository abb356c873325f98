"""The scopes that a run looks at: opened and told of, put away when others are wanted, and taken up again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Future
from contextlib import aclosing
from functools import partial
from typing import Any

from ssmtui.checks.check import all_checks
from ssmtui.diagnosis.asked import Asked
from ssmtui.diagnosis.delayed_opening import told_opening
from ssmtui.diagnosis.doors import Doors
from ssmtui.diagnosis.events import Event, ScopeFailed, ScopeGone, ScopeOpened, ScopeWaits
from ssmtui.diagnosis.fulfilling import all_fulfilled, fulfil
from ssmtui.diagnosis.joining import Joining
from ssmtui.diagnosis.outstanding import Outstanding
from ssmtui.diagnosis.scope_diagnosis import ScopeDiagnosis
from ssmtui.evidence.gathering.machine import Machine
from ssmtui.evidence.wire.accesses import accesses
from ssmtui.evidence.wire.asked_scopes import AT_ONCE, told_scopes
from ssmtui.evidence.wire.clients import Clients
from ssmtui.evidence.wire.deadline import Deadline
from ssmtui.model.access import Access
from ssmtui.model.scope import Scope, ScopeError, ScopeName


class Opening:
    """Lives on the evidence thread's loop; `tell` is called there.

    `opened` is fulfilled when the first scopes are open or in error. What is put away keeps what was read of it, so
    that going back to it is instant.
    """

    def __init__(
        self,
        asked: Asked,
        clients: Clients,
        machine: Machine | None,
        outstanding: Outstanding,
        tell: Callable[[Event], None],
    ) -> None:
        self._asked = asked
        self._clients = clients
        self._machine = machine
        self._outstanding = outstanding
        self._tell = tell
        self._joining = Joining(tell)
        self._open: dict[ScopeName, ScopeDiagnosis] = {}
        self._away: dict[ScopeName, ScopeDiagnosis] = {}
        self._named: list[ScopeName] = []
        self._unopened: list[ScopeName] = []
        self._failed: dict[ScopeName, ScopeError] = {}
        self._stale: set[ScopeName] = set()
        self._leaving: set[asyncio.Task[None]] = set()
        self._chosen = False
        self._begins = False
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._doors = Doors()

    @property
    def scopes(self) -> Mapping[ScopeName, ScopeDiagnosis]:
        """Those that are open now: others may be wanted while somebody goes through them."""
        return dict(self._open)

    @property
    def readable(self) -> Mapping[ScopeName, ScopeDiagnosis]:
        """Those that are open, and whose credentials AWS takes."""
        return {name: each for name, each in self._open.items() if self._clients.acceptance(name).lost is None}

    @property
    def unopened(self) -> tuple[ScopeName, ...]:
        """Those that are wanted and could not be opened."""
        return tuple(self._unopened)

    @property
    def failed(self) -> tuple[ScopeError, ...]:
        """Why scopes that are wanted could not be opened."""
        return tuple(error for name, error in self._failed.items() if name in self._named)

    @property
    def is_to_begin(self) -> bool:
        """Whether nothing is open of what was asked for at the start, nor being opened: it is asked for once more."""
        return not (self._open or self._chosen or self._begins or self._doors.is_one_closed)

    async def accesses(self) -> tuple[Access, ...]:
        """By which credentials scopes can be opened, and where."""
        opened = [each.scope for each in (*self._open.values(), *self._away.values())]
        wanted = [each for each in self._named if each.profile is not None or not opened]
        return await accesses(self._clients, opened, wanted, self._asked.environment)

    def diagnosis(self, name: ScopeName) -> ScopeDiagnosis:
        """The diagnosis of a scope that is or was open: what was begun there goes on when others are looked at.

        Raises:
            LookupError: it never was.

        """
        found = self._open.get(name) or self._away.get(name)
        if found is None:
            raise LookupError(f"the scope {name} is not open")
        return found

    async def work(self, name: ScopeName, work: Callable[[ScopeDiagnosis], Coroutine[Any, Any, None]]) -> None:
        """Do something that tells of a scope's nodes. While it is put away, all of it is to be read anew instead."""
        diagnosis = self.diagnosis(name)
        if name in self._open:
            await self._outstanding.watched(name, work(diagnosis))
        else:
            self._stale.add(name)

    async def open_and_check(self, opened: Future[None], unprompted: Future[None]) -> None:
        """Open what was asked for at the start, as it is told which scopes these are, and check it.

        `unprompted` is fulfilled once no code will be asked for any more, `opened` once each scope is open or in error.
        """
        before, self._named, self._unopened, self._begins = self._named, [], [], True
        openings: dict[ScopeName, asyncio.Future[None]] = {}
        checking: list[asyncio.Task[None]] = []
        try:
            async with aclosing(told_scopes(self._clients, self._asked.scopes)) as telling:
                async for names in telling:
                    for name in names:
                        scope = name.name if isinstance(name, ScopeError) else name
                        if scope in openings or self._chosen:
                            continue
                        openings[scope] = asyncio.get_running_loop().create_future()
                        checking.append(self._begun(name, scope, openings[scope]))
            for gone in [each for each in before if each not in self._named]:
                self._tell(ScopeGone(gone))
            # Roles are taken with what their profile has.
            await all_fulfilled({scope.profile: each for scope, each in reversed(openings.items())}.values())
            self._ask_no_more(unprompted)
            await all_fulfilled(openings.values())
        finally:
            self._begins = False
            self._ask_no_more(unprompted)
            fulfil(opened)
        await asyncio.gather(*checking)

    def _begun(
        self, name: ScopeName | ScopeError, scope: ScopeName, is_open: asyncio.Future[None]
    ) -> asyncio.Task[None]:
        self._named.append(scope)
        if isinstance(name, ScopeName):
            self._unopened.append(name)
        task = asyncio.create_task(self._outstanding.watched(scope, self._in_turn(name, is_open)))
        # It may be ended before it begins.
        task.add_done_callback(lambda _: fulfil(is_open))
        return task

    async def _in_turn(self, name: ScopeName | ScopeError, is_open: asyncio.Future[None]) -> None:
        if isinstance(name, ScopeName) and self._at_once.locked():
            self._tell(ScopeWaits(name))
        async with self._at_once:
            diagnosis = await self._check(name, is_open=is_open)
            if diagnosis is not None:
                await self._let_go(diagnosis)

    async def _let_go(self, diagnosis: ScopeDiagnosis) -> None:
        """Close the connections of a scope that is settled, where there are many: they are opened again when needed."""
        if len(self._named) > AT_ONCE:
            await diagnosis.aws.let_go()

    def _ask_no_more(self, unprompted: Future[None]) -> None:
        self._clients.forbid_prompts()
        fulfil(unprompted)

    async def refresh(self, name: ScopeName) -> None:
        """Read everything of an open scope anew, when its turn has come."""
        diagnosis = self._open[name]
        async with self._at_once:
            await diagnosis.refresh()
            await self._let_go(diagnosis)

    async def try_again(self, name: ScopeName) -> None:
        """Open a scope that could not be opened, and check it; while that is being tried, once more at most."""
        with self._doors.next(name) as is_next:
            if is_next:
                async with self._at_once:
                    await self._check(name)

    async def look_at(self, names: Sequence[ScopeName]) -> None:
        """Look at these scopes from now on, and at no others: those that are looked at already stay as they are."""
        self._chosen = True
        wanted = list(dict.fromkeys(names))
        for gone in [each for each in self._named if each not in wanted]:
            self._put_away(gone)
        new = [each for each in wanted if each not in self._named]
        self._named = wanted
        self._unopened += [each for each in new if each not in self._away]
        works = {name: self._take_up(name) if name in self._away else self._open_instead(name) for name in new}
        await asyncio.gather(*(self._outstanding.watched(name, work) for name, work in works.items()))

    async def open_anew(self, name: ScopeName) -> None:
        """Begin a scope again from nothing: another caller sees another fleet there."""
        self._put_away(name)
        del self._away[name]
        self._unopened.append(name)
        await self._outstanding.watched(name, self._open_instead(name))

    async def _open_instead(self, name: ScopeName) -> None:
        """Open a scope in the place of one that shows the same account and Region: a node is shown once."""
        await self._check(name, self._put_twin_away)

    def _put_twin_away(self, scope: Scope) -> None:
        for name in [each.scope.name for each in self._open.values() if _place(each.scope) == _place(scope)]:
            self._named.remove(name)
            self._put_away(name)

    def _put_away(self, name: ScopeName) -> None:
        """End what runs of a scope, and close its connections; what was read of it is kept."""
        self._outstanding.end(name)
        if name in self._unopened:
            self._unopened.remove(name)
        diagnosis = self._open.pop(name, None)
        if diagnosis is not None:
            self._away[name] = diagnosis
            leaving = asyncio.create_task(diagnosis.aws.let_go())
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)
        # In this order: what is told of findings that two scopes share is about those that are left.
        self._tell(ScopeGone(name))
        self._joining.put_away(name)

    async def _take_up(self, name: ScopeName) -> None:
        self._put_twin_away(self._away[name].scope)
        diagnosis = self._open[name] = self._away.pop(name)
        self._tell(ScopeOpened(diagnosis.scope))
        self._joining.take_up(name)
        if name in self._stale:
            self._stale.remove(name)
            await diagnosis.recheck(())
        else:
            await diagnosis.run()

    async def _opened(
        self,
        name: ScopeName | ScopeError,
        deadline: Deadline,
        before: Callable[[Scope], None] | None = None,
    ) -> ScopeDiagnosis | None:
        with deadline.in_force():
            told = partial(told_opening, self._asked, self._clients)
            opened = name if isinstance(name, ScopeError) else await told(name, self._tell)
        if isinstance(opened, ScopeError):
            self._failed[opened.name] = opened
            self._tell(ScopeFailed(opened))
            return None
        self._failed.pop(opened.scope.name, None)
        if before is not None:
            before(opened.scope)
        self._joining.forget(opened.scope.name)
        diagnosis = ScopeDiagnosis(
            opened.scope,
            opened.aws,
            partial(self._joining.take, opened.scope.name),
            all_checks(),
            sought=self._asked.nodes,
            skipped=self._asked.skipped,
            clock=self._asked.clock,
            machine=self._machine,
            seconds=self._asked.timeout,
            whom=self._asked.whom,
            unhurried=self._asked.unhurried,
        )
        self._unopened.remove(opened.scope.name)
        for expected in self._asked.expected(opened.scope, self._asked.clock()):
            diagnosis.expect(expected.nodes, expected.delay)
        self._open[opened.scope.name] = diagnosis
        self._tell(ScopeOpened(opened.scope))
        return diagnosis

    async def _check(
        self,
        name: ScopeName | ScopeError,
        before: Callable[[Scope], None] | None = None,
        is_open: asyncio.Future[None] | None = None,
    ) -> ScopeDiagnosis | None:
        async with self._doors.through(name.name if isinstance(name, ScopeError) else name):
            if isinstance(name, ScopeName) and name not in self._unopened:
                return None  # whoever was there before has opened it
            deadline = Deadline(self._asked.timeout)
            diagnosis = await self._opened(name, deadline, before)
        if is_open is not None:
            fulfil(is_open)
        if diagnosis is not None:
            with deadline.in_force():
                await diagnosis.run()
        return diagnosis


def _place(scope: Scope) -> tuple[str, str]:
    return scope.account, scope.region
