"""Decide whether a caller may make a call, and write the refusal that AWS would answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from moto.ec2.models import ec2_backends
from moto.utilities.utils import get_partition

from ssmtui.simulator import organization
from ssmtui.simulator.authorisation.actions import Call, Need, action_of, document_arn
from ssmtui.simulator.authorisation.conditions import Context
from ssmtui.simulator.authorisation.evaluation import (
    AuthorizationRequest,
    Decision,
    Outcome,
    Policies,
    PolicyKind,
    ResourcePolicy,
    evaluate,
)
from ssmtui.simulator.authorisation.policy_documents import Principal
from ssmtui.simulator.authorisation.stored_policies import (
    bucket_policy,
    key_policy,
    policies_of,
    principal_of,
    trust_policy,
)
from ssmtui.simulator.refused_requests import HOME_OF_IAM, SERVICES_WITH_IDS, RefusedRequest, store_refused_request
from ssmtui.simulator.state import hidden


@dataclass(frozen=True, slots=True)
class Refusal:
    """An access-denied answer, before it is written in the protocol of its service."""

    code: str
    status: int
    message: str


def refusal(service: str, caller_arn: str, need: Need, decision: Decision, authorization_id: str = "") -> Refusal:
    """The answer to a caller whose request was not allowed; with an id, where the service gives one."""
    sentence = f"User: {caller_arn} is not authorized to perform: {need.action}"
    shown = _shown(service, need.resource)
    if shown:
        sentence += f" on resource: {shown}"
    reason = _reason(need.action, decision)
    sentence += f"{' ' if reason else ''}{reason}{_directions(authorization_id)}"
    if service == "ec2":
        return Refusal("UnauthorizedOperation", 403, f"You are not authorized to perform this operation. {sentence}")
    if service in {"iam", "sts", "s3"}:
        return Refusal("AccessDenied", 403, sentence)
    return Refusal("AccessDeniedException", 400, sentence)


def _reason(action: str, decision: Decision) -> str:
    kind = decision.refused_by or PolicyKind.IDENTITY
    if decision.outcome is Outcome.EXPLICIT_DENY:
        article = "an" if kind is PolicyKind.IDENTITY else "a"
        named = next((each.arn for each in decision.matched if each.kind is kind and each.arn), "")
        return f"with an explicit deny in {article} {kind}" + (f": {named}" if named else "")
    if (action, kind) == ("sts:AssumeRole", PolicyKind.RESOURCE):
        # What a role's trust policy lacks is not told to whoever wants to take it.
        return ""
    return f"because no {kind} allows the {action} action"


def _directions(authorization_id: str) -> str:
    """Where the refusal can be looked up. The console's link is to us-east-1 wherever the request went."""
    if not authorization_id:
        return ""
    console = "https://us-east-1.console.aws.amazon.com/iam/home?region=us-east-1#/authorization-details/"
    return (
        f". Go to {console}{authorization_id} for complete details, or call the GetRequestAuthorizationDetails API "
        f"with the following authorization id: {authorization_id}"
    )


def _shown(service: str, resource: str) -> str:
    """How a service spells the resource: IAM by kind and name, S3 in quotes, EC2 not at all where there is none."""
    if resource == "*":
        return "" if service == "ec2" else "*"
    if service == "s3":
        return f'"{resource}"'
    if service == "iam" and ":policy/" in resource:
        return f"policy {resource}"
    for kind in ("role", "instance-profile", "user"):
        if service == "iam" and f":{kind}/" in resource:
            return f"{kind.replace('-', ' ')} {resource.rpartition('/')[2]}"
    return resource


ACCESS_CHECK: Final = "ssm:SessionDocumentAccessCheck"
DEFAULT_DOCUMENT: Final = "SSM-SessionManagerRunShell"

_ABOUT_NODES: Final = frozenset({"StartSession", "StartAccessRequest"})


def completed_needs(call: Call, needs: tuple[Need, ...], policies: Policies) -> tuple[Need, ...]:
    """The needs of a call, as the caller's own policies have them judged."""
    if call.service != "ssm" or call.operation not in _ABOUT_NODES:
        return needs
    told = tuple(replace(need, keys=(*need.keys, *_keys(call, need))) for need in needs)
    if call.operation == "StartSession" and not call.text("DocumentName") and checks_documents(policies):
        arn = document_arn(DEFAULT_DOCUMENT, call.account, call.region)
        return (*told, Need("ssm:StartSession", arn, ((ACCESS_CHECK, "true"),)))
    return told


def checks_documents(policies: Policies) -> bool:
    """Whether a policy of the caller asks for the document of a session to be checked."""
    return any(
        condition.key.lower() == ACCESS_CHECK.lower()
        for policy in policies.identity
        for statement in policy.statements
        for condition in statement.conditions
    )


def tags_of_node(account: str, region: str, node_id: str) -> Mapping[str, str]:
    """The tags of an instance or of a hybrid node."""
    for reservation in ec2_backends[account][region].reservations.values():
        for instance in reservation.instances:
            if instance.id == node_id:
                return {str(tag["key"]): str(tag["value"]) for tag in instance.get_tags()}
    return hidden(account, region).hybrid_node_tags.get(node_id, {})


def _keys(call: Call, need: Need) -> Iterator[tuple[str, str]]:
    yield ACCESS_CHECK, "true"
    if ":document/" not in need.resource:
        node_id = need.resource.rpartition("/")[2]
        for name, value in tags_of_node(call.account, call.region, node_id).items():
            yield f"ssm:resourceTag/{name}", value


CALLER_REQUEST_KEYS: Final[Mapping[str, str]] = {"aws:SourceIp": "203.0.113.10"}
"""Where people call from: an address of TEST-NET-3 (RFC 5737)."""

_UNDER_RESOURCE_CONTROL: Final = frozenset({"s3", "sts", "kms", "sqs", "secretsmanager"})


def authorise(caller_arn: str, call: Call) -> Refusal | None:
    """None where the caller may make this call, else what AWS answers."""
    principal = principal_of(caller_arn)
    held = policies_of(principal)
    for need in completed_needs(call, action_of(call), held):
        policies = _all_policies(principal, need, call.region, held)
        keys = {**request_keys(principal, call.region), **CALLER_REQUEST_KEYS, **dict(need.keys)}
        decision = evaluate(AuthorizationRequest(principal, need.action, need.resource, Context.of(keys)), policies)
        if not decision.allowed:
            id_ = ""
            if call.service in SERVICES_WITH_IDS:
                remembered = keys | {"aws:PrincipalArn": principal.arn}
                id_ = store_refused_request(
                    RefusedRequest(HOME_OF_IAM[call.partition], datetime.now(UTC), need, decision, policies, remembered)
                )
            return refusal(call.service, caller_arn, need, decision, id_)
    return None


def permission(
    principal: Principal,
    need: Need,
    region: str,
    policies: Policies | None = None,
    keys: Mapping[str, str] = CALLER_REQUEST_KEYS,
) -> Decision:
    """Whether a principal may do that, key and bucket policies included.

    `policies` stands in for the principal's own, so that a caller who asks many times collects them once. `keys` are
    the condition keys that tell where the request comes from.
    """
    held = policies_of(principal) if policies is None else policies
    context = Context.of({**request_keys(principal, region), **keys, **dict(need.keys)})
    request = AuthorizationRequest(principal, need.action, need.resource, context)
    return evaluate(request, _all_policies(principal, need, region, held))


def _all_policies(principal: Principal, need: Need, region: str, held: Policies) -> Policies:
    # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
    on_resources = held.resource_control if need.action.partition(":")[0] in _UNDER_RESOURCE_CONTROL else ()
    return replace(held, resource=_resource_policy(principal, need, region), resource_control=on_resources)


def request_keys(principal: Principal, region: str) -> dict[str, str]:
    """The condition keys of every request to a Region."""
    keys = {"aws:RequestedRegion": region, "aws:SecureTransport": "true", "aws:ViaAWSService": "false"}
    own = {"aws:ResourceAccount": principal.account, "kms:CallerAccount": principal.account}
    member_of = organization.control_policies_of(principal.account).organization
    if member_of:
        own |= {"aws:PrincipalOrgID": member_of, "aws:ResourceOrgID": member_of}
    return keys | own if principal.account else keys


def _resource_policy(principal: Principal, need: Need, region: str) -> ResourcePolicy | None:
    if need.action.startswith("kms:") and ":key/" in need.resource:
        return key_policy(principal.account, region, need.resource, principal)
    if need.action.startswith("s3:") and need.resource.startswith("arn:"):
        bucket_name = need.resource.split(":", 5)[5].partition("/")[0]
        return bucket_policy(principal.account, bucket_name, get_partition(region))
    if need.action == "sts:AssumeRole" and need.resource.startswith("arn:"):
        return trust_policy(need.resource)
    return None
