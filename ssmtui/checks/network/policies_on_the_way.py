"""Whether the policies of the endpoints that a node's calls go through let its role do what sessions take."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.network.calls_for_connecting import calls_for_connecting, hindered_in_connecting
from ssmtui.checks.network.calls_in_sessions import hindered_in_sessions
from ssmtui.checks.network.endpoint_policies import CAUSE, Visitor, at_messages, finding_at, left_open, perhaps_past
from ssmtui.checks.subjects import the_subnet
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.endpoints_in_use import endpoint_in_use, is_abroad, untold_place
from ssmtui.model.finding import Findings
from ssmtui.model.identity import NodeRole
from ssmtui.model.network import Endpoint, Endpoints, Placement, RouteTables, Subnets, VpcDns
from ssmtui.model.path import Link
from ssmtui.model.preferences import SessionPreferences, SessionServices
from ssmtui.model.scope import Scope
from ssmtui.model.standing import Observation, RunningInstance
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
    services: SessionServices | Moot | Unreadable,
    preferences: SessionPreferences | Unreadable,
    key: Key | Absent | Moot | Unreadable,
    bucket: Bucket | Absent | Moot | Unreadable,
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
        if service == "s3" and isinstance(bucket, Bucket) and is_abroad(bucket, scope):
            return None
        return endpoint_in_use(placement, endpoints, routes, dns, service)

    asked = [each for each in _OF_SYSTEMS_MANAGER if calls_for_connecting(each, running, observation, scope)]
    needed = () if isinstance(services, Moot) else _OF_SESSIONS if isinstance(services, Unreadable) else services.names
    if isinstance(node_role, Unreadable):
        return left_open(node_role, [in_use(each) for each in (*asked, *needed)])
    role = node_role.role
    visitor = at_messages(Visitor(role, placement, scope), in_use("ssmmessages"), observation)
    found: Findings = ()
    for service in asked:
        endpoint = in_use(service)
        if endpoint is not None:
            found += finding_at(
                endpoint, role, [*hindered_in_connecting(visitor, endpoint, service, running, observation)]
            )
    if isinstance(preferences, Unreadable):
        return found + left_open(preferences, [in_use(each) for each in needed])
    for service in needed:
        endpoint = in_use(service)
        if endpoint is not None:
            hindrances = [*hindered_in_sessions(visitor, endpoint, service, preferences, key)]
            untold = untold_place(bucket) if service == "s3" else None
            found += finding_at(endpoint, role, hindrances if untold is None else perhaps_past(hindrances, untold))
    return found
