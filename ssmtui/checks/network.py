"""Checks of the network: the paths from a node to the AWS services that a session needs."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.analysis.console_log import CERTIFICATE_UNTRUSTED, console_evidence, last_line
from ssmtui.analysis.finding_parts import settling_actions, status_by_switch, the_node, the_subnet, unread_evidence
from ssmtui.analysis.network.endpoint_policies import (
    CAUSE,
    EndpointCaller,
    asks_for_connecting,
    connecting_denials,
    downgrade_if_bypassed,
    endpoint_finding,
    finding_for_unknown_caller,
    session_denials,
    with_control_channel_proof,
)
from ssmtui.analysis.network.paths import BlockedService, find_ipv6_internet_route, find_path, path_findings
from ssmtui.analysis.network.routes import (
    ROUTES,
    BlockedPath,
    NetworkContext,
    NetworkPath,
    OpenPath,
    UnknownPath,
    network_context,
)
from ssmtui.checks.registry import check
from ssmtui.language import say, translatable
from ssmtui.model.fact import Absent, NoFact, NotApplicable, OfNode, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Link, Status
from ssmtui.model.identity import NodeRole
from ssmtui.model.network import (
    AddressBlock,
    Endpoint,
    EndpointAddresses,
    Endpoints,
    NatGateways,
    NetworkAcls,
    Placement,
    PrefixLists,
    RouteTables,
    SecurityGroups,
    Subnets,
    VpcDns,
    endpoint_in_use,
    is_in_another_region,
    unread_region,
)
from ssmtui.model.node import Instance, Node
from ssmtui.model.node_facts import ConsoleOutput, Observation, RunningInstance, RunningNode, UnconnectedNode
from ssmtui.model.node_requests import EndpointPolicyRequests, PolicyRequests
from ssmtui.model.preferences import SessionPreferences, SessionServices
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Bucket, Key


@check(
    link=Link.NETWORK,
    causes=(
        "no-route-to-endpoint",
        "endpoint-missing",
        "endpoint-security-group-closed",
        "endpoint-private-dns-off",
        "vpc-dns-off",
        "egress-blocked",
        "network-acl-blocks",
        "blackhole-route",
        "shared-vpc",
        "ipv6-only-subnet",
    ),
    subject=the_subnet,
)
def node_reaches_systems_manager(
    away: UnconnectedNode,
    placement: Placement,
    scope: Scope,
    subnets: Subnets,
    routes: RouteTables,
    groups: SecurityGroups,
    acls: NetworkAcls,
    endpoints: Endpoints,
    dns: VpcDns,
    nats: NatGateways | Unreadable,
    lists: PrefixLists | Unreadable,
    addresses: EndpointAddresses | NoFact,
    block: AddressBlock,
) -> Findings | OfNode[Findings]:
    """Whether the node can reach ssm and ssmmessages."""
    around = network_context(
        scope, placement, block, subnets, routes, groups, acls, endpoints, dns, nats, lists, addresses
    )
    observation = away.observation
    asked = [
        service
        for service, proved in (("ssm", observation.online), ("ssmmessages", observation.connected))
        if not proved
    ]
    # What the node itself would have proved (docs/judging.md §2), if it could be read.
    unread: dict[str, object] = {"ssm": away.node.registration, "ssmmessages": observation.connection}
    paths = [(service, _unless_observed(unread[service], find_path(around, service))) for service in asked]

    def found(by_ipv6: tuple[Evidence, ...]) -> Findings:
        # A node that was registered may use a path that cannot be seen (a proxy, peering).
        never_seen = isinstance(away.node.registration, Absent)
        confidence = Confidence.PROVED if never_seen and not by_ipv6 else Confidence.LIKELY
        ways = [(service, _beside(way, by_ipv6)) for service, way in paths]
        return path_findings(
            BlockedService(service, way, Status.FAIL, confidence)
            for service, way in ways
            if not isinstance(way, OpenPath)
        )

    by_ipv6 = _by_ipv6(around)
    return OfNode(lambda node: found(by_ipv6 if _has_ipv6_address(node) else ())) if by_ipv6 else found(())


def _unless_observed(observed: object, way: NetworkPath) -> NetworkPath:
    """Return a blocked path as unknown if the node's own proof of an open path could not be read."""
    if not isinstance(way, BlockedPath) or not isinstance(observed, Unreadable):
        return way
    evidence = (*way.evidence, *unread_evidence(observed))
    return UnknownPath(way.cause, way.subject, way.hop, evidence, settling_actions(observed))


def _has_ipv6_address(node: Node) -> bool:
    return isinstance(node.instance, Instance) and bool(node.instance.ipv6_addresses)


def _by_ipv6(around: NetworkContext) -> tuple[Evidence, ...]:
    """Return evidence of an IPv6 path, which an agent uses only if it is configured for IPv6 names."""
    subnet, table = around.placement.subnet_id, around.routes.of(around.placement.subnet_id, around.placement.vpc_id)
    route = find_ipv6_internet_route(table) if table is not None else None
    if route is None:
        return ()
    fact = say(
        "{subnet} routes to the IPv6 internet through {target}, which only an agent configured for IPv6 names uses",
        subnet=subnet,
        target=route.target_id,
    )
    return (Evidence(fact, ROUTES),)


def _beside(way: NetworkPath, evidence: tuple[Evidence, ...]) -> NetworkPath:
    return replace(way, evidence=(*way.evidence, *evidence)) if isinstance(way, BlockedPath) else way


_ENDPOINT_CAUSE = "log-endpoint-missing"
_LACKING = ("no-route-to-endpoint", "endpoint-missing")
_UNSEEN_WAY = translatable("the node reaches {service} through a path that is not visible in its network")


@check(
    link=Link.NETWORK,
    causes=(
        _ENDPOINT_CAUSE,
        "endpoint-security-group-closed",
        "endpoint-private-dns-off",
        "vpc-dns-off",
        "egress-blocked",
        "network-acl-blocks",
        "blackhole-route",
        "shared-vpc",
        "ipv6-only-subnet",
    ),
    subject=the_subnet,
    after=("node-reaches-systems-manager",),
)
def node_reaches_session_services(
    services: SessionServices,
    running: RunningNode,
    placement: Placement,
    observation: Observation,
    scope: Scope,
    preferences: SessionPreferences,
    subnets: Subnets,
    routes: RouteTables,
    groups: SecurityGroups,
    acls: NetworkAcls,
    endpoints: Endpoints,
    dns: VpcDns,
    nats: NatGateways | Unreadable,
    lists: PrefixLists | Unreadable,
    addresses: EndpointAddresses | NoFact,
    bucket: Bucket | Absent | NotApplicable | Unreadable,
    block: AddressBlock,
) -> Findings:
    """Whether the node can reach the services that its sessions need: kms, logs, s3."""
    around = network_context(
        scope, placement, block, subnets, routes, groups, acls, endpoints, dns, nats, lists, addresses
    )
    obstacles = []
    for service in services.names:
        abroad = (
            bucket if service == "s3" and isinstance(bucket, Bucket) and is_in_another_region(bucket, scope) else None
        )
        way = find_path(around, service) if abroad is None else _way_abroad(around, abroad)
        untold = unread_region(bucket) if service == "s3" else None
        if untold is not None:
            way = _wherever(around, way, untold)
        way = _seen_with(running, observation, around, way)
        if not isinstance(way, OpenPath):
            status, needs = _weight(service, preferences)
            obstacles.append(BlockedService(service, _as_log_endpoint(way), status, Confidence.LIKELY, needs))
    return path_findings(obstacles)


def _way_abroad(around: NetworkContext, bucket: Bucket) -> NetworkPath:
    """Return the path to a bucket in another Region: a VPC's endpoints for s3 lead to its own Region only."""
    way = _past_endpoints(around)
    if not isinstance(way, BlockedPath) or way.cause not in _LACKING:
        return way
    fact = say("the bucket {bucket} is in {region}", bucket=bucket.name, region=bucket.region)
    hop = say(
        "The bucket {bucket} is in {region}, and no endpoint of {vpc_id} reaches that Region",
        bucket=bucket.name,
        region=bucket.region,
        vpc_id=around.placement.vpc_id,
    )
    # An endpoint for s3 in the VPC does not matter here.
    routes = tuple(each for each in way.evidence if each.source != "ec2:DescribeVpcEndpoints")
    evidence = (*routes, Evidence(fact, "s3:HeadBucket"))
    return replace(way, hop=hop, evidence=evidence, fixes=("steps-network", "edit-preferences"))


def _wherever(around: NetworkContext, way: NetworkPath, untold: Unreadable) -> NetworkPath:
    """Return the path to a bucket in an unknown Region: a path that is blocked here may be open to another Region."""
    if not isinstance(way, BlockedPath) or isinstance(_past_endpoints(around), BlockedPath):
        return way
    needs = (untold.action,) if untold.action else ()
    return UnknownPath(way.cause, way.subject, way.hop, (*way.evidence, Evidence(untold.why, untold.source)), needs)


def _past_endpoints(around: NetworkContext) -> NetworkPath:
    others = tuple(each for each in around.endpoints.endpoints if each.service != "s3")
    return find_path(replace(around, endpoints=Endpoints(others)), "s3")


def _seen_with(running: RunningNode, observation: Observation, around: NetworkContext, way: NetworkPath) -> NetworkPath:
    """Return a blocked path as unknown if the node reaches a service whose visible path is blocked, too, or may do."""
    if not isinstance(way, BlockedPath):
        return way
    of_ssm = "ssm", observation.online, running.node.registration, "ssm:DescribeInstanceProperties"
    of_channel = "ssmmessages", observation.connected, observation.connection, "ssm:GetConnectionStatus"
    closed = [each for each in (of_ssm, of_channel) if isinstance(find_path(around, each[0]), BlockedPath)]
    for service, proved, _, source in closed:
        if proved:
            unseen = Evidence(say(_UNSEEN_WAY, service=service), source)
            return UnknownPath(way.cause, way.subject, way.hop, (*way.evidence, unseen))
    return next((found for _, _, read, _ in closed if (found := _unless_observed(read, way)) is not way), way)


def _as_log_endpoint(way: BlockedPath | UnknownPath) -> BlockedPath | UnknownPath:
    return replace(way, cause=_ENDPOINT_CAUSE) if way.cause in _LACKING else way


def _weight(service: str, preferences: SessionPreferences) -> tuple[Status, tuple[str, ...]]:
    """Return how serious a blocked path is, and what would settle it.

    Without kms no session opens. Without logs or s3, none opens if only encrypted destinations are allowed.
    """
    if service == "logs":
        return status_by_switch(preferences.log_group_encrypted_only)
    if service == "s3":
        return status_by_switch(preferences.s3_encrypted_only)
    return Status.FAIL, ()


# Other programs on the node, such as the CloudWatch agent, report their own endpoints with the same words.
_ENDPOINTS = ("https://ssm.", "https://ssmmessages.", "https://ec2messages.")
_CERTIFICATE_CAUSE = "endpoint-certificate-untrusted"
# With a wrong clock, a valid certificate looks expired.
_OF_TIME = "has expired or is not yet valid"


@check(
    link=Link.NETWORK,
    causes=(_CERTIFICATE_CAUSE,),
    subject=the_node,
    after=("node-reaches-systems-manager",),
    confirms=False,
)
def endpoint_certificate_is_trusted(
    away: UnconnectedNode,  # noqa: ARG001 - a precondition
    running: RunningInstance,  # noqa: ARG001 - a precondition
    console: ConsoleOutput | Absent,
    node: Node,
) -> Findings:
    """Whether the node trusts the certificate of the endpoint."""
    line = last_line(console, CERTIFICATE_UNTRUSTED, _ENDPOINTS)
    if line is None or _OF_TIME in line:
        return ()
    return (
        Finding(
            cause=_CERTIFICATE_CAUSE,
            status=Status.FAIL,
            confidence=Confidence.LIKELY,
            subject=the_node(node),
            summary=say("{node} does not trust the TLS certificate that it receives.", node=node.name),
            evidence=(console_evidence(line),),
            fixes=("steps-trust-certificate",),
        ),
    )


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
        EndpointPolicyRequests: "conditions on the request are open without",
    },
    confirms=False,
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
    requests: EndpointPolicyRequests | NoFact,
) -> Findings | OfNode[Findings]:
    """Whether the VPC endpoint policies allow the node's role to connect and to use the services of its sessions."""
    subnet = subnets.get(placement.subnet_id)
    if subnet is None or subnet.ipv6_native or subnet.owner != scope.account:
        return ()  # the network is not fully visible; the path checks report that

    def in_use(service: str) -> Endpoint | None:
        if service == "s3" and isinstance(bucket, Bucket) and is_in_another_region(bucket, scope):
            return None
        return endpoint_in_use(placement, endpoints, routes, dns, service)

    asked = [each for each in _OF_SYSTEMS_MANAGER if asks_for_connecting(each, observation, scope)]
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

    def calling(node: Node | None) -> EndpointCaller:
        caller = EndpointCaller(role, placement, scope, requests, node)
        return with_control_channel_proof(caller, in_use("ssmmessages"), observation)

    def connecting(service: str, caller: EndpointCaller) -> Findings:
        endpoint = in_use(service)
        if endpoint is None:
            return ()
        node_id = "" if caller.node is None else caller.node.id
        return endpoint_finding(
            endpoint, role, [*connecting_denials(caller, endpoint, service, running, node_id, observation)]
        )

    def in_sessions(caller: EndpointCaller) -> Findings:
        if isinstance(preferences, Unreadable):
            return finding_for_unknown_caller(preferences, [in_use(each) for each in needed])
        told: Findings = ()
        for service in needed:
            endpoint = in_use(service)
            if endpoint is not None:
                hindrances = [*session_denials(caller, endpoint, service, preferences, key)]
                untold = unread_region(bucket) if service == "s3" else None
                told += endpoint_finding(
                    endpoint, role, hindrances if untold is None else downgrade_if_bypassed(hindrances, untold)
                )
        return told

    # Conditions can be about the address of the node; the registration uses the node's own ARN.
    by_node = isinstance(requests, PolicyRequests) and requests.of_single_nodes
    shared = None if by_node else in_sessions(calling(None))

    def found(node: Node | None) -> Findings:
        caller = calling(node)
        of_sessions = in_sessions(caller) if shared is None else shared
        return (*(each for service in asked for each in connecting(service, caller)), *of_sessions)

    return OfNode(found) if by_node or ("ssm" in asked and in_use("ssm") is not None) else found(None)
