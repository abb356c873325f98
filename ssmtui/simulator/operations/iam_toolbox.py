"""IAM Toolbox: how a refused request was evaluated, from what the simulation itself decided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ssmtui.simulator.authorisation import MatchedStatement, Outcome, Policy, PolicyKind
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.errors import AwsError
from ssmtui.simulator.operations.registry import Result, operation
from ssmtui.simulator.organization import MANAGEMENT_ACCOUNT, ORGANIZATION_ID
from ssmtui.simulator.refused_requests import Record, recall

_TYPES: Final = {
    PolicyKind.IDENTITY: "IDENTITY_BASED_POLICY",
    PolicyKind.BOUNDARY: "PERMISSIONS_BOUNDARY",
    PolicyKind.SERVICE_CONTROL: "SERVICE_CONTROL_POLICY",
    PolicyKind.RESOURCE_CONTROL: "RESOURCE_CONTROL_POLICY",
    PolicyKind.RESOURCE: "RESOURCE_BASED_POLICY",
    PolicyKind.ENDPOINT: "VPC_ENDPOINT_POLICY",
    PolicyKind.SESSION: "SESSION_POLICY",
}
_EFFECTS: Final = {Outcome.EXPLICIT_DENY: "EXPLICIT_DENY", Outcome.IMPLICIT_DENY: "IMPLICIT_DENY"}


@operation("iam-toolbox", "GetRequestAuthorizationDetails")
def get_request_authorization_details(call: ApiCall) -> Result:
    """The evaluation of a request that was refused in this Region within a day."""
    record = recall(str(call.parameters["authorizationId"]), call.region)
    if record is None:
        raise AwsError(
            "ResourceNotFoundException",
            "The requested authorization details do not exist in this region or have expired.",
            404,
        )
    principal = record.keys["aws:PrincipalArn"]
    return {
        "requestContext": dict(record.keys),
        "evaluations": [
            {
                "action": record.need.action,
                "resource": record.need.resource,
                "evaluatedEffect": _EFFECTS[record.decision.outcome],
                "matchedPolicies": _matched(record.decision.matched),
            }
        ],
        "policies": [
            {
                "type": _TYPES[kind],
                "inline": not policy.arn,
                "uri": policy.arn or _opaque(kind, policy.name),
                "attachedTo": [{"arn": _carrier(kind, principal)}],
            }
            for kind, policy in _policies(record)
        ],
    }


def _matched(statements: tuple[MatchedStatement, ...]) -> list[dict[str, Any]]:
    by_policy: dict[str, list[dict[str, str]]] = {}
    for each in statements:
        uri = each.arn or _opaque(each.kind, each.policy)
        by_policy.setdefault(uri, []).append({"sid": each.sid or "Statement1", "evaluatedEffect": "DENY"})
    return [{"uri": uri, "matchedStatements": matched} for uri, matched in by_policy.items()]


def _policies(record: Record) -> Iterator[tuple[PolicyKind, Policy]]:
    held = record.policies
    single = (
        (PolicyKind.BOUNDARY, held.boundary),
        (PolicyKind.SESSION, held.session),
        (PolicyKind.ENDPOINT, held.endpoint),
        (PolicyKind.RESOURCE, held.resource.policy if held.resource else None),
    )
    yield from ((PolicyKind.IDENTITY, policy) for policy in held.identity)
    yield from ((PolicyKind.SERVICE_CONTROL, policy) for level in held.service_control for policy in level)
    yield from ((PolicyKind.RESOURCE_CONTROL, policy) for level in held.resource_control for policy in level)
    yield from ((kind, policy) for kind, policy in single if policy is not None)


def _opaque(kind: PolicyKind, name: str) -> str:
    return f"{kind.name.lower()}-{name}"


def _carrier(kind: PolicyKind, principal: str) -> str:
    if kind in {PolicyKind.SERVICE_CONTROL, PolicyKind.RESOURCE_CONTROL}:
        _, partition, _, _, account, _ = principal.split(":", 5)
        return f"arn:{partition}:organizations::{MANAGEMENT_ACCOUNT}:account/{ORGANIZATION_ID}/{account}"
    return principal
