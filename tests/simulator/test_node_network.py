"""The way from a node to AWS, judged from what the network says of itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ssmtui.simulator import state
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import Network, Scenario
from ssmtui.simulator.worlds.building_blocks import (
    DESTINATIONS,
    endpoint_network,
    nat_network,
    node,
    preferences,
    small_world,
)
from tests.simulator.clients import administrator, ids_by_name
from tests.simulator.session_outcome import session_outcome

REGION = "eu-west-3"


def in_network(network: Network, subnet: str) -> Scenario:
    """One sound node in a network that the test goes on to break."""
    return small_world(
        (node("web-1", network=network.name, subnet=subnet),),
        preferences=preferences(DESTINATIONS),
        networks=(network,),
    )


ENDPOINTS_ONLY = in_network(endpoint_network("vault", "10.50"), "isolated")
BEHIND_NAT = in_network(nat_network("core", "10.51"), "private-a")
PUBLIC = in_network(nat_network("core", "10.52"), "public")

Ec2 = Any


def instance(ec2: Ec2) -> dict[str, Any]:
    found: dict[str, Any] = ec2.describe_instances()["Reservations"][0]["Instances"][0]
    return found


def endpoint(ec2: Ec2, service: str) -> dict[str, Any]:
    endpoints = ec2.describe_vpc_endpoints()["VpcEndpoints"]
    return next(e for e in endpoints if e["ServiceName"].endswith(f".{service}"))


def route_table(ec2: Ec2) -> str:
    in_subnet = [{"Name": "association.subnet-id", "Values": [instance(ec2)["SubnetId"]]}]
    table: str = ec2.describe_route_tables(Filters=in_subnet)["RouteTables"][0]["RouteTableId"]
    return table


def turn_dns_off(ec2: Ec2) -> None:
    ec2.modify_vpc_attribute(VpcId=instance(ec2)["VpcId"], EnableDnsSupport={"Value": False})


def turn_host_names_off(ec2: Ec2) -> None:
    ec2.modify_vpc_attribute(VpcId=instance(ec2)["VpcId"], EnableDnsHostnames={"Value": False})


def delete_messages_endpoint(ec2: Ec2) -> None:
    ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint(ec2, "ssmmessages")["VpcEndpointId"]])


def delete_bucket_gateway(ec2: Ec2) -> None:
    gateway = endpoint(ec2, "s3")
    ec2.modify_vpc_endpoint(VpcEndpointId=gateway["VpcEndpointId"], RemoveRouteTableIds=gateway["RouteTableIds"])


def delete_key_endpoint(ec2: Ec2) -> None:
    ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint(ec2, "kms")["VpcEndpointId"]])


def deny_at_endpoint(ec2: Ec2) -> None:
    denial = {
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Principal": "*", "Action": "ssmmessages:*", "Resource": "*"},
        ]
    }
    ec2.modify_vpc_endpoint(
        VpcEndpointId=endpoint(ec2, "ssmmessages")["VpcEndpointId"], PolicyDocument=json.dumps(denial)
    )


def deny_decrypting_at_endpoint(ec2: Ec2) -> None:
    other = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:GenerateDataKey", "Resource": "*"}]}
    ec2.modify_vpc_endpoint(VpcEndpointId=endpoint(ec2, "kms")["VpcEndpointId"], PolicyDocument=json.dumps(other))


def deny_data_channels_at_endpoint(ec2: Ec2) -> None:
    control = {"Effect": "Allow", "Principal": "*", "Action": "ssmmessages:*ControlChannel", "Resource": "*"}
    ec2.modify_vpc_endpoint(
        VpcEndpointId=endpoint(ec2, "ssmmessages")["VpcEndpointId"],
        PolicyDocument=json.dumps({"Statement": [control]}),
    )


def close_endpoint_group(ec2: Ec2) -> None:
    group = endpoint(ec2, "ssm")["Groups"][0]["GroupId"]
    rules = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=rules)


def forbid_outbound(ec2: Ec2) -> None:
    group = instance(ec2)["SecurityGroups"][0]["GroupId"]
    rules = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissionsEgress"]
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=rules)


def deny_https_by_network_acl(ec2: Ec2) -> None:
    _deny(ec2, 443, 443, egress=True)


def deny_answers_by_network_acl(ec2: Ec2) -> None:
    _deny(ec2, 1024, 65535, egress=False)


def _deny(ec2: Ec2, low: int, high: int, *, egress: bool) -> None:
    in_subnet = [{"Name": "association.subnet-id", "Values": [instance(ec2)["SubnetId"]]}]
    acl = ec2.describe_network_acls(Filters=in_subnet)["NetworkAcls"][0]["NetworkAclId"]
    ec2.create_network_acl_entry(
        NetworkAclId=acl,
        RuleNumber=10,
        Protocol="6",
        RuleAction="deny",
        Egress=egress,
        CidrBlock="0.0.0.0/0",
        PortRange={"From": low, "To": high},
    )


def drop_answers_at_the_nat_gateway(ec2: Ec2) -> None:
    subnet = ec2.describe_nat_gateways()["NatGateways"][0]["SubnetId"]
    former = ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])["NetworkAcls"][
        0
    ]
    own = ec2.create_network_acl(VpcId=former["VpcId"])["NetworkAcl"]["NetworkAclId"]
    association = next(each for each in former["Associations"] if each["SubnetId"] == subnet)
    ec2.replace_network_acl_association(AssociationId=association["NetworkAclAssociationId"], NetworkAclId=own)


def delete_default_route(ec2: Ec2) -> None:
    ec2.delete_route(RouteTableId=route_table(ec2), DestinationCidrBlock="0.0.0.0/0")


def delete_nat_gateway(ec2: Ec2) -> None:
    gateway = ec2.describe_nat_gateways()["NatGateways"][0]["NatGatewayId"]
    ec2.delete_nat_gateway(NatGatewayId=gateway)


def detach_internet_gateway(ec2: Ec2) -> None:
    gateway = ec2.describe_internet_gateways()["InternetGateways"][0]["InternetGatewayId"]
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=instance(ec2)["VpcId"])


@pytest.mark.parametrize(
    ("scenario", "change", "cause"),
    [
        (ENDPOINTS_ONLY, turn_dns_off, "vpc-dns-off"),
        (ENDPOINTS_ONLY, turn_host_names_off, "vpc-dns-off"),
        (ENDPOINTS_ONLY, delete_messages_endpoint, "endpoint-missing"),
        (ENDPOINTS_ONLY, deny_at_endpoint, "endpoint-policy-denies"),
        (ENDPOINTS_ONLY, deny_decrypting_at_endpoint, "endpoint-policy-denies"),
        (ENDPOINTS_ONLY, deny_data_channels_at_endpoint, "endpoint-policy-denies"),
        (ENDPOINTS_ONLY, close_endpoint_group, "endpoint-security-group-closed"),
        (ENDPOINTS_ONLY, forbid_outbound, "egress-blocked"),
        (ENDPOINTS_ONLY, delete_bucket_gateway, "log-endpoint-missing"),
        (ENDPOINTS_ONLY, delete_key_endpoint, "log-endpoint-missing"),
        (BEHIND_NAT, forbid_outbound, "egress-blocked"),
        (BEHIND_NAT, deny_https_by_network_acl, "network-acl-blocks"),
        (BEHIND_NAT, deny_answers_by_network_acl, "network-acl-blocks"),
        (BEHIND_NAT, delete_default_route, "no-route-to-endpoint"),
        (BEHIND_NAT, delete_nat_gateway, "blackhole-route"),
        (BEHIND_NAT, drop_answers_at_the_nat_gateway, "network-acl-blocks"),
        (PUBLIC, delete_default_route, "no-route-to-endpoint"),
        (PUBLIC, detach_internet_gateway, "blackhole-route"),
    ],
)
def test_one_change_of_the_network_closes_the_node(
    aws: SimulatedAws, scenario: Scenario, change: Callable[[Ec2], None], cause: str
) -> None:
    aws.load(scenario)
    assert session_outcome(state.ACCOUNT, REGION, ids_by_name(REGION)["web-1"]).opens
    change(administrator(aws, "ec2"))
    assert session_outcome(state.ACCOUNT, REGION, ids_by_name(REGION)["web-1"]).cause == cause


def test_endpoints_without_private_names_are_not_found(aws: SimulatedAws) -> None:
    sound = endpoint_network("vault", "10.53")
    nameless = replace(sound, endpoints=tuple(replace(one, private_dns=False) for one in sound.endpoints))
    aws.load(in_network(nameless, "isolated"))
    outcome = session_outcome(state.ACCOUNT, REGION, ids_by_name(REGION)["web-1"])
    assert outcome.cause == "endpoint-private-dns-off"
