"""One call of `SimulatePrincipalPolicy`: what IAM is asked in it, and what its answer says of each resource.

What IAM says of an action is a sum over all resources that were asked about; of each resource it says its own decision
within. What several calls come to, and whom a denial comes from, is told in `attribution`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ssmtui.evidence.wire.aws import Aws, MalformedAnswer
from ssmtui.model.permissions import Decision
from ssmtui.model.policy_patterns import Context

ACTIONS_A_PAGE = 1000

Pair = tuple[str, str]
"""An action and a resource."""

_LISTS = frozenset({"aws:calledvia", "aws:principalorgpaths"})
"""Keys of several values, whatever number of them a request has."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who is asked about, and what IAM is told of the requests; `done` and `asked_again` are as in `simulate`."""

    aws: Aws
    principal: str
    context: Context
    added: tuple[str, ...]
    done: tuple[str, ...]
    asked_again: bool


@dataclass(frozen=True, slots=True)
class Said:
    """What one simulation says of one action on one resource; None where a kind of policy has no say."""

    decision: Decision
    by_organization: bool | None
    by_boundary: bool | None
    missing: tuple[str, ...]

    @property
    def denied(self) -> bool:
        """By a policy that says so, or for want of one that allows it."""
        return self.decision is not Decision.ALLOWED

    @property
    def explicit(self) -> bool:
        """By a policy that says so."""
        return self.decision is Decision.EXPLICIT_DENY


async def decisions(
    asking: Asking, actions: Sequence[str], resources: Sequence[str], without: tuple[str, ...] = ()
) -> dict[Pair, Said]:
    """One simulation, of each pair of action and resource, `without` some types of policies.

    Raises AwsError as IAM does, of a principal that it does not know; MalformedAnswer where a pair is left out.
    """
    found: dict[tuple[str, str], Said] = {}
    async for page in _pages(asking, actions, resources, without):
        for result in page["EvaluationResults"]:
            action = str(result["EvalActionName"]).casefold()
            found.update(((action, resource), said) for resource, said in _of_resources(result, resources))
    missing = next((each for each in actions if any((each.casefold(), on) not in found for on in resources)), None)
    if missing is not None:
        raise MalformedAnswer(f"the simulation says nothing of {missing} on one of the resources")
    return {(action, resource): found[action.casefold(), resource] for action in actions for resource in resources}


def _of_resources(result: Mapping[str, Any], resources: Sequence[str]) -> Iterable[tuple[str, Said]]:
    """What is said of each resource: within the action's result, or, where there is none within, by that itself.

    The result's own name is a template for ARNs; older answers name one resource each.
    """
    specific = {str(each["EvalResourceName"]): each for each in result.get("ResourceSpecificResults") or ()}
    organization = (result.get("OrganizationsDecisionDetail") or {}).get("AllowedByOrganizations")
    for resource in resources:
        within = specific.get(resource)
        if within is not None:
            told = result if len(resources) == 1 else {}
            yield resource, _one(str(within["EvalResourceDecision"]), within, told, organization)
        elif len(resources) == 1 or result.get("EvalResourceName") == resource:
            yield resource, _one(str(result["EvalDecision"]), result, {}, organization)


def _one(decision: str, own: Mapping[str, Any], more: Mapping[str, Any], organization: object) -> Said:
    detail = own.get("PermissionsBoundaryDecisionDetail") or more.get("PermissionsBoundaryDecisionDetail") or {}
    missing = {str(key) for each in (own, more) for key in each.get("MissingContextValues") or ()}
    boundary = detail.get("AllowedByPermissionsBoundary")
    by_organization = organization if isinstance(organization, bool) else None
    return Said(Decision(decision), by_organization, boundary, tuple(sorted(missing)))


def _pages(
    asking: Asking, actions: Sequence[str], resources: Sequence[str], without: tuple[str, ...]
) -> AsyncIterator[Mapping[str, Any]]:
    return asking.aws.pages(
        "iam",
        "SimulatePrincipalPolicy",
        PolicySourceArn=asking.principal,
        ActionNames=list(dict.fromkeys(actions)),
        ResourceArns=list(resources),
        ContextEntries=[
            {"ContextKeyName": key, "ContextKeyValues": list(values), "ContextKeyType": _type_of(key, values)}
            for key, values in asking.context.items()
        ],
        MaxItems=ACTIONS_A_PAGE,
        **({"PolicyInputList": list(asking.added)} if asking.added else {}),
        **({"PolicyExclusionList": [{"PolicyType": each} for each in without]} if without else {}),
    )


def _type_of(key: str, values: Sequence[str]) -> str:
    """Of the key's values (the value of a tag, `aws:ResourceTag/…`, is a string whatever it says)."""
    if key.casefold() in _LISTS or len(values) > 1:
        return "stringList"
    if key.casefold() in ("aws:sourceip", "aws:vpcsourceip"):
        return "ip"
    return "boolean" if values[0] in ("true", "false") and "/" not in key else "string"
