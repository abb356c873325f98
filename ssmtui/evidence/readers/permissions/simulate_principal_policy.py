"""One call of `SimulatePrincipalPolicy`: what IAM is asked in it, and what its answer says of each resource.

What IAM says of an action is a sum over all resources that were asked about; of each resource it says its own decision
within. What several calls come to, and whom a denial comes from, is told in `attribution`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass

from ssmtui.evidence.wire.answer import Answer, MalformedAnswer
from ssmtui.evidence.wire.aws import Aws
from ssmtui.language import say
from ssmtui.model.permissions import SIMULATION, Decision
from ssmtui.model.policy_patterns import Context

ACTIONS_A_PAGE = 1000

Pair = tuple[str, str]
"""An action and a resource."""

_LISTS = frozenset({"aws:calledvia", "aws:principalorgpaths", "aws:resourceorgpaths"})
"""Keys of several values, whatever number of them a request has."""

_TYPES = {"aws:sourceip": "ip", "aws:vpcsourceip": "ip", "aws:tokenissuetime": "date", "ec2:roledelivery": "numeric"}


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
        for result in page.parts("EvaluationResults"):
            action = result.text("EvalActionName").casefold()
            found.update(((action, resource), said) for resource, said in _of_resources(result, resources))
    missing = next((each for each in actions if any((each.casefold(), on) not in found for on in resources)), None)
    if missing is not None:
        raise MalformedAnswer(SIMULATION, say("it says nothing of {action} on one of the resources", action=missing))
    return {(action, resource): found[action.casefold(), resource] for action in actions for resource in resources}


def _of_resources(result: Answer, resources: Sequence[str]) -> Iterable[tuple[str, Said]]:
    """What is said of each resource: within the action's result, or, where there is none within, by that itself.

    The result's own name is a template for ARNs; older answers name one resource each.
    """
    specific = {each.text("EvalResourceName"): each for each in result.optional_parts("ResourceSpecificResults")}
    organization = result.optional_part("OrganizationsDecisionDetail")
    for resource in resources:
        within = specific.get(resource)
        if within is not None:
            told = (within, result) if len(resources) == 1 else (within,)
            yield resource, _said(within.word("EvalResourceDecision", Decision), told, organization)
        elif len(resources) == 1 or result.optional_text("EvalResourceName") == resource:
            yield resource, _said(result.word("EvalDecision", Decision), (result,), organization)


def _said(decision: Decision, told: Sequence[Answer], organization: Answer) -> Said:
    """By the structures that tell of it, the nearest first."""
    details = [each.optional_part("PermissionsBoundaryDecisionDetail") for each in told]
    within = [flag for each in details if (flag := each.optional_flag("AllowedByPermissionsBoundary")) is not None]
    missing = {key for each in told for key in each.optional_texts("MissingContextValues")}
    by_organization = organization.optional_flag("AllowedByOrganizations")
    return Said(decision, by_organization, within[0] if within else None, tuple(sorted(missing)))


def _pages(
    asking: Asking, actions: Sequence[str], resources: Sequence[str], without: tuple[str, ...]
) -> AsyncIterator[Answer]:
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
    if key.casefold() in _TYPES:
        return _TYPES[key.casefold()]
    return "boolean" if values[0] in ("true", "false") and "/" not in key else "string"
