"""What the caller may do to nodes and sessions: few simulations for many nodes, or ssmtui's own reading of policies."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace

from ssmtui.evidence.aws import Aws
from ssmtui.evidence.judged_caller import JudgedCaller
from ssmtui.evidence.own_evaluation import evaluate
from ssmtui.evidence.reading import derives, reads
from ssmtui.evidence.roles import CallerPolicies
from ssmtui.evidence.simulation import simulate, simulate_on_many
from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.managed_fleet import ManagedFleet
from ssmtui.model.node import NodeKind
from ssmtui.model.permissions import SIMULATION, Answer, CallerAtNode, CallerInSessions, CallerKeyPermissions, Question
from ssmtui.model.questions import (
    DOCUMENT_ACCESS_CHECK,
    GENERATE_DATA_KEY,
    OWN_SESSION_ACTIONS,
    START_ACCESS_REQUEST,
    START_SESSION,
    document_question,
    node_arn,
    own_session_arns,
    own_session_context,
)
from ssmtui.model.scope import Scope
from ssmtui.model.standing import ManagedNode
from ssmtui.model.storage import Key

_ON_NODES = (START_SESSION, START_ACCESS_REQUEST)
_ANY_SESSION = "session"
"""Stands for the name of a role's session, where the role alone is named."""

_TAG_KEYS = ("ssm:resourcetag/", "aws:resourcetag/")


@dataclass(frozen=True, slots=True)
class CallerIdentity:
    """The unique id of who calls, as the policy variable `aws:userid` has it, and the name of the session or user."""

    user_id: str
    name: str
    is_user: bool

    def session_arns(self, scope: Scope) -> tuple[str, ...]:
        """ARNs that a session of this caller's may have."""
        return own_session_arns(scope, self.user_id, self.name)

    def session_context(self) -> tuple[tuple[str, str], ...]:
        """What the policy variables stand for."""
        return own_session_context(self.user_id, self.name if self.is_user else None)


@dataclass(frozen=True, slots=True)
class CallerOnNodes:
    """IAM's answers about every managed node of the Region, without a word of the nodes' tags."""

    answers: Mapping[Question, Answer]


@dataclass(frozen=True, slots=True)
class ConditionsOnNode:
    """A further question, where the caller's policies have conditions on what a node is: asked once for its values."""

    resource: str
    context: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CallerOnConditions:
    """IAM's answers to that."""

    start: Answer
    request: Answer


@dataclass(frozen=True, slots=True)
class SimulatedSessions:
    """IAM's answers about sessions of the caller's own."""

    answers: CallerInSessions


class SimulatedCallerKey(CallerKeyPermissions):
    """IAM's answers about the caller and the session key."""

    __slots__ = ()


def _principal_and_nodes(scope: Scope, caller: JudgedCaller, fleet: ManagedFleet) -> Hashable:
    return caller.principal, fleet.ids


@reads(SIMULATION, key=_principal_and_nodes)
async def caller_on_nodes(aws: Aws, scope: Scope, caller: JudgedCaller, fleet: ManagedFleet) -> CallerOnNodes:
    """Every node by its own ARN, hundreds a call: a policy can name single nodes, and deny them."""
    arns = [node_arn(scope, id_) for id_ in fleet.ids]
    return CallerOnNodes(await simulate_on_many(aws, caller.principal, _ON_NODES, arns))


@derives
def conditions_on_node(
    scope: Scope, managed: ManagedNode, nodes: CallerOnNodes
) -> ConditionsOnNode | Moot | Unreadable:
    """Nodes whose tags have the same values are one question, about any node of their kind."""
    answer = nodes.answers.get(Question(START_SESSION, node_arn(scope, managed.node.id)))
    open_keys = answer.missing_context if answer is not None else ()
    asked = [key for key in open_keys if key.casefold().startswith(_TAG_KEYS)]
    by_document = [key for key in open_keys if key.casefold() == DOCUMENT_ACCESS_CHECK.casefold()]
    if answer is None or not (asked or (by_document and not answer.allowed)):
        return Moot(say("the caller's policies have no condition on nodes"))
    hybrid = managed.node.kind is NodeKind.HYBRID
    if hybrid and asked:
        return Unreadable("ssm:ListTagsForResource", say("the tags of hybrid nodes are not read"))
    tags = dict(managed.node.tags)
    values = [(key, tags[name]) for key in asked if (name := key.partition("/")[2]) in tags]
    context = (*values, *((key, "true") for key in by_document))
    return ConditionsOnNode(node_arn(scope, "mi-*" if hybrid else "*"), context)


def _principal_and_conditions(caller: JudgedCaller, conditions: ConditionsOnNode) -> Hashable:
    return caller.principal, conditions


@reads(SIMULATION, key=_principal_and_conditions)
async def caller_on_conditions(aws: Aws, caller: JudgedCaller, conditions: ConditionsOnNode) -> CallerOnConditions:
    """About any node with these values."""
    questions = [Question(action, conditions.resource, conditions.context) for action in _ON_NODES]
    start, request = await simulate(aws, caller.principal, questions)
    return CallerOnConditions(start, request)


@derives
def caller_at_node(
    scope: Scope,
    managed: ManagedNode,
    nodes: CallerOnNodes | Unreadable,
    conditions: CallerOnConditions | Absent | Moot | Unreadable,
    policies: CallerPolicies | Absent | Moot | Unreadable,
) -> CallerAtNode | Unreadable:
    """By IAM's word on the conditions where there are any, else on the node; by the policies where IAM is not asked."""
    questions = [Question(action, node_arn(scope, managed.node.id)) for action in _ON_NODES]
    if isinstance(nodes, Unreadable):
        if not isinstance(policies, CallerPolicies):
            return nodes
        checked = _asks_for_document(evaluate(policies, questions)[0])
        context = (*_tag_values(managed), (DOCUMENT_ACCESS_CHECK, "true"))
        start, request = evaluate(policies, [replace(each, context=context) for each in questions])
        return CallerAtNode(start, request, checked)
    if any(each not in nodes.answers for each in questions):
        return Unreadable(
            "", say("{node} has registered while the caller's permissions were read", node=managed.node.id)
        )
    start, request = (nodes.answers[each] for each in questions)
    checked = _asks_for_document(start)
    if isinstance(conditions, CallerOnConditions):
        start, request = (_without_tag_keys(each) for each in (conditions.start, conditions.request))
    elif isinstance(conditions, Unreadable):
        return conditions
    return CallerAtNode(start, request, checked, by_conditions=isinstance(conditions, CallerOnConditions))


def _tag_values(managed: ManagedNode) -> tuple[tuple[str, str], ...]:
    prefixes = ("ssm:resourceTag/", "aws:ResourceTag/")
    return tuple((prefix + name, value) for name, value in managed.node.tags for prefix in prefixes)


def _without_tag_keys(answer: Answer) -> Answer:
    """A tag that is still missing is one that the node does not have."""
    left = tuple(key for key in answer.missing_context if not key.casefold().startswith(_TAG_KEYS))
    return replace(answer, missing_context=left)


def _asks_for_document(start: Answer) -> bool:
    return any(key.casefold() == DOCUMENT_ACCESS_CHECK.casefold() for key in start.missing_context)


def _principal_and_session(scope: Scope, caller: JudgedCaller) -> Hashable:
    return caller.principal, scope.judged


@reads("sts:GetCallerIdentity", "iam:GetRole", "iam:GetUser", key=_principal_and_session)
async def caller_identity(aws: Aws, scope: Scope, caller: JudgedCaller) -> CallerIdentity:
    """STS tells it of who asks; IAM tells the unique id of a principal that is named instead."""
    if scope.judged is None:
        user_id = str((await aws.call("sts", "GetCallerIdentity"))["UserId"])
        return CallerIdentity(user_id, scope.caller.rpartition("/")[2], is_user=not caller.is_role)
    if not caller.is_role:
        user = (await aws.call("iam", "GetUser", UserName=caller.name))["User"]
        return CallerIdentity(str(user["UserId"]), caller.name, is_user=True)
    role_id = (await aws.call("iam", "GetRole", RoleName=caller.name))["Role"]["RoleId"]
    session = scope.judged.session or _ANY_SESSION
    return CallerIdentity(f"{role_id}:{session}", session, is_user=False)


def _principal_and_id(scope: Scope, caller: JudgedCaller, identity: CallerIdentity) -> Hashable:
    return caller.principal, identity


@reads(SIMULATION, key=_principal_and_id)
async def simulated_sessions(
    aws: Aws, scope: Scope, caller: JudgedCaller, identity: CallerIdentity
) -> SimulatedSessions:
    """On the ARNs that a session of the caller's may have, and on the preferences document."""
    arns, context = identity.session_arns(scope), identity.session_context()
    own = await simulate_on_many(aws, caller.principal, OWN_SESSION_ACTIONS, arns, context)
    (document,) = await simulate(aws, caller.principal, (document_question(scope),))
    return SimulatedSessions(CallerInSessions(_best(own, arns, context), document))


@derives
def caller_in_sessions(
    scope: Scope,
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
    own = dict(zip(questions, evaluate(policies, questions), strict=True))
    (document,) = evaluate(policies, (document_question(scope),))
    return CallerInSessions(_best(own, arns, context), document)


def _best(
    answers: Mapping[Question, Answer], arns: tuple[str, ...], context: tuple[tuple[str, str], ...]
) -> tuple[Answer, ...]:
    """One answer an action: that it is allowed by any of the names, else the last denial."""
    best = []
    for action in OWN_SESSION_ACTIONS:
        by_name = [answers[Question(action, arn, context)] for arn in arns]
        best.append(next((each for each in by_name if each.allowed), by_name[-1]))
    return tuple(best)


def _principal_and_key(caller: JudgedCaller, key: Key) -> Hashable:
    return caller.principal, key.arn


@reads(SIMULATION, key=_principal_and_key)
async def simulated_caller_key(aws: Aws, caller: JudgedCaller, key: Key) -> SimulatedCallerKey:
    """On the key's ARN."""
    questions = (Question(GENERATE_DATA_KEY, key.arn),)
    return SimulatedCallerKey(caller.principal, await simulate(aws, caller.principal, questions))


@derives
def caller_key_permissions(
    caller: JudgedCaller,
    key: Key,
    simulated: SimulatedCallerKey | Unreadable,
    policies: CallerPolicies | Absent | Moot | Unreadable,
) -> CallerKeyPermissions | Unreadable:
    """What IAM says, else what the policies of the caller's role say."""
    if isinstance(simulated, SimulatedCallerKey):
        return CallerKeyPermissions(simulated.principal, simulated.answers)
    if isinstance(policies, CallerPolicies):
        return CallerKeyPermissions(caller.principal, evaluate(policies, (Question(GENERATE_DATA_KEY, key.arn),)))
    return simulated
