"""One packet walked through a network by the facts alone: written without any of the product's code about networks.

It goes to one address of AWS (or of an endpoint) and its answer comes back to one port. What is behind a transit
gateway, a peering connection, a firewall or in another account is `BEYOND`.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from enum import Enum

from ssmtui.analysis.network.routes import NetworkContext
from ssmtui.model.fact import Unreadable
from ssmtui.model.network import (
    AclEntry,
    Endpoint,
    EndpointType,
    GroupRule,
    InternetBlock,
    Route,
    RouteTable,
    RouteTarget,
    Subnet,
)
from tests.builders.network import NODE_IP

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

TRANSLATED = int(ipaddress.ip_address("64:ff9b::"))


class End(Enum):
    """Where a packet ends up."""

    THERE = "there"
    LOST = "lost"
    BEYOND = "beyond"


@dataclass(frozen=True)
class Packet:
    """To which address of AWS, to which host of an endpoint's subnet, and to which port the answer comes."""

    address: ipaddress.IPv4Address
    host: int
    port: int


def walk(around: NetworkContext, service: str, packet: Packet) -> End:
    """Where a packet of the node to a service ends up."""
    subnet = around.subnets.by_id.get(around.placement.subnet_id)
    if subnet is None or subnet.owner != around.account:
        return End.BEYOND
    if not around.dns.support:
        return End.LOST
    if subnet.ipv6_native:
        return _walk_by_ipv6(around, subnet, service, packet)
    private = [each for each in _usable(around, service, EndpointType.INTERFACE) if each.private_dns]
    if private and around.dns.hostnames:
        return _walk_to(around, private[0], packet)
    return _walk_out(around, subnet, packet.address, packet, service)


def _usable(around: NetworkContext, service: str, kind: EndpointType) -> list[Endpoint]:
    return [
        each
        for each in around.endpoints.endpoints
        if (each.vpc_id, each.service, each.type) == (around.placement.vpc_id, service, kind) and each.available
    ]


def _walk_to(around: NetworkContext, endpoint: Endpoint, packet: Packet) -> End:
    if not endpoint.subnet_ids:
        return End.BEYOND
    node = ipaddress.ip_address(NODE_IP)
    into = any(
        _a_rule_admits(around, around.groups.by_id[id_].ingress, node, around.placement.security_group_ids)
        for id_ in endpoint.security_group_ids
    )
    ends = {End.LOST}
    for subnet_id in endpoint.subnet_ids:
        there = ipaddress.ip_network(around.subnets.by_id[subnet_id].cidr)[packet.host]
        passes = into and _groups_let_out(around, there, endpoint.security_group_ids)
        straight = End.THERE
        if subnet_id != around.placement.subnet_id:
            passes = passes and _leaves(around, around.placement.subnet_id, there, packet.port)
            passes = passes and _enters(around, subnet_id, node, packet.port)
            straight = _both(_within(around, around.placement.subnet_id, there), _within(around, subnet_id, node))
        ends.add(straight if passes else End.LOST)
    return next(end for end in (End.THERE, End.BEYOND, End.LOST) if end in ends)


def _within(around: NetworkContext, subnet_id: str, address: Address) -> End:
    """Where a packet to an address of the VPC gets by the routes of a subnet."""
    return _by(_table_of(around, subnet_id), address)


def _by(table: RouteTable, address: Address) -> End:
    route = _longest(table, address)
    if route is None or route.blackhole:
        return End.LOST
    return End.THERE if route.target_kind is RouteTarget.LOCAL else End.BEYOND


def _both(there: End, back: End) -> End:
    """Where a packet and its answer end up together."""
    return next(end for end in (End.LOST, End.BEYOND, End.THERE) if end in (there, back))


def _walk_out(around: NetworkContext, subnet: Subnet, address: Address, packet: Packet, service: str) -> End:
    table = _table_of(around, subnet.id)
    if not _groups_let_out(around, address, ()) or not _leaves(around, subnet.id, address, packet.port):
        return End.LOST
    for gateway in _usable(around, service, EndpointType.GATEWAY):
        if table.id in gateway.route_table_ids and not subnet.ipv6_native:
            return End.THERE
    source = ipaddress.ip_network(subnet.ipv6_cidr)[10] if subnet.ipv6_native else NODE_IP
    return _follow(around, table, address, packet, ipaddress.ip_address(str(source)))


def _follow(around: NetworkContext, table: RouteTable, address: Address, packet: Packet, source: Address) -> End:
    route = _longest(table, address)
    if route is None or route.blackhole:
        return End.LOST
    if route.target_kind is RouteTarget.INTERNET_GATEWAY:
        if address.version != packet.address.version:
            return End.LOST
        subnet = around.subnets.by_id[around.placement.subnet_id]
        if not around.placement.has_public_ip or subnet.internet_block is not InternetBlock.OFF:
            return End.LOST
        return _back_in(around, route.target_id, source)
    if route.target_kind is RouteTarget.NAT_GATEWAY:
        return _through_nat(around, route, packet, source)
    return End.LOST if route.target_kind is RouteTarget.LOCAL else End.BEYOND


def _through_nat(around: NetworkContext, route: Route, packet: Packet, source: Address) -> End:
    assert not isinstance(around.nats, Unreadable)
    nat = around.nats.by_id.get(route.target_id)
    if nat is None or nat.state == "pending" or nat.subnet_id is None:
        return End.BEYOND
    onward = _longest(_table_of(around, nat.subnet_id), packet.address)
    if nat.state != "available" or onward is None or onward.blackhole or onward.target_id == nat.id:
        return End.LOST
    if onward.target_kind is not RouteTarget.INTERNET_GATEWAY:
        return End.BEYOND
    passes = _leaves(around, nat.subnet_id, packet.address, packet.port)
    if nat.subnet_id != around.placement.subnet_id:
        passes = passes and _enters(around, nat.subnet_id, source, packet.port)
    blocked = around.subnets.by_id[nat.subnet_id].internet_block is InternetBlock.BOTH
    if not passes or not nat.public or blocked:
        return End.LOST
    own = nat.subnet_id == around.placement.subnet_id or source.version != packet.address.version
    translated = ipaddress.ip_network(around.subnets.by_id[nat.subnet_id].cidr)[packet.host]
    back = _back_in(around, onward.target_id, translated)
    return back if own else _both(back, _within(around, nat.subnet_id, source))


def _back_in(around: NetworkContext, gateway_id: str, address: Address) -> End:
    """Where the answer to an address of the VPC gets from an internet gateway."""
    for table in around.routes.tables:
        if gateway_id in table.gateway_ids:
            return _by(table, address)
    return End.THERE


def _walk_by_ipv6(around: NetworkContext, subnet: Subnet, service: str, packet: Packet) -> End:
    table = _table_of(around, subnet.id)
    if any(each.available and each.service == service for each in around.endpoints.endpoints):
        return End.BEYOND
    told = any(
        ":" in route.destination
        and route.destination != "64:ff9b::/96"
        and not route.blackhole
        and route.target_kind is not RouteTarget.LOCAL
        for route in table.routes
    )
    end = End.LOST
    if subnet.dns64 and any(route.destination == "64:ff9b::/96" for route in table.routes):
        end = _walk_out(around, subnet, ipaddress.ip_address(TRANSLATED + int(packet.address)), packet, service)
    return End.BEYOND if told and end is End.LOST else end


def _table_of(around: NetworkContext, subnet_id: str) -> RouteTable:
    own = [table for table in around.routes.tables if subnet_id in table.subnet_ids]
    return (own or [table for table in around.routes.tables if table.main])[0]


def _longest(table: RouteTable, address: Address) -> Route | None:
    found: list[tuple[int, Route]] = []
    for route in table.routes:
        network = ipaddress.ip_network(route.destination)
        if network.version == address.version and address in network:
            found.append((network.prefixlen, route))
    return max(found, key=lambda each: each[0])[1] if found else None


def _groups_let_out(around: NetworkContext, address: Address, groups: tuple[str, ...]) -> bool:
    return any(
        _a_rule_admits(around, around.groups.by_id[id_].egress, address, groups)
        for id_ in around.placement.security_group_ids
    )


def _of_lists(around: NetworkContext, rule: GroupRule) -> list[str]:
    assert not isinstance(around.lists, Unreadable)
    return [cidr for list_id in rule.prefix_list_ids for cidr in around.lists.by_id[list_id]]


def _a_rule_admits(
    around: NetworkContext, rules: tuple[GroupRule, ...], address: Address, groups: tuple[str, ...]
) -> bool:
    for rule in rules:
        ports = range(0 if rule.from_port is None else rule.from_port, (rule.to_port or 65535) + 1)
        named = any(id_ in groups for id_ in rule.group_ids)
        if (rule.protocol == "-1" or (rule.protocol == "tcp" and 443 in ports)) and (
            named or any(address in ipaddress.ip_network(cidr) for cidr in (*rule.cidrs, *_of_lists(around, rule)))
        ):
            return True
    return False


def _leaves(around: NetworkContext, subnet_id: str, remote: Address, answer: int) -> bool:
    return _acl_allows(around, subnet_id, remote, 443, egress=True) and _acl_allows(
        around, subnet_id, remote, answer, egress=False
    )


def _enters(around: NetworkContext, subnet_id: str, remote: Address, answer: int) -> bool:
    return _acl_allows(around, subnet_id, remote, 443, egress=False) and _acl_allows(
        around, subnet_id, remote, answer, egress=True
    )


def _acl_allows(around: NetworkContext, subnet_id: str, remote: Address, port: int, *, egress: bool) -> bool:
    (acl,) = (each for each in around.acls.acls if subnet_id in each.subnet_ids)
    for number in range(1, 1 + max((entry.number for entry in acl.entries), default=0)):
        for entry in acl.entries:
            if entry.number == number and entry.egress is egress and _is_about(entry, remote, port):
                return entry.allow
    return False


def _is_about(entry: AclEntry, remote: Address, port: int) -> bool:
    if remote not in ipaddress.ip_network(entry.cidr):
        return False
    return entry.protocol == "-1" or (
        entry.protocol == "6" and (entry.from_port or 0) <= port <= (entry.to_port or 65535)
    )
