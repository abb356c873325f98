"""Repeat questions that a role's simulation left open, with all condition keys of the node's requests."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from ssmtui.evidence.aws.reader_api import Aws
from ssmtui.evidence.facts.sources import derives, reads
from ssmtui.evidence.readers.policy_evaluation import (
    add_own_arn_questions,
    evaluate_role_policies,
    merge_own_arn_answers,
    settle_answer,
    settle_on_arns,
)
from ssmtui.evidence.readers.request_context import (
    assumed_context,
    combined_context,
    possible_context,
    withheld_context,
)
from ssmtui.evidence.readers.roles import (
    HostManagementCorePermissions,
    HostManagementRolePolicies,
    HybridCorePermissions,
    HybridRolePolicies,
    KeysLackedOfDestinations,
    KeysLackedOfNodeRole,
    NodeRolePolicies,
    NodeRoleStatements,
    ProfileCorePermissions,
    ProfileRolePolicies,
    RolePolicies,
    SimulatedBucket,
    SimulatedKey,
    SimulatedLogGroup,
    of_used_role,
)
from ssmtui.evidence.readers.simulation import (
    EMPTY_CONTEXT,
    RequestsOfRole,
    apply_organization_policies,
    doubted_by_unread,
    undecided_answer,
)
from ssmtui.iam_policy.patterns import UNKNOWN_VALUE, Context
from ssmtui.language import say
from ssmtui.model.fact import NoFact, NotApplicable, OfNode, Unreadable
from ssmtui.model.iam_questions import CONTROL_CHANNEL_ACTIONS, DESCRIBE_LOG_GROUPS
from ssmtui.model.identity import NodeRole
from ssmtui.model.key_requests import data_key_context, placeholder_session
from ssmtui.model.node_facts import Observation, SampleNode
from ssmtui.model.node_requests import NodeRequests, known_context, unread_context_reads
from ssmtui.model.permissions import (
    SIMULATION,
    Denier,
    EvaluationResult,
    Permissions,
    Question,
)
from ssmtui.model.request_context import NODE_KEYS, PATH_KEYS, agent_context
from ssmtui.model.resource_attributes import (
    NO_ATTRIBUTES,
    BucketAttributes,
    BucketKeyAttributes,
    KeyAttributes,
    LogGroupAttributes,
    ResourceAttributes,
    known_attributes,
)
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Bucket


@dataclass(frozen=True, slots=True)
class OpenQuestions:
    """Open questions about a node's role, which depend on keys of the request.

    `keys` are those that IAM did not have. `governed` are the questions that service control policies affect, by keys
    that IAM does not name.
    """

    questions: tuple[Question, ...]
    keys: tuple[str, ...]
    governed: tuple[Question, ...] = ()

    @property
    def of_single_nodes(self) -> bool:
        """Return whether the role's own policies use keys with a different value for each node."""
        return any(key.lower() in NODE_KEYS for key in self.keys)


class OpenOnCore(OpenQuestions):
    """Open questions about registration and the channels."""

    __slots__ = ()


class OpenOnKey(OpenQuestions):
    """Open questions about the session key."""

    __slots__ = ()


class OpenOnBucket(OpenQuestions):
    """Open questions about the log bucket."""

    __slots__ = ()


class OpenOnLogGroup(OpenQuestions):
    """Open questions about the log group."""

    __slots__ = ()


Kind = TypeVar("Kind", bound=OpenQuestions)


def _open(kind: type[Kind], told: Permissions) -> Kind | NotApplicable:
    """Return the answers that depend on a key.

    With service control policies, these are also the allowed and the implicitly denied answers.
    """
    governed = [answer for answer in told.answers if answer.governed and not answer.is_denied_explicitly]
    silent = [answer for answer in governed if not answer.allowed]
    hanging = [answer for answer in told.answers if _hangs(answer) or answer in silent]
    if not hanging and not governed:
        return NotApplicable(say("IAM's result for the role does not depend on the request"))
    keys = {key for answer in hanging for key in _lacked(answer)}
    return kind(_questions(hanging), tuple(sorted(keys)), _questions(governed))


def _questions(answers: Iterable[EvaluationResult]) -> tuple[Question, ...]:
    return tuple(dict.fromkeys(each.question for each in answers))


def _lacked(answer: EvaluationResult) -> Iterator[str]:
    """Yield the keys that IAM did not have, including keys of other denials.

    Service control policies are left out: IAM does not return their keys.
    """
    if answer.allowed:
        yield from answer.missing_context
    yield from answer.lacked
    for each in answer.denials:
        if each.denier is not Denier.ORGANIZATION:
            yield from each.hangs_on


def _hangs(answer: EvaluationResult) -> bool:
    return bool(answer.missing_context) or any(each.hangs_on for each in answer.denials)


@derives
def open_on_core(
    node_role: NodeRole,
    profile: ProfileCorePermissions | NoFact,
    hybrid: HybridCorePermissions | NoFact,
    shared: HostManagementCorePermissions | NoFact,
) -> OpenOnCore | NoFact:
    """Return the open questions about the role that the node uses."""
    used: Permissions | NoFact = of_used_role(node_role, profile, hybrid, shared)
    return _open(OpenOnCore, used) if isinstance(used, Permissions) else used


@derives
def keys_lacked_of_node_role(asked: OpenOnCore) -> KeysLackedOfNodeRole | NotApplicable:
    """Return the keys that IAM did not have, and that requests to Systems Manager can have."""
    if not asked.keys:
        return NotApplicable(say("no condition key was missing for IAM"))
    return KeysLackedOfNodeRole(asked.keys)


@derives
def open_on_key(told: SimulatedKey) -> OpenOnKey | NotApplicable:
    """Return the open questions about the session key."""
    return _open(OpenOnKey, told)


@derives
def open_on_bucket(told: SimulatedBucket) -> OpenOnBucket | NotApplicable:
    """Return the open questions about the log bucket."""
    return _open(OpenOnBucket, told)


@derives
def open_on_log_group(told: SimulatedLogGroup) -> OpenOnLogGroup | NotApplicable:
    """Return the open questions about the log group."""
    return _open(OpenOnLogGroup, told)


@derives
def keys_lacked_of_destinations(
    on_key: OpenOnKey | NoFact, on_bucket: OpenOnBucket | NoFact, on_group: OpenOnLogGroup | NoFact
) -> KeysLackedOfDestinations | NotApplicable:
    """Return the keys that IAM did not have, also those that only requests to KMS, S3 or CloudWatch Logs can have."""
    asked = (each for each in (on_key, on_bucket, on_group) if isinstance(each, OpenQuestions))
    keys = {key for each in asked for key in each.keys}
    if not keys:
        return NotApplicable(say("no condition key was missing for IAM"))
    return KeysLackedOfDestinations(tuple(sorted(keys)))


_ANY_TAG = "aws:PrincipalTag/*"
"""Stands for any tag that a service control policy can use: AWS does not say which."""
_NODE_POLICIES = (ProfileRolePolicies, HybridRolePolicies, HostManagementRolePolicies)


@dataclass(frozen=True, slots=True)
class AnswersForNode:
    """IAM's answers to the open questions, for requests of the node."""

    answers: Mapping[Question, EvaluationResult]


class CoreAnswersForNode(AnswersForNode):
    """Answers about registration and the channels."""

    __slots__ = ()


class KeyAnswersForNode(AnswersForNode):
    """Answers about the session key."""

    __slots__ = ()


class BucketAnswersForNode(AnswersForNode):
    """Answers about the log bucket."""

    __slots__ = ()


class LogGroupAnswersForNode(AnswersForNode):
    """Answers about the log group."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class ChannelOpenedAnyway:
    """The node has opened its channel, which the organization seems to deny: the known network path must be wrong."""


def _role_and_way(
    scope: Scope,
    asked: OpenQuestions,
    node: NodeRequests,
    sample: SampleNode,
    policies: object,
    opened: object = None,
) -> Hashable | OfNode[Hashable]:
    # AWS does not return what service control policies require of single nodes: one node stands for all with the same
    # path.
    known = (node.origin, node.organization, node.tags, node.metadata)
    shared = (node.role_arn, asked, known, isinstance(opened, ChannelOpenedAnyway))
    return OfNode(lambda one: (*shared, one.id)) if asked.of_single_nodes else (*shared, "")


AttributesFunction = Callable[[Question], ResourceAttributes | None]
"""Returns what is known of the resource of a question; None if no policy depends on it, or if it cannot be read."""


def _no_attributes(_question: Question) -> None:
    return None


async def _answered(
    aws: Aws,
    scope: Scope,
    asked: OpenQuestions,
    node: NodeRequests,
    sample: SampleNode,
    policies: object,
    opened: object = None,
    also: Context = EMPTY_CONTEXT,
    placeholders: Context = EMPTY_CONTEXT,
    attributes: AttributesFunction = _no_attributes,
) -> Mapping[Question, EvaluationResult]:
    """Ask with the organization's ID, the role's tags, and the network path of the node's requests.

    If `policies` were read, IAM refuses simulations. `also` are more known keys, `placeholders` values of keys that the
    request has with unknown values.
    """
    one = sample.node

    def known(question: Question) -> Context:
        of_resource = attributes(question)
        own = EMPTY_CONTEXT if of_resource is None else of_resource.context(asked.keys)
        return {**known_context(scope, node, one, question, asked.keys), **also, **own}

    def told_to_iam(question: Question) -> Context:
        return {key: values for key, values in known(question).items() if UNKNOWN_VALUE not in values}

    def present(question: Question) -> Context:
        return {**assumed_context(scope, node, one, question, asked.keys), **_apart(placeholders, asked.keys)}

    def perhaps(question: Question) -> Context:
        return possible_context(scope, node, question, asked.keys)

    def withheld(question: Question) -> Context:
        own = _apart(placeholders, asked.keys)
        kept = {key: values for key, values in placeholders.items() if key not in own}
        return {**withheld_context(scope, node, one, question, asked.keys), **kept}

    def together(question: Question) -> Context:
        return combined_context(scope, node, one, question, asked.keys)

    questions = asked.questions
    hanging, governed = (add_own_arn_questions(scope, one, each) for each in (asked.questions, asked.governed))
    if isinstance(policies, RolePolicies):
        found = evaluate_role_policies(policies, hanging, known)
    else:
        questions = tuple(dict.fromkeys((*asked.questions, *asked.governed)))
        of_role = RequestsOfRole(aws, node.role_arn, told_to_iam, present, (perhaps, withheld, together))
        found = await apply_organization_policies(of_role, hanging, governed)
        found = await settle_on_arns(aws, node.role_arn, found, known)
    answers = merge_own_arn_answers(scope, one, questions, found)
    wrong = PATH_KEYS if isinstance(opened, ChannelOpenedAnyway) else ()
    tags = (_ANY_TAG,) if isinstance(node.tags, Unreadable) else ()
    found_for: dict[Question, EvaluationResult] = {}
    for question, answer in answers.items():
        of_resource = attributes(question)
        told = _doubted(answer, wrong, (*tags, *(of_resource.unknown_keys if of_resource is not None else ())))
        unread = unread_context_reads(node, told.open_keys, question.action)
        of_attributes = of_resource.unread(told.open_keys) if of_resource is not None else ()
        found_for[question] = replace(told, unread=tuple(dict.fromkeys((*told.unread, *unread, *of_attributes))))
    return found_for


def _apart(context: Context, keys: Iterable[str]) -> Context:
    """Return the context without these keys."""
    left_out = {key.lower() for key in keys}
    return {key: values for key, values in context.items() if key.lower() not in left_out}


def _doubted(answer: EvaluationResult, wrong: tuple[str, ...], unread: tuple[str, ...]) -> EvaluationResult:
    """Mark the answer as undecided if service control policies can depend on wrong or unread keys.

    With unread keys, a request that they do not deny may also be denied.
    """
    keys = (*wrong, *unread)
    if keys and answer.only_by_organization:
        return replace(answer, undecided=True, may_be_barred=True, missing_context=keys)
    if keys and answer.is_barred_by_organization:
        by_it = (each for each in answer.denials if each.denier is Denier.ORGANIZATION)
        return undecided_answer(
            answer, tuple(dict.fromkeys((*(key for each in by_it for key in each.hangs_on), *keys)))
        )
    return doubted_by_unread(answer, unread)


@reads(SIMULATION, key=_role_and_way, along=_NODE_POLICIES)
async def core_answers_for_node(
    aws: Aws,
    scope: Scope,
    asked: OpenOnCore,
    node: NodeRequests,
    sample: SampleNode,
    policies: NodeRolePolicies | NoFact,
) -> CoreAnswersForNode:
    """Ask about registration and the channels."""
    return CoreAnswersForNode(await _answered(aws, scope, asked, node, sample, policies))


@derives
def channel_opened_anyway(told: CoreAnswersForNode, observation: Observation) -> ChannelOpenedAnyway | NotApplicable:
    """Return whether a connected node proves that it was allowed to open its control channel."""
    if observation.connected and any(
        answer.only_by_organization and answer.question.action in CONTROL_CHANNEL_ACTIONS
        for answer in told.answers.values()
    ):
        return ChannelOpenedAnyway()
    return NotApplicable(say("the result of IAM agrees with the calls of the node"))


def _with_resources(way: Hashable | OfNode[Hashable], *known: Hashable) -> Hashable | OfNode[Hashable]:
    """Return the key of a simulation with what is known of its resources."""
    return OfNode(lambda one: (way.answer(one), *known)) if isinstance(way, OfNode) else (way, *known)


def _role_way_and_attributes(
    scope: Scope,
    asked: OpenQuestions,
    node: NodeRequests,
    sample: SampleNode,
    policies: object,
    opened: object,
    attributes: KeyAttributes | NoFact,
) -> Hashable | OfNode[Hashable]:
    way = _role_and_way(scope, asked, node, sample, policies, opened)
    return _with_resources(way, known_attributes(KeyAttributes, attributes))


@reads(SIMULATION, key=_role_way_and_attributes, along=_NODE_POLICIES)
async def key_answers_for_node(
    aws: Aws,
    scope: Scope,
    asked: OpenOnKey,
    node: NodeRequests,
    sample: SampleNode,
    policies: NodeRolePolicies | NoFact,
    opened: ChannelOpenedAnyway | NoFact,
    attributes: KeyAttributes | NoFact,
) -> KeyAnswersForNode:
    """Ask about the session key."""
    of_key = known_attributes(KeyAttributes, attributes)
    also, session = data_key_context(sample.node.id), placeholder_session()
    answers = await _answered(
        aws, scope, asked, node, sample, policies, opened, also, session, lambda _question: of_key
    )
    return KeyAnswersForNode(answers)


def _role_way_and_bucket(
    scope: Scope,
    asked: OpenOnBucket,
    node: NodeRequests,
    sample: SampleNode,
    policies: object,
    opened: object,
    bucket: Bucket | NoFact,
    of_bucket: BucketAttributes | NoFact,
    of_key: BucketKeyAttributes | NoFact,
) -> Hashable | OfNode[Hashable]:
    way = _role_and_way(scope, asked, node, sample, policies, opened)
    place = (bucket.region, bucket.account) if isinstance(bucket, Bucket) else None
    return _with_resources(
        way, place, known_attributes(BucketAttributes, of_bucket), known_attributes(BucketKeyAttributes, of_key)
    )


@reads(SIMULATION, key=_role_way_and_bucket, along=_NODE_POLICIES)
async def bucket_answers_for_node(
    aws: Aws,
    scope: Scope,
    asked: OpenOnBucket,
    node: NodeRequests,
    sample: SampleNode,
    policies: NodeRolePolicies | NoFact,
    opened: ChannelOpenedAnyway | NoFact,
    bucket: Bucket | NoFact,
    of_bucket: BucketAttributes | NoFact,
    of_key: BucketKeyAttributes | NoFact,
) -> BucketAnswersForNode:
    """Ask about the log bucket and its key."""
    of_service = {
        "kms": known_attributes(BucketKeyAttributes, of_key),
        "s3": known_attributes(BucketAttributes, of_bucket),
    }

    def attributes(question: Question) -> ResourceAttributes | None:
        return of_service.get(question.action.partition(":")[0])

    to_bucket = node.to_bucket(bucket)
    answers = await _answered(aws, scope, asked, to_bucket, sample, policies, opened, attributes=attributes)
    return BucketAnswersForNode(answers)


def _role_way_and_group(
    scope: Scope,
    asked: OpenOnLogGroup,
    node: NodeRequests,
    sample: SampleNode,
    policies: object,
    opened: object,
    of_group: LogGroupAttributes | NoFact,
) -> Hashable | OfNode[Hashable]:
    way = _role_and_way(scope, asked, node, sample, policies, opened)
    return _with_resources(way, known_attributes(LogGroupAttributes, of_group))


@reads(SIMULATION, key=_role_way_and_group, along=_NODE_POLICIES)
async def log_group_answers_for_node(
    aws: Aws,
    scope: Scope,
    asked: OpenOnLogGroup,
    node: NodeRequests,
    sample: SampleNode,
    policies: NodeRolePolicies | NoFact,
    opened: ChannelOpenedAnyway | NoFact,
    of_group: LogGroupAttributes | NoFact,
) -> LogGroupAnswersForNode:
    """Ask about the log group."""
    known = known_attributes(LogGroupAttributes, of_group)

    def attributes(question: Question) -> ResourceAttributes | None:
        # A request to describe log groups is for no log group (docs/facts/permissions.md §4).
        return NO_ATTRIBUTES if question.action == DESCRIBE_LOG_GROUPS else known

    answers = await _answered(aws, scope, asked, node, sample, policies, opened, attributes=attributes)
    return LogGroupAnswersForNode(answers)


def apply_node_answers(
    scope: Scope, simulated: Permissions, again: object, policies: NodeRoleStatements | NoFact
) -> tuple[EvaluationResult, ...]:
    """Return the answers, with open answers replaced by those for the node.

    If these could not be read, it is unknown whether service control policies deny the requests of the node.
    """

    def at_node(answer: EvaluationResult) -> EvaluationResult:
        if isinstance(again, AnswersForNode) and answer.question in again.answers:
            return _on_way(again.answers[answer.question], answer)
        if isinstance(again, Unreadable) and answer.governed:
            return answer.perhaps_barred_by_organization(again)
        return answer

    return tuple(
        settle_answer(at_node(each), policies, agent_context(scope, simulated.principal, each.question))
        for each in simulated.answers
    )


def _on_way(answer: EvaluationResult, before: EvaluationResult) -> EvaluationResult:
    """Record the network path keys that the answer was missing before: a static analysis of a network proves nothing.

    A denial only by the organization is only likely in any case: AWS does not return its keys.
    """
    hung = {key.lower() for key in before.missing_context if not before.only_by_organization}
    told = {key.lower() for key in answer.missing_context}
    return replace(answer, on_way=tuple(key for key in PATH_KEYS if key.lower() in hung - told))
