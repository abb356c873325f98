"""Implement IAM, STS, Organizations and CloudTrail."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from moto.ec2.models import ec2_backends
from moto.ec2.models.instances import Instance
from moto.iam.models import iam_backends

from ssmtui.simulator import state
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
from ssmtui.simulator.authorisation.permission import RefusedRequest, find_refused_request
from ssmtui.simulator.authorisation.resource_types import is_known, is_resource_of
from ssmtui.simulator.authorisation.stored_policies import Exclusions
from ssmtui.simulator.call import ApiCall, AwsError, Result, operation, page
from ssmtui.simulator.moto_aws import read_answer
from ssmtui.simulator.node_state.registration import RefusedCall, refused_calls, reporting_identity
from ssmtui.simulator.state import MANAGEMENT_ACCOUNT, ORGANIZATION_ID

_KINDS: Final = {
    ("ec2", "instance"): "arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}",
    ("ssm", "managed-instance"): "arn:${Partition}:ssm:${Region}:${Account}:managed-instance/${InstanceId}",
    ("ssm", "document"): "arn:${Partition}:ssm:${Region}:${Account}:document/${DocumentName}",
    ("ssm", "session"): "arn:${Partition}:ssm:${Region}:${Account}:session/${SessionId}",
    ("kms", "key"): "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}",
    ("iam", "role"): "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}",
}


def template_of(resources: Sequence[str]) -> str:
    """Return the template of the first of these ARNs; `*` if none is known."""
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
_NO_STATEMENTS: Final = Policy("", ())
_STRICTEST_FIRST: Final = (Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY, Outcome.ALLOWED)


@operation("iam", "SimulatePrincipalPolicy")
def simulate_principal_policy(call: ApiCall) -> Result:
    """Return what a user or role is allowed to do, with additional policies."""
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
    """Return what a principal with only these policies is allowed to do."""
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
    """One simulation: the principal, its policies, and the context of the requests."""

    principal: Principal
    policies: Policies
    context: Context

    def result(self, action: str, resources: Sequence[str]) -> dict[str, Any]:
        """Return the result for an action: the total, and one result for each named resource."""
        decisions = {resource: self._decision(action, resource) for resource in resources}
        missing = {resource: self._missing_keys(decisions[resource]) for resource in resources}
        specific = [] if list(resources) == [_EVERYTHING] else list(resources)
        return {
            "EvalActionName": action,
            "EvalResourceName": template_of(resources),
            "EvalDecision": min((each.outcome for each in decisions.values()), key=_STRICTEST_FIRST.index).value,
            "MatchedStatements": _deduplicated(
                matched for each in decisions.values() for matched in self._matched_by(each)
            ),
            "MissingContextValues": sorted({key for keys in missing.values() for key in keys}),
            **_organizations(decisions.values()),
            **_boundary(decisions.values()),
            "ResourceSpecificResults": [
                {
                    "EvalResourceName": resource,
                    "EvalResourceDecision": decisions[resource].outcome.value,
                    "MatchedStatements": self._matched_by(decisions[resource]),
                    "MissingContextValues": missing[resource],
                    **_boundary([decisions[resource]]),
                }
                for resource in specific
            ],
        }

    def _decision(self, action: str, resource: str) -> Decision:
        policies = self.policies
        if not is_resource_of(action, resource):
            # Only the organization's policies are evaluated.
            policies = replace(policies, identity=(), resource=None, boundary=policies.boundary and _NO_STATEMENTS)
        return evaluate(AuthorizationRequest(self.principal, action, resource, self.context), policies)

    def _matched_by(self, decision: Decision) -> list[dict[str, Any]]:
        return [self._matched(each) for each in decision.matched if each.kind is not PolicyKind.SERVICE_CONTROL]

    def _matched(self, statement: MatchedStatement) -> dict[str, Any]:
        owner = "user" if ":user/" in self.principal.arn else "role"
        kinds = {PolicyKind.IDENTITY: owner, PolicyKind.RESOURCE: "resource"}
        return {"SourcePolicyId": statement.policy, "SourcePolicyType": kinds.get(statement.kind, "none")}

    def _missing_keys(self, decision: Decision) -> list[str]:
        """Return the condition keys without a value in all statements, including those about other actions.

        IAM names them only if no policy allows or denies the request. Sources: answers of IAM that
        github.com/radkawar/stackd records (`testdata/aws/iam/simulation.json`);
        https://github.com/boto/boto3/issues/3111 and https://github.com/aws/aws-sdk-java-v2/issues/1751
        """
        if decision.outcome is not Outcome.IMPLICIT_DENY or decision.refused_by is PolicyKind.SERVICE_CONTROL:
            return []
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
    """Return what `PolicyExclusionList` leaves out; resource control policies are never evaluated."""
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
    if _EVERYTHING in resources and len(resources) > 1:
        raise AwsError("InvalidInput", f"ResourceNames are not in a valid ARN format: {_EVERYTHING}.")
    known = [each for each in actions if is_known(each)]
    unknown = [each for each in actions if not is_known(each)]
    if _EVERYTHING not in resources and known and unknown:
        groups = f"[{','.join(known)}] and [{','.join(unknown)}]"
        raise AwsError("InvalidInput", f"Invalid Input Actions: {groups} require different authorization information.")
    start = _position(call.parameters.get("Marker"))
    end = start + int(call.parameters.get("MaxItems", _DEFAULT_PAGE))
    shown = {"EvaluationResults": [simulation.result(action, resources) for action in actions[start:end]]}
    is_truncated = end < len(actions)
    return {**shown, "IsTruncated": is_truncated, **({"Marker": f"from-{end}"} if is_truncated else {})}


def _organizations(decisions: Iterable[Decision]) -> dict[str, Any]:
    allowed = [each.allowed_by_organizations for each in decisions if each.allowed_by_organizations is not None]
    return {"OrganizationsDecisionDetail": {"AllowedByOrganizations": all(allowed)}} if allowed else {}


def _boundary(decisions: Iterable[Decision]) -> dict[str, Any]:
    # If the organization denies the request, nothing else is evaluated.
    allowed = [
        each.allowed_by_boundary
        for each in decisions
        if each.allowed_by_boundary is not None and each.refused_by is not PolicyKind.SERVICE_CONTROL
    ]
    return {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": all(allowed)}} if allowed else {}


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
    """Return the evaluation of a request that was refused in this Region within a day."""
    record = find_refused_request(str(call.parameters["authorizationId"]), call.region)
    if record is None:
        raise AwsError(
            "ResourceNotFoundException",
            "The requested authorization details do not exist in this region or have expired.",
            404,
        )
    principal = str(record.keys["aws:PrincipalArn"])
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


@operation("organizations", "ListAccounts")
def list_accounts(call: ApiCall) -> Result:
    """Return all accounts, including closed ones; only for the management account and delegated administrators."""
    id_ = state.control_policies_of(call.account).organization
    if not id_:
        raise AwsError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
    if call.account not in state.shared.administrators:
        raise AwsError("AccessDeniedException", "You don't have permissions to access this resource.")
    owner = f"arn:{call.partition}:organizations::{MANAGEMENT_ACCOUNT}:account/{id_}"
    accounts = [
        {
            "Id": each.id,
            "Arn": f"{owner}/{each.id}",
            "Email": f"aws+{each.name}@acme.example",
            "Name": each.name,
            "State": each.state,
            "JoinedMethod": "CREATED",
        }
        for each in state.shared.accounts
    ]
    return page(call, "Accounts", accounts, 20)


_MANAGEMENT_ACCOUNT: Final = "999988887777"


@operation("organizations", "DescribeOrganization")
def describe_organization(call: ApiCall) -> Result:
    """Return the organization."""
    id_ = state.control_policies_of(call.account).organization
    if not id_:
        message = "Your account is not a member of an organization."
        raise AwsError("AWSOrganizationsNotInUseException", message)
    owner = f"arn:{call.partition}:organizations::{_MANAGEMENT_ACCOUNT}"
    return {
        "Organization": {
            "Id": id_,
            "Arn": f"{owner}:organization/{id_}",
            "FeatureSet": "ALL",
            "MasterAccountId": _MANAGEMENT_ACCOUNT,
            "MasterAccountArn": f"{owner}:account/{id_}/{_MANAGEMENT_ACCOUNT}",
            "MasterAccountEmail": "aws@acme.example",
        }
    }


@operation("sts", "GetCallerIdentity")
def get_caller_identity(call: ApiCall) -> Result:
    """Return the principal of the access key."""
    principal = principal_of(call.caller_arn)
    return {"UserId": principal.user_id or call.account, "Account": call.account, "Arn": call.caller_arn}


_HOUR: Final = 3600


@operation("sts", "AssumeRole")
def assume_role(call: ApiCall) -> Result:
    """Return credentials of the role. They last at most one hour if a role assumes it (role chaining)."""
    seconds = int(call.parameters.get("DurationSeconds", _HOUR))
    if seconds > _HOUR and ":assumed-role/" in call.caller_arn:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        )
    answer = read_answer(call.model, call.moto())
    end = state.now() + timedelta(seconds=seconds)
    state.shared.role_session_ends[str(answer["Credentials"]["AccessKeyId"])] = end
    state.shared.issued_tokens.add(str(answer["Credentials"]["SessionToken"]))
    return {**answer, "Credentials": {**answer["Credentials"], "Expiration": end}}


_REPORT: Final = "UpdateInstanceInformation"
_GIVEN_PROFILE: Final = "AssociateIamInstanceProfile"
_AGO: Final = timedelta(minutes=4)
_TRIED_AGO: Final = timedelta(minutes=12)


@operation("cloudtrail", "LookupEvents")
def lookup_events(call: ApiCall) -> Result:
    """List events by name or by user, the newest first; a page has at most 50."""
    wanted = {each["AttributeKey"]: each["AttributeValue"] for each in call.parameters.get("LookupAttributes", ())}
    events: list[dict[str, Any]] = []
    if wanted.get("EventName", _REPORT) == _REPORT:
        events = [
            _report_event(call, instance, reported_as)
            for reservation in ec2_backends[call.account][call.region].reservations.values()
            for instance in reservation.instances
            if (reported_as := reporting_identity(call.account, call.region, instance.id)) is not None
        ]
    if wanted.get("EventName", _GIVEN_PROFILE) == _GIVEN_PROFILE:
        given = call.hidden.profile_times
        events += [_profile_event(call, node_id, at) for node_id, at in sorted(given.items(), key=_newest_first)]
    if "EventName" not in wanted:
        known = call.hidden
        events += [
            _refusal_event(call, node_id, refused)
            for node_id in (*known.agents, *known.hybrid_nodes)
            for refused in refused_calls(call.account, call.region, node_id)
        ]
    events = [each for each in events if each.get("Username") == wanted.get("Username", each.get("Username"))]
    return page(call, "Events", sorted(events, key=lambda each: each["EventTime"], reverse=True), 50)


def _newest_first(given: tuple[str, datetime]) -> float:
    return -given[1].timestamp()


def _event(
    call: ApiCall, event_id: str, name: str, source: str, at: datetime, record: dict[str, Any]
) -> dict[str, Any]:
    """Return an event; `record` holds the members beyond those of all events."""
    head = {"eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}", "eventSource": source, "eventName": name, "awsRegion": call.region}
    return {
        "EventId": event_id,
        "EventName": name,
        "ReadOnly": "false",
        "EventTime": at,
        "EventSource": source,
        "Resources": [],
        "CloudTrailEvent": json.dumps(head | record),
    }


def _profile_event(call: ApiCall, node_id: str, at: datetime) -> dict[str, Any]:
    association = {"instanceId": node_id, "state": "associating"}
    record = {
        "eventVersion": "1.10",
        "requestParameters": {f"{_GIVEN_PROFILE}Request": {"InstanceId": node_id}},
        "responseElements": {f"{_GIVEN_PROFILE}Response": {"iamInstanceProfileAssociation": association}},
    }
    return _event(call, _event_id(node_id), _GIVEN_PROFILE, "ec2.amazonaws.com", at, record)


def _report_event(call: ApiCall, instance: Instance, reported_as: tuple[str, bool]) -> dict[str, Any]:
    principal, allowed = reported_as
    denied = {"errorCode": "AccessDenied", "errorMessage": f"User: {principal} is not authorized"}
    record = {
        "eventVersion": "1.11",
        "userIdentity": _user_identity(principal),
        "sourceIPAddress": instance.private_ip,
        "requestParameters": {"instanceId": instance.id, "agentName": "amazon-ssm-agent"} if allowed else None,
        **({} if allowed else denied),
    }
    event = _event(call, _event_id(instance.id), _REPORT, "ssm.amazonaws.com", state.now() - _AGO, record)
    return event | {"Username": principal.rpartition("/")[2]}


def _refusal_event(call: ApiCall, node_id: str, refused: RefusedCall) -> dict[str, Any]:
    record = {
        "eventVersion": "1.11",
        "userIdentity": _user_identity(refused.principal),
        "errorCode": "AccessDenied",
        "errorMessage": refused.message,
        "requestParameters": None,
        "managementEvent": True,
    }
    source, at = f"{refused.source}.amazonaws.com", state.now() - _TRIED_AGO
    event = _event(call, f"{refused.event}-{node_id}", refused.event, source, at, record)
    return event | {"Username": node_id, "ReadOnly": "true"}


def _event_id(node_id: str) -> str:
    return f"{node_id.removeprefix('i-'):0>32}"


def _user_identity(principal: str) -> dict[str, Any]:
    issuer = {"type": "Role", "arn": principal_of(principal).arn, "userName": principal.split("/")[1]}
    return {"type": "AssumedRole", "arn": principal, "sessionContext": {"sessionIssuer": issuer}}
