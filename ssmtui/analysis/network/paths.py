"""Find the path from a node to an AWS service hop by hop, and turn blocked paths into findings."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ssmtui.analysis.finding_parts import join_words, least_sure, unread_evidence
from ssmtui.analysis.network.destinations import NAT64, destinations, to_ipv6
from ssmtui.analysis.network.filters_on_path import (
    check_endpoint_ingress,
    check_node_egress,
    check_subnet_acl,
    first_blocking_hop,
)
from ssmtui.analysis.network.packet_filters import IpNetwork, PacketPeer, network_of
from ssmtui.analysis.network.routes import (
    NO_ROUTE,
    ROUTES,
    BlockedPath,
    NetworkContext,
    NetworkPath,
    OpenPath,
    UnknownPath,
    blackhole_route,
    find_default_route,
    find_detour,
    find_route_aside,
    find_route_out_of_sight,
    find_route_to_unknown_networks,
    missing_route,
    missing_route_evidence,
    path_out_of_sight,
    route_evidence,
    routes_to,
)
from ssmtui.language import say
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status, Subject, SubjectKind
from ssmtui.model.network import (
    Endpoint,
    EndpointAddresses,
    InternetBlock,
    NatGateway,
    Route,
    RouteTable,
    RouteTarget,
    Subnet,
    gateway_endpoint,
    interface_endpoints,
    private_endpoint,
)


def path_by_endpoint(around: NetworkContext, endpoint: Endpoint) -> NetworkPath:
    """Return the path to an interface endpoint whose private name the node resolves, by the VPC's own routes or others.

    The name has an address in each of the endpoint's subnets, so one open subnet is enough.
    """
    if not endpoint.subnet_ids:
        subject = Subject(SubjectKind.ENDPOINT, endpoint.id)
        hop = say("The VPC endpoint {endpoint} is in no subnet", endpoint=endpoint.id)
        return UnknownPath("endpoint-missing", subject, hop, (Evidence(hop, "ec2:DescribeVpcEndpoints"),))
    obstacle = first_blocking_hop(
        _to_any_subnet(around, endpoint),
        check_endpoint_ingress(around, endpoint.security_group_ids, endpoint.id),
    )
    unread = around.addresses
    if isinstance(obstacle, UnknownPath) and isinstance(unread, Unreadable):
        needs = (*obstacle.needs, *((unread.action,) if unread.action else ()))
        return replace(obstacle, evidence=(*obstacle.evidence, *unread_evidence(unread)), needs=needs)
    return obstacle or OpenPath(endpoint.id)


def _to_any_subnet(around: NetworkContext, endpoint: Endpoint) -> BlockedPath | UnknownPath | None:
    obstacles = [_into(around, endpoint, subnet_id) for subnet_id in endpoint.subnet_ids]
    if None in obstacles:
        return None
    return next((each for each in obstacles if isinstance(each, UnknownPath)), obstacles[0])


def _into(around: NetworkContext, endpoint: Endpoint, subnet_id: str) -> BlockedPath | UnknownPath | None:
    subnet = around.subnets.get(subnet_id)
    known = around.addresses.of(endpoint, subnet_id) if isinstance(around.addresses, EndpointAddresses) else None
    there = network_of(known or subnet.cidr) if subnet is not None else None
    groups = tuple(endpoint.security_group_ids)
    found = [
        check_node_egress(around, PacketPeer(there, groups), say("the VPC endpoint {endpoint}", endpoint=endpoint.id))
    ]
    if subnet_id != around.placement.subnet_id:
        found.append(find_detour(around, around.placement.subnet_id, there))
        found.append(check_subnet_acl(around, around.placement.subnet_id, there, outwards=True))
        found.append(check_subnet_acl(around, subnet_id, around.node.network, outwards=False))
        found.append(find_detour(around, subnet_id, around.node.network))
    return first_blocking_hop(*found)


@dataclass(frozen=True, slots=True)
class Packet:
    """A request of the node to one address of a service. `source` is the sender's network, as other subnets see it."""

    service: str
    destination: ipaddress.IPv4Network
    source: IpNetwork | None


_GATEWAYS = "ec2:DescribeNatGateways"


def path_by_nat(around: NetworkContext, route: Route, packet: Packet) -> NetworkPath:
    """Return the path behind a route's NAT gateway."""
    service, source = packet.service, packet.source
    if isinstance(around.nats, Unreadable):
        hop = say("The onward path of the NAT gateway {nat} could not be read", nat=route.target_id)
        needs = (around.nats.action,) if around.nats.action else ()
        return UnknownPath(NO_ROUTE, around.subnet, hop, unread_evidence(around.nats), needs)
    nat = around.nats.get(route.target_id)
    if nat is None:
        hop = say("The NAT gateway {nat} is not visible", nat=route.target_id)
        return UnknownPath(NO_ROUTE, around.subnet, hop, (Evidence(hop, _GATEWAYS),))
    state = Evidence(say("the state of {nat} is {state}", nat=nat.id, state=nat.state), _GATEWAYS)
    if nat.state == "pending":
        hop = say("The NAT gateway {nat} is still being created", nat=nat.id)
        return UnknownPath(NO_ROUTE, around.subnet, hop, (state,))
    if nat.state != "available":
        hop = say("The NAT gateway {nat} does not work: its state is {state}", nat=nat.id, state=nat.state)
        return missing_route(around, service, hop, state)
    if not _serves_the_zone(around, nat):
        hop = say(
            "The NAT gateway {nat} does not serve the Availability Zone of {subnet}",
            nat=nat.id,
            subnet=around.placement.subnet_id,
        )
        zones = say("{nat} has addresses in {zones}", nat=nat.id, zones=join_words(sorted(nat.zones or ())))
        return missing_route(around, service, hop, Evidence(zones, _GATEWAYS))
    table = around.routes.of(nat.subnet_id, nat.vpc_id) if nat.subnet_id else around.routes.get(nat.route_table_id)
    if table is None:
        hop = say("The route table of the NAT gateway {nat} is not visible", nat=nat.id)
        return UnknownPath(NO_ROUTE, around.subnet, hop, (Evidence(hop, "ec2:DescribeRouteTables"),))
    way = _onwards(around, nat, table, packet)
    if not isinstance(way, OpenPath):
        return way
    if nat.subnet_id is None:
        return OpenPath(nat.id)
    own = nat.subnet_id == around.placement.subnet_id
    obstacle = first_blocking_hop(
        None if own else check_subnet_acl(around, nat.subnet_id, source, outwards=False),
        check_subnet_acl(around, nat.subnet_id, packet.destination, outwards=True),
        None if own or not _is_known(source) else find_detour(around, nat.subnet_id, source),
    )
    return obstacle or OpenPath(nat.id)


def _serves_the_zone(around: NetworkContext, nat: NatGateway) -> bool:
    """Return whether a NAT gateway with manually chosen zones has addresses for the zone of the node's subnet.

    Such a gateway serves only these zones and does not expand to others (CDK, RegionalNatGatewayProviderProps).
    """
    subnet = around.subnets.get(around.placement.subnet_id)
    if nat.zones is None or subnet is None or not subnet.zones:
        return True
    return not nat.zones.isdisjoint(subnet.zones)


def _is_known(source: IpNetwork | None) -> bool:
    """Return whether the sender's addresses are known: a network of all addresses says nothing."""
    return source is not None and source.prefixlen > 0


def _onwards(around: NetworkContext, nat: NatGateway, table: RouteTable, packet: Packet) -> NetworkPath:
    """Return the path along the NAT gateway's own routes."""
    service = packet.service
    routes = routes_to(table, packet.destination)
    if not routes:
        beyond = find_route_out_of_sight(around, table, service, translated=nat.public)
        if beyond is not None:
            return path_out_of_sight(around, table, beyond)
        hop = say("The NAT gateway {nat} has no route to the internet", nat=nat.id)
        return missing_route(around, service, hop, missing_route_evidence(table))
    route = routes[0]
    aside = find_route_to_unknown_networks(table, route.target_id)
    if aside is None and all(each.blackhole for each in routes):
        return blackhole_route(table, route)
    aside = aside or next((each for each in routes if each.blackhole or each.target_id != route.target_id), None)
    if aside is not None:
        return path_out_of_sight(around, table, aside)
    if route.target_id == nat.id:
        hop = say("The NAT gateway {nat} is in a subnet whose route leads back to this gateway", nat=nat.id)
        return missing_route(around, service, hop, route_evidence(table, route))
    if route.target_kind is not RouteTarget.INTERNET_GATEWAY:
        return path_out_of_sight(around, table, route)
    if not nat.public:
        hop = say("The NAT gateway {nat} is private, and an internet gateway drops its packets", nat=nat.id)
        private = Evidence(say("ConnectivityType of {nat} is private", nat=nat.id), _GATEWAYS)
        return missing_route(around, service, hop, private, route_evidence(table, route))
    return through_internet_gateway(around, route, nat.subnet_id, service, translated=True)


def through_internet_gateway(
    around: NetworkContext, route: Route, subnet_id: str | None, service: str, *, translated: bool
) -> NetworkPath:
    """Return whether packets pass the internet gateway of a subnet's route, and answers return.

    If VPC Block Public Access is on for ingress only, packets that a NAT gateway has `translated` pass, and no others.
    https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html
    """
    subnet = around.subnets.get(subnet_id) if subnet_id else None
    passing = (InternetBlock.OFF, InternetBlock.INGRESS) if translated else (InternetBlock.OFF,)
    own = around.subnets.get(around.placement.subnet_id)
    if subnet_id is None and own is not None and own.internet_block not in passing:
        # A regional NAT gateway is in no subnet, so the node's subnet does not show whether the VPC is excluded.
        hop = say(
            "VPC Block Public Access possibly blocks the path from the NAT gateway to {gateway}",
            gateway=route.target_id,
        )
        blocked = say("InternetGatewayBlockMode of {subnet} is {mode}", subnet=own.id, mode=own.internet_block.value)
        return UnknownPath(NO_ROUTE, around.subnet, hop, (Evidence(blocked, "ec2:DescribeSubnets"),))
    if subnet is None or subnet.internet_block in passing:
        # A regional NAT gateway is in no subnet: a firewall of the VPC inspects the node's subnet too.
        inspected = subnet or own
        if inspected is not None and inspected.firewall is not None:
            return _inspected(around, inspected, route)
        edge = around.routes.of_gateway(route.target_id)
        back = network_of(subnet.cidr) if subnet is not None else None
        aside = find_route_aside(around, edge, back) if edge is not None and back is not None else None
        return aside or OpenPath(route.target_id)
    hop = say(
        "VPC Block Public Access blocks the path from the subnet {subnet} to its internet gateway", subnet=subnet.id
    )
    mode = subnet.internet_block.value
    fact = say("InternetGatewayBlockMode of {subnet} is {mode}", subnet=subnet.id, mode=mode)
    return missing_route(around, service, hop, Evidence(fact, "ec2:DescribeSubnets"))


def _inspected(around: NetworkContext, subnet: Subnet, route: Route) -> UnknownPath:
    """Return an unknown path: the rules of a firewall at the internet gateway decide."""
    hop = say(
        "An Automated Internet Firewall inspects the traffic from {subnet} to {gateway}, and its rules are not visible",
        subnet=subnet.id,
        gateway=route.target_id,
    )
    value = subnet.firewall.value if subnet.firewall is not None else ""
    fact = say("NetworkFirewallConnectivityType of {subnet} is {value}", subnet=subnet.id, value=value)
    return UnknownPath(NO_ROUTE, around.subnet, hop, (Evidence(fact, "ec2:DescribeSubnets"),))


def path_by_route(around: NetworkContext, service: str) -> NetworkPath:
    """Return the path along the routes of the node's subnet and through its filters."""
    placement = around.placement
    table = around.routes.of(placement.subnet_id, placement.vpc_id)
    if table is None:
        return unknown_route_table(around)
    addresses = destinations(around, table, service)
    gateway = gateway_endpoint(around.endpoints, table, service)
    if gateway is None:
        return _leaving(around, table, service, addresses)
    lists = tuple(route.destination for route in table.routes if route.target_id == gateway.id)
    way = OpenPath(gateway.id)
    return _to_all(
        service, [through_node_filters(around, way, PacketPeer(each, (), lists), service) for each in addresses]
    )


def _to_all(service: str, ways: Sequence[NetworkPath]) -> NetworkPath:
    """Return the path to a service from the paths to its addresses: which of them DNS returns is not visible."""
    unknown = next((each for each in ways if isinstance(each, UnknownPath)), None)
    blocked = [each for each in ways if isinstance(each, BlockedPath)]
    if unknown is not None or not blocked:
        return unknown or ways[0]
    first = blocked[0]
    if len(blocked) == len(ways):
        evidence = (fact for each in blocked if each.cause == first.cause for fact in each.evidence)
        return replace(first, evidence=tuple(dict.fromkeys(evidence)))
    hop = say("Some public addresses of {service} are not reachable. {hop}", service=service, hop=first.hop)
    others = say(
        "other public addresses of {service} are reachable, and it is not visible which of them DNS returns",
        service=service,
    )
    return UnknownPath(first.cause, first.subject, hop, (*first.evidence, Evidence(others, ROUTES)))


def unknown_route_table(around: NetworkContext) -> UnknownPath:
    """Return an unknown path: the route table of the node's subnet is not visible."""
    hop = say("The route table of {subnet_id} is not visible", subnet_id=around.placement.subnet_id)
    return UnknownPath(NO_ROUTE, around.subnet, hop, (Evidence(hop, "ec2:DescribeRouteTables"),))


def through_node_filters(around: NetworkContext, way: NetworkPath, towards: PacketPeer, service: str) -> NetworkPath:
    """Return a path after the node's security groups and its subnet's network ACL.

    The end of an invisible path may have any IPv4 address, so only filters that block everything close it.
    """
    if isinstance(way, BlockedPath):
        return way
    if isinstance(way, UnknownPath):
        translated = isinstance(towards.network, ipaddress.IPv6Network)
        towards = PacketPeer(NAT64 if translated else None)
    obstacle = first_blocking_hop(
        check_node_egress(around, towards, say("the public addresses of {service}", service=service)),
        check_subnet_acl(around, around.placement.subnet_id, towards.network, outwards=True),
    )
    if isinstance(way, OpenPath):
        return obstacle or way
    return obstacle if isinstance(obstacle, BlockedPath) else way


def follow_route(around: NetworkContext, table: RouteTable, route: Route, packet: Packet) -> NetworkPath:
    """Return the path along a route of the node's subnet."""
    if route.blackhole:
        return blackhole_route(table, route)
    if route.target_kind is RouteTarget.NAT_GATEWAY:
        return path_by_nat(around, route, packet)
    if route.target_kind is not RouteTarget.INTERNET_GATEWAY:
        return path_out_of_sight(around, table, route)
    own = around.subnets.get(around.placement.subnet_id)
    translated = own is not None and own.needs_no_public_ip
    if around.placement.has_public_ip or translated:
        return through_internet_gateway(
            around, route, around.placement.subnet_id, packet.service, translated=translated
        )
    hop = say(
        "The subnet {subnet_id} routes to an internet gateway, but the node has no public address",
        subnet_id=around.placement.subnet_id,
    )
    no_address = Evidence(say("the instance has no public address"), "ec2:DescribeInstances")
    return missing_route(around, packet.service, hop, route_evidence(table, route), no_address)


def _leaving(
    around: NetworkContext, table: RouteTable, service: str, addresses: Sequence[ipaddress.IPv4Network]
) -> NetworkPath:
    """Return the path along the routes to the public addresses of a service, and through the filters of the node."""
    taken = {each: routes_to(table, each) for each in addresses}
    # The default route is not used if more specific routes lead to all addresses of the service.
    everywhere = find_default_route(table)
    followed = {route for routes in taken.values() for route in routes} | ({everywhere} if everywhere else set())
    ways = []
    for address, routes in taken.items():
        packet = Packet(service, address, around.node.network)
        way = _along(around, table, packet, routes, others=bool(followed))
        if isinstance(way, BlockedPath):
            beyond = find_route_out_of_sight(around, table, service, *followed)
            way = way if beyond is None else _perhaps(way, path_out_of_sight(around, table, beyond))
        ways.append(through_node_filters(around, way, PacketPeer(address), service))
    return _to_all(service, ways)


def _along(
    around: NetworkContext, table: RouteTable, packet: Packet, routes: Sequence[Route], *, others: bool
) -> NetworkPath:
    """Return the path along the most specific routes to one address. `others`: other addresses have a route."""
    if not routes:
        return _without_route(around, table, packet.service, only_some=others)
    unknown = find_route_to_unknown_networks(table, routes[0].target_id)
    if unknown is not None:
        return path_out_of_sight(around, table, unknown)
    return _to_all(packet.service, [follow_route(around, table, each, packet) for each in routes])


def _perhaps(closed: BlockedPath, beyond: UnknownPath) -> UnknownPath:
    """Return a blocked path as unknown, because another route leads out of sight: endpoints of a hub may be there."""
    return replace(beyond, cause=closed.cause, subject=closed.subject, evidence=(*closed.evidence, *beyond.evidence))


def _without_route(around: NetworkContext, table: RouteTable, service: str, *, only_some: bool) -> BlockedPath:
    hop = (
        say(
            "The subnet {subnet_id} has no default route, and its VPC has no endpoint",
            subnet_id=around.placement.subnet_id,
        )
        if only_some
        else say(
            "The subnet {subnet_id} has no route to the internet, and its VPC has no endpoint",
            subnet_id=around.placement.subnet_id,
        )
    )
    return missing_route(around, service, hop, missing_route_evidence(table))


_CAUSE = "ipv6-only-subnet"
_PASSED_UNTRANSLATED = (RouteTarget.INTERNET_GATEWAY, RouteTarget.EGRESS_ONLY_GATEWAY)
_ANY_SOURCE = ipaddress.ip_network("::/0")


def path_by_ipv6(around: NetworkContext, subnet: Subnet, service: str) -> NetworkPath:
    """Return the path from an IPv6-only subnet to a service."""
    table = around.routes.of(subnet.id, subnet.vpc_id)
    if table is None:
        return unknown_route_table(around)
    endpoint = next((each for each in around.endpoints.of(subnet.vpc_id, service) if each.available), None)
    if endpoint is not None:
        hop = say(
            "The subnet {subnet} is IPv6-only, and it is unknown whether the VPC endpoint {endpoint} serves IPv6",
            subnet=subnet.id,
            endpoint=endpoint.id,
        )
        stands = say("{endpoint} is the endpoint for {service}", endpoint=endpoint.id, service=service)
        return UnknownPath(
            _CAUSE, around.subnet, hop, (_only_ipv6(subnet), Evidence(stands, "ec2:DescribeVpcEndpoints"))
        )
    translated = _translated(around, subnet, table, service)
    told = find_ipv6_internet_route(table)
    if told is None or not isinstance(translated, BlockedPath):
        return translated
    hop = say(
        "The subnet {subnet} routes to the IPv6 internet through {target}, which only an agent configured for IPv6 "
        "names uses",
        subnet=subnet.id,
        target=told.target_id,
    )
    evidence = (_only_ipv6(subnet), route_evidence(table, told), *translated.evidence)
    return UnknownPath(_CAUSE, around.subnet, hop, tuple(dict.fromkeys(evidence)))


def _translated(around: NetworkContext, subnet: Subnet, table: RouteTable, service: str) -> NetworkPath:
    """Return the path of the IPv4 names: DNS64 maps them to IPv6 addresses, and NAT64 translates the packets."""
    source = network_of(subnet.ipv6_cidr) or _ANY_SOURCE
    packets = (Packet(service, each, source) for each in destinations(around, table, service))
    return _to_all(service, [_translated_packet(around, subnet, table, each) for each in packets])


def _translated_packet(around: NetworkContext, subnet: Subnet, table: RouteTable, packet: Packet) -> NetworkPath:
    destination = to_ipv6(packet.destination)
    route = next((each for each in routes_to(table, destination) if _is_for_nat64(each)), None)
    if route is None:
        hop = say("The subnet {subnet} is IPv6-only and has no route to the internet", subnet=subnet.id)
        fact = say("{table} has no route to {network}", table=table.id, network=NAT64)
        return _closed(around, subnet, hop, Evidence(fact, ROUTES))
    if route.target_kind in _PASSED_UNTRANSLATED:
        hop = say(
            "The subnet {subnet} is IPv6-only, and {target} does not translate addresses",
            subnet=subnet.id,
            target=route.target_id,
        )
        return _closed(around, subnet, hop, route_evidence(table, route))
    if not subnet.dns64:
        hop = say("The subnet {subnet} is IPv6-only, and DNS64 is off", subnet=subnet.id)
        fact = say("EnableDns64 of {subnet} is false", subnet=subnet.id)
        return _closed(around, subnet, hop, Evidence(fact, "ec2:DescribeSubnets"))
    way = follow_route(around, table, route, packet)
    return through_node_filters(around, way, PacketPeer(destination), packet.service)


def _is_for_nat64(route: Route) -> bool:
    network = network_of(route.destination)
    return isinstance(network, ipaddress.IPv6Network) and network.subnet_of(NAT64)


def find_ipv6_internet_route(table: RouteTable) -> Route | None:
    """Return a route to IPv6 networks outside the VPC, for an agent that is configured for IPv6 names."""
    for route in table.routes:
        network = network_of(route.destination)
        ipv6 = network is not None and network.version == NAT64.version and network != NAT64
        if ipv6 and not route.blackhole and route.target_kind is not RouteTarget.LOCAL:
            return route
    return None


def _only_ipv6(subnet: Subnet) -> Evidence:
    return Evidence(say("Ipv6Native of {subnet} is true", subnet=subnet.id), "ec2:DescribeSubnets")


def _closed(around: NetworkContext, subnet: Subnet, hop: str, *evidence: Evidence) -> BlockedPath:
    return BlockedPath(_CAUSE, around.subnet, hop, (_only_ipv6(subnet), *evidence), ("steps-network",))


_DNS = "ec2:DescribeVpcAttribute"
_SUBNETS = "ec2:DescribeSubnets"
_LACKING = ("endpoint-missing", "no-route-to-endpoint")


def find_path(around: NetworkContext, service: str) -> NetworkPath:
    """Return the path to a service, by the prefix of its endpoint: `ssm`, `ssmmessages`, `kms`, `logs`, `s3`."""
    vpc_id = around.placement.vpc_id
    subnet = around.subnets.get(around.placement.subnet_id)
    if subnet is None:
        hop = say("The subnet {subnet_id} is not visible", subnet_id=around.placement.subnet_id)
        return UnknownPath("no-route-to-endpoint", around.subnet, hop, (Evidence(hop, _SUBNETS),))
    if subnet.owner != around.account:
        hop = say(
            "The subnet {subnet} is shared by the account {owner}; only that account sees the whole network",
            subnet=subnet.id,
            owner=subnet.owner,
        )
        owner = Evidence(say("OwnerId is {owner}", owner=subnet.owner), _SUBNETS)
        return UnknownPath("shared-vpc", around.subnet, hop, (owner,))
    if not around.dns.support:
        fact = say("enableDnsSupport of {vpc_id} is false", vpc_id=vpc_id)
        return _dns_off(around, say("DNS support of {vpc_id} is off", vpc_id=vpc_id), fact)
    if subnet.ipv6_native:
        return path_by_ipv6(around, subnet, service)
    private = private_endpoint(around.endpoints, vpc_id, service)
    if private is not None and around.dns.hostnames:
        return path_by_endpoint(around, private)
    way = path_by_route(around, service)
    others = interface_endpoints(around.endpoints, vpc_id, service)
    if not isinstance(way, BlockedPath) or not others or way.cause not in _LACKING:
        return way
    if private is None:
        return _nameless(others[0])
    fact = say("enableDnsHostnames of {vpc_id} is false", vpc_id=vpc_id)
    hop = say(
        "DNS hostnames of {vpc_id} are off, so the names of its VPC endpoints resolve to public addresses",
        vpc_id=vpc_id,
    )
    return _dns_off(around, hop, fact)


def _dns_off(around: NetworkContext, hop: str, fact: str) -> BlockedPath:
    return BlockedPath("vpc-dns-off", around.vpc, hop, (Evidence(fact, _DNS),), ("enable-vpc-dns",))


def _nameless(endpoint: Endpoint) -> BlockedPath:
    """Return a blocked path to an endpoint without private DNS.

    Whether the agent is configured with the endpoint's own names is not visible.
    """
    hop = say(
        "Private DNS of the VPC endpoint {endpoint} is off, so the service name resolves to public addresses",
        endpoint=endpoint.id,
    )
    source = "ec2:DescribeVpcEndpoints"
    evidence = (
        Evidence(say("PrivateDnsEnabled of {endpoint} is false", endpoint=endpoint.id), source),
        Evidence(
            say("only an agent that is configured with a name of {endpoint} reaches it", endpoint=endpoint.id),
            source,
        ),
    )
    subject = Subject(SubjectKind.ENDPOINT, endpoint.id)
    return BlockedPath("endpoint-private-dns-off", subject, hop, evidence, ("enable-private-dns",))


_WORST_FIRST = (Status.FAIL, Status.UNKNOWN, Status.WARN)


@dataclass(frozen=True, slots=True)
class BlockedService:
    """A service whose path is blocked or unknown, with its severity. `needs` would settle an unknown path."""

    service: str
    way: BlockedPath | UnknownPath
    status: Status
    confidence: Confidence
    needs: tuple[str, ...] = ()


def path_findings(obstacles: Iterable[BlockedService]) -> Findings:
    """Return one finding per cause and subject, in the order met, with the status of its worst service."""
    together: dict[tuple[str, Subject], list[BlockedService]] = {}
    for obstacle in obstacles:
        together.setdefault((obstacle.way.cause, obstacle.way.subject), []).append(obstacle)
    return tuple(_finding(each) for each in together.values())


def _finding(obstacles: list[BlockedService]) -> Finding:
    statuses = {_status(each) for each in obstacles}
    status = next(each for each in _WORST_FIRST if each in statuses)
    decisive = [each for each in obstacles if _status(each) is status]
    services = join_words(list(dict.fromkeys(each.service for each in obstacles)))
    first = decisive[0].way
    summary = (
        say("{hop}: cannot determine whether there is a path to {services}.", hop=first.hop, services=services)
        if status is Status.UNKNOWN
        else say("{hop}: no path to {services}.", hop=first.hop, services=services)
    )
    return Finding(
        cause=first.cause,
        status=status,
        confidence=(
            Confidence.POSSIBLE if status is Status.UNKNOWN else least_sure(each.confidence for each in decisive)
        ),
        subject=first.subject,
        summary=summary,
        evidence=tuple(dict.fromkeys(fact for each in obstacles for fact in each.way.evidence)),
        fixes=_fixes(first, status),
        needs=tuple(dict.fromkeys(need for each in decisive for need in _needs(each))),
    )


def _fixes(way: BlockedPath | UnknownPath, status: Status) -> tuple[str, ...]:
    """Return the fixes. An unknown path has none; a shared subnet always has the steps for its owner."""
    if way.cause == "shared-vpc":
        return ("steps-network",)
    return way.fixes if isinstance(way, BlockedPath) and status is not Status.UNKNOWN else ()


def _needs(obstacle: BlockedService) -> tuple[str, ...]:
    return (*obstacle.needs, *obstacle.way.needs) if isinstance(obstacle.way, UnknownPath) else obstacle.needs


def _status(obstacle: BlockedService) -> Status:
    return Status.UNKNOWN if isinstance(obstacle.way, UnknownPath) else obstacle.status
