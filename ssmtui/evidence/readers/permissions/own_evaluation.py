"""What a role's policies say, read by ssmtui itself: for callers who may not have IAM simulate it, and for `settling`.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html: an explicit denial wins,
and what the role's own policies allow counts as far as its boundary allows it too. Service control policies cannot be
read from here, so that no answer is more than likely.
"""

from __future__ import annotations

from collections.abc import Sequence

from ssmtui.evidence.readers.identity.roles import RolePolicies
from ssmtui.evidence.readers.permissions.simulation import KnownOf, nothing_more
from ssmtui.model.permissions import Decision, Denier, DenyingPolicy, EvaluationResult, Question
from ssmtui.model.policy_patterns import Context
from ssmtui.model.policy_reading import AuthorizationRequest, PolicyReading, open_keys, read_policies
from ssmtui.model.truth import Truth, both, truth_of

SOURCE = "iam:GetRolePolicy, iam:GetPolicyVersion"

_TAG_KEY = "aws:principaltag/"
_EVERYTHING = PolicyReading(Truth.YES, Truth.NO)


def evaluate(
    role: RolePolicies, questions: Sequence[Question], known: KnownOf = nothing_more
) -> tuple[EvaluationResult, ...]:
    """The answers in the order of the questions. `known` tells what is known of the request behind each."""
    return tuple(_answer(role, question, known(question)) for question in questions)


def _answer(role: RolePolicies, question: Question, known: Context) -> EvaluationResult:
    consulted = (*role.policies, *((role.boundary,) if role.boundary is not None else ()))
    context: dict[str, tuple[str, ...]] = dict(known) | {key: (value,) for key, value in question.context}
    request = AuthorizationRequest(question.action, question.resource, context=context)
    asked = open_keys(consulted, request)
    if role.tags is not None and any(key.lower().startswith(_TAG_KEY) for key in asked):
        request = AuthorizationRequest(question.action, question.resource, context=context | _tags(asked, role.tags))
        asked = open_keys(consulted, request)
    own = read_policies(role.policies, request)
    boundary = read_policies((role.boundary,), request) if role.boundary is not None else _EVERYTHING
    decision, denier = _decide(own, boundary)
    sure = (*_sure_denial(Denier.IDENTITY, own), *_sure_denial(Denier.BOUNDARY, boundary))
    return EvaluationResult(
        question,
        decision,
        denier,
        asked,
        SOURCE,
        undecided=both(own.permits, boundary.permits) is Truth.PERHAPS,
        # A policy of the resource lifts neither a denial nor a boundary.
        may_be_barred=Truth.PERHAPS in (own.denies, boundary.permits),
        bounded=truth_of(role.boundary is not None),
        also=tuple(each for each in sure if each.denier is not denier),
    )


def _sure_denial(denier: Denier, reading: PolicyReading) -> tuple[DenyingPolicy, ...]:
    if reading.denies is Truth.YES:
        return (DenyingPolicy(denier, explicit=True),)
    return (DenyingPolicy(denier, explicit=False),) if reading.allows is Truth.NO else ()


def _tags(asked: Sequence[str], tags: tuple[tuple[str, str], ...]) -> dict[str, tuple[str, ...]]:
    """The tags that the policies ask for: their values, none of one that the role does not have. Keys have no case."""
    values = {name.lower(): value for name, value in tags}
    found: dict[str, tuple[str, ...]] = {}
    for key in asked:
        if key.lower().startswith(_TAG_KEY):
            value = values.get(key.lower().removeprefix(_TAG_KEY))
            found[key] = () if value is None else (value,)
    return found


def _decide(own: PolicyReading, boundary: PolicyReading) -> tuple[Decision, Denier | None]:
    """As IAM decides: a condition that is not known to hold does not. What is sure comes first."""
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
