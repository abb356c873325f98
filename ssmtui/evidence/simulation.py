"""Asking IAM what a principal may do, in as few simulations as the questions allow."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from ssmtui.evidence.aws import Aws, MalformedAnswer
from ssmtui.model.permissions import Answer, Decision, Denier, Question

ACTIONS_A_PAGE = 1000

RESOURCES_A_CALL = 400
"""ARNs in one simulation: a request of some 40 KB, and its answers fit one page for two actions."""

Context = Sequence[tuple[str, str]]


async def simulate(aws: Aws, principal: str, questions: Sequence[Question]) -> tuple[Answer, ...]:
    """The answers in the order of the questions; those about the same resource and context are asked together.

    The resource is always given: without one IAM judges `*`, which denies falsely where a policy names an ARN
    (aws-facts, Corrections 4).
    """
    folded: dict[tuple[str, tuple[tuple[str, str], ...]], list[Question]] = {}
    for question in questions:
        folded.setdefault((question.resource, question.context), []).append(question)
    answers: dict[Question, Answer] = {}
    for (resource, context), together in folded.items():
        results = await _results(aws, principal, [each.action for each in together], resource, context)
        for question in together:
            if question.action.casefold() not in results:
                raise MalformedAnswer(f"the simulation says nothing of {question.action}")
            answers[question] = _answer(question, results[question.action.casefold()])
    return tuple(answers[question] for question in questions)


async def simulate_on_many(
    aws: Aws, principal: str, actions: Sequence[str], resources: Sequence[str], context: Context = ()
) -> Mapping[Question, Answer]:
    """The answers about every action on every resource, many resources a call."""
    answers: dict[Question, Answer] = {}
    for start in range(0, len(resources), RESOURCES_A_CALL):
        together = resources[start : start + RESOURCES_A_CALL]
        async for page in _pages(aws, principal, actions, together, context):
            for each in page["EvaluationResults"]:
                # AWS documents both forms: a result a resource, and results of resources within that of the action.
                for one in (
                    each,
                    *(_of_resource(each, specific) for specific in each.get("ResourceSpecificResults") or ()),
                ):
                    question = Question(
                        str(each["EvalActionName"]), str(one.get("EvalResourceName") or ""), tuple(context)
                    )
                    answers[question] = _answer(question, one)
    wanted = [Question(action, resource, tuple(context)) for resource in resources for action in actions]
    missing = next((each for each in wanted if each not in answers), None)
    if missing is not None:
        raise MalformedAnswer(f"the simulation says nothing of {missing.action} on one of the resources")
    return {question: answers[question] for question in wanted}


def _of_resource(result: Mapping[str, Any], specific: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**result, **specific, "EvalDecision": specific["EvalResourceDecision"]}


async def _results(
    aws: Aws, principal: str, actions: Sequence[str], resource: str, context: Context
) -> Mapping[str, Mapping[str, Any]]:
    results: dict[str, Mapping[str, Any]] = {}
    async for page in _pages(aws, principal, actions, (resource,), context):
        results.update((str(each["EvalActionName"]).casefold(), each) for each in page["EvaluationResults"])
    return results


def _pages(
    aws: Aws, principal: str, actions: Sequence[str], resources: Sequence[str], context: Context
) -> AsyncIterator[Mapping[str, Any]]:
    return aws.pages(
        "iam",
        "SimulatePrincipalPolicy",
        PolicySourceArn=principal,
        ActionNames=list(dict.fromkeys(actions)),
        ResourceArns=list(resources),
        ContextEntries=[
            {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"} for key, value in context
        ],
        MaxItems=ACTIONS_A_PAGE,
    )


def _answer(question: Question, result: Mapping[str, Any]) -> Answer:
    decision = Decision(result["EvalDecision"])
    return Answer(
        question=question,
        decision=decision,
        denier=None if decision is Decision.ALLOWED else _denier(result),
        missing_context=tuple(sorted(str(key) for key in result.get("MissingContextValues") or ())),
    )


def _denier(result: Mapping[str, Any]) -> Denier:
    organization = result.get("OrganizationsDecisionDetail") or {}
    boundary = result.get("PermissionsBoundaryDecisionDetail") or {}
    if organization.get("AllowedByOrganizations") is False:
        return Denier.ORGANIZATION
    if boundary.get("AllowedByPermissionsBoundary") is False:
        return Denier.BOUNDARY
    return Denier.IDENTITY
