"""The network of the Region: read once as a whole, since thousands of nodes share a few subnets and groups."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from ssmtui.evidence.gathering.reading import reads
from ssmtui.evidence.readers.identity.policies import policy_in
from ssmtui.evidence.readers.network.routes import route_in
from ssmtui.evidence.wire.aws import Aws
from ssmtui.model.network import (
    AclEntry,
    Endpoint,
    Endpoints,
    EndpointType,
    GroupRule,
    InternetBlock,
    NatGateway,
    NatGateways,
    NetworkAcl,
    NetworkAcls,
    Placement,
    RouteTable,
    RouteTables,
    SecurityGroup,
    SecurityGroups,
    Subnet,
    Subnets,
    VpcDns,
)
from ssmtui.model.policy import Effect, Policy, Statement
from ssmtui.model.scope import Scope

_A_PAGE = 1000
_ROUTE_TABLES_A_PAGE = 100
_BLOCKING = frozenset(each.value for each in InternetBlock)
_SERVING = frozenset({None, "succeeded", "associating", "assigning"})

_FULL_ACCESS = Policy((Statement(Effect.ALLOW, principals=("*",), actions=("*",), resources=("*",)),))
"""The policy of an endpoint that was given none (VPC User Guide, endpoint policies)."""


def _region(scope: Scope) -> Hashable:
    return scope.region


@reads("ec2:DescribeSubnets", key=_region)
async def subnets(aws: Aws, scope: Scope) -> Subnets:
    """Every subnet, those that other accounts share included."""
    found = [_subnet(raw, scope) for raw in await _all(aws, "DescribeSubnets", "Subnets")]
    return Subnets({each.id: each for each in found})


@reads("ec2:DescribeRouteTables", key=_region)
async def route_tables(aws: Aws, scope: Scope) -> RouteTables:
    """Every route table."""
    return RouteTables(
        tuple(
            RouteTable(
                id=str(raw["RouteTableId"]),
                vpc_id=str(raw["VpcId"]),
                main=any(each.get("Main") is True for each in raw["Associations"]),
                subnet_ids=tuple(str(each["SubnetId"]) for each in raw["Associations"] if each.get("SubnetId")),
                routes=tuple(route_in(each) for each in raw["Routes"]),
                gateway_ids=tuple(str(each["GatewayId"]) for each in raw["Associations"] if each.get("GatewayId")),
            )
            for raw in await _all(aws, "DescribeRouteTables", "RouteTables", _ROUTE_TABLES_A_PAGE)
        )
    )


@reads("ec2:DescribeNatGateways", key=_region)
async def nat_gateways(aws: Aws, scope: Scope) -> NatGateways:
    """Every NAT gateway, those included that were deleted within the last hour."""
    found = [
        NatGateway(
            id=str(raw["NatGatewayId"]),
            vpc_id=str(raw["VpcId"]),
            state=str(raw["State"]),
            public=raw.get("ConnectivityType") != "private",
            subnet_id=str(raw["SubnetId"]) if raw.get("SubnetId") else None,
            route_table_id=str(raw["RouteTableId"]) if raw.get("RouteTableId") else None,
            zones=_chosen_zones(raw),
            public_ips=tuple(
                sorted(str(each["PublicIp"]) for each in raw.get("NatGatewayAddresses") or () if each.get("PublicIp"))
            ),
        )
        for raw in await _all(aws, "DescribeNatGateways", "NatGateways")
    ]
    return NatGateways({each.id: each for each in found})


def _chosen_zones(raw: Mapping[str, Any]) -> frozenset[str] | None:
    """The zones of a regional gateway's addresses; none are told of one whose zones AWS manages."""
    if raw.get("AvailabilityMode") != "regional" or raw.get("AutoProvisionZones") != "disabled":
        return None
    serving = [each for each in raw.get("NatGatewayAddresses") or () if each.get("Status") in _SERVING]
    return frozenset(name for each in serving for name in _zone_names(each)) or None


def _zone_names(raw: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(str(raw[name]) for name in ("AvailabilityZone", "AvailabilityZoneId") if raw.get(name))


@reads("ec2:DescribeSecurityGroups", key=_region)
async def security_groups(aws: Aws, scope: Scope) -> SecurityGroups:
    """Every security group."""
    found = [
        SecurityGroup(
            id=str(raw["GroupId"]),
            name=str(raw["GroupName"]),
            vpc_id=str(raw.get("VpcId") or ""),
            ingress=tuple(_rule(each) for each in raw["IpPermissions"]),
            egress=tuple(_rule(each) for each in raw["IpPermissionsEgress"]),
        )
        for raw in await _all(aws, "DescribeSecurityGroups", "SecurityGroups")
    ]
    return SecurityGroups({each.id: each for each in found})


@reads("ec2:DescribeNetworkAcls", key=_region)
async def network_acls(aws: Aws, scope: Scope) -> NetworkAcls:
    """Every network ACL, its entries in the order in which they are met."""
    return NetworkAcls(
        tuple(
            NetworkAcl(
                id=str(raw["NetworkAclId"]),
                vpc_id=str(raw["VpcId"]),
                subnet_ids=tuple(str(each["SubnetId"]) for each in raw["Associations"]),
                entries=tuple(sorted((_entry(each) for each in raw["Entries"]), key=lambda each: each.number)),
            )
            for raw in await _all(aws, "DescribeNetworkAcls", "NetworkAcls")
        )
    )


@reads("ec2:DescribeVpcEndpoints", key=_region)
async def endpoints(aws: Aws, scope: Scope) -> Endpoints:
    """Every VPC endpoint."""
    found = await _all(aws, "DescribeVpcEndpoints", "VpcEndpoints")
    return Endpoints(tuple(_endpoint(raw, scope.region) for raw in found))


def _vpc(placement: Placement) -> Hashable:
    return placement.vpc_id


@reads("ec2:DescribeVpcAttribute", key=_vpc)
async def vpc_dns(aws: Aws, placement: Placement) -> VpcDns:
    """EC2 tells one attribute at a time."""
    return VpcDns(
        placement.vpc_id,
        support=await _vpc_attribute(aws, placement.vpc_id, "enableDnsSupport", "EnableDnsSupport"),
        hostnames=await _vpc_attribute(aws, placement.vpc_id, "enableDnsHostnames", "EnableDnsHostnames"),
    )


async def _vpc_attribute(aws: Aws, vpc_id: str, attribute: str, member: str) -> bool:
    answer = await aws.call("ec2", "DescribeVpcAttribute", VpcId=vpc_id, Attribute=attribute)
    return bool(answer[member]["Value"])


async def _all(aws: Aws, operation: str, member: str, a_page: int = _A_PAGE) -> Sequence[Mapping[str, Any]]:
    return [raw async for page in aws.pages("ec2", operation, MaxResults=a_page) for raw in page[member]]


def _rule(raw: Mapping[str, Any]) -> GroupRule:
    return GroupRule(
        protocol=str(raw["IpProtocol"]),
        from_port=_port(raw.get("FromPort")),
        to_port=_port(raw.get("ToPort")),
        cidrs=tuple(
            str(cidr)
            for ranges, name in (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6"))
            for each in raw.get(ranges) or ()
            if (cidr := each.get(name))
        ),
        group_ids=tuple(str(each["GroupId"]) for each in raw.get("UserIdGroupPairs") or () if each.get("GroupId")),
        prefix_list_ids=tuple(str(each["PrefixListId"]) for each in raw.get("PrefixListIds") or ()),
    )


def _entry(raw: Mapping[str, Any]) -> AclEntry:
    ports = raw.get("PortRange") or {}
    return AclEntry(
        number=int(raw["RuleNumber"]),
        egress=bool(raw["Egress"]),
        allow=raw["RuleAction"] == "allow",
        protocol=str(raw["Protocol"]),
        cidr=str(raw.get("CidrBlock") or raw["Ipv6CidrBlock"]),
        from_port=_port(ports.get("From")),
        to_port=_port(ports.get("To")),
    )


def _subnet(raw: Mapping[str, Any], scope: Scope) -> Subnet:
    block = (raw.get("BlockPublicAccessStates") or {}).get("InternetGatewayBlockMode")
    return Subnet(
        id=str(raw["SubnetId"]),
        vpc_id=str(raw["VpcId"]),
        owner=str(raw.get("OwnerId") or scope.account),
        cidr=str(raw.get("CidrBlock") or ""),
        ipv6_native=bool(raw.get("Ipv6Native")),
        ipv6_cidr=next(
            (
                str(each["Ipv6CidrBlock"])
                for each in raw.get("Ipv6CidrBlockAssociationSet") or ()
                if (each.get("Ipv6CidrBlockState") or {}).get("State") == "associated"
            ),
            "",
        ),
        dns64=bool(raw.get("EnableDns64")),
        internet_block=InternetBlock(block) if block in _BLOCKING else InternetBlock.OFF,
        zones=_zone_names(raw),
    )


def _endpoint(raw: Mapping[str, Any], region: str) -> Endpoint:
    type_ = raw.get("VpcEndpointType")
    name = str(raw["ServiceName"])
    beginning, _, service = name.rpartition(".")
    # With this option only a resolver's inbound endpoint tells the private name, and not the VPC's own resolver.
    elsewhere = (raw.get("DnsOptions") or {}).get("PrivateDnsOnlyForInboundResolverEndpoint")
    return Endpoint(
        id=str(raw["VpcEndpointId"]),
        vpc_id=str(raw["VpcId"]),
        service=service if beginning.endswith(f".{region}") else name,
        type=EndpointType(type_) if type_ in {"Interface", "Gateway"} else EndpointType.OTHER,
        available=str(raw["State"]).casefold() == "available",
        private_dns=bool(raw.get("PrivateDnsEnabled")) and not elsewhere,
        subnet_ids=tuple(str(each) for each in raw.get("SubnetIds") or ()),
        security_group_ids=tuple(sorted(str(each["GroupId"]) for each in raw.get("Groups") or ())),
        route_table_ids=tuple(str(each) for each in raw.get("RouteTableIds") or ()),
        policy=policy_in(raw["PolicyDocument"]) if raw.get("PolicyDocument") else _FULL_ACCESS,
    )


def _port(value: object) -> int | None:
    """EC2 leaves ports out, or says -1, where all are meant."""
    return None if value is None or value == -1 else int(str(value))
