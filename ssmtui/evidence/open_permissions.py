"""What a simulation of a node's role could not decide, asked once more with everything that is known of the node.

At first IAM is asked about a role as such: once, for all its nodes. Only what hangs on keys of the request is asked
about again, once for all nodes of the role whose requests leave by the same way.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from ssmtui.evidence.aws import Aws
from ssmtui.evidence.own_evaluation import evaluate
from ssmtui.evidence.reading import derives, reads
from ssmtui.evidence.roles import (
    HostManagementCorePermissions,
    HostManagementRolePolicies,
    HybridCorePermissions,
    HybridRolePolicies,
    NodeRolePolicies,
    ProfileCorePermissions,
    ProfileRolePolicies,
    RolePolicies,
    SimulatedBucket,
    SimulatedKey,
    SimulatedLogGroup,
)
from ssmtui.evidence.simulation import simulate
from ssmtui.language import say
from ssmtui.model.agent_requests import agent_context, passes_through_s3
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.identity import NodeRole, OrganizationId, RoleSource, RoleTags
from ssmtui.model.node import Instance
from ssmtui.model.permissions import SIMULATION, Answer, Permissions, Question
from ssmtui.model.policy_patterns import Context
from ssmtui.model.questions import CONTROL_CHANNEL_ACTIONS, node_arn
from ssmtui.model.request_origin import OF_A_NODE, WAY_KEYS, RequestOrigin, outside_ec2
from ssmtui.model.scope import Scope
from ssmtui.model.standing import Observation, RunningNode

_UNKNOWN = Absent | Moot | Unreadable
_TAG_KEY = "aws:principaltag/"
_NODE_POLICIES = (ProfileRolePolicies, HybridRolePolicies, HostManagementRolePolicies)


@dataclass(frozen=True, slots=True)
class OpenQuestions:
    """The questions about a node's role that hang on keys of the request, and which keys its own policies lacked."""

    questions: tuple[Question, ...]
    keys: tuple[str, ...]

    @property
    def of_single_nodes(self) -> bool:
        """Whether the role's own policies ask for what is another value of each node."""
        return any(key.lower() in OF_A_NODE for key in self.keys)


class OpenOnCore(OpenQuestions):
    """Those about registering and the channels."""

    __slots__ = ()


class OpenOnKey(OpenQuestions):
    """Those about the session key."""

    __slots__ = ()


class OpenOnBucket(OpenQuestions):
    """Those about the log bucket."""

    __slots__ = ()


class OpenOnLogGroup(OpenQuestions):
    """Those about the log group."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class AnswersForNode:
    """IAM's answers to them, about requests of the node."""

    answers: Mapping[Question, Answer]


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
class NodeAtItsWay:
    """A node with all that is known of its requests besides what they ask for."""

    running: RunningNode
    role_arn: str
    origin: RequestOrigin
    organization: OrganizationId | Absent | Unreadable
    tags: RoleTags | Unreadable


@dataclass(frozen=True, slots=True)
class ChannelOpenedAnyway:
    """The node has opened its channel, which the organization is said to deny: what is known of its way is wrong."""


Kind = TypeVar("Kind", bound=OpenQuestions)


def _open(kind: type[Kind], told: Permissions) -> Kind | Moot:
    """Whatever is denied, or allowed, for lack of a key."""
    hanging = [answer for answer in told.answers if _hangs(answer)]
    if not hanging:
        return Moot(say("nothing that IAM says of the role hangs on the request"))
    keys = {key for answer in hanging for key in answer.missing_context if not answer.only_by_organization}
    return kind(tuple(dict.fromkeys(each.question for each in hanging)), tuple(sorted(keys)))


def _hangs(answer: Answer) -> bool:
    return bool(answer.missing_context) or any(each.hangs_on for each in answer.denials)


@derives
def open_on_core(
    node_role: NodeRole,
    profile: ProfileCorePermissions | _UNKNOWN,
    hybrid: HybridCorePermissions | _UNKNOWN,
    shared: HostManagementCorePermissions | _UNKNOWN,
) -> OpenOnCore | Absent | Moot | Unreadable:
    """Of the role that the node really uses."""
    used = {
        RoleSource.INSTANCE_PROFILE: profile,
        RoleSource.HYBRID_ACTIVATION: hybrid,
        RoleSource.HOST_MANAGEMENT: shared,
    }[node_role.source]
    return _open(OpenOnCore, used) if isinstance(used, Permissions) else used


@derives
def open_on_key(told: SimulatedKey) -> OpenOnKey | Moot:
    """Of what IAM says of the key."""
    return _open(OpenOnKey, told)


@derives
def open_on_bucket(told: SimulatedBucket) -> OpenOnBucket | Moot:
    """Of what IAM says of the bucket."""
    return _open(OpenOnBucket, told)


@derives
def open_on_log_group(told: SimulatedLogGroup) -> OpenOnLogGroup | Moot:
    """Of what IAM says of the log group."""
    return _open(OpenOnLogGroup, told)


def _role_arn(node_role: NodeRole) -> Hashable:
    return node_role.role.arn


@reads("iam:ListRoleTags", key=_role_arn)
async def role_tags(aws: Aws, node_role: NodeRole) -> RoleTags:
    """What the role's sessions on nodes have as `aws:PrincipalTag`: those bring no tags of their own."""
    tags = [
        (str(tag["Key"]), str(tag["Value"]))
        async for page in aws.pages("iam", "ListRoleTags", RoleName=node_role.role.name)
        for tag in page["Tags"]
    ]
    return RoleTags(tuple(tags))


@derives
def node_at_its_way(
    running: RunningNode,
    node_role: NodeRole,
    origin: RequestOrigin,
    organization: OrganizationId | Absent | Unreadable,
    tags: RoleTags | Unreadable,
) -> NodeAtItsWay:
    """Asked for only where a question is open."""
    return NodeAtItsWay(running, node_role.role.arn, origin, organization, tags)


def _role_and_way(
    scope: Scope, asked: OpenQuestions, node: NodeAtItsWay, policies: object, opened: object = None
) -> Hashable:
    # What service control policies ask for of single nodes is told nowhere: one node stands for all of its way.
    one = node.running.node.id if asked.of_single_nodes else ""
    return node.role_arn, asked, node.origin, node.organization, node.tags, isinstance(opened, ChannelOpenedAnyway), one


async def _answered(
    aws: Aws, scope: Scope, asked: OpenQuestions, node: NodeAtItsWay, policies: object, opened: object = None
) -> Mapping[Question, Answer]:
    """With the organization's id, the role's tags, and the way by which the node's requests leave.

    Where policies could be read, it is because IAM may not be asked.
    """

    def known(question: Question) -> Context:
        return {
            **agent_context(scope, node.role_arn, question.action),
            **_of_organization(node.organization),
            **_of_tags(node.tags, asked.keys),
            **_of_way(scope, node, question.action),
        }

    if isinstance(policies, RolePolicies):
        answers = evaluate(policies, asked.questions, known)
    else:
        answers = await simulate(aws, node.role_arn, asked.questions, known)
    doubted = isinstance(opened, ChannelOpenedAnyway)
    return {each.question: _doubted(each) if doubted and each.only_by_organization else each for each in answers}


def _doubted(answer: Answer) -> Answer:
    return replace(answer, undecided=True, missing_context=WAY_KEYS)


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


def told_of_node(simulated: Permissions, again: object) -> tuple[Answer, ...]:
    """The answers, those that hung on keys of the request as they are for the node."""
    if not isinstance(again, AnswersForNode):
        return simulated.answers
    return tuple(again.answers.get(each.question, each) for each in simulated.answers)


def _of_organization(organization: OrganizationId | Absent | Unreadable) -> Context:
    if isinstance(organization, Unreadable):
        return {}
    return {"aws:PrincipalOrgID": (organization.id,) if isinstance(organization, OrganizationId) else ()}


def _of_tags(tags: RoleTags | Unreadable, asked: tuple[str, ...]) -> Context:
    if isinstance(tags, Unreadable):
        return {}
    own = {name.lower(): value for name, value in tags.tags}
    lacking = {key: () for key in asked if key.lower().startswith(_TAG_KEY) and key[len(_TAG_KEY) :].lower() not in own}
    return {**lacking, **{f"aws:PrincipalTag/{name}": (value,) for name, value in tags.tags}}


def _of_way(scope: Scope, at: NodeAtItsWay, action: str) -> Context:
    if passes_through_s3(action):
        return {}  # who asks then is S3
    node, origin, service = at.running.node, at.origin, action.partition(":")[0]
    if origin.vpc_id is None:
        return outside_ec2() if node.id.startswith("mi-") else {}
    instance = node.instance
    if not isinstance(instance, Instance):
        return origin.known(service)
    own = origin.known_of_node(service, instance.private_ip or "", instance.public_ip, node_arn(scope, node.id))
    return {**own, **origin.known(service)}
