"""Answer questions about roles: with IAM's simulation, or by evaluating their own policies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ssmtui.evidence.aws.reader_api import Aws, AwsError, MalformedAnswer, ReadFailed
from ssmtui.evidence.aws.scope_errors import unreadable_from_error
from ssmtui.evidence.readers.role_policies import policies_of_role
from ssmtui.evidence.readers.roles import RolePolicies, SimulatedCore
from ssmtui.evidence.readers.simulation import ContextFunction, no_context, simulate, simulate_on_many
from ssmtui.evidence.readers.simulation_queue import PAIRS_A_CALL
from ssmtui.iam_policy.document import Policy
from ssmtui.iam_policy.evaluation import AuthorizationRequest, PolicyResult, evaluate_request, undecided_keys
from ssmtui.iam_policy.patterns import Context
from ssmtui.iam_policy.resource_groups import group_resources
from ssmtui.iam_policy.truth import Truth, logical_and, truth_from_bool
from ssmtui.language import say
from ssmtui.model.fact import NoFact, OfNode, ReadFailure, Unreadable
from ssmtui.model.iam_questions import ACTIONS_WITHOUT_RESOURCE_TYPE, UPDATE_INSTANCE_INFORMATION, node_arn
from ssmtui.model.node import Node, NodeKind
from ssmtui.model.node_facts import NodesAlike
from ssmtui.model.permissions import (
    SIMULATION,
    Decision,
    Denier,
    DenyingPolicy,
    EvaluationResult,
    Permissions,
    Question,
    answer_of,
)
from ssmtui.model.request_context import agent_context, direct_context
from ssmtui.model.scope import Scope

POLICY_READS_SOURCE = "iam:GetRolePolicy, iam:GetPolicyVersion"

_TAG_KEY = "aws:principaltag/"
_EVERYTHING = PolicyResult(Truth.YES, Truth.NO)
_ALL_RESOURCES = "*"


def evaluate_role_policies(
    role: RolePolicies, questions: Sequence[Question], known: ContextFunction = no_context
) -> tuple[EvaluationResult, ...]:
    """Return the answers in the order of the questions. `known` returns the known keys of the request of a question."""
    return tuple(_answer(role, question, known(question)) for question in questions)


def _answer(role: RolePolicies, question: Question, known: Context) -> EvaluationResult:
    consulted = _consulted(role)
    context: dict[str, tuple[str, ...]] = dict(known) | {key: (value,) for key, value in question.context}
    request = AuthorizationRequest(question.action, question.resource, context=context)
    asked = undecided_keys(consulted, request)
    if role.tags is not None and any(key.lower().startswith(_TAG_KEY) for key in asked):
        request = AuthorizationRequest(question.action, question.resource, context=context | _tags(asked, role.tags))
        asked = undecided_keys(consulted, request)
    own = evaluate_request(role.policies, request)
    boundary = evaluate_request((role.boundary,), request) if role.boundary is not None else _EVERYTHING
    decision, denier = _decide(own, boundary)
    sure = (*_sure_denial(Denier.IDENTITY, own), *_sure_denial(Denier.BOUNDARY, boundary))
    told = EvaluationResult(
        question,
        decision,
        denier,
        asked,
        POLICY_READS_SOURCE,
        undecided=logical_and(own.permits, boundary.permits) is Truth.PERHAPS,
        # A resource policy overrides neither a denial nor a boundary.
        may_be_barred=Truth.PERHAPS in (own.denies, boundary.permits),
        bounded=truth_from_bool(role.boundary is not None),
        also=tuple(each for each in sure if each.denier is not denier),
    )
    return told.perhaps_barred_by_organization(*role.unread_above) if role.unread_above else told


def _consulted(role: RolePolicies) -> tuple[Policy, ...]:
    return (*role.policies, *((role.boundary,) if role.boundary is not None else ()))


def _sure_denial(denier: Denier, reading: PolicyResult) -> tuple[DenyingPolicy, ...]:
    if reading.denies is Truth.YES:
        return (DenyingPolicy(denier, explicit=True),)
    return (DenyingPolicy(denier, explicit=False),) if reading.allows is Truth.NO else ()


def _tags(asked: Sequence[str], tags: tuple[tuple[str, str], ...]) -> dict[str, tuple[str, ...]]:
    """Return the values of the tags that the policies use; empty for tags that the role lacks.

    Keys are not case-sensitive.
    """
    values = {name.lower(): value for name, value in tags}
    found: dict[str, tuple[str, ...]] = {}
    for key in asked:
        if key.lower().startswith(_TAG_KEY):
            value = values.get(key.lower().removeprefix(_TAG_KEY))
            found[key] = () if value is None else (value,)
    return found


def _decide(own: PolicyResult, boundary: PolicyResult) -> tuple[Decision, Denier | None]:
    """Decide as IAM does: a condition that is not known to hold does not hold. Certain results come first."""
    if own.denies is Truth.YES:
        return Decision.EXPLICIT_DENY, Denier.IDENTITY
    if boundary.denies is Truth.YES:
        return Decision.EXPLICIT_DENY, Denier.BOUNDARY
    for unsure in (Truth.NO, Truth.PERHAPS):
        if boundary.allows is unsure:
            return Decision.IMPLICIT_DENY, Denier.BOUNDARY
        if own.allows is unsure:
            return Decision.IMPLICIT_DENY, Denier.IDENTITY
    return Decision.ALLOWED, None


async def settle_on_arns(
    aws: Aws, principal: str, answers: Sequence[EvaluationResult], known: ContextFunction
) -> tuple[EvaluationResult, ...]:
    """Return the answers; for a denied action without a resource type, the evaluation of the principal's own policies.

    IAM may have denied it because of the resource's type (docs/facts/permissions.md §2). If the policies cannot be
    read, the answer is undecided.
    """
    open_ = [each for each in answers if _is_open_on_arn(each)]
    if not open_:
        return tuple(answers)
    role = await _policies_of(aws, principal)
    told = {each.question: _on_arn(each, role, known(each.question)) for each in open_}
    return tuple(told.get(each.question, each) for each in answers)


def _is_open_on_arn(answer: EvaluationResult) -> bool:
    asked = answer.question
    is_on_arn = asked.action in ACTIONS_WITHOUT_RESOURCE_TYPE and asked.resource != _ALL_RESOURCES
    return is_on_arn and not answer.allowed and not answer.only_by_organization


async def _policies_of(aws: Aws, principal: str) -> RolePolicies | Unreadable:
    """Return the policies of a role. Groups are not supported, so those of a user are not read."""
    if ":role/" not in principal:
        return Unreadable("", say("the policies of IAM users are not read"), ReadFailure.FAILED, POLICY_READS_SOURCE)
    try:
        return await policies_of_role(RolePolicies, aws, principal.rpartition("/")[2])
    except (AwsError, MalformedAnswer, ReadFailed) as failed:
        return unreadable_from_error(failed)


def _on_arn(answer: EvaluationResult, role: RolePolicies | Unreadable, known: Context) -> EvaluationResult:
    if isinstance(role, Unreadable):
        return replace(answer, undecided=True, unread=(role,))
    (own,) = evaluate_role_policies(role, (answer.question,), lambda _question: known)
    above = tuple(each for each in answer.denials if each.denier is Denier.ORGANIZATION)
    if not above:
        return replace(own, governed=answer.governed)
    told = answer_of(answer.question, (*own.denials, *above), own.missing_context, own.bounded)
    return replace(told, source=own.source, governed=answer.governed)


def settle_answer(answer: EvaluationResult, policies: RolePolicies | NoFact, known: Context) -> EvaluationResult:
    """Mark an answer as undecided if keys that IAM did not have can affect it; `policies` are all of the principal's.

    Denials by service control policies stay as they are: the principal's own policies do not show their keys.
    """
    if answer.source != SIMULATION or not answer.missing_context or answer.is_barred_by_organization:
        return answer
    if isinstance(policies, RolePolicies):
        return _by_policies(answer, policies, known)
    unread = (policies,) if isinstance(policies, Unreadable) else ()
    doubted = answer.in_doubt_if_barred()
    return replace(doubted, unread=tuple(dict.fromkeys((*doubted.unread, *unread)))) if doubted.undecided else doubted


def _by_policies(answer: EvaluationResult, policies: RolePolicies, known: Context) -> EvaluationResult:
    (own,) = evaluate_role_policies(policies, (answer.question,), lambda _question: known)
    # The answer also depends on keys that IAM had, for example a tag of the node. Those are not open any more.
    bearing = {key.casefold() for key in own.missing_context}
    kept = tuple(key for key in answer.missing_context if key.casefold() in bearing)
    if own.undecided and own.missing_context:
        # A tag that was read, but that IAM did not have, still affects IAM's answer.
        (untagged,) = evaluate_role_policies(replace(policies, tags=None), (answer.question,), lambda _question: known)
        bearing |= {key.casefold() for key in untagged.missing_context}
        kept = tuple(key for key in answer.missing_context if key.casefold() in bearing)
        return _lacking(answer, kept).in_doubt_if_barred()
    if own.undecided or own.allowed is not answer.allowed:
        return answer.in_doubt_if_barred()
    open_ = kept if own.missing_context else answer.missing_context
    if own.may_be_barred and open_:
        perhaps = _perhaps_denying(policies, answer.question, known, open_)
        return _denied_by(answer, (*own.denials, *perhaps))
    return _lacking(answer, ())


def _perhaps_denying(
    policies: RolePolicies, question: Question, known: Context, keys: tuple[str, ...]
) -> Iterator[DenyingPolicy]:
    """Yield the kinds of policies that may deny the request, depending on these keys.

    They deny even if a resource policy allows the request: explicit denials in the identity's policies, and all of a
    boundary.
    """
    boundary = () if policies.boundary is None else (policies.boundary,)
    for denier, held in ((Denier.IDENTITY, policies.policies), (Denier.BOUNDARY, boundary)):
        (alone,) = evaluate_role_policies(
            replace(policies, policies=held, boundary=None), (question,), lambda _question: known
        )
        if alone.may_be_barred or (denier is Denier.BOUNDARY and alone.undecided):
            yield DenyingPolicy(denier, explicit=alone.may_be_barred, hangs_on=keys)


def _lacking(answer: EvaluationResult, keys: tuple[str, ...]) -> EvaluationResult:
    """Return the answer with only these keys missing."""
    if answer.allowed:
        return replace(answer, missing_context=keys, may_be_barred=answer.may_be_barred and bool(keys))
    denials = tuple(
        replace(each, hangs_on=tuple(key for key in each.hangs_on if key in keys)) for each in answer.denials
    )
    return _denied_by(answer, denials)


def _denied_by(answer: EvaluationResult, denials: tuple[DenyingPolicy, ...]) -> EvaluationResult:
    told = answer_of(answer.question, denials, bounded=answer.bounded)
    return replace(told, on_way=answer.on_way, unread=answer.unread, governed=answer.governed)


ALL_INSTANCES = NodesAlike(frozenset(("i-*",)))
ALL_HYBRID_NODES = NodesAlike(frozenset(("mi-*",)))
"""Stands for nodes that could not be listed: policies for all nodes apply to it as well."""


def collapse_answers(
    scope: Scope, by_arn: Mapping[str, EvaluationResult], role: RolePolicies | None
) -> Mapping[str, EvaluationResult]:
    """Return the answers by the ARN of each node; one answer for all nodes that have the same.

    A denial of one node can depend on a key that an answer lacks. Such an answer stays that of its node, unless the
    policies of the role are known and do not tell the node apart from others.
    """
    first = next(iter(by_arn.values()), None)
    if first is None:
        return by_arn
    of_all = _of_all(scope, first.question.resource.rpartition("/")[2])
    lacking = _lacking_keys(by_arn)
    alike = _not_told_apart(role, of_all, lacking) if lacking else by_arn
    one = next(iter(alike.values()), None)
    if one is None or not all(each.says_the_same(one) for each in alike.values()):
        return by_arn
    others = {arn: each for arn, each in by_arn.items() if arn not in alike}
    return {of_all: replace(one, question=replace(one.question, resource=of_all)), **others}


def _lacking_keys(by_arn: Mapping[str, EvaluationResult]) -> Mapping[str, EvaluationResult]:
    return {arn: each for arn, each in by_arn.items() if each.missing_context}


def _not_told_apart(
    role: RolePolicies | None, of_all: str, by_arn: Mapping[str, EvaluationResult]
) -> Mapping[str, EvaluationResult]:
    """Return the answers about the nodes that no policy of the role tells apart from `of_all`."""
    if role is None:
        return {}
    groups = group_resources(_consulted(role), (UPDATE_INSTANCE_INFORMATION,), (of_all, *by_arn)) or ()
    return {arn: by_arn[arn] for group in groups if of_all in group for arn in group if arn != of_all}


Core = TypeVar("Core", bound=Permissions)


def core_at_node(scope: Scope, simulated: SimulatedCore, kind: type[Core]) -> Core | OfNode[Core]:
    """Return IAM's answers about the role at each node: the node's ID matters only if the answers differ."""
    told = simulated.registering

    def with_own(own: EvaluationResult | None) -> Core:
        answers = (
            _at_node(own, each, simulated) if own and each.question.action == UPDATE_INSTANCE_INFORMATION else each
            for each in simulated.answers
        )
        return kind(simulated.principal, tuple(answers))

    if len(told) == 1:
        return with_own(next(iter(told.values())))
    return OfNode(lambda node: with_own(told.get(node_arn(scope, node.id)) or told.get(_of_all(scope, node.id))))


def add_own_arn_questions(scope: Scope, node: Node, questions: Iterable[Question]) -> tuple[Question, ...]:
    """Replace questions about registration by questions on `*` and on the node's own ARN, which a policy can name."""
    asked = (each for question in questions for each in (_on_all(question), _on_own_arn(scope, node, question)))
    return tuple(dict.fromkeys(asked))


def merge_own_arn_answers(
    scope: Scope, node: Node, questions: Iterable[Question], answers: Iterable[EvaluationResult]
) -> Mapping[Question, EvaluationResult]:
    """Return the answers by the questions before `add_own_arn_questions`. The node can stand for its peers."""
    by_question = {each.question: each for each in answers}
    told: dict[Question, EvaluationResult] = {}
    for question in questions:
        on_all, own = by_question[_on_all(question)], by_question[_on_own_arn(scope, node, question)]
        answer = _on_either(own, on_all)
        as_on_all = answer.allowed or answer.says_the_same(on_all)
        of_all_alike = question.resource == _ALL_RESOURCES and not as_on_all
        told[question] = replace(answer, question=_on_all_alike(own.question) if of_all_alike else question)
    return told


def _on_all(question: Question) -> Question:
    return replace(question, resource=_ALL_RESOURCES) if question.action == UPDATE_INSTANCE_INFORMATION else question


def _on_own_arn(scope: Scope, node: Node, question: Question) -> Question:
    if question.action != UPDATE_INSTANCE_INFORMATION:
        return question
    return replace(question, resource=node_arn(scope, node.id))


def _of_all(scope: Scope, node_id: str) -> str:
    return node_arn(scope, "mi-*" if NodeKind.of_id(node_id) is NodeKind.HYBRID else "i-*")


def _at_node(own: EvaluationResult, on_all: EvaluationResult, simulated: SimulatedCore) -> EvaluationResult:
    told = _on_either(own, on_all)
    if told.missing_context and told is own:
        return told
    if told.allowed or told.says_the_same(on_all):
        return replace(told, question=on_all.question)
    if all(each.says_the_same(told) for each in simulated.registering.values()):
        return replace(told, question=_on_all_alike(own.question))
    return told


def _on_all_alike(own: Question) -> Question:
    return replace(own, resource=f"{own.resource.rpartition('/')[0]}/*")


def _on_either(own: EvaluationResult, on_all: EvaluationResult) -> EvaluationResult:
    """Return the answer on the node's ARN, else on `*`: allowed on either means allowed, unless explicitly denied.

    Source: docs/facts/permissions.md §2.
    """
    silently_denied = own.decision is Decision.IMPLICIT_DENY or (own.undecided and not own.may_be_barred)
    return on_all if silently_denied and on_all.allowed else own


async def answers_about_role(
    aws: Aws,
    scope: Scope,
    principal: str,
    questions: Sequence[Question],
    policies: RolePolicies | NoFact,
) -> tuple[EvaluationResult, ...]:
    """Return IAM's answers about a node's role; if simulation is refused, evaluate the policies if they were read."""

    def known(question: Question) -> Context:
        return agent_context(scope, principal, question)

    try:
        return await settle_on_arns(aws, principal, await simulate(aws, principal, questions, known), known)
    except ReadFailed as failed:
        if failed.unreadable.obstacle is ReadFailure.REFUSED and isinstance(policies, RolePolicies):
            return evaluate_role_policies(policies, questions, known)
        raise


async def answers_on_registering(
    aws: Aws, scope: Scope, principal: str, nodes: NodesAlike, policies: RolePolicies | NoFact
) -> Mapping[str, EvaluationResult]:
    """Return the answers about the registration of each node by ARN, hundreds per call, or one common answer."""
    action = UPDATE_INSTANCE_INFORMATION
    arns = [node_arn(scope, id_) for id_ in sorted(nodes.ids)]
    known = direct_context(scope, principal)
    try:
        told = await simulate_on_fleet(aws, principal, (action,), arns, known=known)
    except ReadFailed as failed:
        if failed.unreadable.obstacle is ReadFailure.REFUSED and isinstance(policies, RolePolicies):
            questions = [Question(action, arn) for arn in arns]
            evaluated = evaluate_role_policies(policies, questions, lambda _question: known)
            return collapse_answers(scope, {each.question.resource: each for each in evaluated}, policies)
        raise
    firsts = {question.resource: answer for question, answer in told.answers.items()}
    collapsed = collapse_answers(scope, firsts, None)
    if collapsed is not firsts:
        return collapsed
    by_arn = {on.resource: each for on, each in told.on_all((action,)).items()}
    role = await _policies_of(aws, principal) if len(_lacking_keys(by_arn)) > 1 else None
    return collapse_answers(scope, by_arn, role if isinstance(role, RolePolicies) else None)


@dataclass(frozen=True, slots=True)
class AnswersOnFleet:
    """IAM's answers about some resources; each of them can stand for others, which IAM was not asked about."""

    answers: Mapping[Question, EvaluationResult]
    others: Mapping[str, tuple[str, ...]]

    def on_all(self, actions: Sequence[str]) -> Mapping[Question, EvaluationResult]:
        """Return the answers about these actions on every resource."""
        found = {question: each for question, each in self.answers.items() if question.action in actions}
        for first, others in self.others.items():
            for question in [Question(action, first) for action in actions]:
                for resource in others:
                    of_other = replace(question, resource=resource)
                    found[of_other] = replace(found[question], question=of_other)
        return found


async def simulate_on_fleet(
    aws: Aws,
    principal: str,
    actions: Sequence[str],
    resources: Sequence[str],
    *,
    known: Context,
    done: Sequence[str] = (),
) -> AnswersOnFleet:
    """Return the answers about every action on every resource.

    If one call has no room for all resources, the policies of the role show which ones none of them can tell apart. If
    IAM allows all actions on one of these, and no service control policy applies (they cannot be read), the others are
    not asked about. IAM is asked about each resource that is not allowed.
    """
    groups = await _indistinguishable(aws, principal, actions, resources)
    firsts = [each[0] for each in groups]
    answers = dict(await simulate_on_many(aws, principal, actions, firsts, known=known, done=done))
    others: dict[str, tuple[str, ...]] = {}
    asked: list[str] = []
    for first, *rest in groups:
        told = [answers[Question(action, first)] for action in actions]
        if all(each.allowed and not each.governed for each in told):
            others[first] = tuple(rest)
        else:
            asked += rest
    if asked:
        answers |= await simulate_on_many(aws, principal, actions, asked, known=known, done=done)
    return AnswersOnFleet(answers, others)


async def _indistinguishable(
    aws: Aws, principal: str, actions: Sequence[str], resources: Sequence[str]
) -> Sequence[Sequence[str]]:
    """Return the resources in groups that the principal's policies cannot tell apart, unless one call has room for all.

    A call about a thousand resources takes as much CPU as thirty others: more than the calls that read the policies.
    """
    each_alone = [(each,) for each in resources]
    if len(actions) * len(resources) <= PAIRS_A_CALL or ":role/" not in principal:
        return each_alone
    try:
        role = await policies_of_role(RolePolicies, aws, principal.rpartition("/")[2])
    except (AwsError, MalformedAnswer, ReadFailed):
        return each_alone
    return group_resources(_consulted(role), actions, resources) or each_alone
