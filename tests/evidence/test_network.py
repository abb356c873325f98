"""The network of a Region as EC2 describes it."""

from __future__ import annotations

from typing import Any

import pytest

from ssmtui.model.answers import Moot, Obstacle, Unreadable
from ssmtui.model.network import (
    AclEntry,
    Endpoint,
    Endpoints,
    EndpointType,
    GroupRule,
    NetworkAcls,
    Placement,
    Route,
    RouteTables,
    RouteTarget,
    SecurityGroups,
    Subnet,
    Subnets,
    VpcDns,
)
from ssmtui.model.node import InstanceState
from ssmtui.model.policy import Effect
from tests.builders.fleet import a_node
from tests.evidence.facts import fact, gathering
from tests.evidence.fake_aws import FakeAws

PLACEMENT = Placement("subnet-1", "vpc-1", ("sg-1",), "10.0.0.10", has_public_ip=False)


async def test_where_a_node_sits_comes_from_its_instance() -> None:
    assert await fact(FakeAws(), Placement, a_node()) == PLACEMENT
    assert isinstance(await fact(FakeAws(), Placement, a_node(state=InstanceState.STOPPED)), Moot)


async def test_the_region_is_read_once_for_all_nodes() -> None:
    aws = FakeAws(ec2_DescribeSubnets=[{"Subnets": [{"SubnetId": f"subnet-{n}", "VpcId": "vpc-1"}]} for n in (1, 2)])
    facts = gathering(aws)
    for number in range(20):
        found = (await facts.journey(a_node(f"i-{number}")).fact(Subnets)).value
        assert isinstance(found, Subnets)
        assert set(found.by_id) == {"subnet-1", "subnet-2"}
    assert aws.calls == {"ec2:DescribeSubnets": 2}


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
        ({"GatewayId": "vpce-1"}, RouteTarget.GATEWAY_ENDPOINT, "vpce-1"),
        ({"GatewayId": "vgw-1"}, RouteTarget.OTHER, "vgw-1"),
        ({"NatGatewayId": "nat-1"}, RouteTarget.NAT_GATEWAY, "nat-1"),
        ({"TransitGatewayId": "tgw-1"}, RouteTarget.TRANSIT_GATEWAY, "tgw-1"),
        ({"VpcPeeringConnectionId": "pcx-1"}, RouteTarget.PEERING, "pcx-1"),
        ({"EgressOnlyInternetGatewayId": "eigw-1"}, RouteTarget.EGRESS_ONLY_GATEWAY, "eigw-1"),
        ({"InstanceId": "i-1", "NetworkInterfaceId": "eni-1"}, RouteTarget.NAT_INSTANCE, "i-1"),
        ({"NetworkInterfaceId": "eni-1"}, RouteTarget.NAT_INSTANCE, "eni-1"),
        ({"CoreNetworkArn": "arn:x"}, RouteTarget.OTHER, "arn:x"),
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
    [("cn.com.amazonaws.cn-north-1.ssmmessages", "ssmmessages"), ("com.amazonaws.eu-west-3.s3", "s3")],
)
async def test_an_endpoints_service_is_the_last_part_of_its_name(named: str, service: str) -> None:
    raw = an_endpoint(ServiceName=named, VpcEndpointType="Gateway", State="Pending", PolicyDocument='{"Statement":[]}')
    found = await fact(FakeAws(ec2_DescribeVpcEndpoints={"VpcEndpoints": [raw]}), Endpoints)
    assert isinstance(found, Endpoints)
    (endpoint,) = found.endpoints
    assert (endpoint.service, endpoint.type, endpoint.available) == (service, EndpointType.GATEWAY, False)
    assert endpoint.policy.statements == ()


async def test_an_endpoint_policy_that_is_no_policy_is_not_passed_over() -> None:
    raw = an_endpoint(PolicyDocument="<policy/>")
    found = await fact(FakeAws(ec2_DescribeVpcEndpoints={"VpcEndpoints": [raw]}), Endpoints)
    assert isinstance(found, Unreadable)
    assert found.obstacle is Obstacle.MALFORMED


async def test_the_dns_attributes_of_a_vpc() -> None:
    def attribute(**asked: Any) -> dict[str, Any]:
        name = "EnableDnsSupport" if asked["Attribute"] == "enableDnsSupport" else "EnableDnsHostnames"
        return {"VpcId": asked["VpcId"], name: {"Value": name == "EnableDnsSupport"}}

    aws = FakeAws(ec2_DescribeVpcAttribute=attribute)
    assert await fact(aws, VpcDns, a_node()) == VpcDns("vpc-1", support=True, hostnames=False)
