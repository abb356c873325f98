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

MAX_NODES_WITH_PARTIAL_RESULTS = 500
"""Maximum number of listed nodes for partial results: the nodes of larger fleets get only the final results."""


class NodeDiagnosis:
    """The diagnosis of the nodes of one scope. Runs on the event loop of the evidence thread.

    Nodes are queued, then checked (alone, or once for all nodes of a class). AWS is asked for the connection of some of
    them: they are observed. Results are published as soon as they are known.

    `nodes` belong to the node list, which updates them. `max_wait` is the number of seconds until the next node starts
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
        max_wait: float,
    ) -> None:
        self.queue = NodeQueue()
        self._nodes = nodes
        self._store = store
        self._check_runner = check_runner
        self._checks = tuple(checks)
        self._by_link = {link: [each for each in self._checks if each.link is link] for link in Link}
        self._connections = connections
        self._publisher = publisher
        self._emit = emit
        self._max_wait = max_wait
        self._classes = NodeClasses(store, check_runner, self._by_link, max_wait)
        self._consoles = NodeConsoles(connections.option, connections.evidence_source)
        self._passes: dict[NodeKey, int] = {}
        self._unobserved: dict[NodeKey, tuple[NodeClass, Sequence[CheckResult]]] = {}
        self._published_connections: dict[NodeKey, ConnectionStatus | Unreadable] = {}
        self._is_checking_queue = False

    def forget(self) -> None:
        """Drop the results, because facts can have changed: nodes are checked again."""
        self._classes.forget()
        self._consoles.forget()
        self._unobserved.clear()

    def drop(self, key: NodeKey) -> None:
        """Forget a node."""
        self._connections.drop(self._nodes[key])
        self._consoles.drop(key)
        for by_node in (self._passes, self._unobserved, self._published_connections):
            by_node.pop(key, None)

    def queue_nodes(self, nodes: Collection[Node]) -> None:
        """Queue listed nodes for their checks; also queue their connections, unless those depend on the results."""
        self.queue.add(node.key for node in nodes)
        for node in nodes:
            self._connections.queue_listed(node)

    async def check_queued(self) -> None:
        """Check every node in the queue, until the queue is closed and empty."""
        self._connections.begin()
        self._consoles.begin()
        self._is_checking_queue = True
        try:
            await self._check_concurrently()
            while self.queue:  # an answer about the last checked node came
                await self._check_concurrently()
        finally:
            self._is_checking_queue = False

    async def observe_queued(self, in_time: Callable[[], AbstractContextManager[None]]) -> None:
        """Read the connection of every queued node, and check the node with the answer; then read consoles.

        The requests for each node are limited by `in_time`.
        """
        async with asyncio.TaskGroup() as group:
            for _ in range(MAX_CONCURRENT_CONNECTIONS):
                group.create_task(self._observe_next_nodes(in_time))

    async def _check_concurrently(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(MAX_CONCURRENT_PATHS):
                group.create_task(self._check_next_nodes(group))

    async def _check_next_nodes(self, group: asyncio.TaskGroup) -> None:
        breathing = CooperativeYield()
        while (key := await self.queue.next()) is not None:
            node = self._nodes.get(key)
            if node is not None and not await self._joins_begun_class(node):
                await asyncio.wait({group.create_task(self._check(node))}, timeout=self._max_wait)
            await breathing.breathe()

    async def _joins_begun_class(self, node: Node) -> bool:
        """Return whether nothing must be read for a node: its class is checked, or another node is doing this.

        The node then gets the results of its class.
        """
        if self._store.is_singled_out(node.key) or self._connections.is_observed_first(node):
            return False
        node_class = self._classes.class_of(node, self._connections.known(node))
        if not node_class.is_begun or (node_class.is_checked and node_class.reads_per_node):
            return False
        node_class.waiting[node.key] = self._begin_pass(node.key)
        if node_class.is_checked:
            await self._publish_class(node_class)
        return True

    async def _check(self, node: Node) -> None:
        if self._store.is_singled_out(node.key):
            await self._check_alone(node)
        elif self._connections.is_observed_first(node):
            self._connections.count_observed_first()
            await self._observe(node)
            await self._check_in_class(self._nodes.get(node.key, node))
        else:
            await self._check_in_class(node)

    async def _check_in_class(self, node: Node) -> None:
        node_class = self._classes.class_of(node, self._connections.known(node))
        node_class.waiting[node.key] = self._begin_pass(node.key)
        if not node_class.is_begun:
            node_class.is_begun = True
            await node_class.path_check.run(
                observed=lambda _: None, judged=lambda: self._publish_partial_results(node_class)
            )
            node_class.is_checked = True
        if node_class.is_checked:
            await self._publish_class(node_class)

    async def _check_alone(self, node: Node) -> None:
        number = self._begin_pass(node.key)
        resolver = self._store.concurrent_resolver(node)
        path_check = PathCheck(resolver, self._check_runner, self._by_link, max_wait=0)
        is_inspected = self._store.individual_nodes.pointed_at(node.key)
        if is_inspected:
            self._emit(NodeInspected(node.key, None))

        def record() -> None:
            if self._is_latest_pass(node.key, number):
                presence = presence_of(node, path_check.observation)
                region = self._store.scope.region
                outcome = outcome_of(presence, region, self._checks, path_check.judgements, path_check.by_probe)
                self._publisher.record(node.key, outcome)

        def publish_connection(observation: Observation | None) -> None:
            self._publish_connection(node.key, observation)

        async def inspect() -> None:
            results = await inspect_deeply(resolver)
            if self._is_latest_pass(node.key, number):
                self._emit(NodeInspected(node.key, results))

        async with asyncio.TaskGroup() as group:
            group.create_task(path_check.run(observed=publish_connection, judged=record, failed=record))
            if is_inspected:
                group.create_task(inspect())

    async def _observe_next_nodes(self, in_time: Callable[[], AbstractContextManager[None]]) -> None:
        while (key := await self._connections.queue.take()) is not None:
            with in_time():
                if _is_late():
                    await self._publish_unobserved([key, *self._connections.give_up()])
                    self._consoles.give_up()
                elif (node := self._nodes.get(key)) is not None:
                    await self._observe_and_check(node)
        while (key := self._consoles.next()) is not None:
            if (node := self._nodes.get(key)) is not None:
                with in_time():
                    await self._check(node)

    async def _observe_and_check(self, node: Node) -> None:
        if not await self._observe(node):
            return
        if self._is_checking_queue:
            # The pass over all nodes checks this node: it still waits, or waits again.
            self.queue.add([node.key])
        elif self._store.is_singled_out(node.key):
            await self._check_alone(node)
        else:
            await self._check_in_class(node)

    async def _observe(self, node: Node) -> bool:
        """Read the connection of a node; return whether the node must be checked with it."""
        observation = (await self._store.resolver(node).fact(Observation)).value
        if self._nodes.get(node.key) is not node:
            return False  # it was listed again meanwhile, and is checked again
        if _is_late() and node.key in self._unobserved and self._connections.was_missed(node, observation):
            await self._publish_unobserved([node.key, *self._connections.give_up()])
            return False
        self._unobserved.pop(node.key, None)
        await self._publish_unobserved(self._connections.record_answer(node, observation))
        return True

    async def _publish_unobserved(self, keys: Iterable[NodeKey]) -> None:
        """Publish the results of checked nodes again whose connection is not read."""
        breathing = CooperativeYield()
        for key in keys:
            if key in self._unobserved:
                self._publish(self._nodes[key], *self._unobserved[key])
            elif (node := self._nodes.get(key)) is not None:
                self._connections.queue_unchecked(node)
            await breathing.breathe()

    def _publish_partial_results(self, node_class: NodeClass) -> None:
        if len(self._nodes) > MAX_NODES_WITH_PARTIAL_RESULTS:
            return
        outcomes: dict[Presence, Outcome] = {}
        for key, number in node_class.waiting.items():
            if self._is_latest_pass(key, number):
                presence = presence_of(self._nodes[key], self._known_observation(key))
                outcome = outcomes.get(presence)
                if outcome is None:
                    outcome = outcomes[presence] = node_class.partial_outcome(presence)
                if not outcome.complete:
                    self._publisher.record(key, outcome)

    async def _publish_class(self, node_class: NodeClass) -> None:
        """Publish the results of all nodes that wait for their class."""
        waiting = list(node_class.waiting.items())
        node_class.waiting.clear()
        if node_class.reads_per_node:
            async with asyncio.TaskGroup() as group:
                for key, number in waiting:
                    group.create_task(self._publish_member(node_class, key, number))
            return
        breathing = CooperativeYield()
        for key, number in waiting:
            await self._publish_member(node_class, key, number)
            await breathing.breathe()

    async def _publish_member(self, node_class: NodeClass, key: NodeKey, number: int) -> None:
        """Run the checks that each node of a class needs for itself, and publish the results of one node."""
        node = self._nodes.get(key)
        if node is None:
            return
        own_results = await self._classes.own_results(node_class, node, self._consoles.marker(key, node_class))
        if self._is_latest_pass(key, number):
            self._publish(node, node_class, own_results)

    def _publish(self, node: Node, node_class: NodeClass, own_results: Sequence[CheckResult]) -> None:
        presence = self._connections.presence(node, lambda each: node_class.outcome(each, own_results))
        observation = self._connections.cached_observation(node)
        if observation is None:
            self._unobserved[node.key] = (node_class, own_results)
        self._publish_connection(node.key, observation.value if observation is not None else None)
        self._publisher.record(node.key, node_class.outcome(presence, own_results))

    def _known_observation(self, key: NodeKey) -> object:
        observation = self._connections.known(self._nodes[key]).get(Observation)
        return observation.value if observation is not None else None

    def _publish_connection(self, key: NodeKey, observation: object) -> None:
        connection = observation.connection if isinstance(observation, Observation) else None
        if self._published_connections.get(key) == connection:
            return
        if connection is None:
            del self._published_connections[key]
        else:
            self._published_connections[key] = connection
        self._emit(ConnectionRead(key, connection))

    def _begin_pass(self, key: NodeKey) -> int:
        """Return the number of a new pass: a later pass has newer or better information."""
        self._passes[key] = self._passes.get(key, 0) + 1
        return self._passes[key]

    def _is_latest_pass(self, key: NodeKey, number: int) -> bool:
        return self._passes.get(key) == number


def _is_late() -> bool:
    deadline = current_deadline()
    return deadline is not None and deadline.passed
