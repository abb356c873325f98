"""Asking IAM what a principal may do, in as few simulations as the questions allow.

Which questions go together, and how many resources into one call. What one call says is `simulate_principal_policy`;
whom a denial comes from is `attribution`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from ssmtui.evidence.readers.permissions.attribution import attributed
from ssmtui.evidence.readers.permissions.simulate_principal_policy import Asking
from ssmtui.evidence.wire.aws import Aws
from ssmtui.model.permissions import EvaluationResult, Question
from ssmtui.model.policy_patterns import Context

RESOURCES_A_CALL = 400
"""ARNs in one simulation: a request of some 40 KB, and its answers fit one page for two actions."""

KnownOf = Callable[[Question], Context]
"""What is known of the request behind a question: condition keys with their values, none of those that it lacks."""

NOTHING_KNOWN: Context = MappingProxyType({})


def nothing_more(_question: Question) -> Context:
    """What is known where nothing is but what the question says."""
    return NOTHING_KNOWN


async def simulate(
    aws: Aws,
    principal: str,
    questions: Sequence[Question],
    known: KnownOf = nothing_more,
    *,
    added: Sequence[str] = (),
    done: Sequence[str] = (),
    asked_again: bool = False,
) -> tuple[EvaluationResult, ...]:
    """The answers in the order of the questions; those about the same resource and context are asked together.

    `added` are documents of policies that the principal is supposed to have besides its own; `done` are actions, one of
    which the principal is known to have been let do in the same Region. What the organization denies is not told apart
    where all is `asked_again` anyway, with more that is known.

    The resource is always given: without one IAM judges `*`, which denies falsely where a policy names an ARN
    (docs/facts/permissions.md §2).
    """
    folded: dict[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], list[Question]] = {}
    for question in questions:
        entries = tuple(_context(question.context, known(question)).items())
        folded.setdefault((question.resource, entries), []).append(question)
    answers: dict[Question, EvaluationResult] = {}
    for (resource, entries), together in folded.items():
        asking = Asking(aws, principal, dict(entries), tuple(added), tuple(done), asked_again)
        told = await attributed(asking, [each.action for each in together], [resource])
        for question in together:
            answers[question] = told[question.action, resource].answer(question, known(question))
    return tuple(answers[question] for question in questions)


async def simulate_on_many(
    aws: Aws,
    principal: str,
    actions: Sequence[str],
    resources: Sequence[str],
    context: Sequence[tuple[str, str]] = (),
    *,
    known: Context = NOTHING_KNOWN,
    done: Sequence[str] = (),
) -> Mapping[Question, EvaluationResult]:
    """The answers about every action on every resource, many resources a call.

    `context` is part of the questions; `known` is what is known of the requests besides, as in `KnownOf`; `done` as in
    `simulate`.
    """
    answers: dict[Question, EvaluationResult] = {}
    asking = Asking(aws, principal, _context(context, known), (), tuple(done), asked_again=False)
    for start in range(0, len(resources), RESOURCES_A_CALL):
        told = await attributed(asking, actions, resources[start : start + RESOURCES_A_CALL])
        for (action, resource), said in told.items():
            question = Question(action, resource, tuple(context))
            answers[question] = said.answer(question, known)
    wanted = (Question(action, resource, tuple(context)) for resource in resources for action in actions)
    return {question: answers[question] for question in wanted}


def _context(own: Sequence[tuple[str, str]], known: Context) -> dict[str, tuple[str, ...]]:
    """What IAM is told of the request: each key with all its values."""
    told: dict[str, tuple[str, ...]] = {}
    for key, value in own:
        told[key] = (*told.get(key, ()), value)
    return told | {key: values for key, values in known.items() if values}
