"""Answer the questions about a node's role, with a node's own ARN for its registration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ssmtui.evidence.aws.reader_api import Aws, ReadFailed
from ssmtui.evidence.readers.identity.role_facts import RolePolicies, SimulatedCore
from ssmtui.evidence.readers.permissions.policy_evaluation import evaluate_role_policies
from ssmtui.evidence.readers.permissions.simulation import simulate, simulate_on_many
from ssmtui.iam_policy.patterns import Context
from ssmtui.model.fact import Absent, NotApplicable, ReadFailure, Unreadable
from ssmtui.model.iam_questions import UPDATE_INSTANCE_INFORMATION, node_arn
from ssmtui.model.node import Node
from ssmtui.model.node_facts import NodesAlike
from ssmtui.model.permissions import Decision, EvaluationResult, Question
from ssmtui.model.request_context import agent_context, direct_context
from ssmtui.model.scope import Scope

ALL_INSTANCES = NodesAlike(frozenset(("i-*",)))
ALL_HYBRID_NODES = NodesAlike(frozenset(("mi-*",)))
"""What stands for nodes that could not be listed: policies about all nodes fit it as they fit each."""

_EVERYTHING = "*"


def collapse_answers(scope: Scope, by_arn: Mapping[str, EvaluationResult]) -> Mapping[str, EvaluationResult]:
    """Answers by the ARN of each node; one for all, where it is the same for each."""
    first = next(iter(by_arn.values()), None)
    if first is None or not all(each.says_the_same(first) for each in by_arn.values()):
        return by_arn
    of_all = _of_all(scope, first.question.resource.rpartition("/")[2])
    return {of_all: replace(first, question=replace(first.question, resource=of_all))}


def core_at_node(scope: Scope, simulated: SimulatedCore, node: Node) -> tuple[EvaluationResult, ...]:
    """What IAM says of the role, at this node: its id counts only where not all are answered alike."""
    told = simulated.registering
    if len(told) == 1:
        own: EvaluationResult | None = next(iter(told.values()))
    else:
        own = told.get(node_arn(scope, node.id)) or told.get(_of_all(scope, node.id))
    return tuple(
        _at_node(own, each, simulated) if own and each.question.action == UPDATE_INSTANCE_INFORMATION else each
        for each in simulated.answers
    )


def add_own_arn_questions(scope: Scope, node: Node, questions: Iterable[Question]) -> tuple[Question, ...]:
    """The questions, those about registering on `*` and on the node's own ARN: a policy may name that."""
    asked = (each for question in questions for each in (_on_all(question), _on_own_arn(scope, node, question)))
    return tuple(dict.fromkeys(asked))


def merge_own_arn_answers(
    scope: Scope, node: Node, questions: Iterable[Question], answers: Iterable[EvaluationResult]
) -> Mapping[Question, EvaluationResult]:
    """The answers by the questions as they were before `on_own_arn_besides`. The node may stand for others like it."""
    by_question = {each.question: each for each in answers}
    told: dict[Question, EvaluationResult] = {}
    for question in questions:
        on_all, own = by_question[_on_all(question)], by_question[_on_own_arn(scope, node, question)]
        answer = _on_either(own, on_all)
        as_on_all = answer.allowed or answer.says_the_same(on_all)
        of_all_alike = question.resource == _EVERYTHING and not as_on_all
        told[question] = replace(answer, question=_on_all_alike(own.question) if of_all_alike else question)
    return told


def _on_all(question: Question) -> Question:
    return replace(question, resource=_EVERYTHING) if question.action == UPDATE_INSTANCE_INFORMATION else question


def _on_own_arn(scope: Scope, node: Node, question: Question) -> Question:
    if question.action != UPDATE_INSTANCE_INFORMATION:
        return question
    return replace(question, resource=node_arn(scope, node.id))


def _of_all(scope: Scope, node_id: str) -> str:
    return node_arn(scope, "mi-*" if node_id.startswith("mi-") else "i-*")


def _at_node(own: EvaluationResult, on_all: EvaluationResult, simulated: SimulatedCore) -> EvaluationResult:
    told = _on_either(own, on_all)
    if told.allowed or told.says_the_same(on_all):
        return replace(told, question=on_all.question)
    if all(each.says_the_same(told) for each in simulated.registering.values()):
        return replace(told, question=_on_all_alike(own.question))
    return told


def _on_all_alike(own: Question) -> Question:
    return replace(own, resource=f"{own.resource.rpartition('/')[0]}/*")


def _on_either(own: EvaluationResult, on_all: EvaluationResult) -> EvaluationResult:
    """The answer on the node's ARN, else on `*`: allowed on either is allowed, but for an explicit denial.

    Source: docs/facts/permissions.md §2.
    """
    silently_denied = own.decision is Decision.IMPLICIT_DENY or (own.undecided and not own.may_be_barred)
    return on_all if silently_denied and on_all.allowed else own


_UNKNOWN = Absent | NotApplicable | Unreadable


async def answers_about_role(
    aws: Aws,
    scope: Scope,
    principal: str,
    questions: Sequence[Question],
    policies: RolePolicies | _UNKNOWN,
    *,
    asked_again: bool = True,
) -> tuple[EvaluationResult, ...]:
    """IAM's answers about a node's role; ssmtui's own where simulating is refused and the policies can be read."""

    def known(question: Question) -> Context:
        return agent_context(scope, principal, question)

    try:
        return await simulate(aws, principal, questions, known, asked_again=asked_again)
    except ReadFailed as failed:
        if failed.unreadable.obstacle is ReadFailure.REFUSED and isinstance(policies, RolePolicies):
            return evaluate_role_policies(policies, questions, known)
        raise


async def answers_on_registering(
    aws: Aws, scope: Scope, principal: str, nodes: NodesAlike, policies: RolePolicies | _UNKNOWN
) -> Mapping[str, EvaluationResult]:
    """The same about registering each node by its own ARN, hundreds a call; by that ARN, or one answer for all."""
    action = UPDATE_INSTANCE_INFORMATION
    arns = [node_arn(scope, id_) for id_ in sorted(nodes.ids)]
    known = direct_context(scope, principal)
    try:
        answers = await simulate_on_many(aws, principal, (action,), arns, known=known)
    except ReadFailed as failed:
        if failed.unreadable.obstacle is ReadFailure.REFUSED and isinstance(policies, RolePolicies):
            questions = [Question(action, arn) for arn in arns]
            told = evaluate_role_policies(policies, questions, lambda _question: known)
            return collapse_answers(scope, {each.question.resource: each for each in told})
        raise
    return collapse_answers(scope, {question.resource: answer for question, answer in answers.items()})
