"""Read whether the caller can start a session to each node, with few simulations for many nodes."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

from ssmtui.evidence.aws.reader_api import Aws, tag_from_answer, unless_absent
from ssmtui.evidence.facts.sources import derives, reads
from ssmtui.evidence.readers.caller import (
    AskedTogether,
    CallerIdentity,
    JudgedCaller,
    actions_proved_by_caller,
    caller_context,
)
from ssmtui.evidence.readers.node_listing import ListedInstances
from ssmtui.evidence.readers.policy_evaluation import evaluate_role_policies, settle_answer, simulate_on_fleet
from ssmtui.evidence.readers.roles import CallerPolicies, CallerStatements
from ssmtui.iam_policy.patterns import Context
from ssmtui.language import say
from ssmtui.model.fact import NoFact, NotApplicable, OfNode, Unreadable
from ssmtui.model.iam_questions import (
    DOCUMENT_ACCESS_CHECK,
    START_ACCESS_REQUEST,
    START_SESSION,
    depends_on_document_check,
    node_arn,
)
from ssmtui.model.node import Instance, Node, NodeKind
from ssmtui.model.node_facts import ManagedFleet, ManagedHybridNode, ManagedNode, RunningInstance
from ssmtui.model.permissions import SIMULATION, CallerAtNode, EvaluationResult, Question
from ssmtui.model.scope import Scope

Values = tuple[str | None, ...]

TAG_KEYS = ("ssm:resourcetag/", "aws:resourcetag/")
_NO_SUCH_NODE = "InvalidResourceId"


@dataclass(frozen=True, slots=True)
class TagQuery:
    """The tag condition keys that IAM did not have for its answer about a node."""

    keys: tuple[str, ...]

    def values_in(self, tags: Mapping[str, str]) -> Values:
        """Return the value of each key; None if there is no such tag.

        Condition keys are not case-sensitive, including the names of tags in them (reference_policies_condition-keys).
        """
        by_name = {name.casefold(): value for name, value in tags.items()}
        return tuple(by_name.get(key.partition("/")[2].casefold()) for key in self.keys)


@dataclass(frozen=True, slots=True)
class NodesByTags:
    """Managed nodes grouped by the values of these tags, and the values of each node."""

    of_node: Mapping[str, Values]
    nodes: Mapping[Values, tuple[str, ...]]


class InstancesByTags(NodesByTags):
    """EC2 instances, by their tags in EC2."""

    __slots__ = ()


class HybridNodesByTags(NodesByTags):
    """Nodes outside EC2, by their tags in Systems Manager."""

    __slots__ = ()


def _asked_of_instance(
    running: RunningInstance, asked: TagQuery, together: AskedTogether, instances: ListedInstances
) -> Hashable:
    return asked, together, instances


@reads("ec2:DescribeInstances", key=_asked_of_instance, along=(ListedInstances,), of_all_nodes=True)
async def instances_by_tags(
    aws: Aws, running: RunningInstance, asked: TagQuery, together: AskedTogether, instances: ListedInstances
) -> InstancesByTags:
    """Group the instances by the tags in their listing."""
    tags = (await instances.whole()).tags
    return InstancesByTags(*_grouped(asked, {id_: dict(tags[id_]) for id_ in together.ids if id_ in tags}))


def _asked_of_hybrid(scope: Scope, hybrid: ManagedHybridNode, asked: TagQuery, together: AskedTogether) -> Hashable:
    return asked, together


@reads("ssm:ListTagsForResource", key=_asked_of_hybrid)
async def hybrid_nodes_by_tags(
    aws: Aws, scope: Scope, hybrid: ManagedHybridNode, asked: TagQuery, together: AskedTogether
) -> HybridNodesByTags:
    """Read the tags with one call per node: no listing contains them."""
    ids = [id_ for id_ in together.ids if _is_hybrid(id_)]
    told = await asyncio.gather(*(_tags(aws, id_) for id_ in ids), return_exceptions=True)
    tags: dict[str, Mapping[str, str]] = {}
    for id_, each in zip(ids, told, strict=True):
        if isinstance(each, BaseException):
            raise each
        tags[id_] = each
    return HybridNodesByTags(*_grouped(asked, tags))


async def _tags(aws: Aws, id_: str) -> Mapping[str, str]:
    call = aws.call("ssm", "ListTagsForResource", ResourceType="ManagedInstance", ResourceId=id_)
    answer = await unless_absent(call, _NO_SUCH_NODE)
    if answer is None:
        return {}  # it was deregistered meanwhile
    return dict(map(tag_from_answer, answer.parts("TagList")))


def _grouped(
    asked: TagQuery, tags: Mapping[str, Mapping[str, str]]
) -> tuple[Mapping[str, Values], Mapping[Values, tuple[str, ...]]]:
    of_node = {id_: asked.values_in(each) for id_, each in tags.items()}
    nodes: defaultdict[Values, list[str]] = defaultdict(list)
    for id_, values in of_node.items():
        nodes[values].append(id_)
    return of_node, {values: tuple(ids) for values, ids in nodes.items()}


def _is_hybrid(id_: str) -> bool:
    return NodeKind.of_id(id_) is NodeKind.HYBRID


_ON_NODES = (START_SESSION, START_ACCESS_REQUEST)


@dataclass(frozen=True, slots=True)
class CallerOnNodes:
    """IAM's answers about a group of nodes, without their tags.

    `of_all` are the answers about actions that are equally allowed on every node, whatever the missing keys are: a
    denial of one node can depend on such a key.
    """

    answers: Mapping[Question, EvaluationResult]
    of_all: Mapping[str, EvaluationResult]

    @property
    def are_alike(self) -> bool:
        """Return whether all nodes have the same answers, so that they need not be distinguished."""
        return all(action in self.of_all for action in _ON_NODES)

    def at(self, action: str, scope: Scope, node: Node | None) -> EvaluationResult | None:
        """Return the answer about an action on a node; the common answer if all nodes have the same."""
        alike = self.of_all.get(action)
        if alike is not None or node is None:
            return alike
        return self.answers.get(Question(action, node_arn(scope, node.id)))


@dataclass(frozen=True, slots=True)
class ConditionsOnNode:
    """An additional question if the caller's policies have conditions on properties of a node.

    The question is asked once for all nodes with the same properties; `known` are the condition keys with their values.
    """

    ids: tuple[str, ...]
    known: tuple[tuple[str, tuple[str, ...]], ...]

    def __hash__(self) -> int:
        # Thousands of nodes share this object as a key, so its hash must be fast.
        return hash((len(self.ids), self.ids[:1], self.known))


@dataclass(frozen=True, slots=True)
class CallerOnConditions:
    """IAM's answers to the additional questions."""

    answers: Mapping[Question, EvaluationResult]


def _principal_and_nodes(
    scope: Scope,
    caller: JudgedCaller,
    identity: CallerIdentity | Unreadable,
    fleet: ManagedFleet | Unreadable,
    together: AskedTogether,
) -> Hashable:
    return caller.principal, identity, together, actions_proved_by_caller(scope, fleet)


@reads(SIMULATION, key=_principal_and_nodes)
async def caller_on_nodes(
    aws: Aws,
    scope: Scope,
    caller: JudgedCaller,
    identity: CallerIdentity | Unreadable,
    fleet: ManagedFleet | Unreadable,
    together: AskedTogether,
) -> CallerOnNodes:
    """Ask about every node by its ARN, hundreds per call: a policy can allow or deny single nodes.

    If the caller's policies name thousands of nodes alike, one of them is enough.
    """
    arns = [node_arn(scope, id_) for id_ in together.ids]
    known = caller_context(scope, caller, identity)
    done = actions_proved_by_caller(scope, fleet)
    told = await simulate_on_fleet(aws, caller.principal, _ON_NODES, arns, known=known, done=done)
    of_all = {action: answer for action in _ON_NODES if (answer := _allowed_on_all(action, told.answers)) is not None}
    return CallerOnNodes(told.on_all([action for action in _ON_NODES if action not in of_all]), of_all)


def _allowed_on_all(action: str, answers: Mapping[Question, EvaluationResult]) -> EvaluationResult | None:
    told = [answer for question, answer in answers.items() if question.action == action]
    allowed = told and told[0].allowed and not told[0].missing_context
    alike = allowed and all(each.says_the_same(told[0]) for each in told)
    return told[0] if alike else None


@derives
def tags_asked(
    scope: Scope,
    managed: ManagedNode,
    nodes: CallerOnNodes,
) -> TagQuery | NotApplicable | OfNode[TagQuery | NotApplicable]:
    """Return the tag keys that IAM did not have for an answer about the node."""

    def of_node(node: Node | None) -> TagQuery | NotApplicable:
        answers = [nodes.at(action, scope, node) for action in _ON_NODES]
        keys = {key for answer in answers if answer is not None for key in answer.missing_context}
        asked = tuple(sorted(key for key in keys if key.casefold().startswith(TAG_KEYS)))
        return TagQuery(asked) if asked else NotApplicable(say("the caller's policies have no condition on nodes"))

    return of_node(None) if nodes.are_alike else OfNode(of_node)


@derives
def conditions_on_node(
    scope: Scope,
    managed: ManagedNode,
    together: AskedTogether,
    nodes: CallerOnNodes,
    asked: TagQuery | NotApplicable,
    instances: InstancesByTags | NoFact,
    hybrid_nodes: HybridNodesByTags | NoFact,
) -> ConditionsOnNode | NotApplicable | Unreadable | OfNode[ConditionsOnNode | NotApplicable | Unreadable]:
    """Return the additional question; nodes with the same tag values share it."""
    groups = hybrid_nodes if managed.node.kind is NodeKind.HYBRID else instances

    def checked(start: EvaluationResult | None) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return ((DOCUMENT_ACCESS_CHECK, ("true",)),) if start is not None and depends_on_document_check(start) else ()

    def of_node(node: Node) -> ConditionsOnNode | NotApplicable | Unreadable:
        on_document = checked(nodes.at(START_SESSION, scope, node))
        if isinstance(asked, NotApplicable):
            return ConditionsOnNode(together.ids, on_document) if on_document else asked
        if isinstance(groups, Unreadable):
            return groups
        if not isinstance(groups, NodesByTags) or node.id not in groups.of_node:
            return Unreadable(
                "",
                say("the tags of {node} were not returned", node=node.id),
                source="ssm:ListTagsForResource" if groups is hybrid_nodes else "ec2:DescribeInstances",
            )
        values = groups.of_node[node.id]
        tags = tuple((key, () if value is None else (value,)) for key, value in zip(asked.keys, values, strict=True))
        return ConditionsOnNode(groups.nodes[values], (*tags, *on_document))

    start = nodes.at(START_SESSION, scope, None)
    if start is None or not isinstance(asked, NotApplicable):
        return OfNode(of_node)
    return ConditionsOnNode(together.ids, checked(start)) if checked(start) else asked


def _principal_and_conditions(
    scope: Scope,
    caller: JudgedCaller,
    identity: CallerIdentity | Unreadable,
    fleet: ManagedFleet | Unreadable,
    conditions: ConditionsOnNode,
) -> Hashable:
    return caller.principal, identity, conditions, actions_proved_by_caller(scope, fleet)


@reads(SIMULATION, key=_principal_and_conditions)
async def caller_on_conditions(
    aws: Aws,
    scope: Scope,
    caller: JudgedCaller,
    identity: CallerIdentity | Unreadable,
    fleet: ManagedFleet | Unreadable,
    conditions: ConditionsOnNode,
) -> CallerOnConditions:
    """Ask about every node with these values, by its ARN."""
    known = {**caller_context(scope, caller, identity), **dict(conditions.known)}
    arns = [node_arn(scope, id_) for id_ in conditions.ids]
    done = actions_proved_by_caller(scope, fleet)
    told = await simulate_on_fleet(aws, caller.principal, _ON_NODES, arns, known=known, done=done)
    return CallerOnConditions(told.on_all(_ON_NODES))


@derives
def caller_at_node(
    scope: Scope,
    managed: ManagedNode,
    caller: JudgedCaller,
    identity: CallerIdentity | Unreadable,
    nodes: CallerOnNodes | Unreadable,
    conditions: CallerOnConditions | NoFact,
    policies: CallerPolicies | NoFact,
    statements: CallerStatements | NoFact,
) -> CallerAtNode | Unreadable | OfNode[CallerAtNode | Unreadable]:
    """Return IAM's answers with the conditions, else those about the node; without IAM, evaluate the policies."""
    known = caller_context(scope, caller, identity)
    if isinstance(nodes, Unreadable):
        return (
            OfNode(lambda node: _by_policies(scope, node, policies, known, nodes))
            if isinstance(policies, CallerPolicies)
            else nodes
        )
    if isinstance(conditions, Unreadable):
        return conditions

    def settled(
        first: Sequence[EvaluationResult | None], told: Sequence[EvaluationResult | None]
    ) -> CallerAtNode | None:
        start, request = told
        if start is None or request is None or first[0] is None:
            return None
        start, request = (settle_answer(each, statements, known) for each in (start, request))
        return CallerAtNode(start, request, depends_on_document_check(first[0]))

    def of_node(node: Node) -> CallerAtNode | Unreadable:
        first = [nodes.at(action, scope, node) for action in _ON_NODES]
        told: Sequence[EvaluationResult | None] = first
        if isinstance(conditions, CallerOnConditions):
            told = [conditions.answers.get(Question(action, node_arn(scope, node.id))) for action in _ON_NODES]
        unlisted = Unreadable("", say("{node} is not listed", node=node.id), source=SIMULATION)
        return settled(first, told) or unlisted

    alike = [nodes.at(action, scope, None) for action in _ON_NODES]
    of_all = None if isinstance(conditions, CallerOnConditions) else settled(alike, alike)
    return of_all or OfNode(of_node)


def _by_policies(
    scope: Scope, node: Node, policies: CallerPolicies, known: Context, simulated: Unreadable
) -> CallerAtNode:
    """Evaluate the policies of the caller's role, with the node's tags if they are known.

    `simulated` is the failed simulation, for which the tags of hybrid nodes would be read.
    """
    questions = [Question(action, node_arn(scope, node.id)) for action in _ON_NODES]
    first = evaluate_role_policies(policies, questions, lambda _question: known)
    checked = depends_on_document_check(first[0])
    of_node = {**known, DOCUMENT_ACCESS_CHECK: ("true",)}
    if node.kind is NodeKind.EC2 and isinstance(node.instance, Instance):
        keys = {key for answer in first for key in answer.missing_context if key.casefold().startswith(TAG_KEYS)}
        asked = TagQuery(tuple(sorted(keys)))
        values = asked.values_in(dict(node.tags))
        of_node |= {key: () if value is None else (value,) for key, value in zip(asked.keys, values, strict=True)}
    told = evaluate_role_policies(policies, questions, lambda _question: of_node)
    start, request = (_untagged(each, simulated) for each in told)
    return CallerAtNode(start, request, checked)


def _untagged(answer: EvaluationResult, simulated: Unreadable) -> EvaluationResult:
    """Return an answer that depends on tags which are not known without the simulation, with its failed read."""
    by_tag = any(key.casefold().startswith(TAG_KEYS) for key in answer.missing_context)
    return replace(answer, unread=(*answer.unread, simulated)) if answer.undecided and by_tag else answer
