"""The network of a Region, as far as a packet to an AWS endpoint meets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from ssmtui.language import marked
from ssmtui.model.policy import Policy


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a node sits in the network, as its neighbours do."""

    subnet_id: str
    vpc_id: str
    security_group_ids: tuple[str, ...]
    has_public_ip: bool


class InternetBlock(Enum):
    """What VPC Block Public Access keeps a subnet from, in EC2's words (InternetGatewayBlockMode)."""

    OFF = "off"
    INGRESS = "block-ingress"
    BOTH = "block-bidirectional"


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet. `owner` is the account that shares it, which may be another one.

    `dns64` says that its resolver makes up IPv6 addresses for names that have IPv4 ones only. `zones` are the names of
    its availability zone: the account's own for it, and AWS's id.
    """

    id: str
    vpc_id: str
    owner: str
    cidr: str
    ipv6_native: bool
    ipv6_cidr: str = ""
    dns64: bool = False
    internet_block: InternetBlock = InternetBlock.OFF
    zones: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Subnets:
    """Every subnet of the Region, by id."""

    by_id: Mapping[str, Subnet]

    def get(self, subnet_id: str) -> Subnet | None:
        """The subnet of that id."""
        return self.by_id.get(subnet_id)


class RouteTarget(Enum):
    """What sort of thing a route points at."""

    LOCAL = marked("local")
    INTERNET_GATEWAY = marked("internet gateway")
    NAT_GATEWAY = marked("NAT gateway")
    GATEWAY_ENDPOINT = marked("gateway endpoint")
    FIREWALL_ENDPOINT = marked("firewall endpoint")
    INSTANCE = marked("instance")
    NETWORK_INTERFACE = marked("network interface")
    TRANSIT_GATEWAY = marked("transit gateway")
    PEERING = marked("VPC peering connection")
    VIRTUAL_PRIVATE_GATEWAY = marked("virtual private gateway")
    LOCAL_GATEWAY = marked("local gateway")
    CARRIER_GATEWAY = marked("carrier gateway")
    CORE_NETWORK = marked("core network")
    EGRESS_ONLY_GATEWAY = marked("egress-only internet gateway")
    OTHER = marked("other")


@dataclass(frozen=True, slots=True)
class Route:
    """One route. `destination` is a CIDR or a prefix list's id; `blackhole` says that its target is gone."""

    destination: str
    target_kind: RouteTarget
    target_id: str
    blackhole: bool = False


@dataclass(frozen=True, slots=True)
class RouteTable:
    """A route table with the subnets that use it; the main one serves every subnet of its VPC without another.

    One that gateways use says where what comes in by them goes.
    """

    id: str
    vpc_id: str
    main: bool
    subnet_ids: tuple[str, ...]
    routes: tuple[Route, ...]
    gateway_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RouteTables:
    """Every route table of the Region."""

    tables: tuple[RouteTable, ...]

    def get(self, table_id: str | None) -> RouteTable | None:
        """The route table of that id."""
        return next((table for table in self.tables if table.id == table_id), None)

    def of_gateway(self, gateway_id: str) -> RouteTable | None:
        """The table that a gateway uses, where it uses one."""
        return next((table for table in self.tables if gateway_id in table.gateway_ids), None)

    def of(self, subnet_id: str, vpc_id: str) -> RouteTable | None:
        """The table that a subnet uses: its own, else its VPC's main one."""
        explicit = next((table for table in self.tables if subnet_id in table.subnet_ids), None)
        return explicit or next((table for table in self.tables if table.main and table.vpc_id == vpc_id), None)


@dataclass(frozen=True, slots=True)
class NatGateway:
    """A NAT gateway. `state` is EC2's word: `available`, `pending`, `failed`, `deleting`, `deleted`.

    A zonal one stands in a subnet; a regional one in none, and has a route table of its own. A private one (`public` is
    false) leads to other private networks only. `zones` are those that a regional one serves, by name and id, where
    somebody chose them; None where it serves whatever zone it is used from. `public_ips` are the addresses that it
    gives to what passes.
    """

    id: str
    vpc_id: str
    state: str
    public: bool
    subnet_id: str | None
    route_table_id: str | None = None
    zones: frozenset[str] | None = None
    public_ips: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NatGateways:
    """Every NAT gateway of the Region, by id."""

    by_id: Mapping[str, NatGateway]

    def get(self, id_: str) -> NatGateway | None:
        """The NAT gateway of that id."""
        return self.by_id.get(id_)


@dataclass(frozen=True, slots=True)
class GroupRule:
    """One rule of a security group. `protocol` is `tcp`, `-1` (all), …; ports are None where all are meant."""

    protocol: str
    from_port: int | None
    to_port: int | None
    cidrs: tuple[str, ...] = ()
    group_ids: tuple[str, ...] = ()
    prefix_list_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """A security group with its rules."""

    id: str
    name: str
    vpc_id: str
    ingress: tuple[GroupRule, ...]
    egress: tuple[GroupRule, ...]


@dataclass(frozen=True, slots=True)
class SecurityGroups:
    """Every security group of the Region, by id."""

    by_id: Mapping[str, SecurityGroup]

    def get(self, group_id: str) -> SecurityGroup | None:
        """The security group of that id."""
        return self.by_id.get(group_id)


@dataclass(frozen=True, slots=True)
class PrefixLists:
    """The networks of the prefix lists that routes and security groups name, by the lists' ids.

    A list that is not there any more, or is not shared any more, is missing.
    """

    by_id: Mapping[str, tuple[str, ...]]

    def get(self, list_id: str) -> tuple[str, ...] | None:
        """The CIDRs of the list of that id."""
        return self.by_id.get(list_id)


@dataclass(frozen=True, slots=True)
class AclEntry:
    """One entry of a network ACL; entries are met in the order of their numbers. `protocol` is a number, `-1` all."""

    number: int
    egress: bool
    allow: bool
    protocol: str
    cidr: str
    from_port: int | None
    to_port: int | None


@dataclass(frozen=True, slots=True)
class NetworkAcl:
    """A network ACL with the subnets it guards."""

    id: str
    vpc_id: str
    subnet_ids: tuple[str, ...]
    entries: tuple[AclEntry, ...]


@dataclass(frozen=True, slots=True)
class NetworkAcls:
    """Every network ACL of the Region."""

    acls: tuple[NetworkAcl, ...]

    def of(self, subnet_id: str) -> NetworkAcl | None:
        """The network ACL that guards a subnet."""
        return next((acl for acl in self.acls if subnet_id in acl.subnet_ids), None)


class EndpointType(Enum):
    """VpcEndpointType, as far as Session Manager meets it."""

    INTERFACE = "Interface"
    GATEWAY = "Gateway"
    OTHER = "Other"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A VPC endpoint. `service` is the last part of its service name: `ssm`, `ssmmessages`, `kms`, `logs`, `s3`.

    It is the whole name where that is another Region's, or nobody's of AWS. `private_dns` says that the service's
    ordinary name leads to it from inside the VPC.
    """

    id: str
    vpc_id: str
    service: str
    type: EndpointType
    available: bool
    private_dns: bool
    subnet_ids: tuple[str, ...]
    security_group_ids: tuple[str, ...]
    route_table_ids: tuple[str, ...]
    policy: Policy


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Every VPC endpoint of the Region."""

    endpoints: tuple[Endpoint, ...]

    def get(self, endpoint_id: str) -> Endpoint | None:
        """The endpoint of that id."""
        return next((each for each in self.endpoints if each.id == endpoint_id), None)

    def of(self, vpc_id: str, service: str) -> tuple[Endpoint, ...]:
        """The endpoints of one VPC for one service."""
        return tuple(each for each in self.endpoints if each.vpc_id == vpc_id and each.service == service)


@dataclass(frozen=True, slots=True)
class VpcDns:
    """The two DNS attributes of a VPC."""

    vpc_id: str
    support: bool
    hostnames: bool
