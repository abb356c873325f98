"""What the caller may do to nodes and sessions: few simulations for many nodes, or ssmtui's own reading of policies."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from ssmtui.evidence.asked_together import AskedTogether
from ssmtui.evidence.aws import Aws
from ssmtui.evidence.caller_identity import CallerIdentity, done_by_caller, known_of_caller
from ssmtui.evidence.caller_tags import TAG_KEYS, HybridNodesByTags, InstancesByTags, NodesByTags, TagsAsked
from ssmtui.evidence.judged_caller import JudgedCaller
from ssmtui.evidence.own_evaluation import evaluate
from ssmtui.evidence.reading import derives, reads
from ssmtui.evidence.roles import CallerPolicies
from ssmtui.evidence.simulation import simulate, simulate_on_many
from ssmtui.language import say
from ssmtui.model.agent_requests import direct_context
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.managed_fleet import ManagedFleet
from ssmtui.model.node import Instance, NodeKind
from ssmtui.model.permissions import (
    SIMULATION,
    Answer,
    CallerAtNode,
    CallerInSessions,
    CallerKeyPermissions,
    Question,
    best_of,
)
from ssmtui.model.policy_patterns import Context
from ssmtui.model.questions import (
    DOCUMENT_ACCESS_CHECK,
    GENERATE_DATA_KEY,
    OWN_SESSION_ACTIONS,
    START_ACCESS_REQUEST,
    START_SESSION,
    document_question,
    node_arn,
)
from ssmtui.model.scope import Scope
from ssmtui.model.standing import ManagedNode
from ssmtui.model.storage import Key

_ON_NODES = (START_SESSION, START_ACCESS_REQUEST)


@dataclass(frozen=True, slots=True)
class CallerOnNodes:
    """IAM's answers about the nodes that are asked about together, without a word of their tags."""

    answers: Mapping[Question, Answer]


@dataclass(frozen=True, slots=True)
class ConditionsOnNode:
    """A further question, where the caller's policies have conditions on what a node is.

    It is asked once about all nodes that are alike in that; `known` are the condition keys with their values.
    """

    ids: tuple[str, ...]
    known: tuple[tuple[str, tuple[str, ...]], ...]

    def __hash__(self) -> int:
        # Thousands of nodes share one question, and each looks it up.
        return hash((len(self.ids), self.ids[:1], self.known))


@dataclass(frozen=True, slots=True)
class CallerOnConditions:
    """IAM's answers to that."""

    answers: Mapping[Question, Answer]


@dataclass(frozen=True, slots=True)
class SimulatedSessions:
    """IAM's answers about sessions of the caller's own."""

    answers: CallerInSessions


class SimulatedCallerKey(CallerKeyPermissions):
    """IAM's answers about the caller and the session key."""

    __slots__ = ()


def _principal_and_nodes(
    scope: Scope,
    caller: JudgedCaller,
    identity: CallerIdentity | Unreadable,
    fleet: ManagedFleet | Unreadable,
    together: AskedTogether,
) -> Hashable:
    return caller.principal, identity, together, done_by_caller(scope, fleet)


@reads(SIMULATION, key=_principal_and_nodes)
async def caller_on_nodes(
    aws: Aws,
    scope: Scope,
    caller: JudgedCaller,
    identity: CallerIdentity | Unreadable,
    fleet: ManagedFleet | Unreadable,
    together: AskedTogether,
) -> CallerOnNodes:
    """Every node by its own ARN, hundreds a call: a policy can name single nodes, and deny them."""
    arns = [node_arn(scope, id_) for id_ in together.ids]
    known = known_of_caller(scope, caller, identity)
    done = done_by_caller(scope, fleet)
    return CallerOnNodes(await simulate_on_many(aws, caller.principal, _ON_NODES, arns, known=known, done=done))


@derives
def tags_asked(scope: Scope, managed: ManagedNode, nodes: CallerOnNodes) -> TagsAsked | Moot:
    """What keys IAM lacked for one of its answers about the node."""
    answers = [nodes.answers.get(Question(action, node_arn(scope, managed.node.id))) for action in _ON_NODES]
    keys = {key for answer in answers if answer is not None for key in answer.missing_context}
    asked = tuple(sorted(key for key in keys if key.casefold().startswith(TAG_KEYS)))
    return TagsAsked(asked) if asked else Moot(say("the caller's policies have no condition on nodes"))


@derives
def conditions_on_node(
    scope: Scope,
    managed: ManagedNode,
    together: AskedTogether,
    nodes: CallerOnNodes,
    asked: TagsAsked | Moot,
    instances: InstancesByTags | Absent | Moot | Unreadable,
    hybrid_nodes: HybridNodesByTags | Absent | Moot | Unreadable,
) -> ConditionsOnNode | Moot | Unreadable:
    """Nodes whose tags have the same values are one question."""
    id_ = managed.node.id
    start = nodes.answers.get(Question(START_SESSION, node_arn(scope, id_)))
    by_document = start is not None and _asks_for_document(start) and not start.allowed
    checked = ((DOCUMENT_ACCESS_CHECK, ("true",)),) if by_document else ()
    if isinstance(asked, Moot):
        return ConditionsOnNode(together.ids, checked) if checked else asked
    groups = hybrid_nodes if managed.node.kind is NodeKind.HYBRID else instances
    if isinstance(groups, Unreadable):
        return groups
    if not isinstance(groups, NodesByTags) or id_ not in groups.of_node:
        return Unreadable(
            "",
            say("the tags of {node} were not told", node=id_),
            source="ssm:ListTagsForResource" if groups is hybrid_nodes else "ec2:DescribeInstances",
        )
    values = groups.of_node[id_]
    tags = tuple((key, () if value is None else (value,)) for key, value in zip(asked.keys, values, strict=True))
    return ConditionsOnNode(groups.nodes[values], (*tags, *checked))


def _principal_and_conditions(
    scope: Scope,
    caller: JudgedCaller,
    identity: CallerIdentity | Unreadable,
    fleet: ManagedFleet | Unreadable,
    conditions: ConditionsOnNode,
) -> Hashable:
    return caller.principal, identity, conditions, done_by_caller(scope, fleet)


@reads(SIMULATION, key=_principal_and_conditions)
async def caller_on_conditions(
    aws: Aws,
    scope: Scope,
    caller: JudgedCaller,
    identity: CallerIdentity | Unreadable,
    fleet: ManagedFleet | Unreadable,
    conditions: ConditionsOnNode,
) -> CallerOnConditions:
    """About every node with these values, by its own ARN."""
    known = {**known_of_caller(scope, caller, identity), **dict(conditions.known)}
    arns = [node_arn(scope, id_) for id_ in conditions.ids]
    done = done_by_caller(scope, fleet)
    return CallerOnConditions(await simulate_on_many(aws, caller.principal, _ON_NODES, arns, known=known, done=done))


@derives
def caller_at_node(
    scope: Scope,
    managed: ManagedNode,
    caller: JudgedCaller,
    identity: CallerIdentity | Unreadable,
    nodes: CallerOnNodes | Unreadable,
    conditions: CallerOnConditions | Absent | Moot | Unreadable,
    policies: CallerPolicies | Absent | Moot | Unreadable,
) -> CallerAtNode | Unreadable:
    """By IAM's word on the conditions where there are any, else on the node; by the policies where IAM is not asked."""
    questions = [Question(action, node_arn(scope, managed.node.id)) for action in _ON_NODES]
    if isinstance(nodes, Unreadable):
        if not isinstance(policies, CallerPolicies):
            return nodes
        return _by_policies(managed, policies, questions, known_of_caller(scope, caller, identity))
    if isinstance(conditions, Unreadable):
        return conditions
    told = conditions.answers if isinstance(conditions, CallerOnConditions) else nodes.answers
    start, request = (told[each] for each in questions)
    return CallerAtNode(start, request, _asks_for_document(nodes.answers[questions[0]]))


def _by_policies(
    managed: ManagedNode, policies: CallerPolicies, questions: Sequence[Question], known: Context
) -> CallerAtNode:
    """By the policies of the caller's role, and the tags of the node where these are known."""
    first = evaluate(policies, questions, lambda _question: known)
    checked = _asks_for_document(first[0])
    of_node = {**known, DOCUMENT_ACCESS_CHECK: ("true",)}
    if managed.node.kind is NodeKind.EC2 and isinstance(managed.node.instance, Instance):
        keys = {key for answer in first for key in answer.missing_context if key.casefold().startswith(TAG_KEYS)}
        asked = TagsAsked(tuple(sorted(keys)))
        values = asked.values_in(dict(managed.node.tags))
        of_node |= {key: () if value is None else (value,) for key, value in zip(asked.keys, values, strict=True)}
    start, request = evaluate(policies, questions, lambda _question: of_node)
    return CallerAtNode(start, request, checked)


def _asks_for_document(start: Answer) -> bool:
    return any(key.casefold() == DOCUMENT_ACCESS_CHECK.casefold() for key in start.missing_context)


def _principal_and_id(
    scope: Scope, caller: JudgedCaller, identity: CallerIdentity, fleet: ManagedFleet | Unreadable
) -> Hashable:
    return caller.principal, identity, done_by_caller(scope, fleet)


@reads(SIMULATION, key=_principal_and_id)
async def simulated_sessions(
    aws: Aws, scope: Scope, caller: JudgedCaller, identity: CallerIdentity, fleet: ManagedFleet | Unreadable
) -> SimulatedSessions:
    """On the ARNs that a session of the caller's may have, and on the preferences document."""
    arns, context = identity.session_arns(scope), identity.session_context()
    known = _in_own_sessions(scope, caller)
    done, named = done_by_caller(scope, fleet), known_of_caller(scope, caller, identity)
    own = await simulate_on_many(aws, caller.principal, OWN_SESSION_ACTIONS, arns, context, known=known, done=done)
    (document,) = await simulate(aws, caller.principal, (document_question(scope),), lambda _question: named, done=done)
    return SimulatedSessions(CallerInSessions(_best(own, arns, context), document))


@derives
def caller_in_sessions(
    scope: Scope,
    caller: JudgedCaller,
    identity: CallerIdentity,
    simulated: SimulatedSessions | Unreadable,
    policies: CallerPolicies | Absent | Moot | Unreadable,
) -> CallerInSessions | Unreadable:
    """What IAM says, else what the policies of the caller's role say."""
    if isinstance(simulated, SimulatedSessions):
        return simulated.answers
    if not isinstance(policies, CallerPolicies):
        return simulated
    arns, context = identity.session_arns(scope), identity.session_context()
    questions = [Question(action, arn, context) for action in OWN_SESSION_ACTIONS for arn in arns]
    known, named = _in_own_sessions(scope, caller), known_of_caller(scope, caller, identity)
    own = dict(zip(questions, evaluate(policies, questions, lambda _question: known), strict=True))
    (document,) = evaluate(policies, (document_question(scope),), lambda _question: named)
    return CallerInSessions(_best(own, arns, context), document)


def _in_own_sessions(scope: Scope, caller: JudgedCaller) -> Context:
    """What is known besides the context of the questions: who has no name of a user there has none."""
    return {**direct_context(scope, caller.principal), "aws:username": ()}


def _best(
    answers: Mapping[Question, Answer], arns: tuple[str, ...], context: tuple[tuple[str, str], ...]
) -> tuple[Answer, ...]:
    """One answer an action."""
    return tuple(best_of([answers[Question(action, arn, context)] for arn in arns]) for action in OWN_SESSION_ACTIONS)


def _principal_and_key(
    scope: Scope,
    caller: JudgedCaller,
    identity: CallerIdentity | Unreadable,
    fleet: ManagedFleet | Unreadable,
    key: Key,
) -> Hashable:
    return caller.principal, identity, key.arn, done_by_caller(scope, fleet)


@reads(SIMULATION, key=_principal_and_key)
async def simulated_caller_key(
    aws: Aws,
    scope: Scope,
    caller: JudgedCaller,
    identity: CallerIdentity | Unreadable,
    fleet: ManagedFleet | Unreadable,
    key: Key,
) -> SimulatedCallerKey:
    """On the key's ARN."""
    questions, known = (Question(GENERATE_DATA_KEY, key.arn),), known_of_caller(scope, caller, identity)
    done = done_by_caller(scope, fleet)
    answers = await simulate(aws, caller.principal, questions, lambda _question: known, done=done)
    return SimulatedCallerKey(caller.principal, answers)


@derives
def caller_key_permissions(
    scope: Scope,
    caller: JudgedCaller,
    identity: CallerIdentity | Unreadable,
    key: Key,
    simulated: SimulatedCallerKey | Unreadable,
    policies: CallerPolicies | Absent | Moot | Unreadable,
) -> CallerKeyPermissions | Unreadable:
    """What IAM says, else what the policies of the caller's role say."""
    if isinstance(simulated, SimulatedCallerKey):
        return CallerKeyPermissions(simulated.principal, simulated.answers)
    if isinstance(policies, CallerPolicies):
        questions, known = (Question(GENERATE_DATA_KEY, key.arn),), known_of_caller(scope, caller, identity)
        return CallerKeyPermissions(caller.principal, evaluate(policies, questions, lambda _question: known))
    return simulated
