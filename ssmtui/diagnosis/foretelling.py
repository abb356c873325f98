"""What a change would do to the nodes of a scope: every path judged by the facts as they would be."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ssmtui.checks.check import Check
from ssmtui.diagnosis.forecasting import compare, last_resorts
from ssmtui.diagnosis.judging import Judging
from ssmtui.diagnosis.known_probes import beside_theory
from ssmtui.diagnosis.path_look import observed
from ssmtui.diagnosis.supposing import as_iam_would_answer
from ssmtui.diagnosis.telling import Telling
from ssmtui.evidence.gathering.on_demand import Gathering
from ssmtui.evidence.wire.scope_clients import ScopeClients
from ssmtui.language import say
from ssmtui.model.answers import Moot
from ssmtui.model.fleet import Verdict
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.plan import Call, FactChange, Forecast
from ssmtui.model.probe import Probes


class Foretelling:
    """Judges paths by supposed facts. Lives on the evidence thread's loop."""

    def __init__(
        self, aws: ScopeClients, gathering: Gathering, judging: Judging, telling: Telling, checks: Sequence[Check]
    ) -> None:
        self._aws = aws
        self._gathering = gathering
        self._judging = judging
        self._telling = telling
        self._checks = checks

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
        scope = self._gathering.scope
        supposed = self._gathering.supposing(await as_iam_would_answer(self._aws, scope, calls, changes))
        after = {key: await self._by_theory(supposed, node) for key, node in nodes.items()}
        before = {key: self._telling.told(key) for key in after}
        for key in after.keys() & set(probed):
            theory = await self._by_theory(self._gathering, nodes[key])
            before[key], after[key] = beside_theory(before[key], theory, after[key])
        return compare(before, after, last_resorts(self._checks))

    async def _by_theory(self, facts: Gathering, node: Node) -> Verdict:
        journey = facts.journey(node)
        journey.know(Probes, Moot(say("nobody has probed what is not so yet")))
        judgements = {check.name: await self._judging.judge(check, journey) for check in self._checks}
        supposed_node = (await journey.fact(Node)).value
        of = supposed_node if isinstance(supposed_node, Node) else node
        return self._telling.verdict(of, await observed(journey), judgements)
