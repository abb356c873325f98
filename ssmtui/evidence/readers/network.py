"""Read the network of the nodes: VPCs, subnets, routes, security groups, network ACLs, and endpoints."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence
from weakref import WeakKeyDictionary

from ssmtui.evidence.aws.reader_api import Answer, Aws, AwsError, all_parts, all_results, policy_from_answer
from ssmtui.evidence.facts.sources import by_region, derives, reads
from ssmtui.iam_policy.document import Effect, Policy, Statement
from ssmtui.language import say
from ssmtui.model.fact import NotApplicable
from ssmtui.model.network import (
    AclEntry,
    Endpoint,
    EndpointAddresses,
    EndpointInterface,
    Endpoints,
    EndpointType,
    FirewallConnectivity,
    GroupRule,
    InterfacesInPartlyRuledSubnets,
    InternetBlock,
    NatGateway,
    NatGateways,
    NetworkAcl,
    NetworkAcls,
    NetworkInterface,
    NetworkInterfaces,
    Placement,
    PrefixLists,
    Route,
    RouteTable,
    RouteTables,
    RouteTarget,
    RuleNetworks,
    SecurityGroup,
    SecurityGroups,
    Subnet,
    Subnets,
    VpcDns,
    interfaces_to_read,
)
from ssmtui.model.node_facts import InspectedNode, RunningInstance
from ssmtui.model.scope import Scope

_BY_MEMBER = (
    ("NatGatewayId", RouteTarget.NAT_GATEWAY),
    ("TransitGatewayId", RouteTarget.TRANSIT_GATEWAY),
    ("VpcPeeringConnectionId", RouteTarget.PEERING),
    ("EgressOnlyInternetGatewayId", RouteTarget.EGRESS_ONLY_GATEWAY),
    ("InstanceId", RouteTarget.INSTANCE),
    ("NetworkInterfaceId", RouteTarget.NETWORK_INTERFACE),
    ("LocalGatewayId", RouteTarget.LOCAL_GATEWAY),
    ("CarrierGatewayId", RouteTarget.CARRIER_GATEWAY),
    ("CoreNetworkArn", RouteTarget.CORE_NETWORK),
    ("OdbNetworkArn", RouteTarget.OTHER),
)
_ENDPOINT = "vpce-"
_BY_PREFIX = (
    ("local", RouteTarget.LOCAL),
    ("igw-", RouteTarget.INTERNET_GATEWAY),
    ("vgw-", RouteTarget.VIRTUAL_PRIVATE_GATEWAY),
)


def route_from_answer(raw: Answer) -> Route:
    """Return the route from an entry of a route table's Routes."""
    network = raw.optional_text("DestinationCidrBlock") or raw.optional_text("DestinationIpv6CidrBlock")
    destination = network or raw.text("DestinationPrefixListId")
    kind, target = _target(raw)
    if target.startswith(_ENDPOINT):
        # The own route of a gateway endpoint leads to the prefix list of its service; other routes to an endpoint lead
        # through a firewall endpoint (Gateway Load Balancer).
        kind = RouteTarget.FIREWALL_ENDPOINT if network else RouteTarget.GATEWAY_ENDPOINT
    return Route(destination, kind, target, blackhole=raw.optional_text("State") == "blackhole")


def _target(raw: Answer) -> tuple[RouteTarget, str]:
    for member, kind in _BY_MEMBER:
        if target := raw.optional_text(member):
            return kind, target
    gateway = raw.optional_text("GatewayId") or ""
    for prefix, kind in _BY_PREFIX:
        if gateway.startswith(prefix):
            return kind, gateway
    return RouteTarget.OTHER, gateway


_RESOURCES_PER_PAGE = 1000
_ROUTE_TABLES_A_PAGE = 100
_BLOCKING = frozenset(each.value for each in InternetBlock)
_INSPECTED = frozenset(each.value for each in FirewallConnectivity)
_SERVING = frozenset({None, "succeeded", "associating", "assigning"})

_FULL_ACCESS = Policy((Statement(Effect.ALLOW, principals=("*",), actions=("*",), resources=("*",)),))
"""The policy of an endpoint without its own policy (VPC User Guide, endpoint policies)."""


@reads("ec2:DescribeSubnets", key=by_region)
async def subnets(aws: Aws, scope: Scope) -> Subnets:
    """Read all subnets, including shared subnets of other accounts."""
    found = [_subnet(raw, scope) for raw in await _all(aws, "DescribeSubnets", "Subnets")]
    return Subnets({each.id: each for each in found})


@reads("ec2:DescribeRouteTables", key=by_region)
async def route_tables(aws: Aws, scope: Scope) -> RouteTables:
    """Read all route tables."""
    return RouteTables(
        tuple(
            RouteTable(
                id=raw.text("RouteTableId"),
                vpc_id=raw.text("VpcId"),
                main=any(each.optional_flag("Main") is True for each in raw.parts("Associations")),
                subnet_ids=_named_in(raw.parts("Associations"), "SubnetId"),
                routes=tuple(route_from_answer(each) for each in raw.parts("Routes")),
                gateway_ids=_named_in(raw.parts("Associations"), "GatewayId"),
            )
            for raw in await _all(aws, "DescribeRouteTables", "RouteTables", _ROUTE_TABLES_A_PAGE)
        )
    )


@reads("ec2:DescribeNatGateways", key=by_region)
async def nat_gateways(aws: Aws, scope: Scope) -> NatGateways:
    """Read all NAT gateways, including those deleted in the last hour."""
    found = [
        NatGateway(
            id=raw.text("NatGatewayId"),
            vpc_id=raw.text("VpcId"),
            state=raw.text("State"),
            public=raw.optional_text("ConnectivityType") != "private",
            subnet_id=raw.optional_text("SubnetId"),
            route_table_id=raw.optional_text("RouteTableId"),
            zones=_chosen_zones(raw),
            public_ips=tuple(sorted(_named_in(raw.optional_parts("NatGatewayAddresses"), "PublicIp"))),
        )
        for raw in await _all(aws, "DescribeNatGateways", "NatGateways")
    ]
    return NatGateways({each.id: each for each in found})


def _named_in(parts: Sequence[Answer], member: str) -> tuple[str, ...]:
    """Return the values of the member in the parts that have it."""
    return tuple(named for each in parts if (named := each.optional_text(member)))


def _chosen_zones(raw: Answer) -> frozenset[str] | None:
    """Return the zones of a regional gateway's addresses; None if AWS manages its zones."""
    if raw.optional_text("AvailabilityMode") != "regional" or raw.optional_text("AutoProvisionZones") != "disabled":
        return None
    addresses = raw.optional_parts("NatGatewayAddresses")
    serving = [each for each in addresses if each.optional_text("Status") in _SERVING]
    return frozenset(name for each in serving for name in _zone_names(each)) or None


def _zone_names(raw: Answer) -> frozenset[str]:
    names = (raw.optional_text("AvailabilityZone"), raw.optional_text("AvailabilityZoneId"))
    return frozenset(each for each in names if each)


@reads("ec2:DescribeSecurityGroups", key=by_region)
async def security_groups(aws: Aws, scope: Scope) -> SecurityGroups:
    """Read all security groups."""
    found = [
        SecurityGroup(
            id=raw.text("GroupId"),
            name=raw.text("GroupName"),
            vpc_id=raw.optional_text("VpcId") or "",
            ingress=tuple(_rule(each) for each in raw.parts("IpPermissions")),
            egress=tuple(_rule(each) for each in raw.parts("IpPermissionsEgress")),
        )
        for raw in await _all(aws, "DescribeSecurityGroups", "SecurityGroups")
    ]
    return SecurityGroups({each.id: each for each in found})


@reads("ec2:DescribeNetworkAcls", key=by_region)
async def network_acls(aws: Aws, scope: Scope) -> NetworkAcls:
    """Read all network ACLs, with their entries in the order of evaluation."""
    return NetworkAcls(
        tuple(
            NetworkAcl(
                id=raw.text("NetworkAclId"),
                vpc_id=raw.text("VpcId"),
                subnet_ids=tuple(each.text("SubnetId") for each in raw.parts("Associations")),
                entries=tuple(sorted((_entry(each) for each in raw.parts("Entries")), key=lambda each: each.number)),
            )
            for raw in await _all(aws, "DescribeNetworkAcls", "NetworkAcls")
        )
    )


@reads("ec2:DescribeVpcEndpoints", key=by_region)
async def endpoints(aws: Aws, scope: Scope) -> Endpoints:
    """Read all VPC endpoints."""
    found = await _all(aws, "DescribeVpcEndpoints", "VpcEndpoints")
    return Endpoints(tuple(_endpoint(raw, scope.region) for raw in found))


def _vpc(placement: Placement) -> Hashable:
    return placement.vpc_id


@reads("ec2:DescribeVpcAttribute", key=_vpc)
async def vpc_dns(aws: Aws, placement: Placement) -> VpcDns:
    """Read the DNS attributes of a VPC. EC2 returns one attribute per call."""
    support, hostnames = await all_results(
        _vpc_attribute(aws, placement.vpc_id, "enableDnsSupport", "EnableDnsSupport"),
        _vpc_attribute(aws, placement.vpc_id, "enableDnsHostnames", "EnableDnsHostnames"),
    )
    return VpcDns(placement.vpc_id, support, hostnames)


async def _vpc_attribute(aws: Aws, vpc_id: str, attribute: str, member: str) -> bool:
    answer = await aws.call("ec2", "DescribeVpcAttribute", VpcId=vpc_id, Attribute=attribute)
    return answer.part(member).flag("Value")


async def _all(aws: Aws, operation: str, member: str, a_page: int = _RESOURCES_PER_PAGE) -> Sequence[Answer]:
    return await all_parts(aws, "ec2", operation, member, MaxResults=a_page)


def _rule(raw: Answer) -> GroupRule:
    by_version = (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6"))
    return GroupRule(
        protocol=raw.text("IpProtocol"),
        from_port=_port(raw, "FromPort"),
        to_port=_port(raw, "ToPort"),
        cidrs=tuple(cidr for ranges, name in by_version for cidr in _named_in(raw.optional_parts(ranges), name)),
        group_ids=_named_in(raw.optional_parts("UserIdGroupPairs"), "GroupId"),
        prefix_list_ids=tuple(each.text("PrefixListId") for each in raw.optional_parts("PrefixListIds")),
    )


def _entry(raw: Answer) -> AclEntry:
    ports = raw.optional_part("PortRange")
    return AclEntry(
        number=raw.number("RuleNumber"),
        egress=raw.flag("Egress"),
        allow=raw.text("RuleAction") == "allow",
        protocol=raw.text("Protocol"),
        cidr=raw.optional_text("CidrBlock") or raw.text("Ipv6CidrBlock"),
        from_port=_port(ports, "From"),
        to_port=_port(ports, "To"),
    )


def _subnet(raw: Answer, scope: Scope) -> Subnet:
    block = raw.optional_part("BlockPublicAccessStates").optional_text("InternetGatewayBlockMode")
    firewall = raw.optional_text("NetworkFirewallConnectivityType")
    associated = [
        each
        for each in raw.optional_parts("Ipv6CidrBlockAssociationSet")
        if each.optional_part("Ipv6CidrBlockState").optional_text("State") == "associated"
    ]
    return Subnet(
        id=raw.text("SubnetId"),
        vpc_id=raw.text("VpcId"),
        owner=raw.optional_text("OwnerId") or scope.account,
        cidr=raw.optional_text("CidrBlock") or "",
        ipv6_native=raw.optional_flag("Ipv6Native") is True,
        ipv6_cidr=associated[0].text("Ipv6CidrBlock") if associated else "",
        dns64=raw.optional_flag("EnableDns64") is True,
        internet_block=InternetBlock(block) if block in _BLOCKING else InternetBlock.OFF,
        zones=_zone_names(raw),
        firewall=FirewallConnectivity(firewall) if firewall in _INSPECTED else None,
    )


def _endpoint(raw: Answer, region: str) -> Endpoint:
    type_ = raw.optional_text("VpcEndpointType")
    name = raw.optional_text("ServiceName") or ""  # an endpoint for a resource of VPC Lattice is for no service
    beginning, _, service = name.rpartition(".")
    # With this option, only an inbound endpoint of Route 53 Resolver resolves the private name, not the VPC's own
    # resolver.
    elsewhere = raw.optional_part("DnsOptions").optional_flag("PrivateDnsOnlyForInboundResolverEndpoint")
    return Endpoint(
        id=raw.text("VpcEndpointId"),
        vpc_id=raw.text("VpcId"),
        service=service if beginning.endswith(f".{region}") else name,
        type=EndpointType(type_) if type_ in {"Interface", "Gateway"} else EndpointType.OTHER,
        available=raw.text("State").casefold() == "available",
        private_dns=raw.optional_flag("PrivateDnsEnabled") is True and not elsewhere,
        subnet_ids=raw.optional_texts("SubnetIds"),
        security_group_ids=tuple(sorted(each.text("GroupId") for each in raw.optional_parts("Groups"))),
        route_table_ids=raw.optional_texts("RouteTableIds"),
        interface_ids=raw.optional_texts("NetworkInterfaceIds"),
        policy=policy_from_answer(raw, "PolicyDocument") if raw.optional_text("PolicyDocument") else _FULL_ACCESS,
    )


def _port(raw: Answer, member: str) -> int | None:
    """Return a port. EC2 leaves it out, or returns -1, for all ports."""
    port = raw.optional_number(member)
    return None if port == -1 else port


_ENTRIES_PER_PAGE = 100
_NO_SUCH_LIST = "InvalidPrefixList"


def _lists(scope: Scope, routes: RouteTables, groups: SecurityGroups) -> Hashable:
    return scope.region, _named(routes, groups)


@reads("ec2:GetManagedPrefixListEntries", key=_lists)
async def prefix_lists(aws: Aws, scope: Scope, routes: RouteTables, groups: SecurityGroups) -> PrefixLists:
    """Read the current entries of each list.

    The own route of a gateway endpoint needs no list: it is for the whole service.
    """
    found: dict[str, tuple[str, ...]] = {}
    for list_id in _named(routes, groups):
        pages = aws.pages("ec2", "GetManagedPrefixListEntries", PrefixListId=list_id, MaxResults=_ENTRIES_PER_PAGE)
        try:
            found[list_id] = tuple([entry.text("Cidr") async for page in pages for entry in page.parts("Entries")])
        except AwsError as error:
            if not error.code.startswith(_NO_SUCH_LIST):
                raise
    return PrefixLists(found)


def _named(routes: RouteTables, groups: SecurityGroups) -> tuple[str, ...]:
    by_routes = {
        route.destination
        for table in routes.tables
        for route in table.routes
        if route.destination.startswith("pl-") and route.target_kind is not RouteTarget.GATEWAY_ENDPOINT
    }
    by_groups = {
        list_id
        for group in groups.by_id.values()
        for rule in (*group.ingress, *group.egress)
        for list_id in rule.prefix_list_ids
    }
    return tuple(sorted(by_routes | by_groups))


_INTERFACES_PER_PAGE = 100
_VALUES_OF_A_FILTER = 200
"""The maximum that EC2 accepts."""

_SECONDS_TO_JOIN = 0.005


class InterfaceListings:
    """Lists the interfaces of the nodes that are inspected at the same time by one call."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._listing: asyncio.Future[Sequence[Answer]] | None = None

    async def of_instance(self, aws: Aws, id_: str) -> Sequence[Answer]:
        """Return the attached interfaces of an instance. Raises as `Aws` does."""
        if self._listing is None or len(self._ids) == _VALUES_OF_A_FILTER:
            self._ids = []
            self._listing = asyncio.ensure_future(self._listed(aws, self._ids))
        ids, listing = self._ids, self._listing
        ids.append(id_)
        listed = await asyncio.shield(listing)
        if len(ids) == 1:
            return listed
        return [each for each in listed if each.part("Attachment").text("InstanceId") == id_]

    async def _listed(self, aws: Aws, ids: list[str]) -> Sequence[Answer]:
        await asyncio.sleep(_SECONDS_TO_JOIN)
        if self._ids is ids:
            self._listing = None
        return await _listed_interfaces(aws, "attachment.instance-id", ids)


async def _listed_interfaces(aws: Aws, filter_name: str, values: Sequence[str]) -> Sequence[Answer]:
    filters = [{"Name": filter_name, "Values": list(values)}]
    operation, member = "DescribeNetworkInterfaces", "NetworkInterfaces"
    return await all_parts(aws, "ec2", operation, member, Filters=filters, MaxResults=_INTERFACES_PER_PAGE)


_LISTINGS: WeakKeyDictionary[Aws, InterfaceListings] = WeakKeyDictionary()
"""The listings of each client, for as long as the client exists."""


def _instance_id(pointed: InspectedNode, running: RunningInstance) -> Hashable:
    return pointed.node.id


@reads("ec2:DescribeNetworkInterfaces", key=_instance_id)
async def network_interfaces(aws: Aws, pointed: InspectedNode, running: RunningInstance) -> NetworkInterfaces:
    """Read all attached interfaces, each with its own subnet, groups and addresses."""
    listed = await _LISTINGS.setdefault(aws, InterfaceListings()).of_instance(aws, pointed.node.id)
    return NetworkInterfaces(tuple(sorted(map(_interface, listed), key=lambda each: (each.device, each.id))))


def _interface(raw: Answer) -> NetworkInterface:
    return NetworkInterface(
        id=raw.text("NetworkInterfaceId"),
        device=raw.part("Attachment").number("DeviceIndex"),
        subnet_id=raw.text("SubnetId"),
        vpc_id=raw.text("VpcId"),
        security_group_ids=tuple(each.text("GroupId") for each in raw.optional_parts("Groups")),
        private_ip=raw.optional_text("PrivateIpAddress") or "",
        public_ip=raw.optional_part("Association").optional_text("PublicIp"),
    )


@derives
def interfaces_in_partly_ruled_subnets(
    endpoints: Endpoints, subnets: Subnets, rules: RuleNetworks
) -> InterfacesInPartlyRuledSubnets | NotApplicable:
    """Return the interfaces of endpoints whose addresses matter: usually none does."""
    found = interfaces_to_read(endpoints, subnets, rules)
    if not found:
        return NotApplicable(say("no rule is about a part of an endpoint's subnet"))
    return InterfacesInPartlyRuledSubnets(found)


def _interface_ids(asked: InterfacesInPartlyRuledSubnets) -> Hashable:
    return asked.ids


@reads("ec2:DescribeNetworkInterfaces", key=_interface_ids)
async def endpoint_addresses(aws: Aws, asked: InterfacesInPartlyRuledSubnets) -> EndpointAddresses:
    """Read the addresses of these interfaces. By filters: a call with the ID of a deleted interface would fail."""
    parts = (asked.ids[first : first + _VALUES_OF_A_FILTER] for first in range(0, len(asked.ids), _VALUES_OF_A_FILTER))
    listed = await all_results(*(_listed_interfaces(aws, "network-interface-id", part) for part in parts))
    return EndpointAddresses(
        tuple(
            EndpointInterface(raw.text("NetworkInterfaceId"), raw.text("SubnetId"), address)
            for found in listed
            for raw in found
            if (address := raw.optional_text("PrivateIpAddress"))
        )
    )
