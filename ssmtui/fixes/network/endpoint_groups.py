"""The security group in front of new VPC endpoints: one that lets the subnet in, or that is opened to it."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network

from ssmtui.language import say
from ssmtui.model.choice import Candidate, Choice
from ssmtui.model.network import Endpoints, GroupRule, SecurityGroup, SecurityGroups, Subnet

GROUP = "group"
_HTTPS = 443


def group_choice(groups: SecurityGroups, endpoints: Endpoints, subnet: Subnet) -> Choice:
    """The groups of the VPC, those first that other endpoints have and that let the subnet in.

    One of these is taken where none is chosen; without one, a person must choose.
    """
    in_use = {
        group_id for each in endpoints.endpoints if each.vpc_id == subnet.vpc_id for group_id in each.security_group_ids
    }
    known = [each for each in groups.by_id.values() if each.vpc_id == subnet.vpc_id]
    ranked = sorted(known, key=lambda each: (each.id not in in_use, not admits(each, subnet.cidr), each.id))
    fitting = any(each.id in in_use and admits(each, subnet.cidr) for each in known)
    return Choice(GROUP, say("security group"), tuple(_candidate(each, subnet) for each in ranked), optional=fitting)


def admits(group: SecurityGroup, cidr: str) -> bool:
    """Whether the group lets HTTPS in from all of the network."""
    return any(_is_for_https(rule) and any(_covers(each, cidr) for each in rule.cidrs) for rule in group.ingress)


def _candidate(group: SecurityGroup, subnet: Subnet) -> Candidate:
    if admits(group, subnet.cidr):
        about = say("{name}: lets HTTPS in from {cidr}", name=group.name, cidr=subnet.cidr)
    else:
        about = say("{name}: is opened to HTTPS from {cidr}", name=group.name, cidr=subnet.cidr)
    return Candidate(group.id, about=about, also=(group.name,))


def _is_for_https(rule: GroupRule) -> bool:
    if rule.protocol == "-1":
        return True
    return rule.protocol == "tcp" and (rule.from_port or 0) <= _HTTPS <= (rule.to_port or 0)


def _covers(wider: str, cidr: str) -> bool:
    outer, inner = ip_network(wider, strict=False), ip_network(cidr, strict=False)
    if isinstance(outer, IPv4Network) and isinstance(inner, IPv4Network):
        return inner.subnet_of(outer)
    return isinstance(outer, IPv6Network) and isinstance(inner, IPv6Network) and inner.subnet_of(outer)
