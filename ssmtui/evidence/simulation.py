"""Asking IAM what a principal may do, in as few simulations as the questions allow."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from ssmtui.evidence.aws import Aws, MalformedAnswer
from ssmtui.model.permissions import Answer, Decision, Denier, Question
from ssmtui.model.truth import Truth

ACTIONS_A_PAGE = 1000

RESOURCES_A_CALL = 400
"""ARNs in one simulation: a request of some 40 KB, and its answers fit one page for two actions."""

Context = Sequence[tuple[str, str]]

KnownOf = Callable[[Question], Mapping[str, tuple[str, ...]]]
"""What is known of the request behind a question: condition keys with their values, none of those that it lacks."""


NOTHING_KNOWN: Mapping[str, tuple[str, ...]] = MappingProxyType({})


def nothing_more(_question: Question) -> Mapping[str, tuple[str, ...]]:
    """What is known where nothing is but what the question says."""
    return NOTHING_KNOWN


async def simulate(
    aws: Aws,
    principal: str,
    questions: Sequence[Question],
    known: KnownOf = nothing_more,
    *,
    added: Sequence[str] = (),
) -> tuple[Answer, ...]:
    """The answers in the order of the questions; those about the same resource and context are asked together.

    `added` are documents of policies that the principal is supposed to have besides its own.

    The resource is always given: without one IAM judges `*`, which denies falsely where a policy names an ARN
    (aws-facts, Corrections 4).
    """
    folded: dict[tuple[str, tuple[tuple[str, str], ...]], list[Question]] = {}
    for question in questions:
        told = tuple((key, value) for key, values in known(question).items() for value in values)
        folded.setdefault((question.resource, (*question.context, *told)), []).append(question)
    answers: dict[Question, Answer] = {}
    for (resource, context), together in folded.items():
        results = await _results(aws, principal, [each.action for each in together], resource, context, added)
        for question in together:
            if question.action.casefold() not in results:
                raise MalformedAnswer(f"the simulation says nothing of {question.action}")
            answers[question] = _answer(question, results[question.action.casefold()], known(question))
    return tuple(answers[question] for question in questions)


async def simulate_on_many(
    aws: Aws,
    principal: str,
    actions: Sequence[str],
    resources: Sequence[str],
    context: Context = (),
    *,
    known: Mapping[str, tuple[str, ...]] = NOTHING_KNOWN,
) -> Mapping[Question, Answer]:
    """The answers about every action on every resource, many resources a call.

    `context` is part of the questions; `known` is what is known of the requests besides, as in `KnownOf`.
    """
    answers: dict[Question, Answer] = {}
    told = (*context, *((key, value) for key, values in known.items() for value in values))
    for start in range(0, len(resources), RESOURCES_A_CALL):
        together = resources[start : start + RESOURCES_A_CALL]
        async for page in _pages(aws, principal, actions, together, told):
            for each in page["EvaluationResults"]:
                # AWS documents both forms: a result a resource, and results of resources within that of the action.
                for one in (
                    each,
                    *(_of_resource(each, specific) for specific in each.get("ResourceSpecificResults") or ()),
                ):
                    question = Question(
                        str(each["EvalActionName"]), str(one.get("EvalResourceName") or ""), tuple(context)
                    )
                    answers[question] = _answer(question, one, known)
    wanted = [Question(action, resource, tuple(context)) for resource in resources for action in actions]
    missing = next((each for each in wanted if each not in answers), None)
    if missing is not None:
        raise MalformedAnswer(f"the simulation says nothing of {missing.action} on one of the resources")
    return {question: answers[question] for question in wanted}


def _of_resource(result: Mapping[str, Any], specific: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**result, **specific, "EvalDecision": specific["EvalResourceDecision"]}


async def _results(
    aws: Aws, principal: str, actions: Sequence[str], resource: str, context: Context, added: Sequence[str]
) -> Mapping[str, Mapping[str, Any]]:
    results: dict[str, Mapping[str, Any]] = {}
    async for page in _pages(aws, principal, actions, (resource,), context, added):
        results.update((str(each["EvalActionName"]).casefold(), each) for each in page["EvaluationResults"])
    return results


def _pages(
    aws: Aws,
    principal: str,
    actions: Sequence[str],
    resources: Sequence[str],
    context: Context,
    added: Sequence[str] = (),
) -> AsyncIterator[Mapping[str, Any]]:
    return aws.pages(
        "iam",
        "SimulatePrincipalPolicy",
        PolicySourceArn=principal,
        ActionNames=list(dict.fromkeys(actions)),
        ResourceArns=list(resources),
        ContextEntries=[
            {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": _type_of(key, value)}
            for key, value in context
        ],
        MaxItems=ACTIONS_A_PAGE,
        **({"PolicyInputList": list(added)} if added else {}),
    )


def _type_of(key: str, value: str) -> str:
    """Of the key's values (the value of a tag, `aws:ResourceTag/…`, is a string whatever it says)."""
    if key.casefold() == "aws:calledvia":
        return "stringList"  # the services that a request has passed
    return "boolean" if value in ("true", "false") and "/" not in key else "string"


def _answer(
    question: Question, result: Mapping[str, Any], known: Mapping[str, tuple[str, ...]] = NOTHING_KNOWN
) -> Answer:
    decision = Decision(result["EvalDecision"])
    denier = None if decision is Decision.ALLOWED else _denier(result)
    missing = _missing(result, question, known)
    # Keys that nobody gave count as missing from the request, where a real one may have them.
    undecided = decision is not Decision.ALLOWED and bool(missing)
    return Answer(
        question,
        decision,
        denier,
        missing,
        undecided=undecided,
        may_be_barred=undecided and (decision is Decision.EXPLICIT_DENY or denier is Denier.BOUNDARY),
        # IAM tells what a boundary says only where one is set; that it tells nothing is not documented to mean none.
        bounded=Truth.YES if result.get("PermissionsBoundaryDecisionDetail") else Truth.PERHAPS,
    )


def _missing(result: Mapping[str, Any], question: Question, known: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The keys that IAM lacked; where a resource was asked about it may name them with that resource."""
    specific = [
        each for each in result.get("ResourceSpecificResults") or () if each["EvalResourceName"] == question.resource
    ]
    told = {key.casefold() for key in known}
    keys = {str(key) for each in (result, *specific) for key in each.get("MissingContextValues") or ()}
    return tuple(sorted(key for key in keys if key.casefold() not in told))


def _denier(result: Mapping[str, Any]) -> Denier:
    organization = result.get("OrganizationsDecisionDetail") or {}
    boundary = result.get("PermissionsBoundaryDecisionDetail") or {}
    if organization.get("AllowedByOrganizations") is False:
        return Denier.ORGANIZATION
    if boundary.get("AllowedByPermissionsBoundary") is False:
        return Denier.BOUNDARY
    return Denier.IDENTITY
