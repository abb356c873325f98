"""IAM: policy simulation, and authorization details of refused requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from moto.iam.models import iam_backends

from ssmtui.simulator.authorisation import (
    AuthorizationRequest,
    Context,
    Decision,
    MalformedPolicyError,
    MatchedStatement,
    Outcome,
    Policies,
    Policy,
    PolicyKind,
    Principal,
    ResourcePolicy,
    evaluate,
    policies_of,
    principal_of,
)
from ssmtui.simulator.authorisation.stored_policies import Exclusions
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.operations.registry import Result, operation
from ssmtui.simulator.organization import MANAGEMENT_ACCOUNT, ORGANIZATION_ID
from ssmtui.simulator.refused_requests import RefusedRequest, find_refused_request
from ssmtui.simulator.responses import AwsError

_KINDS: Final = {
    ("ec2", "instance"): "arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}",
    ("ssm", "managed-instance"): "arn:${Partition}:ssm:${Region}:${Account}:managed-instance/${InstanceId}",
    ("ssm", "document"): "arn:${Partition}:ssm:${Region}:${Account}:document/${DocumentName}",
    ("ssm", "session"): "arn:${Partition}:ssm:${Region}:${Account}:session/${SessionId}",
    ("kms", "key"): "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}",
    ("iam", "role"): "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}",
}


def template_of(resources: Sequence[str]) -> str:
    """The template for the first of these ARNs; `*` where none is known."""
    named = next((each for each in resources if each.startswith("arn:")), None)
    if named is None:
        return "*"
    service, resource = named.split(":", 5)[2], named.split(":", 5)[5]
    if service == "s3":
        return "arn:${Partition}:s3:::${BucketName}" + ("/${ObjectName}" if "/" in resource else "")
    if service == "logs":
        return "arn:${Partition}:logs:${Region}:${Account}:log-group:${LogGroupName}"
    return _KINDS.get((service, resource.partition("/")[0]), "*")


_DEFAULT_PAGE: Final = 100
_EVERYTHING: Final = "*"
_STRICTEST_FIRST: Final = (Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY, Outcome.ALLOWED)


@operation("iam", "SimulatePrincipalPolicy")
def simulate_principal_policy(call: ApiCall) -> Result:
    """What a user or role may do, with further policies added to its own."""
    principal = replace(_principal(call, str(call.parameters["PolicySourceArn"])), tags=())
    held = policies_of(principal, without=_excluded(call))
    added = _parsed(call.parameters.get("PolicyInputList", ()), "PolicyInputList")
    boundaries = _parsed(call.parameters.get("PermissionsBoundaryPolicyInputList", ()), "PermissionsBoundary")
    policies = Policies(
        identity=held.identity + added,
        boundary=boundaries[0] if boundaries else held.boundary,
        resource=_resource_policy(call, principal),
        service_control=held.service_control,
    )
    return _results(call, Simulation(principal, policies, _context(call)))


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
    return _results(call, Simulation(caller, policies, _context(call)))


@dataclass(frozen=True, slots=True)
class Simulation:
    """One simulation: whose policies, which of them, and what is told of the requests."""

    principal: Principal
    policies: Policies
    context: Context

    def result(self, action: str, resources: Sequence[str]) -> dict[str, Any]:
        """What is said of an action: the sum, and of each resource that was named its own."""
        decisions = {resource: self._decision(action, resource) for resource in resources}
        missing = self._missing_keys()
        specific = [] if list(resources) == [_EVERYTHING] else list(resources)
        return {
            "EvalActionName": action,
            "EvalResourceName": template_of(resources),
            "EvalDecision": min((each.outcome for each in decisions.values()), key=_STRICTEST_FIRST.index).value,
            "MatchedStatements": _deduplicated(
                matched for each in decisions.values() for matched in self._matched_by(each)
            ),
            "MissingContextValues": missing,
            **_organizations(decisions.values()),
            **_boundary(decisions.values()),
            "ResourceSpecificResults": [
                {
                    "EvalResourceName": resource,
                    "EvalResourceDecision": decisions[resource].outcome.value,
                    "MatchedStatements": self._matched_by(decisions[resource]),
                    "MissingContextValues": missing,
                    **_boundary([decisions[resource]]),
                }
                for resource in specific
            ],
        }

    def _decision(self, action: str, resource: str) -> Decision:
        return evaluate(AuthorizationRequest(self.principal, action, resource, self.context), self.policies)

    def _matched_by(self, decision: Decision) -> list[dict[str, Any]]:
        return [self._matched(each) for each in decision.matched if each.kind is not PolicyKind.SERVICE_CONTROL]

    def _matched(self, statement: MatchedStatement) -> dict[str, Any]:
        owner = "user" if ":user/" in self.principal.arn else "role"
        kinds = {PolicyKind.IDENTITY: owner, PolicyKind.RESOURCE: "resource"}
        return {"SourcePolicyId": statement.policy, "SourcePolicyType": kinds.get(statement.kind, "none")}

    def _missing_keys(self) -> list[str]:
        """The condition keys that nobody gave, of every statement: of those about other actions, too.

        https://github.com/boto/boto3/issues/3111 and https://github.com/aws/aws-sdk-java-v2/issues/1751
        """
        known = self.principal.context.completed_by(self.context)
        policies = [*self.policies.identity, *([self.policies.boundary] if self.policies.boundary else [])]
        return sorted(
            {
                condition.key
                for policy in policies
                for statement in policy.statements
                for condition in statement.conditions
                if known.values(condition.key) is None
            }
        )


def _excluded(call: ApiCall) -> Exclusions:
    """What `PolicyExclusionList` leaves out; resource control policies are not evaluated anyway."""
    listed: Sequence[dict[str, Any]] = call.parameters.get("PolicyExclusionList") or ()
    if any(len(entry) != 1 for entry in listed):
        raise AwsError("InvalidInput", "Invalid Input: a policy identifier names exactly one of its members.")
    inline = [entry["InlinePolicyIdentifier"] for entry in listed if "InlinePolicyIdentifier" in entry]
    return Exclusions(
        kinds=frozenset(entry["PolicyType"] for entry in listed if "PolicyType" in entry),
        arns=tuple(entry["PolicyArn"] for entry in listed if "PolicyArn" in entry),
        inline=tuple((each["AttachmentType"], each["AttachmentName"], each["PolicyName"]) for each in inline),
    )


def _results(call: ApiCall, simulation: Simulation) -> Result:
    actions: Sequence[str] = call.parameters["ActionNames"]
    resources: Sequence[str] = call.parameters.get("ResourceArns") or [_EVERYTHING]
    start = _position(call.parameters.get("Marker"))
    end = start + int(call.parameters.get("MaxItems", _DEFAULT_PAGE))
    shown = {"EvaluationResults": [simulation.result(action, resources) for action in actions[start:end]]}
    is_truncated = end < len(actions)
    return {**shown, "IsTruncated": is_truncated, **({"Marker": f"from-{end}"} if is_truncated else {})}


def _organizations(decisions: Iterable[Decision]) -> dict[str, Any]:
    told = [each.allowed_by_organizations for each in decisions if each.allowed_by_organizations is not None]
    return {"OrganizationsDecisionDetail": {"AllowedByOrganizations": all(told)}} if told else {}


def _boundary(decisions: Iterable[Decision]) -> dict[str, Any]:
    # Where the organization denies, nothing else is evaluated.
    told = [
        each.allowed_by_boundary
        for each in decisions
        if each.allowed_by_boundary is not None and each.refused_by is not PolicyKind.SERVICE_CONTROL
    ]
    return {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": all(told)}} if told else {}


def _deduplicated(statements: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [dict(each) for each in dict.fromkeys(tuple(statement.items()) for statement in statements)]


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
    record = find_refused_request(str(call.parameters["authorizationId"]), call.region)
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


def _policies(record: RefusedRequest) -> Iterator[tuple[PolicyKind, Policy]]:
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
