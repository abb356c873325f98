"""Classes of nodes with the same traits: the path of one node is checked for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial

from ssmtui.checks.registry import Check
from ssmtui.diagnosis.check_runner import CheckPerNode, CheckResult, CheckRunner
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
from ssmtui.model.finding import Link
from ssmtui.model.node import Node, NodeKey, traits_of
from ssmtui.model.node_facts import Observation


async def observation_of(resolver: FactResolver) -> Observation | None:
    """What is observed of the node of a path, None where that is not known."""
    value = (await resolver.fact(Observation)).value
    return value if isinstance(value, Observation) else None


class PathCheck:
    """What one look has found until now: the observation of the node, and what its checks said, by their names.

    At its end, what probes of the node tell is known as well. `own` are, on the path of a class, the checks in which
    its nodes may differ. `held_up` is the seconds after which a check that waits for AWS makes room for the next of its
    link.
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

    async def take(self, *, seen: Callable[[Observation | None], None], judged: Callable[[], None]) -> None:
        """Look. `seen` is called with the observation, `judged` while links are done with, and at the end."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._observe(seen))
            for link in Link:
                group.create_task(self._check(link, judged))
        self.by_probe = await probe_findings(self._resolver, [each for link in Link for each in self._checks[link]])
        judged()

    async def _observe(self, seen: Callable[[Observation | None], None]) -> None:
        self.observation = await observation_of(self._resolver)
        seen(self.observation)

    async def _check(self, link: Link, judged: Callable[[], None]) -> None:
        await run_in_turn((partial(self._judge, check) for check in self._checks[link]), self._held_up)
        if len(self.judgements) + len(self.own) < sum(map(len, self._checks.values())):
            judged()  # the last one waits for what probes say: no verdict in between

    async def _judge(self, check: Check) -> None:
        result = await self._check_runner.judge_class(check, self._resolver)
        if isinstance(result, CheckPerNode):
            self.own.append(result)
        else:
            self.judgements[check.name] = result


class NodeClass:
    """Nodes that are judged together. `waiting` are those of its nodes that are to be told what was judged.

    The value of a waiting node is the number of the look that it waits for.
    """

    def __init__(self, resolver: SharedFactResolver, look: PathCheck, region: str, checks: Sequence[Check]) -> None:
        self.look = look
        self.begun = False
        self.done = False
        self.waiting: dict[NodeKey, int] = {}
        self._resolver = resolver
        self._region = region
        self._checks = checks
        self._shared: Mapping[type, ResolvedFact] | None = None
        self._outcomes: dict[Presence, ClassOutcomes] = {}

    @property
    def reads_per_node(self) -> bool:
        """Whether something is read from AWS for each of its nodes."""
        return self._resolver.reads_per_node

    def is_per_node(self, kind: type) -> bool:
        """Whether each of its nodes has a fact of this kind of its own. The class must have been judged."""
        return self._resolver.is_per_node(kind)

    @property
    def shared(self) -> Mapping[type, ResolvedFact]:
        """The facts that are the same on the path of each. The class must have been judged."""
        if self._shared is None:
            self._shared = self._resolver.shared
        return self._shared

    @property
    def own(self) -> Sequence[CheckPerNode]:
        """The checks that each of its nodes is judged by itself. The class must have been judged."""
        return self.look.own

    def so_far(self, presence: Presence) -> Outcome:
        """What has been judged of all of them until now; complete only where nothing is a node's own."""
        return outcome_of(presence, self._region, self._checks, self.look.judgements)

    def outcomes(self, presence: Presence) -> ClassOutcomes:
        """The outcomes of its nodes that are there in the same way. The class must have been judged."""
        outcomes = self._outcomes.get(presence)
        if outcomes is None:
            outcomes = self._outcomes[presence] = ClassOutcomes(
                presence, self._region, self._checks, self.look.judgements, [each.check for each in self.look.own]
            )
        return outcomes


class NodeClasses:
    """The classes of a scope's nodes, for as long as the facts are as they are."""

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
        """Facts may be others from now on."""
        self._classes.clear()
        self._check_runner.begin_anew()

    def of(self, node: Node, known: Mapping[type, ResolvedFact]) -> NodeClass:
        """The class of a node of which these facts are known."""
        observed = known.get(Observation)
        traits = traits_of(node)
        presented = (traits, observed.value if observed is not None else None)
        found = self._classes.get(presented)
        if found is None:
            resolver = self._store.shared_resolver(node, traits, known)
            look = PathCheck(resolver, self._check_runner, self._by_link, self._held_up)
            found = self._classes[presented] = NodeClass(resolver, look, self._store.scope.region, self._checks)
        return found

    async def own_judgements(
        self, of: NodeClass, node: Node, known: Mapping[type, ResolvedFact] = NO_KNOWN_FACTS
    ) -> Sequence[CheckResult]:
        """What the checks say of a node that are not the same for its whole class, in their order.

        `known` are facts of its own that are known.
        """
        resolver: FactResolver | None = None
        results: list[CheckResult] = []
        for each in of.own:
            if each.judge is not None:
                results.append(each.judge(node))
                continue
            resolver = resolver or self._store.resolver(node, {**of.shared, **known})
            results.append(await self._check_runner.judge(each.check, resolver))
        return tuple(results)
