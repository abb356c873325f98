"""Diagnose the nodes of one scope: queue, check and observe them, and publish their results."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager

from ssmtui.checks.registry import Check
from ssmtui.diagnosis.check_runner import CheckResult, CheckRunner
from ssmtui.diagnosis.connections import NodeConnections
from ssmtui.diagnosis.deep_inspection import inspect_deeply
from ssmtui.diagnosis.events import (
    ConnectionRead,
    Event,
    NodeInspected,
)
from ssmtui.diagnosis.finding_publisher import FindingPublisher
from ssmtui.diagnosis.node_classes import NodeClass, NodeClasses, PathCheck
from ssmtui.diagnosis.node_consoles import NodeConsoles
from ssmtui.diagnosis.node_queues import NodeQueue
from ssmtui.diagnosis.scheduling import CooperativeYield
from ssmtui.diagnosis.verdicts import Outcome, Presence, outcome_of, presence_of
from ssmtui.evidence.aws.limits import MAX_CONCURRENT_BY_OPERATION, current_deadline
from ssmtui.evidence.facts.fact_store import FactStore
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import Link
from ssmtui.model.node import ConnectionStatus, Node, NodeKey
from ssmtui.model.node_facts import Observation

MAX_CONCURRENT_PATHS = 40
"""Number of nodes that are checked at the same time; the AWS clients limit the calls of each API."""

MAX_CONCURRENT_CONNECTIONS = MAX_CONCURRENT_BY_OPERATION["ssm", "GetConnectionStatus"]
"""Number of nodes whose connections are read at the same time."""

FEW = 500
"""Maximum number of listed nodes for intermediate results: the nodes of larger fleets get only the final results."""


class NodeDiagnosis:
    """The diagnosis of the nodes of one scope. Runs on the event loop of the evidence thread.

    `nodes` belong to the node list, which updates them. `held_up` is the number of seconds until the next node starts
    while a node still waits for AWS.
    """

    def __init__(
        self,
        nodes: Mapping[NodeKey, Node],
        store: FactStore,
        check_runner: CheckRunner,
        checks: Sequence[Check],
        connections: NodeConnections,
        publisher: FindingPublisher,
        emit: Callable[[Event], None],
        held_up: float,
    ) -> None:
        self.waiting = NodeQueue()
        self._nodes = nodes
        self._store = store
        self._check_runner = check_runner
        self._checks = tuple(checks)
        self._by_link = {link: [each for each in self._checks if each.link is link] for link in Link}
        self._connections = connections
        self._publisher = publisher
        self._emit = emit
        self._held_up = held_up
        self._classes = NodeClasses(store, check_runner, self._by_link, held_up)
        self._consoles = NodeConsoles(connections.whom, connections.evidence_source)
        self._looks: dict[NodeKey, int] = {}
        self._unasked: dict[NodeKey, tuple[NodeClass, Sequence[CheckResult]]] = {}
        self._connections_told: dict[NodeKey, ConnectionStatus | Unreadable] = {}
        self._under_way = False

    def forget(self) -> None:
        """Drop the results, because facts can have changed: nodes are checked again."""
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
        """Queue listed nodes for their checks; also queue their connections, unless those depend on the results."""
        self.waiting.add(node.key for node in nodes)
        for node in nodes:
            self._connections.listed(node)

    async def look_at_waiting(self) -> None:
        """Check every node in the queue, until the queue is closed and empty."""
        self._connections.begin()
        self._consoles.begin()
        self._under_way = True
        try:
            await self._side_by_side()
            while self.waiting:  # an answer about the last checked node came
                await self._side_by_side()
        finally:
            self._under_way = False

    async def ask_all(self, in_time: Callable[[], AbstractContextManager[None]]) -> None:
        """Read the connection of every queued node, and check the node with the answer; then read consoles.

        The requests for each node are limited by `in_time`.
        """
        async with asyncio.TaskGroup() as group:
            for _ in range(MAX_CONCURRENT_CONNECTIONS):
                group.create_task(self._ask_one_after_another(in_time))

    async def _side_by_side(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(MAX_CONCURRENT_PATHS):
                group.create_task(self._one_after_another(group))

    async def _one_after_another(self, group: asyncio.TaskGroup) -> None:
        breathing = CooperativeYield()
        while (key := await self.waiting.next()) is not None:
            node = self._nodes.get(key)
            if node is not None and not await self._is_told_at_once(node):
                await asyncio.wait({group.create_task(self._look(node))}, timeout=self._held_up)
            await breathing.breathe()

    async def _is_told_at_once(self, node: Node) -> bool:
        """Return whether nothing must be read for a node: its class is checked, or another node is doing this."""
        if self._store.is_singled_out(node.key) or self._connections.asks_first(node):
            return False
        of = self._classes.of(node, self._connections.known(node))
        if not of.begun or (of.done and of.reads_per_node):
            return False
        of.waiting[node.key] = self._number(node.key)
        if of.done:
            await self._tell_waiting(of)
        return True

    async def _look(self, node: Node) -> None:
        if self._store.is_singled_out(node.key):
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
        resolver = self._store.concurrent_resolver(node)
        look = PathCheck(resolver, self._check_runner, self._by_link, held_up=0)
        closely = self._store.individual_nodes.pointed_at(node.key)
        if closely:
            self._emit(NodeInspected(node.key, None))

        def record() -> None:
            if self._is_newest(node.key, number):
                presence = presence_of(node, look.observation)
                region = self._store.scope.region
                outcome = outcome_of(presence, region, self._checks, look.judgements, look.by_probe)
                self._publisher.record(node.key, outcome)

        def seen(observation: Observation | None) -> None:
            self._tell_connection(node.key, observation)

        async def inspect() -> None:
            results = await inspect_deeply(resolver)
            if self._is_newest(node.key, number):
                self._emit(NodeInspected(node.key, results))

        async with asyncio.TaskGroup() as group:
            group.create_task(look.take(seen=seen, judged=record, failed=record))
            if closely:
                group.create_task(inspect())

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
            # The pass over all nodes checks this node: it still waits, or waits again.
            self.waiting.add([node.key])
        elif self._store.is_singled_out(node.key):
            await self._look_alone(node)
        else:
            await self._look_with_its_like(node)

    async def _hear_of(self, node: Node) -> bool:
        """Read the connection of a node; return whether the node must be checked with it."""
        observation = (await self._store.resolver(node).fact(Observation)).value
        if self._nodes.get(node.key) is not node:
            return False  # it was listed again meanwhile, and is checked again
        if _is_late() and node.key in self._unasked and self._connections.was_never_asked(node, observation):
            await self._leave_unasked([node.key, *self._connections.give_up()])
            return False
        self._unasked.pop(node.key, None)
        otherwise = self._connections.heard(node, observation)
        await self._leave_unasked(otherwise)
        return True

    async def _leave_unasked(self, keys: Iterable[NodeKey]) -> None:
        """Publish the results of checked nodes again whose connection is not read."""
        breathing = CooperativeYield()
        for key in keys:
            if key in self._unasked:
                self._tell(self._nodes[key], *self._unasked[key])
            elif (node := self._nodes.get(key)) is not None:
                self._connections.heard_of_its_like(node)
            await breathing.breathe()

    def _tell_so_far(self, of: NodeClass) -> None:
        if len(self._nodes) > FEW:
            return
        outcomes: dict[Presence, Outcome] = {}
        for key, number in of.waiting.items():
            if self._is_newest(key, number):
                presence = presence_of(self._nodes[key], self._known_observation(key))
                outcome = outcomes.get(presence)
                if outcome is None:
                    outcome = outcomes[presence] = of.so_far(presence)
                if not outcome.complete:
                    self._publisher.record(key, outcome)

    async def _tell_waiting(self, of: NodeClass) -> None:
        waiting = list(of.waiting.items())
        of.waiting.clear()
        if of.reads_per_node:
            async with asyncio.TaskGroup() as group:
                for key, number in waiting:
                    group.create_task(self._tell_one(of, key, number))
            return
        breathing = CooperativeYield()
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

    def _tell(self, node: Node, of: NodeClass, own: Sequence[CheckResult]) -> None:
        presence = self._connections.presence(node, lambda there: of.outcomes(there).of(own))
        found = self._connections.observed(node)
        if found is None:
            self._unasked[node.key] = (of, own)
        self._tell_connection(node.key, found.value if found is not None else None)
        self._publisher.record(node.key, of.outcomes(presence).of(own))

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
        """Return the number of a new pass: a later pass has newer or better information."""
        self._looks[key] = self._looks.get(key, 0) + 1
        return self._looks[key]

    def _is_newest(self, key: NodeKey, number: int) -> bool:
        return self._looks.get(key) == number


def _is_late() -> bool:
    deadline = current_deadline()
    return deadline is not None and deadline.passed
