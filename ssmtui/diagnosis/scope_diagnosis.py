"""The diagnosis of one scope: its nodes listed, their paths checked, what changes told as events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from datetime import UTC, datetime

from ssmtui.checks.check import Check
from ssmtui.diagnosis.closer_look import closer_look
from ssmtui.diagnosis.connections import Connections
from ssmtui.diagnosis.events import DefectMet, Event, ScopeOpened, ScopeSettled
from ssmtui.diagnosis.foretelling import Foretelling
from ssmtui.diagnosis.freshness import Freshness
from ssmtui.diagnosis.judging import Judging
from ssmtui.diagnosis.known_probes import KnownProbes
from ssmtui.diagnosis.looking import Looking
from ssmtui.diagnosis.node_list import NodeList
from ssmtui.diagnosis.origin import Origin
from ssmtui.diagnosis.recording import recorded, remember
from ssmtui.diagnosis.telling import Telling
from ssmtui.evidence.gathering.journey import Journey
from ssmtui.evidence.gathering.kept_reads import KeptReads
from ssmtui.evidence.gathering.machine import Machine
from ssmtui.evidence.gathering.on_demand import Gathering
from ssmtui.evidence.gathering.reading import reads_of_all_nodes
from ssmtui.evidence.recorded.scope_record import ScopeHead, ScopeRecord
from ssmtui.evidence.wire.aws import ScopeWay
from ssmtui.evidence.wire.deadline import Deadline, deadline_in_force
from ssmtui.model.change_delay import ChangeDelay
from ssmtui.model.fleet import FleetFinding
from ssmtui.model.moment import Now
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.plan import Call, FactChange, Forecast, Plan
from ssmtui.model.probe import ProbeOutcome
from ssmtui.model.scope import TIME_GIVEN, Scope
from ssmtui.model.standing import Observation
from ssmtui.model.whom_to_ask import WhomToAsk
from ssmtui.preview.together import facts_after

HELD_UP = 2.0
"""Seconds after which what waits for AWS makes room for the next, path or check; less where less time is given."""

TELLING_PAUSE = 0.05
"""Seconds between two tellings of findings and progress, which many nodes change together."""


def utc_now() -> datetime:
    """The present."""
    return datetime.now(UTC)


class ScopeDiagnosis:
    """One scope under diagnosis. Lives on the evidence thread's loop; `emit` is called there, in order."""

    def __init__(
        self,
        scope: Scope,
        aws: ScopeWay,
        emit: Callable[[Event], None],
        checks: Sequence[Check],
        *,
        sought: Sequence[str] = (),
        skipped: frozenset[str] = frozenset(),
        clock: Callable[[], datetime] = utc_now,
        machine: Machine | None = None,
        seconds: float = TIME_GIVEN,
        whom: WhomToAsk = WhomToAsk.ALL,
        unhurried: bool = False,
        origin: Origin | None = None,
    ) -> None:
        origin = origin or Origin(KeptReads())
        self.scope = scope
        self.nodes: dict[NodeKey, Node] = {}
        self.aws = aws
        self._emit = emit
        self._checks = tuple(checks)
        self._clock = clock
        self._seconds = seconds
        self._unhurried = unhurried
        self._gathering = Gathering(
            aws, scope, Now(clock()), machine, lambda words: emit(DefectMet(scope.name, words)), origin.kept
        )
        self._probes = KnownProbes(self._gathering, emit)
        judging = Judging(skipped)
        self._telling = Telling(scope, emit)
        self._connections = Connections(self._gathering, whom, origin)
        shown = (self._connections, self._telling, emit)
        self._looking = Looking(self.nodes, self._gathering, judging, self._checks, *shown, min(HELD_UP, seconds / 50))
        self._waiting = self._looking.waiting
        self._list = NodeList(
            self.nodes, sought, self._gathering, self._probes, self._looking, self._telling, emit, origin.listing
        )
        self._freshness = Freshness(self._gathering, checks, self.nodes, self._connections)
        self._foretelling = Foretelling(aws, self._gathering, judging, self._telling, self._connections, self._checks)
        self._turn = asyncio.Lock()
        self._asking = asyncio.Lock()

    def in_time(self) -> AbstractContextManager[None]:
        """Whatever is done meanwhile ends in the scope's time: what is left of it, where it has begun already."""
        return nullcontext() if deadline_in_force() else Deadline(self._seconds).in_force()

    async def run(self) -> None:
        """List the nodes and check every one, until nothing is outstanding. What is not read in time is unknown."""
        if not self._list.complete:
            self._emit(ScopeOpened(self.scope))
        # A node that registered or came back is to be found in what tells of all nodes, which is as old as their list.
        self._gathering.forget((Node,))
        self._looking.forget()
        self._list.begin()
        self._connections.line.open()
        with self.in_time():
            lister = asyncio.create_task(self._list.take_in_all())
            asker = asyncio.create_task(self._ask_waiting())
            try:
                await self._check_waiting()
                await lister
                self._connections.line.close()
                await asker
            finally:
                lister.cancel()
                asker.cancel()
                self._connections.line.close()

    async def refresh(self) -> None:
        """List the nodes again and read everything anew."""
        self._begin_anew(())
        await self.run()

    async def keep_fresh(self) -> None:
        """Read again, quietly, what may have changed by itself, and list the nodes anew. Who looks anyway is let be."""
        if self._turn.locked() or self._asking.locked():
            return
        with self.in_time():
            self._gathering.look_at(now := Now(self._clock()))
            self._gathering.renew(await self._freshness.due(tuple(self._telling.held()), now.at))
            await self.run()
            # What tells of all nodes is another each time they report; a node that has changed was compared by its row.
            if self._gathering.kept.otherwise - reads_of_all_nodes() and (probed := self._probes.nodes):
                self._probes.forget_all()
                await self._check_first(probed)

    async def recheck(self, stale: Collection[type]) -> None:
        """Read the facts of these kinds again (all, where none is named) and judge every path again.

        The nodes are listed again where they are among them, or what is observed of them: that begins with the ping,
        which the listing tells.
        """
        self._begin_anew(stale)
        self._telling.unsettle()
        if not stale or Node in stale or Observation in stale:
            await self.run()
            return
        self._waiting.add(self.nodes)
        with self.in_time():
            await self._check_waiting()
            await self._ask_waiting()

    def _begin_anew(self, stale: Collection[type]) -> None:
        self._gathering.forget(stale)
        self._probes.forget_all()
        self._gathering.look_at(Now(self._clock()))
        self._looking.forget()
        if not stale or Observation in stale:
            self._connections.forget()

    async def look_again(self, keys: Collection[NodeKey], stale: Collection[type]) -> None:
        """Read the facts of these kinds again that are on these nodes' paths, and list the nodes anew: quietly."""
        with self.in_time():
            self._probes.forget(keys)
            for node in [self.nodes[key] for key in keys if key in self.nodes]:
                self._gathering.forget_along(await self.facts_read_for(node), stale)
            self._gathering.look_at(Now(self._clock()))
            await self.run()

    def expect(self, keys: Collection[NodeKey], delay: ChangeDelay) -> None:
        """Know of a change that was made and has yet to show on these nodes, when they are judged from now on."""
        self._gathering.singled_out.expect(keys, delay)
        self._probes.forget(keys)

    def expect_no_more(self, change: str) -> None:
        """Know that a change was taken back: what is judged from now on does."""
        self._gathering.singled_out.expect_no_more(change)

    async def probed(self, outcome: ProbeOutcome) -> None:
        """Know what a probe of a node met, and judge that node by it. One that was interrupted met nothing."""
        if outcome.node in self.nodes and self._probes.know(outcome):
            await self._check_first([outcome.node])

    def look_first(self, keys: Sequence[NodeKey]) -> None:
        """Check these nodes before those that still wait."""
        self._waiting.bring_forward(keys)
        self._connections.look_first(keys)

    async def look_closer(self, keys: Collection[NodeKey]) -> None:
        """Examine these nodes further than the others, from now on: what has been read of them is not read again."""
        pointed_at = self._gathering.singled_out.pointed_at
        new = [key for key in keys if key in self.nodes and not pointed_at(key)]
        for key in new:
            self._gathering.singled_out.point_at(key)
        if new:
            await self._check_first(new)

    def finding(self, id_: str) -> FleetFinding | None:
        """One finding that holds now."""
        return self._telling.finding(id_)

    def findings(self) -> Iterator[FleetFinding]:
        """Every finding that holds now."""
        return self._telling.findings()

    def record(self, calls: Mapping[str, int]) -> ScopeRecord:
        """What is known of it, as values; `calls` is what knowing it took."""
        known = (self.nodes, self._list.errors, self._connections.whom, calls, self._foretelling.told_by_iam)
        return recorded(self._gathering, *known)

    def remember(self, head: ScopeHead) -> None:
        """Know what was known of single nodes when a scope was recorded; before its nodes are looked at."""
        remember(head, self._gathering, self._probes)

    def journey(self, node: Node | None) -> Journey:
        """The facts on one node's path, or the Region's."""
        return self._gathering.journey(node)

    async def facts_read_for(self, node: Node) -> Journey:
        """The journey of a node with every fact looked up that its checks ask for, or a closer look at it."""
        journey = self._gathering.journey(node)
        with self.in_time():
            for check in self._checks:
                await journey.answers(check.needs)
            if self._gathering.singled_out.pointed_at(node.key):
                await closer_look(journey)
        return journey

    async def forecast(self, changes: Sequence[FactChange], calls: Sequence[Call] = ()) -> Forecast:
        """What the checks say of the facts as they would be after a change; IAM is asked about roles in `calls`."""
        with self.in_time():
            return await self._foretelling.forecast(self.nodes, self._probes.nodes, changes, calls)

    async def foresee(self, nodes: Mapping[NodeKey, Node], plan: Plan) -> None:
        """Read what a forecast of a plan goes by, on the paths of some nodes."""
        with self.in_time():
            await self._foretelling.forecast(nodes, (), facts_after((plan,)), plan.calls)

    async def _check_first(self, keys: Sequence[NodeKey]) -> None:
        self._waiting.add(keys)
        self._waiting.bring_forward(keys)
        with self.in_time():
            await self._check_waiting()

    async def _check_waiting(self) -> None:
        async with self._turn, self._told_meanwhile(beside=self._asking):
            await self._looking.look_at_waiting()

    async def _ask_waiting(self) -> None:
        """Ask who is connected. It takes as long as AWS lets it take, and keeps nobody else from being looked at."""
        async with self._asking, self._told_meanwhile(beside=self._turn):
            await self._looking.ask_all(self._in_asking_time)

    def _in_asking_time(self) -> AbstractContextManager[None]:
        return Deadline(self._seconds).in_force() if self._unhurried else self.in_time()

    @asynccontextmanager
    async def _told_meanwhile(self, *, beside: asyncio.Lock) -> AsyncIterator[None]:
        teller = asyncio.create_task(self._tell_now_and_then())
        try:
            yield
        finally:
            teller.cancel()
            self._tell()
        if not self._connections.line and not beside.locked():
            self._emit(ScopeSettled(self.scope.name))

    async def _tell_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(TELLING_PAUSE)
            self._tell()

    def _tell(self) -> None:
        listed, to_ask = len(self.nodes), len(self._connections.line)
        self._telling.tell(self.aws, listed=listed, listing=self._list.under_way, to_ask=to_ask)
