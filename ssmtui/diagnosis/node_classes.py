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

    At the end, it also has the findings of the node's probes. `own` are, on the path of a class, the checks whose
    results can differ between nodes. `held_up` is the number of seconds until the next check of a link starts while a
    check still waits for AWS.
    """

    def __init__(
        self, resolver: FactResolver, check_runner: CheckRunner, checks: Mapping[Link, Sequence[Check]], held_up: float
    ) -> None:
        self.observation: Observation | None = None
        self.judgements: dict[str, CheckResult] = {}
        self.by_probe: ProbeFindings | None = None
        self.own: list[CheckPerNode] = []
        self._resolver = resolver
        self._check_runner = check_runner
        self._checks = checks
        self._held_up = held_up

    async def take(
        self,
        *,
        seen: Callable[[Observation | None], None],
        judged: Callable[[], None],
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        """Run the checks.

        `seen` is called with the observation, `judged` after each link and at the end, and `failed` as soon as a check
        has found a failure that no other check can explain.
        """
        async with asyncio.TaskGroup() as group:
            group.create_task(self._observe(seen))
            for link in Link:
                group.create_task(self._check(link, judged, failed))
        self.by_probe = await probe_findings(self._resolver, [each for link in Link for each in self._checks[link]])
        judged()

    async def _observe(self, seen: Callable[[Observation | None], None]) -> None:
        self.observation = await observation_of(self._resolver)
        seen(self.observation)

    async def _check(self, link: Link, judged: Callable[[], None], failed: Callable[[], None]) -> None:
        await run_in_turn((partial(self._judge, check, failed) for check in self._checks[link]), self._held_up)
        if len(self.judgements) + len(self.own) < sum(map(len, self._checks.values())):
            judged()  # the last link waits for the probes: no verdict before that

    async def _judge(self, check: Check, failed: Callable[[], None]) -> None:
        result = await self._check_runner.judge_class(check, self._resolver)
        if isinstance(result, CheckPerNode):
            self.own.append(result)
            return
        self.judgements[check.name] = result
        found = result.findings if isinstance(result, CheckFindings) and not check.last_resort else ()
        if any(finding.status is Status.FAIL for finding in found):
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

    def __init__(self, resolver: SharedFactResolver, look: PathCheck, region: str, checks: Sequence[Check]) -> None:
        self.look = look
        self.begun = False
        self.done = False
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
        return any(each.judge is None for each in self.own)

    @cached_property
    def address_block(self) -> OfNode[object] | None:
        """The function that derives the address block of each node, if they have different blocks.

        The class must have been checked.
        """
        return self._resolver.of_node(AddressBlock)

    @property
    def own(self) -> Sequence[CheckPerNode]:
        """Return the checks that run for each node. Call this only after the class was checked."""
        return self.look.own

    def so_far(self, presence: Presence) -> Outcome:
        """Return the results so far of all nodes; complete only if no check runs for each node."""
        return outcome_of(presence, self._region, self._checks, self.look.judgements)

    def shared_results(self, results: tuple[CheckResult, ...]) -> tuple[CheckResult, ...]:
        """Return the same results, once for all nodes that have them: they are kept for each node."""
        return self._results.setdefault(results, results)

    def outcomes(self, presence: Presence) -> ClassOutcomes:
        """Return the outcomes of the nodes with this presence. Call this only after the class was checked."""
        outcomes = self._outcomes.get(presence)
        if outcomes is None:
            outcomes = self._outcomes[presence] = ClassOutcomes(
                presence, self._region, self._checks, self.look.judgements, [each.check for each in self.look.own]
            )
        return outcomes


class NodeClasses:
    """The classes of a scope's nodes, valid until facts change."""

    def __init__(
        self, store: FactStore, check_runner: CheckRunner, by_link: Mapping[Link, Sequence[Check]], held_up: float
    ) -> None:
        self._store = store
        self._check_runner = check_runner
        self._by_link = by_link
        self._checks = tuple(check for link in Link for check in by_link[link])
        self._held_up = held_up
        self._classes: dict[Hashable, NodeClass] = {}

    def forget(self) -> None:
        """Drop all classes, because facts can have changed."""
        self._classes.clear()
        self._check_runner.begin_anew()

    def of(self, node: Node, known: Mapping[type, ResolvedFact]) -> NodeClass:
        """Return the class of a node with these known facts."""
        observed = known.get(Observation)
        presented = (traits_key(node), observed.value if observed is not None else None)
        found = self._classes.get(presented)
        if found is None:
            resolver = self._store.shared_resolver(node, traits_of(node), known)
            look = PathCheck(resolver, self._check_runner, self._by_link, self._held_up)
            found = self._classes[presented] = NodeClass(resolver, look, self._store.scope.region, self._checks)
        return found

    async def own_judgements(
        self, of: NodeClass, node: Node, known: Mapping[type, ResolvedFact] = NO_KNOWN_FACTS
    ) -> Sequence[CheckResult]:
        """Return the results of the checks that run for each node, in order.

        `known` are known facts of the node.
        """
        part = await self._part_of(of, node, known)
        resolver: FactResolver | None = None
        results: list[CheckResult] = []
        for each, own in zip(part.results, of.own, strict=True):
            if not isinstance(each, CheckPerNode):
                results.append(each)
            elif each.judge is not None:
                results.append(each.judge(node))
            else:
                resolver = resolver or self._store.resolver(node, part.shared)
                results.append(await self._check_runner.judge(own.check, resolver))
        return of.shared_results(tuple(results))

    async def _part_of(self, of: NodeClass, node: Node, known: Mapping[type, ResolvedFact]) -> ClassPart:
        block = of.address_block.answer(node) if of.has_parts and of.address_block is not None else None
        key = (block, *known.items()) if of.has_parts else ()
        part = of.parts.get(key)
        if part is None:
            shared = {**of.shared, **known}
            if block is not None:
                shared[AddressBlock] = self._store.derived_of_node(AddressBlock, block)
            resolver = self._store.shared_resolver(node, traits_of(node), shared)
            results = [
                await self._check_runner.judge_class(each.check, resolver) if each.judge is None else each
                for each in of.own
            ]
            part = of.parts[key] = ClassPart(results, resolver.shared if _needs_resolver(results) else NO_KNOWN_FACTS)
        return part


def _needs_resolver(results: Sequence[CheckResult | CheckPerNode]) -> bool:
    return any(isinstance(each, CheckPerNode) and each.judge is None for each in results)
