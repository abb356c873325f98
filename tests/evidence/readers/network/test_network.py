"""The network of a Region as EC2 describes it."""

from __future__ import annotations

from typing import Any

import pytest

from ssmtui.evidence.aws.reader_api import AwsError
from ssmtui.iam_policy.document import Effect
from ssmtui.model.fact import NotApplicable, ReadFailure, Unreadable
from ssmtui.model.network import (
    AclEntry,
    Endpoint,
    Endpoints,
    EndpointType,
    FirewallConnectivity,
    GroupRule,
    InternetBlock,
    NatGateway,
    NatGateways,
    NetworkAcls,
    Placement,
    PrefixLists,
    Route,
    RouteTables,
    RouteTarget,
    SecurityGroups,
    Subnet,
    Subnets,
    VpcDns,
)
from ssmtui.model.node import InstanceState
from tests.builders.fleet import a_node
from tests.evidence.fact_builders import fact, store
from tests.evidence.fake_aws import FakeAws

PLACEMENT = Placement("subnet-1", "vpc-1", ("sg-1",), has_public_ip=False)


async def test_where_a_node_sits_comes_from_its_instance() -> None:
    assert await fact(FakeAws(), Placement, a_node()) == PLACEMENT
    assert isinstance(await fact(FakeAws(), Placement, a_node(state=InstanceState.STOPPED)), NotApplicable)


async def test_the_region_is_read_once_for_all_nodes() -> None:
    aws = FakeAws(ec2_DescribeSubnets=[{"Subnets": [{"SubnetId": f"subnet-{n}", "VpcId": "vpc-1"}]} for n in (1, 2)])
    facts = store(aws)
    for number in range(20):
        found = (await facts.resolver(a_node(f"i-{number}")).fact(Subnets)).value
        assert isinstance(found, Subnets)
        assert set(found.by_id) == {"subnet-1", "subnet-2"}
    assert aws.calls == {"ec2:DescribeSubnets": 2}


async def test_a_subnet_of_ipv6_only_tells_its_network_and_its_dns64() -> None:
    raw = {
        "SubnetId": "subnet-1",
        "VpcId": "vpc-1",
        "OwnerId": "123456789012",
        "Ipv6Native": True,
        "EnableDns64": True,
        "Ipv6CidrBlockAssociationSet": [
            {"Ipv6CidrBlock": "2001:db8:0:9::/64", "Ipv6CidrBlockState": {"State": "disassociated"}},
            {"Ipv6CidrBlock": "2001:db8:0:1::/64", "Ipv6CidrBlockState": {"State": "associated"}},
        ],
        "BlockPublicAccessStates": {"InternetGatewayBlockMode": "block-bidirectional"},
        "AvailabilityZone": "eu-west-3a",
        "AvailabilityZoneId": "euw3-az1",
    }
    found = await fact(FakeAws(ec2_DescribeSubnets={"Subnets": [raw]}), Subnets)
    assert found == Subnets(
        {
            "subnet-1": Subnet(
                "subnet-1",
                "vpc-1",
                "123456789012",
                "",
                ipv6_native=True,
                ipv6_cidr="2001:db8:0:1::/64",
                dns64=True,
                internet_block=InternetBlock.BOTH,
                zones=frozenset({"eu-west-3a", "euw3-az1"}),
            )
        }
    )


async def test_nat_gateways_zonal_and_regional() -> None:
    zonal = {"NatGatewayId": "nat-1", "VpcId": "vpc-1", "State": "available", "SubnetId": "subnet-1"}
    regional = {"NatGatewayId": "nat-2", "VpcId": "vpc-1", "State": "failed", "RouteTableId": "rtb-1"}
    aws = FakeAws(ec2_DescribeNatGateways={"NatGateways": [zonal | {"ConnectivityType": "private"}, regional]})
    assert await fact(aws, NatGateways) == NatGateways(
        {
            "nat-1": NatGateway("nat-1", "vpc-1", "available", public=False, subnet_id="subnet-1"),
            "nat-2": NatGateway("nat-2", "vpc-1", "failed", public=True, subnet_id=None, route_table_id="rtb-1"),
        }
    )


@pytest.mark.parametrize(
    ("more", "zones"),
    [
        ({"AvailabilityMode": "regional", "AutoProvisionZones": "disabled"}, frozenset({"eu-west-3a", "euw3-az1"})),
        ({"AvailabilityMode": "regional", "AutoProvisionZones": "enabled"}, None),
        ({"AvailabilityMode": "zonal"}, None),
        ({}, None),
    ],
)
async def test_a_nat_gateway_whose_zones_were_chosen_says_which(
    more: dict[str, str], zones: frozenset[str] | None
) -> None:
    addresses = [
        {"AvailabilityZone": "eu-west-3a", "AvailabilityZoneId": "euw3-az1", "Status": "succeeded"},
        {"AvailabilityZone": "eu-west-3b", "AvailabilityZoneId": "euw3-az2", "Status": "failed"},
    ]
    raw = {"NatGatewayId": "nat-1", "VpcId": "vpc-1", "State": "available", "NatGatewayAddresses": addresses, **more}
    found = await fact(FakeAws(ec2_DescribeNatGateways={"NatGateways": [raw]}), NatGateways)
    assert isinstance(found, NatGateways)
    assert found.by_id["nat-1"].zones == zones


@pytest.mark.parametrize(
    ("value", "firewall"),
    [
        (None, None),
        ("exclude", None),
        ("az-unsupported", None),
        ("flexible", FirewallConnectivity.FLEXIBLE),
        ("outbound-only", FirewallConnectivity.OUTBOUND_ONLY),
        ("bidirectional", FirewallConnectivity.BIDIRECTIONAL),
    ],
)
async def test_a_subnet_says_how_a_firewall_connects_it(
    value: str | None, firewall: FirewallConnectivity | None
) -> None:
    raw = {"SubnetId": "subnet-1", "VpcId": "vpc-1", "NetworkFirewallConnectivityType": value}
    found = await fact(FakeAws(ec2_DescribeSubnets={"Subnets": [{k: v for k, v in raw.items() if v}]}), Subnets)
    assert isinstance(found, Subnets)
    assert found.by_id["subnet-1"].firewall is firewall


async def test_a_shared_subnet_says_whose_it_is() -> None:
    raw = {
        "SubnetId": "subnet-1",
        "VpcId": "vpc-1",
        "OwnerId": "999999999999",
        "CidrBlock": "10.0.0.0/24",
        "Ipv6Native": False,
    }
    found = await fact(FakeAws(ec2_DescribeSubnets={"Subnets": [raw]}), Subnets)
    assert found == Subnets({"subnet-1": Subnet("subnet-1", "vpc-1", "999999999999", "10.0.0.0/24", ipv6_native=False)})


@pytest.mark.parametrize(
    ("raw", "kind", "target"),
    [
        ({"GatewayId": "local"}, RouteTarget.LOCAL, "local"),
        ({"GatewayId": "igw-1"}, RouteTarget.INTERNET_GATEWAY, "igw-1"),
        ({"GatewayId": "vpce-1"}, RouteTarget.FIREWALL_ENDPOINT, "vpce-1"),
        ({"GatewayId": "vgw-1"}, RouteTarget.VIRTUAL_PRIVATE_GATEWAY, "vgw-1"),
        ({"NatGatewayId": "nat-1"}, RouteTarget.NAT_GATEWAY, "nat-1"),
        ({"TransitGatewayId": "tgw-1"}, RouteTarget.TRANSIT_GATEWAY, "tgw-1"),
        ({"VpcPeeringConnectionId": "pcx-1"}, RouteTarget.PEERING, "pcx-1"),
        ({"EgressOnlyInternetGatewayId": "eigw-1"}, RouteTarget.EGRESS_ONLY_GATEWAY, "eigw-1"),
        ({"InstanceId": "i-1", "NetworkInterfaceId": "eni-1"}, RouteTarget.INSTANCE, "i-1"),
        ({"NetworkInterfaceId": "eni-1"}, RouteTarget.NETWORK_INTERFACE, "eni-1"),
        ({"LocalGatewayId": "lgw-1"}, RouteTarget.LOCAL_GATEWAY, "lgw-1"),
        ({"CarrierGatewayId": "cagw-1"}, RouteTarget.CARRIER_GATEWAY, "cagw-1"),
        ({"CoreNetworkArn": "arn:x"}, RouteTarget.CORE_NETWORK, "arn:x"),
    ],
)
async def test_what_a_route_points_at(raw: dict[str, str], kind: RouteTarget, target: str) -> None:
    table = {
        "RouteTableId": "rtb-1",
        "VpcId": "vpc-1",
        "Associations": [{"Main": True}, {"Main": False, "SubnetId": "subnet-1"}],
        "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "State": "active"} | raw],
    }
    found = await fact(FakeAws(ec2_DescribeRouteTables={"RouteTables": [table]}), RouteTables)
    assert isinstance(found, RouteTables)
    assert (found.tables[0].main, found.tables[0].subnet_ids) == (True, ("subnet-1",))
    assert found.tables[0].routes == (Route("0.0.0.0/0", kind, target),)


async def test_a_route_table_of_an_internet_gateway() -> None:
    routes = [{"DestinationCidrBlock": "10.0.1.0/24", "GatewayId": "vpce-1", "State": "active"}]
    associations = [{"Main": False, "GatewayId": "igw-1"}]
    edge = {"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Associations": associations, "Routes": routes}
    found = await fact(FakeAws(ec2_DescribeRouteTables={"RouteTables": [edge]}), RouteTables)
    assert isinstance(found, RouteTables)
    assert found.of_gateway("igw-1") == found.tables[0]
    assert (found.of_gateway("igw-2"), found.of("subnet-1", "vpc-1")) == (None, None)
    assert found.tables[0].routes == (Route("10.0.1.0/24", RouteTarget.FIREWALL_ENDPOINT, "vpce-1"),)


async def test_a_route_whose_target_is_gone_and_one_to_a_prefix_list() -> None:
    routes = [
        {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "blackhole"},
        {"DestinationPrefixListId": "pl-1", "GatewayId": "vpce-1", "State": "active"},
        {"DestinationIpv6CidrBlock": "::/0", "GatewayId": "igw-1", "State": "active"},
    ]
    table = {"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Associations": [], "Routes": routes}
    found = await fact(FakeAws(ec2_DescribeRouteTables={"RouteTables": [table]}), RouteTables)
    assert isinstance(found, RouteTables)
    assert found.tables[0].routes == (
        Route("0.0.0.0/0", RouteTarget.NAT_GATEWAY, "nat-1", blackhole=True),
        Route("pl-1", RouteTarget.GATEWAY_ENDPOINT, "vpce-1"),
        Route("::/0", RouteTarget.INTERNET_GATEWAY, "igw-1"),
    )


async def test_a_security_groups_rules() -> None:
    group = {
        "GroupId": "sg-1",
        "GroupName": "web",
        "VpcId": "vpc-1",
        "IpPermissions": [
            {
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
                "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
                "UserIdGroupPairs": [{"GroupId": "sg-2", "UserId": "123456789012"}],
                "PrefixListIds": [{"PrefixListId": "pl-1"}],
            }
        ],
        "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
    }
    found = await fact(FakeAws(ec2_DescribeSecurityGroups={"SecurityGroups": [group]}), SecurityGroups)
    assert isinstance(found, SecurityGroups)
    (web,) = found.by_id.values()
    assert web.ingress == (GroupRule("tcp", 443, 443, ("10.0.0.0/8", "::/0"), ("sg-2",), ("pl-1",)),)
    assert web.egress == (GroupRule("-1", None, None, ("0.0.0.0/0",)),)


def naming_lists(**more: Any) -> FakeAws:
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [{"PrefixListId": "pl-1"}]}
    group = {"GroupId": "sg-1", "GroupName": "web", "IpPermissions": [rule], "IpPermissionsEgress": []}
    routes = [
        {"DestinationPrefixListId": "pl-s3", "GatewayId": "vpce-1", "State": "active"},
        {"DestinationPrefixListId": "pl-2", "TransitGatewayId": "tgw-1", "State": "active"},
    ]
    table = {"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Associations": [], "Routes": routes}
    answers: dict[str, Any] = {
        "ec2_DescribeSecurityGroups": {"SecurityGroups": [group]},
        "ec2_DescribeRouteTables": {"RouteTables": [table]},
    }
    return FakeAws(**answers | more)


async def test_the_prefix_lists_that_are_named_are_read_and_a_gateway_endpoints_own_is_not() -> None:
    def entries(**asked: Any) -> dict[str, Any]:
        if asked["PrefixListId"] == "pl-2":
            raise AwsError("InvalidPrefixListID.NotFound", "gone")
        return {"Entries": [{"Cidr": "10.0.0.0/16"}, {"Cidr": "192.0.2.0/24", "Description": "office"}]}

    aws = naming_lists(ec2_GetManagedPrefixListEntries=entries)
    assert await fact(aws, PrefixLists) == PrefixLists({"pl-1": ("10.0.0.0/16", "192.0.2.0/24")})
    assert aws.calls["ec2:GetManagedPrefixListEntries"] == 2


async def test_where_no_prefix_list_is_named_none_is_asked_for() -> None:
    aws = FakeAws(ec2_DescribeSecurityGroups={"SecurityGroups": []}, ec2_DescribeRouteTables={"RouteTables": []})
    assert await fact(aws, PrefixLists) == PrefixLists({})


async def test_a_network_acls_entries_are_in_the_order_in_which_they_are_met() -> None:
    acl = {
        "NetworkAclId": "acl-1",
        "VpcId": "vpc-1",
        "Associations": [{"SubnetId": "subnet-1"}],
        "Entries": [
            {"RuleNumber": 32767, "Egress": True, "RuleAction": "deny", "Protocol": "-1", "CidrBlock": "0.0.0.0/0"},
            {
                "RuleNumber": 100,
                "Egress": True,
                "RuleAction": "allow",
                "Protocol": "6",
                "CidrBlock": "0.0.0.0/0",
                "PortRange": {"From": 443, "To": 443},
            },
        ],
    }
    found = await fact(FakeAws(ec2_DescribeNetworkAcls={"NetworkAcls": [acl]}), NetworkAcls)
    assert isinstance(found, NetworkAcls)
    assert found.acls[0].entries == (
        AclEntry(100, True, True, "6", "0.0.0.0/0", 443, 443),
        AclEntry(32767, True, False, "-1", "0.0.0.0/0", None, None),
    )


def an_endpoint(**more: Any) -> dict[str, Any]:
    return {
        "VpcEndpointId": "vpce-1",
        "VpcId": "vpc-1",
        "VpcEndpointType": "Interface",
        "ServiceName": "com.amazonaws.eu-west-3.ssm",
        "State": "available",
        "PrivateDnsEnabled": True,
        "SubnetIds": ["subnet-1"],
        "Groups": [{"GroupId": "sg-2", "GroupName": "b"}, {"GroupId": "sg-1", "GroupName": "a"}],
    } | more


async def test_an_endpoint_without_a_policy_lets_everything_through() -> None:
    found = await fact(FakeAws(ec2_DescribeVpcEndpoints={"VpcEndpoints": [an_endpoint()]}), Endpoints)
    assert isinstance(found, Endpoints)
    (endpoint,) = found.endpoints
    (statement,) = endpoint.policy.statements
    assert (statement.effect, statement.principals, statement.actions) == (Effect.ALLOW, ("*",), ("*",))
    assert endpoint == Endpoint(
        id="vpce-1",
        vpc_id="vpc-1",
        service="ssm",
        type=EndpointType.INTERFACE,
        available=True,
        private_dns=True,
        subnet_ids=("subnet-1",),
        security_group_ids=("sg-1", "sg-2"),
        route_table_ids=(),
        policy=endpoint.policy,
    )


@pytest.mark.parametrize(
    ("named", "service"),
    [
        ("cn.com.amazonaws.eu-west-3.ssmmessages", "ssmmessages"),
        ("com.amazonaws.eu-west-3.s3", "s3"),
        ("com.amazonaws.eu-central-1.s3", "com.amazonaws.eu-central-1.s3"),
        ("com.amazonaws.vpce.eu-west-3.vpce-svc-1", "vpce-svc-1"),
    ],
)
async def test_an_endpoints_service_is_the_last_part_of_its_name_in_its_region(named: str, service: str) -> None:
    raw = an_endpoint(ServiceName=named, VpcEndpointType="Gateway", State="Pending", PolicyDocument='{"Statement":[]}')
    found = await fact(FakeAws(ec2_DescribeVpcEndpoints={"VpcEndpoints": [raw]}), Endpoints)
    assert isinstance(found, Endpoints)
    (endpoint,) = found.endpoints
    assert (endpoint.service, endpoint.type, endpoint.available) == (service, EndpointType.GATEWAY, False)
    assert endpoint.policy.statements == ()


async def test_a_private_name_that_only_inbound_resolver_endpoints_tell_leads_nowhere_in_the_vpc() -> None:
    raw = an_endpoint(DnsOptions={"PrivateDnsOnlyForInboundResolverEndpoint": True})
    found = await fact(FakeAws(ec2_DescribeVpcEndpoints={"VpcEndpoints": [raw]}), Endpoints)
    assert isinstance(found, Endpoints)
    assert [each.private_dns for each in found.endpoints] == [False]


async def test_an_endpoint_policy_that_is_no_policy_is_not_passed_over() -> None:
    raw = an_endpoint(PolicyDocument="<policy/>")
    found = await fact(FakeAws(ec2_DescribeVpcEndpoints={"VpcEndpoints": [raw]}), Endpoints)
    assert isinstance(found, Unreadable)
    assert found.obstacle is ReadFailure.MALFORMED


async def test_the_dns_attributes_of_a_vpc() -> None:
    def attribute(**asked: Any) -> dict[str, Any]:
        name = "EnableDnsSupport" if asked["Attribute"] == "enableDnsSupport" else "EnableDnsHostnames"
        return {"VpcId": asked["VpcId"], name: {"Value": name == "EnableDnsSupport"}}

    aws = FakeAws(ec2_DescribeVpcAttribute=attribute)
    assert await fact(aws, VpcDns, a_node()) == VpcDns("vpc-1", support=True, hostnames=False)
