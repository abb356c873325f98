"""The network of a Region, as far as it matters for a packet to an AWS endpoint."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache

from ssmtui.iam_policy.document import Policy
from ssmtui.language import say, translatable
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Bucket


@dataclass(frozen=True, slots=True)
class Placement:
    """The place of a node in the network, which it can share with other nodes."""

    subnet_id: str
    vpc_id: str
    security_group_ids: tuple[str, ...]
    has_public_ip: bool


class InternetBlock(Enum):
    """What VPC Block Public Access blocks for a subnet, in EC2's words (InternetGatewayBlockMode)."""

    OFF = "off"
    INGRESS = "block-ingress"
    BOTH = "block-bidirectional"


class FirewallConnectivity(Enum):
    """How the Automated Internet Firewall of a VPC connects a subnet, in EC2's words; only if it inspects the subnet.

    Flexible and outbound-only subnets reach the internet without a public address (docs/facts/nodes.md §4).
    """

    FLEXIBLE = "flexible"
    OUTBOUND_ONLY = "outbound-only"
    BIDIRECTIONAL = "bidirectional"


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet. `owner` is the account that shares it, which can be another account.

    `dns64`: its resolver creates IPv6 addresses for names that have only IPv4 addresses. `zones` are the name of its
    Availability Zone in the account and AWS's ID of the zone. `firewall` is None if no Automated Internet Firewall
    inspects its traffic to the internet.
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
    firewall: FirewallConnectivity | None = None

    @property
    def needs_no_public_ip(self) -> bool:
        """Return whether a firewall translates the addresses of the subnet at the internet gateway."""
        return self.firewall in (FirewallConnectivity.FLEXIBLE, FirewallConnectivity.OUTBOUND_ONLY)


@dataclass(frozen=True, slots=True)
class Subnets:
    """All subnets of the Region, by ID."""

    by_id: Mapping[str, Subnet]

    def get(self, subnet_id: str) -> Subnet | None:
        """Return the subnet with that ID."""
        return self.by_id.get(subnet_id)


class RouteTarget(Enum):
    """The kind of a route's target."""

    LOCAL = translatable("local")
    INTERNET_GATEWAY = translatable("internet gateway")
    NAT_GATEWAY = translatable("NAT gateway")
    GATEWAY_ENDPOINT = translatable("gateway endpoint")
    FIREWALL_ENDPOINT = translatable("firewall endpoint")
    INSTANCE = translatable("instance")
    NETWORK_INTERFACE = translatable("network interface")
    TRANSIT_GATEWAY = translatable("transit gateway")
    PEERING = translatable("VPC peering connection")
    VIRTUAL_PRIVATE_GATEWAY = translatable("virtual private gateway")
    LOCAL_GATEWAY = translatable("local gateway")
    CARRIER_GATEWAY = translatable("carrier gateway")
    CORE_NETWORK = translatable("core network")
    EGRESS_ONLY_GATEWAY = translatable("egress-only internet gateway")
    OTHER = translatable("other")


@dataclass(frozen=True, slots=True)
class Route:
    """A route. `destination` is a CIDR or the ID of a prefix list; `blackhole`: its target no longer exists."""

    destination: str
    target_kind: RouteTarget
    target_id: str
    blackhole: bool = False


@dataclass(frozen=True, slots=True)
class RouteTable:
    """A route table with the subnets that use it; the main table is for all subnets of its VPC without their own table.

    A table that gateways use routes the incoming traffic of these gateways.
    """

    id: str
    vpc_id: str
    main: bool
    subnet_ids: tuple[str, ...]
    routes: tuple[Route, ...]
    gateway_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RouteTables:
    """All route tables of the Region."""

    tables: tuple[RouteTable, ...]

    def get(self, table_id: str | None) -> RouteTable | None:
        """Return the route table with that ID."""
        return next((table for table in self.tables if table.id == table_id), None)

    def of_gateway(self, gateway_id: str) -> RouteTable | None:
        """Return the table that a gateway uses, or None."""
        return next((table for table in self.tables if gateway_id in table.gateway_ids), None)

    def of(self, subnet_id: str, vpc_id: str) -> RouteTable | None:
        """Return the table that a subnet uses: its own, else the main table of its VPC."""
        explicit = next((table for table in self.tables if subnet_id in table.subnet_ids), None)
        return explicit or next((table for table in self.tables if table.main and table.vpc_id == vpc_id), None)


@dataclass(frozen=True, slots=True)
class NatGateway:
    """A NAT gateway. `state` is EC2's word: `available`, `pending`, `failed`, `deleting`, `deleted`.

    A zonal gateway is in a subnet; a regional gateway is not, and has its own route table. A private gateway (`public`
    is false) only leads to other private networks. `zones` are the chosen zones of a regional gateway, by name and ID;
    None if it serves all zones. `public_ips` are the source addresses of its traffic.
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
    """All NAT gateways of the Region, by ID."""

    by_id: Mapping[str, NatGateway]

    def get(self, id_: str) -> NatGateway | None:
        """Return the NAT gateway with that ID."""
        return self.by_id.get(id_)


@dataclass(frozen=True, slots=True)
class GroupRule:
    """A rule of a security group. `protocol` is `tcp`, `-1` (all), …; ports are None for all ports."""

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
    """All security groups of the Region, by ID."""

    by_id: Mapping[str, SecurityGroup]

    def get(self, group_id: str) -> SecurityGroup | None:
        """Return the security group with that ID."""
        return self.by_id.get(group_id)


@dataclass(frozen=True, slots=True)
class PrefixLists:
    """The networks of the prefix lists in routes and security groups, by the lists' IDs.

    A list that no longer exists or is no longer shared is missing.
    """

    by_id: Mapping[str, tuple[str, ...]]

    def get(self, list_id: str) -> tuple[str, ...] | None:
        """Return the CIDRs of the list with that ID."""
        return self.by_id.get(list_id)


@dataclass(frozen=True, slots=True)
class AclEntry:
    """An entry of a network ACL; entries are evaluated in the order of their numbers.

    `protocol` is a number, `-1` for all.
    """

    number: int
    egress: bool
    allow: bool
    protocol: str
    cidr: str
    from_port: int | None
    to_port: int | None


@dataclass(frozen=True, slots=True)
class NetworkAcl:
    """A network ACL with its subnets."""

    id: str
    vpc_id: str
    subnet_ids: tuple[str, ...]
    entries: tuple[AclEntry, ...]


@dataclass(frozen=True, slots=True)
class NetworkAcls:
    """All network ACLs of the Region."""

    acls: tuple[NetworkAcl, ...]

    def of(self, subnet_id: str) -> NetworkAcl | None:
        """Return the network ACL of a subnet."""
        return next((acl for acl in self.acls if subnet_id in acl.subnet_ids), None)


class EndpointType(Enum):
    """The VpcEndpointType values that matter for Session Manager."""

    INTERFACE = "Interface"
    GATEWAY = "Gateway"
    OTHER = "Other"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A VPC endpoint. `service` is the last part of its service name: `ssm`, `ssmmessages`, `kms`, `logs`, `s3`.

    For a service of another Region or not of AWS, `service` is the whole name. `private_dns`: the service's ordinary
    name resolves to the endpoint in the VPC. An interface endpoint has one interface in each of its subnets.
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
    interface_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Endpoints:
    """All VPC endpoints of the Region."""

    endpoints: tuple[Endpoint, ...]

    def get(self, endpoint_id: str) -> Endpoint | None:
        """Return the endpoint with that ID."""
        return next((each for each in self.endpoints if each.id == endpoint_id), None)

    def of(self, vpc_id: str, service: str) -> tuple[Endpoint, ...]:
        """Return the endpoints of a VPC for a service."""
        return tuple(each for each in self.endpoints if each.vpc_id == vpc_id and each.service == service)


@dataclass(frozen=True, slots=True)
class InterfacesInPartlyRuledSubnets:
    """The interfaces of endpoints in subnets of which rules distinguish some addresses: their addresses matter."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EndpointInterface:
    """The interface of an endpoint in a subnet, with its private IPv4 address."""

    id: str
    subnet_id: str
    address: str


@dataclass(frozen=True, slots=True)
class EndpointAddresses:
    """The interfaces of endpoints whose addresses matter and were read."""

    interfaces: tuple[EndpointInterface, ...]

    def of(self, endpoint: Endpoint, subnet_id: str) -> str | None:
        """Return the address of an endpoint in a subnet, if it was read."""
        found = (each for each in self.interfaces if each.subnet_id == subnet_id and each.id in endpoint.interface_ids)
        return next((each.address for each in found), None)


@dataclass(frozen=True, slots=True)
class VpcDns:
    """The two DNS attributes of a VPC."""

    vpc_id: str
    support: bool
    hostnames: bool


@dataclass(frozen=True, slots=True)
class NetworkInterface:
    """A network interface. The `device` of the primary interface is 0; `public_ip` is None if it has none."""

    id: str
    device: int
    subnet_id: str
    vpc_id: str
    security_group_ids: tuple[str, ...]
    private_ip: str
    public_ip: str | None

    @property
    def placement(self) -> Placement:
        """Return the placement of a packet that leaves through this interface."""
        return Placement(self.subnet_id, self.vpc_id, self.security_group_ids, self.public_ip is not None)


@dataclass(frozen=True, slots=True)
class NetworkInterfaces:
    """The interfaces of an instance, in the order of their device numbers."""

    interfaces: tuple[NetworkInterface, ...]

    @property
    def primary(self) -> NetworkInterface | None:
        """Return the primary interface, which the instance was launched with and always has."""
        return next((each for each in self.interfaces if each.device == 0), None)

    @property
    def others(self) -> tuple[NetworkInterface, ...]:
        """Return the other interfaces. The routes of the operating system determine which interface sends a packet."""
        return tuple(each for each in self.interfaces if each.device != 0)


IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class AddressBlock:
    """The largest network around a node's private address whose addresses no rule distinguishes.

    `cidr` is empty if the address is unknown, and the address itself if the subnet is unknown.
    """

    cidr: str


@dataclass(frozen=True, slots=True)
class RuleNetworks:
    """All networks in security groups, network ACLs, routes and prefix lists of the Region."""

    cidrs: frozenset[str]
    _within: dict[str, tuple[IpNetwork, ...]] = field(default_factory=dict, compare=False, repr=False)
    _blocks: dict[tuple[str, int, int], AddressBlock | None] = field(default_factory=dict, compare=False, repr=False)

    def block_of(self, address: str, subnet_cidr: str) -> AddressBlock:
        """Return the block of an address in a subnet: the largest one that no network in rules divides.

        All addresses of a block have this block, so it is computed once, and so is which larger networks are divided.
        """
        host, subnet = _address(address), _network(subnet_cidr)
        if host is None or subnet is None or host not in subnet:
            return AddressBlock(address)
        number, bits = int(host), host.max_prefixlen
        for prefix in range(subnet.prefixlen, bits + 1):
            low = bits - prefix
            place = (subnet_cidr, prefix, number >> low)
            if place not in self._blocks:
                is_divided = any(
                    each.prefixlen > prefix and int(each.network_address) >> low == number >> low
                    for each in self._inside(subnet_cidr, subnet)
                )
                network = type(subnet)((number >> low << low, prefix))
                self._blocks[place] = None if is_divided else AddressBlock(str(network))
            if (block := self._blocks[place]) is not None:
                return block
        return AddressBlock(address)

    def block_of_all(self, subnet_cidr: str) -> AddressBlock | None:
        """Return the block of all addresses in a subnet; None if rules distinguish some of them."""
        subnet = _network(subnet_cidr)
        if subnet is None or any(each != subnet for each in self._inside(subnet_cidr, subnet)):
            return None
        return AddressBlock(str(subnet))

    def _inside(self, cidr: str, subnet: IpNetwork) -> tuple[IpNetwork, ...]:
        """Return the networks inside a subnet; computed once per subnet."""
        if cidr not in self._within:
            named = (_network(each) for each in self.cidrs)
            self._within[cidr] = tuple(each for each in named if each is not None and _is_inside(each, subnet))
        return self._within[cidr]


def rule_networks(
    groups: SecurityGroups, acls: NetworkAcls, routes: RouteTables, lists: PrefixLists | None
) -> RuleNetworks:
    """Return the networks in rules.

    An entry that is not a network (the ID of a prefix list) distinguishes no addresses.
    """
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


def _address(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None


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


def endpoint_in_use(
    placement: Placement, endpoints: Endpoints, routes: RouteTables, dns: VpcDns, service: str
) -> Endpoint | None:
    """Return the endpoint between a node and a service; None if the node uses public addresses."""
    private = private_endpoint(endpoints, placement.vpc_id, service)
    if private is not None and dns.support and dns.hostnames:
        return private
    table = routes.of(placement.subnet_id, placement.vpc_id)
    return gateway_endpoint(endpoints, table, service) if table is not None else None


def is_in_another_region(bucket: Bucket, scope: Scope) -> bool:
    """Return whether a bucket is known to be in another Region: endpoints for S3 do not lead there.

    https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html
    """
    return bucket.region is not None and bucket.region != scope.region


def unread_region(bucket: Bucket | Absent | NotApplicable | Unreadable) -> Unreadable | None:
    """Return the unreadable fact if the Region of a bucket is unknown, else None."""
    if isinstance(bucket, Unreadable):
        return bucket
    if not isinstance(bucket, Bucket) or bucket.region is not None:
        return None
    return Unreadable("s3:GetBucketLocation", say("the Region of {bucket} was not returned", bucket=bucket.name))


_OF_SESSIONS = ("ssm", "ssmmessages", "kms", "logs", "s3")


def interfaces_to_read(endpoints: Endpoints, subnets: Subnets, rules: RuleNetworks) -> tuple[str, ...]:
    """Return the interfaces of the endpoints of sessions in subnets of which rules distinguish some addresses."""
    found = {
        interface
        for endpoint in endpoints.endpoints
        if endpoint.service in _OF_SESSIONS and endpoint.private_dns and endpoint.available
        for subnet_id in endpoint.subnet_ids
        if (subnet := subnets.get(subnet_id)) is not None and rules.block_of_all(subnet.cidr) is None
        for interface in endpoint.interface_ids
    }
    return tuple(sorted(found))


def interface_endpoints(endpoints: Endpoints, vpc_id: str, service: str) -> tuple[Endpoint, ...]:
    """Return the available interface endpoints of a VPC for a service."""
    found = endpoints.of(vpc_id, service)
    return tuple(each for each in found if each.type is EndpointType.INTERFACE and each.available)


def private_endpoint(endpoints: Endpoints, vpc_id: str, service: str) -> Endpoint | None:
    """Return the interface endpoint with the service's ordinary name: a VPC can have only one."""
    return next((each for each in interface_endpoints(endpoints, vpc_id, service) if each.private_dns), None)


def gateway_endpoint(endpoints: Endpoints, table: RouteTable, service: str) -> Endpoint | None:
    """Return the gateway endpoint of the service that the table is associated with, or has a route to."""
    targets = {route.target_id for route in table.routes if not route.blackhole}
    for endpoint in endpoints.of(table.vpc_id, service):
        associated = table.id in endpoint.route_table_ids or endpoint.id in targets
        if endpoint.type is EndpointType.GATEWAY and endpoint.available and associated:
            return endpoint
    return None


RULES_PATH = (
    "SecurityGroupRules.*."
    "IsEgress+IpProtocol+FromPort+ToPort+CidrIpv4+CidrIpv6+PrefixListId+ReferencedGroupInfo/GroupId"
)
"""The path of the same lines in an answer to ec2:DescribeSecurityGroupRules."""


def https_line(cidr: str, *, egress: bool) -> str:
    """Return the line of a rule that allows HTTPS from or to an IPv4 network."""
    return _line("tcp", 443, 443, f"CidrIpv4={cidr}", egress=egress)


def rules_text(group: SecurityGroup, *added: str) -> str:
    """Return the rules of a group and the added lines, sorted."""
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
    # EC2 uses -1 for all ports, and for all types of ICMP.
    ports = (-1 if port is None else port for port in (from_port, to_port))
    low, high = ports
    return f"IsEgress={'true' if egress else 'false'} IpProtocol={protocol} FromPort={low} ToPort={high} {peer}"
