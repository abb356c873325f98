"""Evaluate security groups and network ACLs for a packet to an AWS endpoint. AWS publishes the addresses."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from ssmtui.iam_policy.truth import Truth, logical_or
from ssmtui.model.fact import Unreadable
from ssmtui.model.network import AclEntry, GroupRule, NetworkAcl, PrefixLists

Ranges = tuple[ipaddress.IPv4Network, ...]

RANGES_FILE = Path(__file__).with_name("aws_ranges.json")

_OF_ITS_OWN = frozenset({"s3"})


@cache
def addresses_of(service: str, region: str) -> Ranges | None:
    """Return the networks of a service's addresses; None for a Region that is newer than the list."""
    published = _published().get(region)
    if published is None:
        return None
    kind = service if service in _OF_ITS_OWN and service in published else "any"
    return tuple(ipaddress.IPv4Network(each) for each in published[kind])


@cache
def _published() -> dict[str, dict[str, list[str]]]:
    regions: dict[str, dict[str, list[str]]] = json.loads(RANGES_FILE.read_text(encoding="utf-8"))["regions"]
    return regions


HTTPS = 443
EPHEMERAL = (1024, 65535)
"""The ports of answers; AWS recommends to allow all of them."""

_USED_BY_NODES = 32768
"""Linux uses ports from 32768 on, Windows from 49152: an ACL that allows only a part of EPHEMERAL may be enough."""

_IPV4 = 4
_ALL_PROTOCOLS, _TCP = "-1", frozenset({"tcp", "6"})

IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class PacketPeer:
    """The other end of a packet: somewhere in a network, some of whose hosts have these security groups.

    `network` is None if it is only known that it has IPv4 addresses.
    """

    network: IpNetwork | None
    group_ids: tuple[str, ...] = ()
    prefix_list_ids: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def network_of(cidr: str) -> IpNetwork | None:
    """Return the network of a CIDR; None if it is invalid."""
    try:
        return ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return None


def groups_admit(rules: Iterable[GroupRule], place: PacketPeer, lists: PrefixLists | Unreadable) -> Truth:
    """Return whether one of the rules allows HTTPS to, or from, a place."""
    admitted = Truth.NO
    for rule in rules:
        if _is_for_https(rule):
            admitted = logical_or(admitted, _covers(rule, place, lists))
    return admitted


def https_networks(rules: Iterable[GroupRule], lists: PrefixLists | Unreadable) -> Iterator[str]:
    """Yield the networks to which, or from which, the rules allow HTTPS."""
    for rule in rules:
        if _is_for_https(rule):
            yield from rule.cidrs
            for list_id in rule.prefix_list_ids:
                yield from (None if isinstance(lists, Unreadable) else lists.get(list_id)) or ()


def acl_passes_https(acl: NetworkAcl, remote: IpNetwork | None, *, egress: bool) -> Truth:
    """Return whether an ACL passes packets to port 443 of, or from, a place."""
    return _decides(acl, remote, HTTPS, egress=egress)


def acl_passes_answers(acl: NetworkAcl, remote: IpNetwork | None, *, egress: bool) -> Truth:
    """Return whether an ACL passes packets to the ports of answers."""
    low, high = EPHEMERAL
    ports = {low, _USED_BY_NODES}
    for entry in acl.entries:
        ports.update(port for port in (entry.from_port, (entry.to_port or 0) + 1) if port and low < port <= high)
    used = {port: _decides(acl, remote, port, egress=egress) for port in ports}
    if all(passes is Truth.YES for passes in used.values()):
        return Truth.YES
    if all(passes is Truth.NO for port, passes in used.items() if port >= _USED_BY_NODES):
        return Truth.NO
    return Truth.PERHAPS


def _is_for_https(rule: GroupRule) -> bool:
    if rule.protocol == _ALL_PROTOCOLS:
        return True
    return rule.protocol in _TCP and _holds_port(rule.from_port, rule.to_port, HTTPS)


def _holds_port(low: int | None, high: int | None, port: int) -> bool:
    return (low is None or low <= port) and (high is None or port <= high)


def _covers(rule: GroupRule, place: PacketPeer, lists: PrefixLists | Unreadable) -> Truth:
    if set(rule.group_ids) & set(place.group_ids) or set(rule.prefix_list_ids) & set(place.prefix_list_ids):
        return Truth.YES
    covered, cidrs = Truth.NO, list(rule.cidrs)
    for list_id in rule.prefix_list_ids:
        known = None if isinstance(lists, Unreadable) else lists.get(list_id)
        covered = Truth.PERHAPS if known is None else covered
        cidrs.extend(known or ())
    for cidr in cidrs:
        covered = logical_or(covered, _holds(network_of(cidr), place.network))
    return covered


def _holds(network: IpNetwork | None, place: IpNetwork | None) -> Truth:
    """Return whether a network contains all of a place, a part of it, or nothing."""
    if network is None:
        return Truth.PERHAPS
    if place is None:
        if network.version != _IPV4:
            return Truth.NO
        return Truth.YES if network.prefixlen == 0 else Truth.PERHAPS
    if network.version != place.version or not network.overlaps(place):
        return Truth.NO
    return Truth.YES if network.prefixlen <= place.prefixlen else Truth.PERHAPS


def _decides(acl: NetworkAcl, remote: IpNetwork | None, port: int, *, egress: bool) -> Truth:
    """Return the decision of the first matching entry; undecided if an entry before it may match and differs."""
    may_pass = may_fail = False
    for entry in sorted(acl.entries, key=lambda each: each.number):
        fits = _fits(entry, remote, port, egress=egress)
        if fits is Truth.NO:
            continue
        may_pass, may_fail = may_pass or entry.allow, may_fail or not entry.allow
        if fits is Truth.YES:
            break
    else:
        may_fail = True
    if may_pass and may_fail:
        return Truth.PERHAPS
    return Truth.YES if may_pass else Truth.NO


def _fits(entry: AclEntry, remote: IpNetwork | None, port: int, *, egress: bool) -> Truth:
    if entry.egress is not egress or entry.protocol not in (_ALL_PROTOCOLS, *_TCP):
        return Truth.NO
    # An entry for all protocols applies to all ports, whatever ports it has.
    if entry.protocol != _ALL_PROTOCOLS and not _holds_port(entry.from_port, entry.to_port, port):
        return Truth.NO
    return _holds(network_of(entry.cidr), remote)
