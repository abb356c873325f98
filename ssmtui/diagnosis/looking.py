"""Looking at nodes: each is put to its class and told what that was judged, or judged alone; then it is asked about."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager

from ssmtui.checks.check import Check
from ssmtui.diagnosis.classes import Classes, NodeClass
from ssmtui.diagnosis.closer_look import closer_look
from ssmtui.diagnosis.connections import Connections
from ssmtui.diagnosis.consoles import Consoles
from ssmtui.diagnosis.events import ConnectionRead, Event, LookedCloser
from ssmtui.diagnosis.judging import Judgement, Judging
from ssmtui.diagnosis.outcomes import outcome_of
from ssmtui.diagnosis.path_look import PathLook
from ssmtui.diagnosis.taking_turns import Breathing
from ssmtui.diagnosis.telling import Telling
from ssmtui.diagnosis.verdicts import presence_of
from ssmtui.diagnosis.waiting_line import WaitingLine
from ssmtui.evidence.gathering.on_demand import Gathering
from ssmtui.evidence.wire.deadline import deadline_in_force
from ssmtui.evidence.wire.limits import AT_ONCE_OF
from ssmtui.model.answers import Unreadable
from ssmtui.model.node import ConnectionStatus, Node, NodeKey
from ssmtui.model.path import Link
from ssmtui.model.standing import Observation

PATHS_AT_ONCE = 40
"""Nodes that are looked at side by side; AWS's own limits are kept below, an API at a time."""

ASKED_AT_ONCE = AT_ONCE_OF["ssm", "GetConnectionStatus"]
"""Nodes that are asked about side by side."""

FEW = 50
"""Nodes of one class that are told how far its judgement has come; more are told when it is judged."""


class Looking:
    """The looks at one scope's nodes. Lives on the evidence thread's loop.

    `nodes` are the scope's, kept by who lists them. `held_up` is the seconds after which a look that waits for AWS
    makes room for the next.
    """

    def __init__(
        self,
        nodes: Mapping[NodeKey, Node],
        gathering: Gathering,
        judging: Judging,
        checks: Sequence[Check],
        connections: Connections,
        telling: Telling,
        emit: Callable[[Event], None],
        held_up: float,
    ) -> None:
        self.waiting = WaitingLine()
        self._nodes = nodes
        self._gathering = gathering
        self._judging = judging
        self._checks = tuple(checks)
        self._by_link = {link: [each for each in self._checks if each.link is link] for link in Link}
        self._connections = connections
        self._telling = telling
        self._emit = emit
        self._held_up = held_up
        self._classes = Classes(gathering, judging, self._by_link, held_up)
        self._consoles = Consoles(connections.whom, connections.origin)
        self._looks: dict[NodeKey, int] = {}
        self._unasked: dict[NodeKey, tuple[NodeClass, Sequence[Judgement]]] = {}
        self._connections_told: dict[NodeKey, ConnectionStatus | Unreadable] = {}
        self._under_way = False

    def forget(self) -> None:
        """Facts may be others from now on: what was judged by them is judged again when it is looked at."""
        self._classes.forget()
        self._consoles.forget()
        self._unasked.clear()

    def drop(self, key: NodeKey) -> None:
        """Forget a node."""
        self._connections.drop(self._nodes[key])
        self._consoles.drop(key)
        for held in (self._looks, self._unasked, self._connections_told):
            held.pop(key, None)

    def add(self, nodes: Collection[Node]) -> None:
        """Have nodes that were listed looked at, and asked about where that does not hang on what is judged."""
        self.waiting.add(node.key for node in nodes)
        for node in nodes:
            self._connections.listed(node)

    async def look_at_waiting(self) -> None:
        """Look at every node in line, until the line is closed and empty."""
        self._connections.begin()
        self._consoles.begin()
        self._under_way = True
        try:
            await self._side_by_side()
            while self.waiting:  # of a node that was looked at last, an answer came
                await self._side_by_side()
        finally:
            self._under_way = False

    async def ask_all(self, in_time: Callable[[], AbstractContextManager[None]]) -> None:
        """Ask about the connection of every node in line for that, and judge each by the answer; then read consoles.

        What is asked for one node is asked `in_time`.
        """
        async with asyncio.TaskGroup() as group:
            for _ in range(ASKED_AT_ONCE):
                group.create_task(self._ask_one_after_another(in_time))

    async def _side_by_side(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(PATHS_AT_ONCE):
                group.create_task(self._one_after_another(group))

    async def _one_after_another(self, group: asyncio.TaskGroup) -> None:
        breathing = Breathing()
        while (key := await self.waiting.next()) is not None:
            node = self._nodes.get(key)
            if node is not None and not await self._is_told_at_once(node):
                await asyncio.wait({group.create_task(self._look(node))}, timeout=self._held_up)
            await breathing.breathe()

    async def _is_told_at_once(self, node: Node) -> bool:
        """Whether nothing has to be read for a node: its class is judged, or is being judged by another."""
        if self._gathering.is_singled_out(node.key) or self._connections.asks_first(node):
            return False
        of = self._classes.of(node, self._connections.known(node))
        if not of.begun or (of.done and of.reads_own):
            return False
        of.waiting[node.key] = self._number(node.key)
        if of.done:
            await self._tell_waiting(of)
        return True

    async def _look(self, node: Node) -> None:
        if self._gathering.is_singled_out(node.key):
            await self._look_alone(node)
        elif self._connections.asks_first(node):
            self._connections.one_asked_first()
            await self._hear_of(node)
            await self._look_with_its_like(self._nodes.get(node.key, node))
        else:
            await self._look_with_its_like(node)

    async def _look_with_its_like(self, node: Node) -> None:
        of = self._classes.of(node, self._connections.known(node))
        of.waiting[node.key] = self._number(node.key)
        if not of.begun:
            of.begun = True
            await of.look.take(seen=lambda _: None, judged=lambda: self._tell_so_far(of))
            of.done = True
        if of.done:
            await self._tell_waiting(of)

    async def _look_alone(self, node: Node) -> None:
        number = self._number(node.key)
        journey = self._gathering.journey(node)
        look = PathLook(journey, self._judging, self._by_link, self._held_up)
        closely = self._gathering.singled_out.pointed_at(node.key)
        if closely:
            self._emit(LookedCloser(node.key, None))

        def record() -> None:
            if self._is_newest(node.key, number):
                presence = presence_of(node, look.observation)
                region = self._gathering.scope.region
                outcome = outcome_of(presence, region, self._checks, look.judgements, look.by_probe)
                self._telling.record(node.key, outcome)

        def seen(observation: Observation | None) -> None:
            self._tell_connection(node.key, observation)

        await look.take(seen=seen, judged=record)
        if closely and self._is_newest(node.key, number):
            self._emit(LookedCloser(node.key, await closer_look(journey)))

    async def _ask_one_after_another(self, in_time: Callable[[], AbstractContextManager[None]]) -> None:
        while (key := await self._connections.line.take()) is not None:
            with in_time():
                if _is_late():
                    await self._leave_unasked([key, *self._connections.give_up()])
                    self._consoles.give_up()
                elif (node := self._nodes.get(key)) is not None:
                    await self._ask(node)
        while (key := self._consoles.next()) is not None:
            if (node := self._nodes.get(key)) is not None:
                with in_time():
                    await self._look(node)

    async def _ask(self, node: Node) -> None:
        if not await self._hear_of(node):
            return
        if self._under_way:
            # Who looks at nodes anyway does at this one: it waits still, or does again.
            self.waiting.add([node.key])
        elif self._gathering.is_singled_out(node.key):
            await self._look_alone(node)
        else:
            await self._look_with_its_like(node)

    async def _hear_of(self, node: Node) -> bool:
        """Ask whether a node is connected; whether the node is to be looked at by that."""
        observation = (await self._gathering.journey(node).fact(Observation)).value
        if self._nodes.get(node.key) is not node:
            return False  # it was listed anew meanwhile, and is looked at again
        if _is_late() and node.key in self._unasked and self._connections.was_never_asked(node, observation):
            await self._leave_unasked([node.key, *self._connections.give_up()])
            return False
        self._unasked.pop(node.key, None)
        otherwise = self._connections.heard(node, observation)
        await self._leave_unasked(otherwise)
        return True

    async def _leave_unasked(self, keys: Iterable[NodeKey]) -> None:
        """Tell anew of nodes that are judged and not asked about."""
        breathing = Breathing()
        for key in keys:
            if key in self._unasked:
                self._tell(self._nodes[key], *self._unasked[key])
            elif (node := self._nodes.get(key)) is not None:
                self._connections.heard_of_its_like(node)
            await breathing.breathe()

    def _tell_so_far(self, of: NodeClass) -> None:
        if len(of.waiting) > FEW:
            return
        for key, number in of.waiting.items():
            if self._is_newest(key, number):
                presence = presence_of(self._nodes[key], self._known_observation(key))
                outcome = of.so_far(presence)
                if not outcome.complete:
                    self._telling.record(key, outcome)

    async def _tell_waiting(self, of: NodeClass) -> None:
        waiting = list(of.waiting.items())
        of.waiting.clear()
        if of.reads_own:
            async with asyncio.TaskGroup() as group:
                for key, number in waiting:
                    group.create_task(self._tell_one(of, key, number))
            return
        breathing = Breathing()
        for key, number in waiting:
            await self._tell_one(of, key, number)
            await breathing.breathe()

    async def _tell_one(self, of: NodeClass, key: NodeKey, number: int) -> None:
        node = self._nodes.get(key)
        if node is None:
            return
        own = await self._classes.own_judgements(of, node, self._consoles.known(key, of))
        if self._is_newest(key, number):
            self._tell(node, of, own)

    def _tell(self, node: Node, of: NodeClass, own: Sequence[Judgement]) -> None:
        presence = self._connections.presence(node, lambda there: of.outcomes(there).of(own))
        found = self._connections.observed(node)
        if found is None:
            self._unasked[node.key] = (of, own)
        self._tell_connection(node.key, found.value if found is not None else None)
        self._telling.record(node.key, of.outcomes(presence).of(own))

    def _known_observation(self, key: NodeKey) -> object:
        found = self._connections.known(self._nodes[key]).get(Observation)
        return found.value if found is not None else None

    def _tell_connection(self, key: NodeKey, observation: object) -> None:
        connection = observation.connection if isinstance(observation, Observation) else None
        if self._connections_told.get(key) == connection:
            return
        if connection is None:
            del self._connections_told[key]
        else:
            self._connections_told[key] = connection
        self._emit(ConnectionRead(key, connection))

    def _number(self, key: NodeKey) -> int:
        """The number of a look that begins: what was begun later knows more, or newer."""
        self._looks[key] = self._looks.get(key, 0) + 1
        return self._looks[key]

    def _is_newest(self, key: NodeKey, number: int) -> bool:
        return self._looks.get(key) == number


def _is_late() -> bool:
    deadline = deadline_in_force()
    return deadline is not None and deadline.passed
