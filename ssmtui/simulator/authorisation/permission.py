"""The answer of the whole account to a call: the principal's policies together with those of the resource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from moto.utilities.utils import get_partition

from ssmtui.simulator import organization
from ssmtui.simulator.authorisation.actions import Call, Need, action_of
from ssmtui.simulator.authorisation.collect import bucket_policy, key_policy, policies_of, principal_of, trust_policy
from ssmtui.simulator.authorisation.context import Context
from ssmtui.simulator.authorisation.evaluation import AuthorizationRequest, Decision, Policies, ResourcePolicy, evaluate
from ssmtui.simulator.authorisation.principals import Principal
from ssmtui.simulator.authorisation.refusals import Refusal, refusal
from ssmtui.simulator.authorisation.session_start import completed
from ssmtui.simulator.refused_requests import HOME_OF_IAM, SERVICES_WITH_IDS, Record, remember

FROM_A_DESK: Final[Mapping[str, str]] = {"aws:SourceIp": "203.0.113.10"}
"""Where people call from: an address of TEST-NET-3 (RFC 5737)."""

_UNDER_RESOURCE_CONTROL: Final = frozenset({"s3", "sts", "kms", "sqs", "secretsmanager"})


def authorise(caller_arn: str, call: Call) -> Refusal | None:
    """None where the caller may make this call, else what AWS answers."""
    principal = principal_of(caller_arn)
    held = policies_of(principal)
    for need in completed(call, action_of(call), held):
        policies = _all_policies(principal, need, call.region, held)
        keys = {**request_keys(principal, call.region), **FROM_A_DESK, **dict(need.keys)}
        decision = evaluate(AuthorizationRequest(principal, need.action, need.resource, Context.of(keys)), policies)
        if not decision.allowed:
            id_ = ""
            if call.service in SERVICES_WITH_IDS:
                remembered = keys | {"aws:PrincipalArn": principal.arn}
                id_ = remember(
                    Record(HOME_OF_IAM[call.partition], datetime.now(UTC), need, decision, policies, remembered)
                )
            return refusal(call.service, caller_arn, need, decision, id_)
    return None


def permission(
    principal: Principal,
    need: Need,
    region: str,
    policies: Policies | None = None,
    keys: Mapping[str, str] = FROM_A_DESK,
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
    member_of = organization.policies_on(principal.account).organization
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
