"""What a role's policies say, read by ssmtui itself: for callers who may not have IAM simulate it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html: an explicit denial wins,
and what the role's own policies allow counts as far as its boundary allows it too. Service control policies cannot be
read from here, so that no answer is more than likely.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ssmtui.evidence.roles import RolePolicies
from ssmtui.model.permissions import Answer, Decision, Denier, Question
from ssmtui.model.policy import Policy
from ssmtui.model.policy_reading import Reading, Request, Truth, read_policies

SOURCE = "iam:GetRolePolicy, iam:GetPolicyVersion"
_VARIABLE = re.compile(r"\$\{([^},]+)")


def evaluate(role: RolePolicies, questions: Sequence[Question]) -> tuple[Answer, ...]:
    """The answers in the order of the questions."""
    return tuple(_answer(role, question) for question in questions)


def _answer(role: RolePolicies, question: Question) -> Answer:
    request = Request(question.action, question.resource, context={key: (value,) for key, value in question.context})
    own = read_policies(role.policies, request)
    boundary = read_policies((role.boundary,), request) if role.boundary is not None else None
    decision, denier = _decide(own, boundary)
    consulted = (*role.policies, *((role.boundary,) if role.boundary is not None else ()))
    return Answer(question, decision, denier, tuple(sorted(_open_conditions(consulted, request))), SOURCE)


def _decide(own: Reading, boundary: Reading | None) -> tuple[Decision, Denier | None]:
    """As IAM decides: a condition that is not known to hold does not."""
    if own.denies is Truth.YES:
        return Decision.EXPLICIT_DENY, Denier.IDENTITY
    if boundary is not None and boundary.denies is Truth.YES:
        return Decision.EXPLICIT_DENY, Denier.BOUNDARY
    if boundary is not None and boundary.allows is not Truth.YES:
        return Decision.IMPLICIT_DENY, Denier.BOUNDARY
    if own.allows is not Truth.YES:
        return Decision.IMPLICIT_DENY, Denier.IDENTITY
    return Decision.ALLOWED, None


def _open_conditions(policies: Iterable[Policy], request: Request) -> set[str]:
    """The condition keys on which it hangs whether a statement applies."""
    keys: set[str] = set()
    for policy in policies:
        for statement in policy.statements:
            reading = read_policies((Policy((statement,)),), request)
            if Truth.PERHAPS in (reading.allows, reading.denies):
                keys.update(condition.key for condition in statement.conditions if condition.key not in request.context)
                texts = (*statement.resources, *statement.not_resources)
                keys.update(name for text in texts for name in _VARIABLE.findall(text))
    return keys
