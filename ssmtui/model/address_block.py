"""Addresses that no rule of a Region's network tells apart: what is judged of one of them is judged of all."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from ssmtui.model.network import NetworkAcls, PrefixLists, RouteTables, SecurityGroups

IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class AddressBlock:
    """The largest network around a node's private address of which each rule means all addresses, or none.

    `cidr` is empty where the address is not known, and the address itself where its subnet is not.
    """

    cidr: str


@dataclass(frozen=True, slots=True)
class RuleNetworks:
    """Every network that a security group, a network ACL, a route or a prefix list of the Region names."""

    cidrs: frozenset[str]
    _within: dict[str, tuple[IpNetwork, ...]] = field(default_factory=dict, compare=False, repr=False)

    def block_of(self, address: str, subnet_cidr: str) -> AddressBlock:
        """The block that an address of a subnet is in."""
        host, subnet = _network(address), _network(subnet_cidr)
        if host is None or subnet is None or not _is_inside(host, subnet):
            return AddressBlock(address)
        for prefix in range(subnet.prefixlen, host.prefixlen):
            block = host.supernet(new_prefix=prefix)
            if not any(each != block and _is_inside(each, block) for each in self._inside(subnet_cidr, subnet)):
                return AddressBlock(str(block))
        return AddressBlock(str(host))

    def block_of_all(self, subnet_cidr: str) -> AddressBlock | None:
        """The block that every address of a subnet is in; None where rules tell some of them apart."""
        subnet = _network(subnet_cidr)
        if subnet is None or any(each != subnet for each in self._inside(subnet_cidr, subnet)):
            return None
        return AddressBlock(str(subnet))

    def _inside(self, cidr: str, subnet: IpNetwork) -> tuple[IpNetwork, ...]:
        """The networks that are a part of a subnet: looked for once a subnet."""
        if cidr not in self._within:
            named = (_network(each) for each in self.cidrs)
            self._within[cidr] = tuple(each for each in named if each is not None and _is_inside(each, subnet))
        return self._within[cidr]


def rule_networks(
    groups: SecurityGroups, acls: NetworkAcls, routes: RouteTables, lists: PrefixLists | None
) -> RuleNetworks:
    """The networks that rules name. What is no network (a prefix list's id) tells no addresses apart by itself."""
    return RuleNetworks(frozenset(_named(groups, acls, routes, lists)))


def _named(groups: SecurityGroups, acls: NetworkAcls, routes: RouteTables, lists: PrefixLists | None) -> Iterator[str]:
    for group in groups.by_id.values():
        for rule in (*group.ingress, *group.egress):
            yield from rule.cidrs
    for acl in acls.acls:
        yield from (entry.cidr for entry in acl.entries)
    for table in routes.tables:
        yield from (route.destination for route in table.routes)
    held: Iterable[tuple[str, ...]] = () if lists is None else lists.by_id.values()
    for cidrs in held:
        yield from cidrs


@lru_cache(maxsize=4096)
def _network(cidr: str) -> IpNetwork | None:
    try:
        return ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return None


def _is_inside(network: IpNetwork, other: IpNetwork) -> bool:
    if isinstance(network, ipaddress.IPv4Network) and isinstance(other, ipaddress.IPv4Network):
        return network.subnet_of(other)
    if isinstance(network, ipaddress.IPv6Network) and isinstance(other, ipaddress.IPv6Network):
        return network.subnet_of(other)
    return False
