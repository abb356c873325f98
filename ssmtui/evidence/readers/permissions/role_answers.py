"""What IAM answers about a node's role; ssmtui's own answers where simulating is refused and policies can be read.

Which questions are asked of which role is not decided here: `core_permissions` and `storage_permissions` do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ssmtui.evidence.readers.identity.roles import RolePolicies
from ssmtui.evidence.readers.permissions.own_evaluation import evaluate
from ssmtui.evidence.readers.permissions.registering import all_in_one
from ssmtui.evidence.readers.permissions.simulation import simulate, simulate_on_many
from ssmtui.evidence.wire.aws import Aws, ReadFailed
from ssmtui.model.agent_requests import agent_context, direct_context
from ssmtui.model.answers import Absent, Moot, Obstacle, Unreadable
from ssmtui.model.managed_fleet import NodesAlike
from ssmtui.model.permissions import EvaluationResult, Question
from ssmtui.model.policy_patterns import Context
from ssmtui.model.questions import UPDATE_INSTANCE_INFORMATION, node_arn
from ssmtui.model.scope import Scope

_UNKNOWN = Absent | Moot | Unreadable


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
        if failed.unreadable.obstacle is Obstacle.REFUSED and isinstance(policies, RolePolicies):
            return evaluate(policies, questions, known)
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
        if failed.unreadable.obstacle is Obstacle.REFUSED and isinstance(policies, RolePolicies):
            questions = [Question(action, arn) for arn in arns]
            told = evaluate(policies, questions, lambda _question: known)
            return all_in_one(scope, {each.question.resource: each for each in told})
        raise
    return all_in_one(scope, {question.resource: answer for question, answer in answers.items()})
