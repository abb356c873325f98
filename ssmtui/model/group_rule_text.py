"""The rules of a security group as lines, the same ones from what evidence read and from EC2's answer to a guard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ssmtui.model.network import GroupRule, SecurityGroup

RULES_PATH = (
    "SecurityGroupRules.*."
    "IsEgress+IpProtocol+FromPort+ToPort+CidrIpv4+CidrIpv6+PrefixListId+ReferencedGroupInfo/GroupId"
)
"""Where the same lines are in an answer to ec2:DescribeSecurityGroupRules."""


def https_line(cidr: str, *, egress: bool) -> str:
    """The line of a rule that lets HTTPS in from, or out to, an IPv4 network."""
    return _line("tcp", 443, 443, f"CidrIpv4={cidr}", egress=egress)


def rules_text(group: SecurityGroup, *added: str) -> str:
    """Every rule of a group and the lines added, in order."""
    lines = (*_lines(group.ingress, egress=False), *_lines(group.egress, egress=True), *added)
    return "\n".join(sorted(lines))


def _lines(rules: Iterable[GroupRule], *, egress: bool) -> Iterator[str]:
    for rule in rules:
        peers = (
            *(f"{'CidrIpv6' if ':' in cidr else 'CidrIpv4'}={cidr}" for cidr in rule.cidrs),
            *(f"PrefixListId={each}" for each in rule.prefix_list_ids),
            *(f"ReferencedGroupInfo/GroupId={each}" for each in rule.group_ids),
        )
        for peer in peers:
            yield _line(rule.protocol, rule.from_port, rule.to_port, peer, egress=egress)


def _line(protocol: str, from_port: int | None, to_port: int | None, peer: str, *, egress: bool) -> str:
    # EC2 says -1 for all ports, and for all types of ICMP.
    ports = (-1 if port is None else port for port in (from_port, to_port))
    low, high = ports
    return f"IsEgress={'true' if egress else 'false'} IpProtocol={protocol} FromPort={low} ToPort={high} {peer}"
