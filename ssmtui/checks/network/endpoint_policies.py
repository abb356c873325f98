"""Check whether VPC endpoint policies allow what sessions need."""

from __future__ import annotations

from ssmtui.analysis.finding_parts import the_subnet
from ssmtui.analysis.network.endpoint_policies import (
    CAUSE,
    EndpointCaller,
    calls_for_connecting,
    connecting_denials,
    downgrade_if_bypassed,
    endpoint_finding,
    finding_for_unknown_caller,
    session_denials,
    with_control_channel_proof,
)
from ssmtui.checks.registry import check
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.finding import Findings, Link
from ssmtui.model.identity import NodeRole
from ssmtui.model.network import (
    Endpoint,
    Endpoints,
    Placement,
    RouteTables,
    Subnets,
    VpcDns,
    endpoint_in_use,
    is_in_another_region,
    unread_region,
)
from ssmtui.model.node_facts import Observation, RunningInstance
from ssmtui.model.preferences import SessionPreferences, SessionServices
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Bucket, Key

_OF_SYSTEMS_MANAGER = ("ssm", "ssmmessages")
_OF_SESSIONS = ("kms", "logs", "s3")


@check(
    link=Link.NETWORK,
    causes=(CAUSE,),
    subject=the_subnet,
    after=("node-reaches-session-services",),
    without={
        SessionServices: "what is asked for, and open without",
        SessionPreferences: "what is asked for, and open without",
        Key: "what is asked for, and open without",
    },
)
def endpoint_policies_let_the_role_through(
    running: RunningInstance,
    observation: Observation,
    node_role: NodeRole | Unreadable,
    services: SessionServices | NotApplicable | Unreadable,
    preferences: SessionPreferences | Unreadable,
    key: Key | Absent | NotApplicable | Unreadable,
    bucket: Bucket | Absent | NotApplicable | Unreadable,
    placement: Placement,
    scope: Scope,
    subnets: Subnets,
    endpoints: Endpoints,
    routes: RouteTables,
    dns: VpcDns,
) -> Findings:
    """Whether the policies of the VPC endpoints let the node's role connect, and use what its sessions need."""
    subnet = subnets.get(placement.subnet_id)
    if subnet is None or subnet.ipv6_native or subnet.owner != scope.account:
        return ()  # whether it goes by these endpoints is not to be seen, which the ways' checks say

    def in_use(service: str) -> Endpoint | None:
        if service == "s3" and isinstance(bucket, Bucket) and is_in_another_region(bucket, scope):
            return None
        return endpoint_in_use(placement, endpoints, routes, dns, service)

    asked = [each for each in _OF_SYSTEMS_MANAGER if calls_for_connecting(each, running, observation, scope)]
    needed = (
        ()
        if isinstance(services, NotApplicable)
        else _OF_SESSIONS
        if isinstance(services, Unreadable)
        else services.names
    )
    if isinstance(node_role, Unreadable):
        return finding_for_unknown_caller(node_role, [in_use(each) for each in (*asked, *needed)])
    role = node_role.role
    endpoint_caller = with_control_channel_proof(
        EndpointCaller(role, placement, scope), in_use("ssmmessages"), observation
    )
    found: Findings = ()
    for service in asked:
        endpoint = in_use(service)
        if endpoint is not None:
            found += endpoint_finding(
                endpoint, role, [*connecting_denials(endpoint_caller, endpoint, service, running, observation)]
            )
    if isinstance(preferences, Unreadable):
        return found + finding_for_unknown_caller(preferences, [in_use(each) for each in needed])
    for service in needed:
        endpoint = in_use(service)
        if endpoint is not None:
            hindrances = [*session_denials(endpoint_caller, endpoint, service, preferences, key)]
            untold = unread_region(bucket) if service == "s3" else None
            found += endpoint_finding(
                endpoint, role, hindrances if untold is None else downgrade_if_bypassed(hindrances, untold)
            )
    return found
