"""Forecast which nodes a plan turns green or red: run the checks on the facts after the change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ssmtui.checks.registry import Check
from ssmtui.diagnosis.check_runner import CheckRunner
from ssmtui.diagnosis.connections import NodeConnections
from ssmtui.diagnosis.finding_publisher import FindingPublisher
from ssmtui.diagnosis.node_classes import NodeClasses, observation_of
from ssmtui.diagnosis.probes import adjust_for_probes
from ssmtui.diagnosis.scheduling import CooperativeYield
from ssmtui.diagnosis.verdicts import outcome_of, presence_of
from ssmtui.evidence.aws.reader_api import Aws
from ssmtui.evidence.facts.fact_store import FactStore
from ssmtui.evidence.readers.plans import AskIam, ask_iam, permissions_with
from ssmtui.language import say
from ssmtui.model.fact import NotApplicable
from ssmtui.model.finding import Link, LinkState, Verdict, VerdictStatus
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.permissions import Permissions
from ssmtui.model.plan import Call, FactChange, Forecast, SupposedAnswers, Supposition
from ssmtui.model.probe import Probes

_AT_REST = frozenset({VerdictStatus.STOPPED, VerdictStatus.RESTRICTED})
_BADNESS = {VerdictStatus.OK: 0, VerdictStatus.WARN: 1, VerdictStatus.UNKNOWN: 2, VerdictStatus.FAIL: 3}


def compare_verdicts(
    before: Mapping[NodeKey, Verdict], after: Mapping[NodeKey, Verdict], last_resorts: Collection[str] = ()
) -> Forecast:
    """Return the forecast from the verdicts of the same nodes before and after a change.

    Nodes that stay stopped or restricted are left out, and so are nodes that stay red for reasons that the change does
    not affect.

    `last_resorts` are causes that only say that the agent is away: a node with only such causes waits for its agent. If
    it would fail on a later link when the agent is back, it stays red; if a later link is unknown, it is left out.
    """
    green, warn, worse, red, awaiting = [], [], [], [], []
    for key in sorted(after, key=lambda each: each.id):
        was, then = before[key], after[key]
        if then.status in _AT_REST:
            continue
        if then.root_cause in last_resorts and was.root_cause not in last_resorts:
            beyond = then.links[Link.AGENT.position + 1 :]
            if LinkState.FAIL in beyond:
                red.append(key.id)
            elif LinkState.UNKNOWN not in beyond:
                awaiting.append(key.id)
        elif was.status not in _AT_REST and _BADNESS[then.status] > _BADNESS[was.status]:
            worse.append(key.id)
        elif then.status is VerdictStatus.FAIL:
            if (then.root_cause, then.finding_ids) != (was.root_cause, was.finding_ids):
                red.append(key.id)
        elif then.status is VerdictStatus.OK and was.status is not VerdictStatus.OK:
            green.append(key.id)
        elif then.status is VerdictStatus.WARN and was.status is not VerdictStatus.WARN:
            warn.append(key.id)
    known_ids = {id_ for verdict in before.values() for id_ in verdict.finding_ids}
    new = {
        id_
        for verdict in after.values()
        for id_ in verdict.finding_ids
        if id_ not in known_ids and id_.partition("@")[0] not in last_resorts
    }
    return Forecast(tuple(green), tuple(warn), tuple(worse), tuple(red), tuple(sorted(new)), tuple(awaiting))


def last_resort_causes(checks: Sequence[Check]) -> Collection[str]:
    """Return the causes that are reported only if nothing else explains a node."""
    otherwise = {cause for check in checks if not check.last_resort for cause in check.causes}
    return {cause for check in checks if check.last_resort for cause in check.causes} - otherwise


@dataclass(slots=True)
class _NewPolicies:
    """The new policies of a role: inline documents, and ARNs of managed policies."""

    documents: list[str] = field(default_factory=list)
    arns: list[str] = field(default_factory=list)


async def simulate_fact_changes(
    ask: AskIam, calls: Iterable[Call], changes: Sequence[FactChange]
) -> tuple[FactChange, ...]:
    """Replace the new permissions of roles by IAM's simulation with the new policies."""
    policies = _new_policies(calls)
    return tuple([await _simulate(ask, policies, change) for change in changes])


async def _simulate(ask: AskIam, policies: Mapping[str, _NewPolicies], change: FactChange) -> FactChange:
    now, supposed = change.replaces, change.value
    if not isinstance(now, Permissions) or not isinstance(supposed, Permissions):
        return change
    role = policies.get(now.principal.rpartition("/")[2])
    if role is None:
        return change
    return replace(change, value=await permissions_with(ask, now, supposed, role.documents, role.arns))


def _new_policies(calls: Iterable[Call]) -> Mapping[str, _NewPolicies]:
    policies: defaultdict[str, _NewPolicies] = defaultdict(_NewPolicies)
    for call in calls:
        role, document, arn = (call.parameters.get(name) for name in ("RoleName", "PolicyDocument", "PolicyArn"))
        if call.operation == "PutRolePolicy" and isinstance(role, str) and isinstance(document, str):
            policies[role].documents.append(document)
        elif call.operation == "AttachRolePolicy" and isinstance(role, str) and isinstance(arn, str):
            policies[role].arns.append(arn)
    return policies


_MAX_WAIT = 5.0
"""Seconds until the next check of a link starts while a check still waits."""


class Forecaster:
    """Runs the checks on changed facts. Runs on the event loop of the evidence thread."""

    def __init__(
        self,
        aws: Aws,
        store: FactStore,
        check_runner: CheckRunner,
        publisher: FindingPublisher,
        connections: NodeConnections,
        checks: Sequence[Check],
    ) -> None:
        self._aws = aws
        self._store = store
        self._check_runner = check_runner
        self._publisher = publisher
        self._connections = connections
        self._checks = checks
        self._by_link = {link: [each for each in checks if each.link is link] for link in Link}
        self.iam_answers: dict[Supposition, SupposedAnswers] = {}

    async def as_iam_would_answer(self, changes: Sequence[FactChange], calls: Sequence[Call]) -> Sequence[FactChange]:
        """Return the changed facts with IAM's answers about the roles in `calls`."""
        return await simulate_fact_changes(self._ask_iam, calls, changes)

    async def _ask_iam(self, supposed: Supposition) -> SupposedAnswers | None:
        """Ask IAM each time; in a snapshot, return the recorded answer."""
        recorded = self._store.cached_read(SupposedAnswers, supposed)
        if recorded is not None and isinstance(recorded.value, SupposedAnswers):
            return recorded.value
        answers = await ask_iam(self._aws, self._store.scope, supposed)
        if answers is not None:
            self.iam_answers[supposed] = answers
        return answers

    async def forecast(
        self,
        nodes: Mapping[NodeKey, Node],
        probed: Collection[NodeKey],
        changes: Sequence[FactChange],
        calls: Sequence[Call],
    ) -> Forecast:
        """Return the results of the checks on these nodes after a change; IAM is asked about the roles in `calls`.

        A future state cannot be probed: for nodes in `probed`, the results of the checks before and after are compared.
        """
        supposed = self._store.with_fact_changes(await self.as_iam_would_answer(changes, calls))
        classes = NodeClasses(supposed, self._check_runner, self._by_link, _MAX_WAIT)
        after: dict[NodeKey, Verdict] = {}
        breathing = CooperativeYield()
        for key, node in nodes.items():
            after[key] = await self._verdict_in_class(classes, supposed, node)
            await breathing.breathe()
        before = {key: self._publisher.verdict(key) for key in after}
        for key in after.keys() & set(probed):
            theory = await self._verdict_from_checks(self._store, nodes[key])
            before[key], after[key] = adjust_for_probes(before[key], theory, after[key])
        return compare_verdicts(before, after, last_resort_causes(self._checks))

    async def _verdict_in_class(self, classes: NodeClasses, facts: FactStore, node: Node) -> Verdict:
        if facts.is_singled_out(node.key):
            return await self._verdict_from_checks(facts, node)
        node_class = classes.class_of(node, self._connections.known(node))
        if not node_class.is_begun:
            node_class.is_begun = True
            await node_class.path_check.run(observed=lambda _: None, judged=lambda: None)
        own = await classes.own_results(node_class, node)
        presence = presence_of(node, node_class.path_check.observation)
        return node_class.outcome(self._connections.estimated_presence(node, presence), own).verdict

    async def _verdict_from_checks(self, facts: FactStore, node: Node) -> Verdict:
        resolver = facts.resolver(node)
        resolver.know(Probes, NotApplicable(say("a probe cannot test a change that is not applied yet")))
        judgements = {check.name: await self._check_runner.judge(check, resolver) for check in self._checks}
        supposed_node = (await resolver.fact(Node)).value
        changed_node = supposed_node if isinstance(supposed_node, Node) else node
        presence = presence_of(changed_node, await observation_of(resolver))
        return outcome_of(presence, facts.scope.region, self._checks, judgements).verdict
