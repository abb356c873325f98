"""Choose addresses of a service that stand for all of them: no rule on the path tells the others from these."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from functools import lru_cache

from ssmtui.analysis.network.packet_filters import IpNetwork, addresses_of, https_networks, network_of
from ssmtui.analysis.network.routes import NetworkContext
from ssmtui.model.network import NatGateways, RouteTable, RouteTarget

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""The addresses that DNS64 creates; the last 32 bits are the IPv4 address (VPC User Guide, nat-gateway-nat64-dns64)."""

_EVERYWHERE = (ipaddress.IPv4Network("0.0.0.0/0"),)
_A_PUBLIC_ADDRESS = int(ipaddress.IPv4Address("1.1.1.1"))

_Range = tuple[int, int]
"""The first and the last address."""

_EVERY: _Range = (0, 2**32 - 1)


def destinations(around: NetworkContext, table: RouteTable, service: str) -> tuple[ipaddress.IPv4Network, ...]:
    """Return public addresses of a service, one of each kind that the filters and routes from a subnet tell apart.

    `table` is the route table of the node's subnet. AWS publishes the addresses of a Region; for a Region that is newer
    than the list, any public address can be the service's. An address in fewer networks comes first: it uses the
    default route, if the table has one.
    """
    subnets, tables = _on_path(around, table)
    filtered = (around.acls.of(each) for each in sorted(subnets))
    apart = (
        *(frozenset(entry.cidr for entry in acl.entries) for acl in filtered if acl is not None),
        *(frozenset(route.destination for route in each.routes) for each in tables),
    )
    return _representatives(service, around.region, frozenset(_admitted(around)), apart)


def to_ipv6(network: ipaddress.IPv4Network) -> ipaddress.IPv6Network:
    """Return the IPv6 network that DNS64 creates for an IPv4 network."""
    first = int(NAT64.network_address) + int(network.network_address)
    return ipaddress.IPv6Network((first, 96 + network.prefixlen))


def _on_path(around: NetworkContext, table: RouteTable) -> tuple[set[str], list[RouteTable]]:
    """Return the subnets and route tables that packets to the internet may pass: the node's, and those of NATs."""
    subnets, tables = {around.placement.subnet_id}, [table]
    for route in table.routes:
        if route.target_kind is not RouteTarget.NAT_GATEWAY or not isinstance(around.nats, NatGateways):
            continue
        nat = around.nats.get(route.target_id)
        if nat is None:
            continue
        onward = around.routes.of(nat.subnet_id, nat.vpc_id) if nat.subnet_id else around.routes.get(nat.route_table_id)
        if nat.subnet_id:
            subnets.add(nat.subnet_id)
        if onward is not None and onward not in tables:
            tables.append(onward)
    return subnets, tables


def _admitted(around: NetworkContext) -> Iterator[str]:
    for group_id in around.placement.security_group_ids:
        group = around.groups.get(group_id)
        if group is not None:
            yield from https_networks(group.egress, around.lists)


@lru_cache(maxsize=1024)
def _representatives(
    service: str, region: str, admitted: frozenset[str], divided: tuple[frozenset[str], ...]
) -> tuple[ipaddress.IPv4Network, ...]:
    """Return the addresses.

    Of the `admitted` networks, it only matters whether one of them has an address; of each other set, it matters which
    is the smallest that has the address.
    """
    published = addresses_of(service, region)
    # A rule for IPv4 admits nothing to the addresses that DNS64 creates.
    unions = [_ipv4_parts(each for each in admitted if (":" in each) is is_ipv6) for is_ipv6 in (False, True)]
    apart = [_ipv4_parts(networks) for networks in divided]
    borders = {border for parts in (*unions, *apart) for first, last in parts for border in (first, last + 1)}
    found: dict[tuple[_Range | None, ...], int] = {}
    for low, high in map(_range, published or _EVERYWHERE):
        for address in sorted({low if published else _A_PUBLIC_ADDRESS, *(x for x in borders if low <= x <= high)}):
            if published or ipaddress.IPv4Address(address).is_global:
                is_admitted = (_EVERY if _smallest(each, address) is not None else None for each in unions)
                found.setdefault((*is_admitted, *(_smallest(each, address) for each in apart)), address)
    widest_first = sorted(found.items(), key=lambda each: (-sum(_size(part or _EVERY) for part in each[0]), each[1]))
    return tuple(ipaddress.IPv4Network(address) for _, address in widest_first)


def _ipv4_parts(networks: Iterable[str]) -> list[_Range]:
    """Return the ranges of the networks, the smallest first."""
    return sorted({part for each in networks if (part := _ipv4_part(each)) is not None}, key=_size)


def _smallest(parts: Iterable[_Range], address: int) -> _Range | None:
    return next((each for each in parts if each[0] <= address <= each[1]), None)


def _range(network: IpNetwork) -> _Range:
    return int(network.network_address), int(network.broadcast_address)


def _size(part: _Range) -> int:
    return part[1] - part[0]


def _ipv4_part(cidr: str) -> _Range | None:
    """Return the IPv4 addresses in a network, also behind NAT64; None if it tells no IPv4 addresses apart."""
    network = network_of(cidr)
    if isinstance(network, ipaddress.IPv6Network):
        if not network.subnet_of(NAT64):
            return None
        first, last = _range(network)
        return first - int(NAT64.network_address), last - int(NAT64.network_address)
    return _range(network) if network is not None else None
