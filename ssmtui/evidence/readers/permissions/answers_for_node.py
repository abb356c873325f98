"""What a simulation of a node's role left open, asked once more with everything that is known of the node's requests.

Only what hangs on keys of the request is asked about again, once for all nodes of the role whose requests leave by the
same way. Which questions those are is `open_questions`; what is known of the requests, `node_requests`.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace

from ssmtui.evidence.gathering.reading import derives, reads
from ssmtui.evidence.readers.identity.roles import (
    HostManagementRolePolicies,
    HybridRolePolicies,
    NodeRolePolicies,
    NodeRoleStatements,
    ProfileRolePolicies,
    RolePolicies,
)
from ssmtui.evidence.readers.permissions.node_requests import (
    NodeAtItsWay,
    all_of_request,
    known_of_request,
    perhaps_in_request,
    present_in_request,
    unread_of_request,
    withheld_of_request,
)
from ssmtui.evidence.readers.permissions.open_questions import (
    OpenOnBucket,
    OpenOnCore,
    OpenOnKey,
    OpenOnLogGroup,
    OpenQuestions,
)
from ssmtui.evidence.readers.permissions.organization_denials import RequestsOfRole, in_doubt, with_organization
from ssmtui.evidence.readers.permissions.own_evaluation import evaluate
from ssmtui.evidence.readers.permissions.registering import on_own_arn_besides, told_of_both
from ssmtui.evidence.readers.permissions.settling import settled
from ssmtui.evidence.wire.aws import Aws
from ssmtui.language import say
from ssmtui.model.agent_requests import agent_context
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.permissions import (
    SIMULATION,
    Denier,
    DenyingPolicy,
    EvaluationResult,
    Permissions,
    Question,
    answer_of,
)
from ssmtui.model.policy_patterns import Context
from ssmtui.model.questions import CONTROL_CHANNEL_ACTIONS
from ssmtui.model.request_origin import WAY_KEYS
from ssmtui.model.scope import Scope
from ssmtui.model.standing import Observation

_UNKNOWN = Absent | Moot | Unreadable
_ANY_TAG = "aws:PrincipalTag/*"
"""What a service control policy may go by, and which tag it is nobody tells."""
_NODE_POLICIES = (ProfileRolePolicies, HybridRolePolicies, HostManagementRolePolicies)


@dataclass(frozen=True, slots=True)
class AnswersForNode:
    """IAM's answers to them, about requests of the node."""

    answers: Mapping[Question, EvaluationResult]


class CoreAnswersForNode(AnswersForNode):
    """Those about registering and the channels."""

    __slots__ = ()


class KeyAnswersForNode(AnswersForNode):
    """Those about the session key."""

    __slots__ = ()


class BucketAnswersForNode(AnswersForNode):
    """Those about the log bucket."""

    __slots__ = ()


class LogGroupAnswersForNode(AnswersForNode):
    """Those about the log group."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class ChannelOpenedAnyway:
    """The node has opened its channel, which the organization is said to deny: what is known of its way is wrong."""


def _role_and_way(
    scope: Scope, asked: OpenQuestions, node: NodeAtItsWay, policies: object, opened: object = None
) -> Hashable:
    # What service control policies ask for of single nodes is told nowhere: one node stands for all of its way.
    one = node.running.node.id if asked.of_single_nodes else ""
    known = (node.origin, node.organization, node.tags, node.metadata)
    return node.role_arn, asked, known, isinstance(opened, ChannelOpenedAnyway), one


async def _answered(
    aws: Aws, scope: Scope, asked: OpenQuestions, node: NodeAtItsWay, policies: object, opened: object = None
) -> Mapping[Question, EvaluationResult]:
    """With the organization's id, the role's tags, and the way by which the node's requests leave.

    Where policies could be read, it is because IAM may not be asked.
    """

    def known(question: Question) -> Context:
        return known_of_request(scope, node, question, asked.keys)

    def present(question: Question) -> Context:
        return present_in_request(scope, node, question, asked.keys)

    def perhaps(question: Question) -> Context:
        return perhaps_in_request(scope, node, question, asked.keys)

    def withheld(question: Question) -> Context:
        return withheld_of_request(scope, node, question, asked.keys)

    def together(question: Question) -> Context:
        return all_of_request(scope, node, question, asked.keys)

    one, questions = node.running.node, asked.questions
    hanging, governed = (on_own_arn_besides(scope, one, each) for each in (asked.questions, asked.governed))
    if isinstance(policies, RolePolicies):
        found = evaluate(policies, hanging, known)
    else:
        questions = tuple(dict.fromkeys((*asked.questions, *asked.governed)))
        of_role = RequestsOfRole(aws, node.role_arn, known, present, (perhaps, withheld, together))
        found = await with_organization(of_role, hanging, governed)
    answers = told_of_both(scope, one, questions, found)
    doubts = WAY_KEYS if isinstance(opened, ChannelOpenedAnyway) else ()
    tags = (_ANY_TAG,) if isinstance(node.tags, Unreadable) else ()
    told = {question: _doubted(each, doubts, tags) for question, each in answers.items()}
    return {on: replace(each, unread=unread_of_request(node, each.open_keys)) for on, each in told.items()}


def _doubted(answer: EvaluationResult, way: tuple[str, ...], tags: tuple[str, ...]) -> EvaluationResult:
    """The answer, where the organization may go by what is wrong or was not read: for a tag it may deny it as well."""
    keys = (*way, *tags)
    if keys and answer.only_by_organization:
        return replace(answer, undecided=True, may_be_barred=True, missing_context=keys)
    if keys and answer.is_barred_by_organization:
        by_it = (each for each in answer.denials if each.denier is Denier.ORGANIZATION)
        return in_doubt(answer, tuple(dict.fromkeys((*(key for each in by_it for key in each.hangs_on), *keys))))
    if tags and answer.allowed and answer.governed:
        perhaps = DenyingPolicy(Denier.ORGANIZATION, explicit=True, hangs_on=tags)
        return replace(answer_of(answer.question, (perhaps,), bounded=answer.bounded), governed=True)
    return answer


@reads(SIMULATION, key=_role_and_way, along=_NODE_POLICIES)
async def core_answers_for_node(
    aws: Aws, scope: Scope, asked: OpenOnCore, node: NodeAtItsWay, policies: NodeRolePolicies | _UNKNOWN
) -> CoreAnswersForNode:
    """About registering and the channels."""
    return CoreAnswersForNode(await _answered(aws, scope, asked, node, policies))


@derives
def channel_opened_anyway(told: CoreAnswersForNode, observation: Observation) -> ChannelOpenedAnyway | Moot:
    """A node that is connected was let open its control channel."""
    if observation.connected and any(
        answer.only_by_organization and answer.question.action in CONTROL_CHANNEL_ACTIONS
        for answer in told.answers.values()
    ):
        return ChannelOpenedAnyway()
    return Moot(say("what IAM says agrees with what the node has shown"))


@reads(SIMULATION, key=_role_and_way, along=_NODE_POLICIES)
async def key_answers_for_node(
    aws: Aws,
    scope: Scope,
    asked: OpenOnKey,
    node: NodeAtItsWay,
    policies: NodeRolePolicies | _UNKNOWN,
    opened: ChannelOpenedAnyway | _UNKNOWN,
) -> KeyAnswersForNode:
    """About the session key."""
    return KeyAnswersForNode(await _answered(aws, scope, asked, node, policies, opened))


@reads(SIMULATION, key=_role_and_way, along=_NODE_POLICIES)
async def bucket_answers_for_node(
    aws: Aws,
    scope: Scope,
    asked: OpenOnBucket,
    node: NodeAtItsWay,
    policies: NodeRolePolicies | _UNKNOWN,
    opened: ChannelOpenedAnyway | _UNKNOWN,
) -> BucketAnswersForNode:
    """About the log bucket."""
    return BucketAnswersForNode(await _answered(aws, scope, asked, node, policies, opened))


@reads(SIMULATION, key=_role_and_way, along=_NODE_POLICIES)
async def log_group_answers_for_node(
    aws: Aws,
    scope: Scope,
    asked: OpenOnLogGroup,
    node: NodeAtItsWay,
    policies: NodeRolePolicies | _UNKNOWN,
    opened: ChannelOpenedAnyway | _UNKNOWN,
) -> LogGroupAnswersForNode:
    """About the log group."""
    return LogGroupAnswersForNode(await _answered(aws, scope, asked, node, policies, opened))


def told_of_node(
    scope: Scope, simulated: Permissions, again: object, policies: NodeRoleStatements | _UNKNOWN
) -> tuple[EvaluationResult, ...]:
    """The answers, those that hung on keys of the request as they are for the node."""
    asked_again = again.answers if isinstance(again, AnswersForNode) else {}
    told = (
        _on_way(asked_again[each.question], each) if each.question in asked_again else each
        for each in simulated.answers
    )
    return tuple(settled(each, policies, agent_context(scope, simulated.principal, each.question)) for each in told)


def _on_way(answer: EvaluationResult, before: EvaluationResult) -> EvaluationResult:
    """The answer, with the keys of the way that it lacked before: a static reading of a network proves nothing.

    What only the organization denies is no more than likely anyway: which keys it goes by is not told.
    """
    hung = {key.lower() for key in before.missing_context if not before.only_by_organization}
    told = {key.lower() for key in answer.missing_context}
    return replace(answer, on_way=tuple(key for key in WAY_KEYS if key.lower() in hung - told))
