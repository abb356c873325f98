"""Security groups and network ACLs, as one packet to port 443 and its answer meet them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Final

from moto.ec2.models import EC2Backend
from moto.ec2.models.instances import Instance
from moto.ec2.models.network_acls import NetworkAcl, NetworkAclEntry
from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupRule

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

PUBLIC: Final = ipaddress.ip_address("52.94.0.1")
"""An address of Amazon's: what public names of services resolve to."""

HTTPS: Final = 443
EPHEMERAL: Final = (1024, 32768, 65535)
"""Of the ports that answers come back to; a network ACL that admits these admits what it has to."""


def groups_of(instance: Instance) -> list[SecurityGroup]:
    """The security groups of an instance's primary interface."""
    interface = instance.nics.get(0)
    return list(interface.group_set) if interface else list(instance.security_groups)


def let_out(instance: Instance, address: Address, group_ids: set[str]) -> bool:
    """Whether an instance's groups let HTTPS out to an address behind these groups."""
    return any(admits(group.egress_rules, address, group_ids) for group in groups_of(instance))


def admits(rules: Iterable[SecurityGroupRule], address: Address, group_ids: set[str]) -> bool:
    """Whether one of the rules is for HTTPS and for that address, or for one of those groups."""
    return any(_is_for_https(rule) and _covers(rule, address, group_ids) for rule in rules)


def acl_passes(
    backend: EC2Backend, subnet_id: str | None, *, remote: Address, outgoing: Iterable[int], incoming: Iterable[int]
) -> bool:
    """Whether a subnet's network ACL passes packets to and from a remote address, by the ports they are for."""
    acl = next(
        (a for a in backend.network_acls.values() if any(s.subnet_id == subnet_id for s in a.associations)), None
    )
    if acl is None:
        return True
    goes_out = all(_allows(acl, remote, port, egress=True) for port in outgoing)
    return goes_out and all(_allows(acl, remote, port, egress=False) for port in incoming)


def is_true(value: object) -> bool:
    """What moto keeps as a text where the API has set it."""
    return str(value).lower() == "true"


def _is_for_https(rule: SecurityGroupRule) -> bool:
    if rule.ip_protocol == "-1":
        return True
    return rule.ip_protocol == "tcp" and (rule.from_port or 0) <= HTTPS <= (rule.to_port or 0)


def _covers(rule: SecurityGroupRule, address: Address, group_ids: set[str]) -> bool:
    cidr = rule.cidr_ipv4 or rule.cidr_ipv6
    if cidr:
        return address in ipaddress.ip_network(cidr, strict=False)
    return rule.source_group.get("GroupId") in group_ids or _is_listed(rule, address)


def _is_listed(rule: SecurityGroupRule, address: Address) -> bool:
    backend: EC2Backend = rule.ec2_backend
    named = backend.managed_prefix_lists.get(rule.prefix_list_id or "")
    if named is None:
        return False
    if named.owner_id == "AWS":
        # Of AWS's own lists only S3's and DynamoDB's are used in such rules, which all of their addresses are in.
        return address == PUBLIC
    entries = named.entries.get(named.version or 0, [])
    return any(address in ipaddress.ip_network(entry["Cidr"]) for entry in entries)


def _allows(acl: NetworkAcl, remote: Address, port: int, *, egress: bool) -> bool:
    for entry in sorted(acl.network_acl_entries, key=lambda entry: int(entry.rule_number)):
        if is_true(entry.egress) == egress and _is_about(entry, remote, port):
            return entry.rule_action == "allow"
    return False


def _is_about(entry: NetworkAclEntry, remote: Address, port: int) -> bool:
    low, high = entry.port_range_from, entry.port_range_to
    by_port = str(entry.protocol) == "-1" or (str(entry.protocol) == "6" and int(low or 0) <= port <= int(high or 0))
    cidr = entry.cidr_block or entry.ipv6_cidr_block
    return bool(by_port and cidr and remote in ipaddress.ip_network(cidr, strict=False))
