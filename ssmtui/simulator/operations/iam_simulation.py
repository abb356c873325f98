"""IAM's policy simulator: what a principal may do, by the evaluator that also judges the calls themselves.

As AWS's, it looks at identity policies, the permissions boundary and those service control policies that have no
conditions; at a resource policy only for users, and neither at tags of the principal nor at resource control policies
(https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from moto.iam.models import iam_backends

from ssmtui.simulator.authorisation import (
    Context,
    Decision,
    MalformedPolicyError,
    MatchedStatement,
    Policies,
    Policy,
    PolicyKind,
    Principal,
    Request,
    ResourcePolicy,
    evaluate,
    policies_of,
    principal_of,
)
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.errors import AwsError
from ssmtui.simulator.operations.registry import Result, operation

_DEFAULT_PAGE: Final = 100


@operation("iam", "SimulatePrincipalPolicy")
def simulate_principal_policy(call: ApiCall) -> Result:
    """What a user or role may do, with further policies added to its own."""
    principal = replace(_principal(call, str(call.parameters["PolicySourceArn"])), tags=())
    held = policies_of(principal)
    added = _parsed(call.parameters.get("PolicyInputList", ()), "PolicyInputList")
    boundaries = _parsed(call.parameters.get("PermissionsBoundaryPolicyInputList", ()), "PermissionsBoundary")
    policies = Policies(
        identity=held.identity + added,
        boundary=boundaries[0] if boundaries else held.boundary,
        resource=_resource_policy(call, principal),
        service_control=_without_conditions(held.service_control),
    )
    return _results(call, _Simulation(principal, policies, _context(call)))


@operation("iam", "SimulateCustomPolicy")
def simulate_custom_policy(call: ApiCall) -> Result:
    """What somebody may do who holds these policies and no others."""
    caller = principal_of(str(call.parameters.get("CallerArn") or f"arn:{call.partition}:iam::{call.account}:user/any"))
    boundaries = _parsed(call.parameters.get("PermissionsBoundaryPolicyInputList", ()), "PermissionsBoundary")
    policies = Policies(
        identity=_parsed(call.parameters["PolicyInputList"], "PolicyInputList"),
        boundary=boundaries[0] if boundaries else None,
        resource=_resource_policy(call, caller),
    )
    return _results(call, _Simulation(caller, policies, _context(call)))


@dataclass(frozen=True, slots=True)
class _Simulation:
    principal: Principal
    policies: Policies
    context: Context

    def result(self, action: str, resource: str) -> dict[str, Any]:
        decision = evaluate(Request(self.principal, action, resource, self.context), self.policies)
        result: dict[str, Any] = {
            "EvalActionName": action,
            "EvalResourceName": resource,
            "EvalDecision": decision.outcome.value,
            "MatchedStatements": [self._matched(statement) for statement in decision.matched],
            "MissingContextValues": self._missing_keys(action, resource),
        }
        return result | _details(decision)

    def _matched(self, statement: MatchedStatement) -> dict[str, Any]:
        owner = "user" if ":user/" in self.principal.arn else "role"
        kinds = {PolicyKind.IDENTITY: owner, PolicyKind.RESOURCE: "resource"}
        return {"SourcePolicyId": statement.policy, "SourcePolicyType": kinds.get(statement.kind, "none")}

    def _missing_keys(self, action: str, resource: str) -> list[str]:
        """The condition keys that statements about this action and resource ask for and that nobody gave."""
        known = self.principal.context.completed_by(self.context)
        policies = [*self.policies.identity, *([self.policies.boundary] if self.policies.boundary else [])]
        return sorted(
            {
                condition.key
                for policy in policies
                for statement in policy.statements
                if replace(statement, conditions=()).speaks_of(action, resource, known)
                for condition in statement.conditions
                if known.values(condition.key) is None
            }
        )


def _without_conditions(levels: tuple[tuple[Policy, ...], ...]) -> tuple[tuple[Policy, ...], ...]:
    """The SCPs that AWS's simulator evaluates: none that has any condition."""
    told = (
        tuple(policy for policy in level if not any(statement.conditions for statement in policy.statements))
        for level in levels
    )
    return tuple(level for level in told if level)


def _results(call: ApiCall, simulation: _Simulation) -> Result:
    actions: Sequence[str] = call.parameters["ActionNames"]
    resources: Sequence[str] = call.parameters.get("ResourceArns") or ["*"]
    pairs = [(action, resource) for action in actions for resource in resources]
    start = _position(call.parameters.get("Marker"))
    end = start + int(call.parameters.get("MaxItems", _DEFAULT_PAGE))
    shown = {"EvaluationResults": [simulation.result(action, resource) for action, resource in pairs[start:end]]}
    is_truncated = end < len(pairs)
    return {**shown, "IsTruncated": is_truncated, **({"Marker": f"from-{end}"} if is_truncated else {})}


def _details(decision: Decision) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if decision.allowed_by_boundary is not None:
        allowed = {"AllowedByPermissionsBoundary": decision.allowed_by_boundary}
        details["PermissionsBoundaryDecisionDetail"] = allowed
    if decision.allowed_by_organizations is not None:
        details["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": decision.allowed_by_organizations}
    return details


def _principal(call: ApiCall, arn: str) -> Principal:
    kind, _, name = arn.rpartition(":")[2].partition("/")
    if kind not in {"role", "user"} or not name:
        raise AwsError("InvalidInput", f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
    backend = iam_backends[call.account][call.partition]
    entities: Iterable[Any] = backend.roles.values() if kind == "role" else backend.users.values()
    if all(entity.arn != arn for entity in entities):
        raise AwsError("NoSuchEntity", f"The {kind} with name {name.rpartition('/')[2]} cannot be found.", 404)
    return principal_of(arn)


def _parsed(documents: Iterable[str], name: str) -> tuple[Policy, ...]:
    try:
        return tuple(Policy.parse(f"{name}.{number}", text) for number, text in enumerate(documents, start=1))
    except MalformedPolicyError as error:
        raise AwsError("InvalidInput", f"Invalid Input: {error}") from error


def _resource_policy(call: ApiCall, principal: Principal) -> ResourcePolicy | None:
    document = call.parameters.get("ResourcePolicy")
    if not document:
        return None
    if ":user/" not in principal.arn:
        raise AwsError("InvalidInput", "A resource policy can only be simulated with a user as the caller.")
    return ResourcePolicy(_parsed([document], "ResourcePolicy")[0])


def _context(call: ApiCall) -> Context:
    entries = call.parameters.get("ContextEntries", ())
    return Context.of({entry["ContextKeyName"]: entry.get("ContextKeyValues", ()) for entry in entries})


def _position(marker: str | None) -> int:
    if not marker:
        return 0
    number = marker.removeprefix("from-")
    if not number.isdigit():
        raise AwsError("InvalidInput", "Invalid Marker.")
    return int(number)
