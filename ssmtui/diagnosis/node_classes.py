"""Classes of nodes with the same traits: the checks run once for all nodes of a class."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from ssmtui.checks.registry import Check
from ssmtui.diagnosis.check_runner import CheckFindings, CheckPerNode, CheckResult, CheckRunner
from ssmtui.diagnosis.probes import ProbeFindings, probe_findings
from ssmtui.diagnosis.scheduling import run_in_turn
from ssmtui.diagnosis.verdicts import ClassOutcomes, Outcome, Presence, outcome_of
from ssmtui.evidence.facts.fact_resolver import (
    NO_KNOWN_FACTS,
    FactResolver,
    ResolvedFact,
    SharedFactResolver,
)
from ssmtui.evidence.facts.fact_store import FactStore
from ssmtui.model.fact import OfNode
from ssmtui.model.finding import Link, Status
from ssmtui.model.network import AddressBlock
from ssmtui.model.node import Node, NodeKey, traits_key, traits_of
from ssmtui.model.node_facts import Observation


async def observation_of(resolver: FactResolver) -> Observation | None:
    """Return the observation of the node of a path, or None."""
    value = (await resolver.fact(Observation)).value
    return value if isinstance(value, Observation) else None


class PathCheck:
    """The results of one pass over a path: the observation of the node, and the check results by name.

    At the end, it also has the findings of the node's probes. `per_node` are, on the path of a class, the checks whose
    results can differ between nodes. `max_wait` is the number of seconds until the next check of a link starts while a
    check still waits for AWS.
    """

    def __init__(
        self, resolver: FactResolver, check_runner: CheckRunner, checks: Mapping[Link, Sequence[Check]], max_wait: float
    ) -> None:
        self.observation: Observation | None = None
        self.judgements: dict[str, CheckResult] = {}
        self.by_probe: ProbeFindings | None = None
        self.per_node: list[CheckPerNode] = []
        self._resolver = resolver
        self._check_runner = check_runner
        self._checks = checks
        self._max_wait = max_wait

    async def run(
        self,
        *,
        observed: Callable[[Observation | None], None],
        judged: Callable[[], None],
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        """Run the checks.

        `observed` is called with the observation, `judged` after each link and at the end, and `failed` as soon as
        a check has found a failure that no other check can explain.
        """
        async with asyncio.TaskGroup() as group:
            group.create_task(self._observe(observed))
            for link in Link:
                group.create_task(self._check(link, judged, failed))
        self.by_probe = await probe_findings(self._resolver, [each for link in Link for each in self._checks[link]])
        judged()

    async def _observe(self, observed: Callable[[Observation | None], None]) -> None:
        self.observation = await observation_of(self._resolver)
        observed(self.observation)

    async def _check(self, link: Link, judged: Callable[[], None], failed: Callable[[], None]) -> None:
        await run_in_turn((partial(self._judge, check, failed) for check in self._checks[link]), self._max_wait)
        if len(self.judgements) + len(self.per_node) < sum(map(len, self._checks.values())):
            judged()  # the last link waits for the probes: no verdict before that

    async def _judge(self, check: Check, failed: Callable[[], None]) -> None:
        result = await self._check_runner.judge_class(check, self._resolver)
        if isinstance(result, CheckPerNode):
            self.per_node.append(result)
            return
        self.judgements[check.name] = result
        findings = result.findings if isinstance(result, CheckFindings) and not check.last_resort else ()
        if any(finding.status is Status.FAIL for finding in findings):
            failed()


@dataclass(frozen=True, slots=True)
class ClassPart:
    """Nodes of a class that also share the known facts about them, and their block of addresses.

    `results` are those of the checks that run for each node of the class, in order; `shared` are the facts that are the
    same for all nodes of the part.
    """

    results: Sequence[CheckResult | CheckPerNode]
    shared: Mapping[type, ResolvedFact]


class NodeClass:
    """Nodes that are checked together. `waiting` are the nodes that must still get the results.

    The value of a waiting node is the number of its pass.
    """

    def __init__(
        self, resolver: SharedFactResolver, path_check: PathCheck, region: str, checks: Sequence[Check]
    ) -> None:
        self.path_check = path_check
        self.is_begun = False
        self.is_checked = False
        self.waiting: dict[NodeKey, int] = {}
        self.parts: dict[Hashable, ClassPart] = {}
        self._resolver = resolver
        self._region = region
        self._checks = checks
        self._shared: Mapping[type, ResolvedFact] | None = None
        self._outcomes: dict[Presence, ClassOutcomes] = {}
        self._results: dict[tuple[CheckResult, ...], tuple[CheckResult, ...]] = {}

    @cached_property
    def reads_per_node(self) -> bool:
        """Whether a fact is read from AWS for each node. Use this only after the class was checked."""
        return self._resolver.reads_per_node

    def is_per_node(self, kind: type) -> bool:
        """Return whether each node has its own fact of this kind. Call this only after the class was checked."""
        return self._resolver.is_per_node(kind)

    @property
    def shared(self) -> Mapping[type, ResolvedFact]:
        """Return the facts that are the same for all nodes. Call this only after the class was checked."""
        if self._shared is None:
            self._shared = self._resolver.shared
        return self._shared

    @cached_property
    def has_parts(self) -> bool:
        """Whether a check needs other facts of each node than the node itself; the class must have been checked."""
        return any(each.judge is None for each in self.per_node)

    @cached_property
    def address_block(self) -> OfNode[object] | None:
        """The function that derives the address block of each node, if they have different blocks.

        The class must have been checked.
        """
        return self._resolver.of_node(AddressBlock)

    @property
    def per_node(self) -> Sequence[CheckPerNode]:
        """Return the checks that run for each node. Call this only after the class was checked."""
        return self.path_check.per_node

    def partial_outcome(self, presence: Presence) -> Outcome:
        """Return the results so far of all nodes; complete only if no check runs for each node."""
        return outcome_of(presence, self._region, self._checks, self.path_check.judgements)

    def shared_results(self, results: tuple[CheckResult, ...]) -> tuple[CheckResult, ...]:
        """Return the same results, once for all nodes that have them: they are kept for each node."""
        return self._results.setdefault(results, results)

    def outcome(self, presence: Presence, own_results: Sequence[CheckResult]) -> Outcome:
        """Return the outcome of a node from its presence and the results of its own checks, in order.

        Call this only after the class was checked.
        """
        outcomes = self._outcomes.get(presence)
        if outcomes is None:
            outcomes = self._outcomes[presence] = ClassOutcomes(
                presence, self._region, self._checks, self.path_check.judgements, [each.check for each in self.per_node]
            )
        return outcomes.with_own_results(own_results)


class NodeClasses:
    """The classes of a scope's nodes, valid until facts change."""

    def __init__(
        self, store: FactStore, check_runner: CheckRunner, by_link: Mapping[Link, Sequence[Check]], max_wait: float
    ) -> None:
        self._store = store
        self._check_runner = check_runner
        self._by_link = by_link
        self._checks = tuple(check for link in Link for check in by_link[link])
        self._max_wait = max_wait
        self._classes: dict[Hashable, NodeClass] = {}

    def forget(self) -> None:
        """Drop all classes, because facts can have changed."""
        self._classes.clear()
        self._check_runner.begin_anew()

    def class_of(self, node: Node, known: Mapping[type, ResolvedFact]) -> NodeClass:
        """Return the class of a node with these known facts."""
        observed = known.get(Observation)
        presented = (traits_key(node), observed.value if observed is not None else None)
        node_class = self._classes.get(presented)
        if node_class is None:
            resolver = self._store.shared_resolver(node, traits_of(node), known)
            path_check = PathCheck(resolver, self._check_runner, self._by_link, self._max_wait)
            node_class = self._classes[presented] = NodeClass(
                resolver, path_check, self._store.scope.region, self._checks
            )
        return node_class

    async def own_results(
        self, node_class: NodeClass, node: Node, known: Mapping[type, ResolvedFact] = NO_KNOWN_FACTS
    ) -> Sequence[CheckResult]:
        """Return the results of the checks that run for each node, in order.

        `known` are known facts of the node.
        """
        part = await self._part_of(node_class, node, known)
        resolver: FactResolver | None = None
        results: list[CheckResult] = []
        for each, per_node in zip(part.results, node_class.per_node, strict=True):
            if not isinstance(each, CheckPerNode):
                results.append(each)
            elif each.judge is not None:
                results.append(each.judge(node))
            else:
                resolver = resolver or self._store.resolver(node, part.shared)
                results.append(await self._check_runner.judge(per_node.check, resolver))
        return node_class.shared_results(tuple(results))

    async def _part_of(self, node_class: NodeClass, node: Node, known: Mapping[type, ResolvedFact]) -> ClassPart:
        block = (
            node_class.address_block.answer(node)
            if node_class.has_parts and node_class.address_block is not None
            else None
        )
        key = (block, *known.items()) if node_class.has_parts else ()
        part = node_class.parts.get(key)
        if part is None:
            shared = {**node_class.shared, **known}
            if block is not None:
                shared[AddressBlock] = self._store.derived_of_node(AddressBlock, block)
            resolver = self._store.shared_resolver(node, traits_of(node), shared)
            results = [
                await self._check_runner.judge_class(each.check, resolver) if each.judge is None else each
                for each in node_class.per_node
            ]
            part = node_class.parts[key] = ClassPart(
                results, resolver.shared if _needs_resolver(results) else NO_KNOWN_FACTS
            )
        return part


def _needs_resolver(results: Sequence[CheckResult | CheckPerNode]) -> bool:
    return any(isinstance(each, CheckPerNode) and each.judge is None for each in results)
