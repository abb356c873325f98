"""The diagnosis of one scope: its nodes listed, their paths checked, what changes told as events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime

from ssmtui.checks.check import Check
from ssmtui.diagnosis.closer_look import closer_look
from ssmtui.diagnosis.events import (
    ConnectionRead,
    DefectMet,
    Event,
    LookedCloser,
    NodeGone,
    NodeListed,
    NodesSought,
    ScopeFailed,
    ScopeOpened,
    ScopeSettled,
)
from ssmtui.diagnosis.foretelling import Foretelling
from ssmtui.diagnosis.judging import Judging
from ssmtui.diagnosis.known_probes import KnownProbes
from ssmtui.diagnosis.path_look import PathLook
from ssmtui.diagnosis.telling import Telling
from ssmtui.diagnosis.waiting_line import WaitingLine
from ssmtui.evidence.gathering.journey import Journey
from ssmtui.evidence.gathering.machine import Machine
from ssmtui.evidence.gathering.on_demand import Gathering
from ssmtui.evidence.readers.nodes.listing import listed_nodes
from ssmtui.evidence.wire.deadline import Deadline, deadline_in_force
from ssmtui.evidence.wire.scope_clients import ScopeClients
from ssmtui.model.change_delay import ChangeDelay
from ssmtui.model.fleet import FleetFinding
from ssmtui.model.moment import Now
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.path import Link
from ssmtui.model.plan import Call, FactChange, Forecast
from ssmtui.model.probe import ProbeOutcome
from ssmtui.model.scope import TIME_GIVEN, Scope, ScopeError
from ssmtui.model.standing import Observation

PATHS_AT_ONCE = 40
"""Nodes whose paths are checked at the same time; AWS's own limits are kept below, an API at a time."""

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
        aws: ScopeClients,
        emit: Callable[[Event], None],
        checks: Sequence[Check],
        *,
        sought: Sequence[str] = (),
        skipped: frozenset[str] = frozenset(),
        clock: Callable[[], datetime] = utc_now,
        machine: Machine | None = None,
        seconds: float = TIME_GIVEN,
    ) -> None:
        self.scope = scope
        self.nodes: dict[NodeKey, Node] = {}
        self.aws = aws
        self._emit = emit
        self._checks = tuple(checks)
        self._by_link = {link: [each for each in self._checks if each.link is link] for link in Link}
        self._sought = tuple(sought)
        self._clock = clock
        self._seconds = seconds
        self._held_up = min(HELD_UP, seconds / 50)
        self._gathering = Gathering(aws, scope, Now(clock()), machine, lambda words: emit(DefectMet(scope.name, words)))
        self._probes = KnownProbes(self._gathering, emit)
        self._judging = Judging(skipped)
        self._telling = Telling(scope, self._checks, emit)
        self._foretelling = Foretelling(aws, self._gathering, self._judging, self._telling, self._checks)
        self._looks: dict[NodeKey, int] = {}
        self._waiting = WaitingLine()
        self._turn = asyncio.Lock()
        self._listing = False
        self._unlisted = False

    def in_time(self) -> AbstractContextManager[None]:
        """Whatever is done meanwhile ends in the scope's time: what is left of it, where it has begun already."""
        return nullcontext() if deadline_in_force() else Deadline(self._seconds).in_force()

    async def run(self) -> None:
        """List the nodes and check every one, until nothing is outstanding. What is not read in time is unknown."""
        if self._unlisted:
            self._emit(ScopeOpened(self.scope))
        # A node that registered or came back is to be found in what tells of all nodes, which is as old as their list.
        self._gathering.forget((Node,))
        self._listing = True
        self._waiting.open()
        with self.in_time():
            lister = asyncio.create_task(self._list())
            try:
                await self._check_waiting()
                await lister
            finally:
                lister.cancel()

    async def refresh(self) -> None:
        """List the nodes again and read everything anew."""
        self._gathering.forget(())
        self._probes.forget_all()
        self._gathering.look_at(Now(self._clock()))
        await self.run()

    async def recheck(self, stale: Collection[type]) -> None:
        """Read the facts of these kinds again (all, where none is named) and judge every path again.

        The nodes are listed again where they are among them, or what is observed of them: that begins with the ping,
        which the listing tells.
        """
        self._gathering.forget(stale)
        self._probes.forget_all()
        self._gathering.look_at(Now(self._clock()))
        self._telling.unsettle()
        if not stale or Node in stale or Observation in stale:
            await self.run()
            return
        self._waiting.add(self.nodes)
        with self.in_time():
            await self._check_waiting()

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
        self._gathering.expect(keys, delay)
        self._probes.forget(keys)

    def expect_no_more(self, change: str) -> None:
        """Know that a change was taken back: what is judged from now on does."""
        self._gathering.expect_no_more(change)

    async def probed(self, outcome: ProbeOutcome) -> None:
        """Know what a probe of a node met, and judge that node by it. One that was interrupted met nothing."""
        if outcome.node in self.nodes and self._probes.know(outcome):
            await self._check_first([outcome.node])

    def look_first(self, keys: Sequence[NodeKey]) -> None:
        """Check these nodes before those that still wait."""
        self._waiting.bring_forward(keys)

    async def look_closer(self, keys: Collection[NodeKey]) -> None:
        """Examine these nodes further than the others, from now on: what has been read of them is not read again."""
        new = [key for key in keys if key in self.nodes and not self._gathering.pointed_at(key)]
        for key in new:
            self._gathering.point_at(key)
        if new:
            await self._check_first(new)

    def finding(self, id_: str) -> FleetFinding | None:
        """One finding that holds now."""
        return self._telling.finding(id_)

    def journey(self, node: Node | None) -> Journey:
        """The facts on one node's path, or the Region's."""
        return self._gathering.journey(node)

    async def facts_read_for(self, node: Node) -> Journey:
        """The journey of a node with every fact looked up that its checks ask for, or a closer look at it."""
        journey = self._gathering.journey(node)
        with self.in_time():
            for check in self._checks:
                await journey.answers(check.needs)
            if self._gathering.pointed_at(node.key):
                await closer_look(journey)
        return journey

    async def forecast(self, changes: Sequence[FactChange], calls: Sequence[Call] = ()) -> Forecast:
        """What the checks say of the facts as they would be after a change; IAM is asked about roles in `calls`."""
        with self.in_time():
            return await self._foretelling.forecast(self.nodes, self._probes.nodes, changes, calls)

    async def _list(self) -> None:
        seen: set[NodeKey] = set()
        others: set[str] = set()
        complete = True
        try:
            async for found in listed_nodes(self._gathering.journey(None)):
                if isinstance(found, ScopeError):
                    complete = False
                    self._emit(ScopeFailed(found))
                    continue
                nodes = [node for node in found if not self._sought or node.is_called(self._sought)]
                others.update(name for node in found if node not in nodes for name in (node.id, node.name))
                seen.update(node.key for node in nodes)
                self._take_in(nodes)
            if not complete:
                # What could not be listed again is judged again all the same, by what was known of it.
                self._waiting.add(self.nodes.keys() - seen)
        finally:
            self._listing = False
            self._waiting.close()
        self._unlisted = not complete
        if complete:
            for gone in self.nodes.keys() - seen:
                self._drop(gone)
            self._tell_missing(others)

    def _tell_missing(self, others: Collection[str]) -> None:
        if self._sought:
            missing = [
                word for word in self._sought if not any(each.is_called((word,)) for each in self.nodes.values())
            ]
            self._emit(NodesSought(self.scope.name, tuple(missing), tuple(sorted(others))))

    def _take_in(self, nodes: Sequence[Node]) -> None:
        for node in nodes:
            self._probes.compare(self.nodes.get(node.key), node)
            self.nodes[node.key] = node
            if self._sought and node.is_called(self._sought):
                self._gathering.point_at(node.key)
            self._emit(NodeListed(self.scope, node))
        self._waiting.add(node.key for node in nodes)

    def _drop(self, key: NodeKey) -> None:
        del self.nodes[key]
        self._probes.forget([key])
        self._looks.pop(key, None)
        self._telling.drop(key)
        self._emit(NodeGone(key))

    async def _check_first(self, keys: Sequence[NodeKey]) -> None:
        self._waiting.add(keys)
        self._waiting.bring_forward(keys)
        with self.in_time():
            await self._check_waiting()

    async def _check_waiting(self) -> None:
        async with self._turn:
            teller = asyncio.create_task(self._tell_now_and_then())
            try:
                async with asyncio.TaskGroup() as group:
                    for _ in range(PATHS_AT_ONCE):
                        group.create_task(self._check_one_after_another(group))
            finally:
                teller.cancel()
                self._tell()
            self._emit(ScopeSettled(self.scope.name))

    async def _check_one_after_another(self, group: asyncio.TaskGroup) -> None:
        while (key := await self._waiting.next()) is not None:
            node = self.nodes.get(key)
            if node is not None:
                await asyncio.wait({group.create_task(self._check_path(node))}, timeout=self._held_up)

    async def _check_path(self, node: Node) -> None:
        journey = self._gathering.journey(node)
        look = PathLook(journey, self._judging, self._by_link, self._held_up)
        number = self._looks[node.key] = self._looks.get(node.key, 0) + 1
        closely = self._gathering.pointed_at(node.key)
        if closely:
            self._emit(LookedCloser(node.key, None))

        def record() -> None:
            # What was begun later knows more, or newer: an earlier look that ends after it has no say.
            if self._looks.get(node.key) == number:
                self._telling.record(node, look.observation, look.judgements, look.by_probe)

        def tell_connection(observation: Observation | None) -> None:
            self._emit(ConnectionRead(node.key, observation.connection if observation else None))

        await look.take(seen=tell_connection, judged=record)
        if closely and self._looks.get(node.key) == number:
            self._emit(LookedCloser(node.key, await closer_look(journey)))

    async def _tell_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(TELLING_PAUSE)
            self._tell()

    def _tell(self) -> None:
        self._telling.tell(self.aws, listed=len(self.nodes), listing=self._listing)
