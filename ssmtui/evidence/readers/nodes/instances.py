"""What EC2 tells of an instance besides its listing."""

from __future__ import annotations

from ssmtui.evidence.gathering.reading import derives
from ssmtui.language import say
from ssmtui.model.address_block import AddressBlock, RuleNetworks, rule_networks
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.interfaces import NetworkInterfaces
from ssmtui.model.network import NetworkAcls, Placement, PrefixLists, RouteTables, SecurityGroups, Subnets
from ssmtui.model.standing import RunningInstance


@derives
def placement(running: RunningInstance, interfaces: NetworkInterfaces | Absent | Moot | Unreadable) -> Placement | Moot:
    """Where the instance sits in the network, by its primary interface: as it is itself, where it was looked at."""
    primary = interfaces.primary if isinstance(interfaces, NetworkInterfaces) else None
    if primary is not None:
        return primary.placement
    instance = running.instance
    if instance.subnet_id is None or instance.vpc_id is None:
        return Moot(say("the instance is in no subnet"))
    return Placement(
        subnet_id=instance.subnet_id,
        vpc_id=instance.vpc_id,
        security_group_ids=instance.security_group_ids,
        has_public_ip=instance.has_public_ip,
    )


@derives
def told_apart(
    groups: SecurityGroups, acls: NetworkAcls, routes: RouteTables, lists: PrefixLists | Unreadable
) -> RuleNetworks:
    """A list that is unreadable is unreadable to the checks as well."""
    return rule_networks(groups, acls, routes, lists if isinstance(lists, PrefixLists) else None)


@derives
def address_block(
    running: RunningInstance,
    interfaces: NetworkInterfaces | Absent | Moot | Unreadable,
    subnets: Subnets,
    rules: RuleNetworks,
) -> AddressBlock:
    """By the primary interface, where it was looked at. The address counts only where its subnet's are told apart."""
    primary = interfaces.primary if isinstance(interfaces, NetworkInterfaces) else None
    subnet = subnets.get(primary.subnet_id if primary is not None else running.instance.subnet_id or "")
    cidr = subnet.cidr if subnet is not None else ""
    address = primary.private_ip if primary is not None else None
    return rules.block_of_all(cidr) or rules.block_of(address or running.instance.private_ip or "", cidr)
