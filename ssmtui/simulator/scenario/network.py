"""VPCs: subnets and where they lead, security groups, endpoints."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ssmtui.simulator.scenario.identity import StatementJSON


class WayOut(StrEnum):
    """Where the default route of a subnet leads."""

    INTERNET_GATEWAY = "internet-gateway"
    NAT_GATEWAY = "nat-gateway"
    DELETED_NAT_GATEWAY = "deleted-nat-gateway"
    TRANSIT_GATEWAY = "transit-gateway"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class AclEntry:
    """A denial of a subnet's network ACL, before the entries that let everything pass. Ports are the packets' own."""

    cidr: str
    ports: tuple[int, int]
    outbound: bool


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet; instances in one behind an internet gateway get a public address.

    One that is `ipv6_only` has a network of the VPC's IPv6 ones instead of `cidr`, and leads to a NAT gateway by NAT64.
    `shared_by` is the account that owns it, where that is another one.
    """

    name: str
    cidr: str
    way_out: WayOut
    ipv6_only: bool = False
    dns64: bool = False
    shared_by: str | None = None
    denials: tuple[AclEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class PrefixList:
    """A prefix list of the account's own."""

    name: str
    cidrs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """A security group: from which networks, groups and prefix lists it takes HTTPS, and what it lets out.

    `https_to_groups` are the only groups that it lets HTTPS out to, where any are given and `allows_outbound` is off.
    """

    name: str
    description: str
    https_from: tuple[str, ...] = ()
    allows_outbound: bool = True
    https_from_groups: tuple[str, ...] = ()
    https_to_groups: tuple[str, ...] = ()
    https_from_lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A VPC endpoint: an interface in subnets behind a security group, or a gateway (s3) in their route tables.

    Without statements it has the policy that lets everything through.
    """

    service: str
    subnets: tuple[str, ...]
    security_group: str | None = None
    private_dns: bool = True
    policy: tuple[StatementJSON, ...] = ()

    @property
    def is_gateway(self) -> bool:
        """Whether it stands in route tables."""
        return self.security_group is None


@dataclass(frozen=True, slots=True)
class Network:
    """A VPC. Its NAT gateway stands in the subnet `nat_in`, by default the first that leads to the internet."""

    name: str
    cidr: str
    subnets: tuple[Subnet, ...]
    security_groups: tuple[SecurityGroup, ...]
    endpoints: tuple[Endpoint, ...] = ()
    dns_support: bool = True
    dns_hostnames: bool = True
    nat_in: str | None = None
    private_nat: bool = False
    prefix_lists: tuple[PrefixList, ...] = ()

    @property
    def has_ipv6(self) -> bool:
        """Whether any of its subnets has IPv6."""
        return any(subnet.ipv6_only for subnet in self.subnets)
