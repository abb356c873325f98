"""What a change would do to the nodes of a scope: every path judged by the facts as they would be."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ssmtui.checks.check import Check
from ssmtui.diagnosis.classes import Classes
from ssmtui.diagnosis.connections import Connections
from ssmtui.diagnosis.forecasting import compare, last_resorts
from ssmtui.diagnosis.judging import Judging
from ssmtui.diagnosis.known_probes import beside_theory
from ssmtui.diagnosis.outcomes import outcome_of
from ssmtui.diagnosis.path_look import observed
from ssmtui.diagnosis.supposing import as_iam_would_answer
from ssmtui.diagnosis.taking_turns import Breathing
from ssmtui.diagnosis.telling import Telling
from ssmtui.diagnosis.verdicts import presence_of
from ssmtui.evidence.gathering.on_demand import Gathering
from ssmtui.evidence.readers.permissions.supposed_permissions import ask_iam
from ssmtui.evidence.wire.aws import Aws
from ssmtui.language import say
from ssmtui.model.answers import Moot
from ssmtui.model.fleet import Verdict
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.path import Link
from ssmtui.model.plan import Call, FactChange, Forecast
from ssmtui.model.probe import Probes
from ssmtui.model.supposition import SupposedAnswers, Supposition

_NOBODY_WAITS = 5.0
"""Seconds after which a check makes room for the next of its link."""


class Foretelling:
    """Judges paths by supposed facts. Lives on the evidence thread's loop."""

    def __init__(
        self,
        aws: Aws,
        gathering: Gathering,
        judging: Judging,
        telling: Telling,
        connections: Connections,
        checks: Sequence[Check],
    ) -> None:
        self._aws = aws
        self._gathering = gathering
        self._judging = judging
        self._telling = telling
        self._connections = connections
        self._checks = checks
        self._by_link = {link: [each for each in checks if each.link is link] for link in Link}
        self.told_by_iam: dict[Supposition, SupposedAnswers] = {}

    async def as_iam_would_answer(self, changes: Sequence[FactChange], calls: Sequence[Call]) -> Sequence[FactChange]:
        """The changes of fact as far as IAM can be asked about them: about the roles in `calls`."""
        return await as_iam_would_answer(self._ask, calls, changes)

    async def _ask(self, supposed: Supposition) -> SupposedAnswers | None:
        """Ask IAM anew each time; where there is none to be asked, what it said when evidence was recorded."""
        recorded = self._gathering.at_hand(SupposedAnswers, supposed)
        if recorded is not None and isinstance(recorded.value, SupposedAnswers):
            return recorded.value
        told = await ask_iam(self._aws, self._gathering.scope, supposed)
        if told is not None:
            self.told_by_iam[supposed] = told
        return told

    async def forecast(
        self,
        nodes: Mapping[NodeKey, Node],
        probed: Collection[NodeKey],
        changes: Sequence[FactChange],
        calls: Sequence[Call],
    ) -> Forecast:
        """What the checks say of these nodes after a change; IAM is asked about roles in `calls`.

        Nobody has probed what is not so yet: of the nodes that were `probed`, theory is compared with theory.
        """
        supposed = self._gathering.supposing(await self.as_iam_would_answer(changes, calls))
        classes = Classes(supposed, self._judging, self._by_link, _NOBODY_WAITS)
        after: dict[NodeKey, Verdict] = {}
        breathing = Breathing()
        for key, node in nodes.items():
            after[key] = await self._together(classes, supposed, node)
            await breathing.breathe()
        before = {key: self._telling.told(key) for key in after}
        for key in after.keys() & set(probed):
            theory = await self._by_theory(self._gathering, nodes[key])
            before[key], after[key] = beside_theory(before[key], theory, after[key])
        return compare(before, after, last_resorts(self._checks))

    async def _together(self, classes: Classes, facts: Gathering, node: Node) -> Verdict:
        if facts.is_singled_out(node.key):
            return await self._by_theory(facts, node)
        of = classes.of(node, self._connections.known(node))
        if not of.begun:
            of.begun = True
            await of.look.take(seen=lambda _: None, judged=lambda: None)
        own = await classes.own_judgements(of, node)
        presence = presence_of(node, of.look.observation)
        return of.outcomes(self._connections.expected(node, presence)).of(own).verdict

    async def _by_theory(self, facts: Gathering, node: Node) -> Verdict:
        journey = facts.journey(node)
        journey.know(Probes, Moot(say("nobody has probed what is not so yet")))
        judgements = {check.name: await self._judging.judge(check, journey) for check in self._checks}
        supposed_node = (await journey.fact(Node)).value
        of = supposed_node if isinstance(supposed_node, Node) else node
        presence = presence_of(of, await observed(journey))
        return outcome_of(presence, facts.scope.region, self._checks, judgements).verdict
