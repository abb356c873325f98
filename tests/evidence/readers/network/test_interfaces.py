"""The network interfaces of a node that somebody points at."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from ssmtui.model.fact import NotApplicable, Unreadable
from ssmtui.model.network import (
    EndpointAddresses,
    EndpointInterface,
    GroupRule,
    InterfacesInPartlyRuledSubnets,
    NetworkInterfaces,
    Placement,
)
from ssmtui.model.node_facts import InspectedNode
from tests.builders.fleet import a_node
from tests.builders.network import ENDPOINT_SUBNET, group, https, surroundings
from tests.builders.network import interface as interface_endpoint
from tests.evidence.fact_builders import fact, store
from tests.evidence.fake_aws import FakeAws, refused

NODE = a_node()
POINTED = InspectedNode(NODE)


def interface(number: int, device: int, public_ip: str = "") -> dict[str, Any]:
    return {
        "NetworkInterfaceId": f"eni-{number}",
        "Attachment": {"DeviceIndex": device, "InstanceId": NODE.id},
        "SubnetId": f"subnet-{number}",
        "VpcId": "vpc-1",
        "Groups": [{"GroupId": f"sg-{number}"}],
        "PrivateIpAddress": f"10.0.{number}.10",
        **({"Association": {"PublicIp": public_ip}} if public_ip else {}),
    }


def aws(*interfaces: dict[str, Any]) -> FakeAws:
    return FakeAws(ec2_DescribeNetworkInterfaces={"NetworkInterfaces": list(interfaces)})


async def test_all_interfaces_are_told_the_primary_one_first() -> None:
    simulated = aws(interface(2, 1), interface(1, 0))
    found = await fact(simulated, NetworkInterfaces, NODE, POINTED)
    assert isinstance(found, NetworkInterfaces)
    assert [each.id for each in found.interfaces] == ["eni-1", "eni-2"]
    assert found.primary is not None
    assert (found.primary.id, [each.id for each in found.others]) == ("eni-1", ["eni-2"])
    assert simulated.parameters("ec2:DescribeNetworkInterfaces")[0]["Filters"] == [
        {"Name": "attachment.instance-id", "Values": [NODE.id]}
    ]


async def test_the_interfaces_of_nodes_that_are_inspected_at_the_same_time_are_listed_together() -> None:
    nodes = [a_node(f"i-{number}") for number in range(250)]
    listed = [
        interface(number, 0) | {"Attachment": {"DeviceIndex": 0, "InstanceId": node.id}}
        for number, node in enumerate(nodes)
    ]
    simulated = aws(*listed)
    facts = store(simulated)
    for node in nodes:
        facts.individual_nodes.point_at(node.key)
    found = await asyncio.gather(*(facts.resolver(node).fact(NetworkInterfaces) for node in nodes))
    assert [[each.id for each in of.value.interfaces] for of in found if isinstance(of.value, NetworkInterfaces)] == [
        [f"eni-{number}"] for number in range(250)
    ]
    values = [asked["Filters"] for asked in simulated.parameters("ec2:DescribeNetworkInterfaces")]
    assert values == [
        [{"Name": "attachment.instance-id", "Values": [node.id for node in of]}] for of in (nodes[:200], nodes[200:])
    ]


async def test_a_refusal_of_a_listing_is_the_result_of_each_of_its_nodes() -> None:
    denied = FakeAws(ec2_DescribeNetworkInterfaces=refused("ec2:DescribeNetworkInterfaces"))
    facts, nodes = store(denied), [a_node("i-1"), a_node("i-2")]
    for node in nodes:
        facts.individual_nodes.point_at(node.key)
    found = await asyncio.gather(*(facts.resolver(node).fact(NetworkInterfaces) for node in nodes))
    assert [each.value.action for each in found if isinstance(each.value, Unreadable)] == [
        "ec2:DescribeNetworkInterfaces"
    ] * 2


async def test_the_path_is_that_of_the_primary_interface_as_it_is_itself() -> None:
    found = await fact(aws(interface(7, 0, public_ip="203.0.113.7")), Placement, NODE, POINTED)
    assert found == Placement("subnet-7", "vpc-1", ("sg-7",), has_public_ip=True)


async def test_of_a_node_that_nobody_points_at_or_whose_interfaces_are_refused_the_instances_own_word_counts() -> None:
    described = Placement("subnet-1", "vpc-1", ("sg-1",), has_public_ip=False)
    assert await fact(FakeAws(), Placement, NODE) == described
    assert isinstance(await fact(FakeAws(), NetworkInterfaces, NODE), NotApplicable)
    denied = FakeAws(ec2_DescribeNetworkInterfaces=refused("ec2:DescribeNetworkInterfaces"))
    assert await fact(denied, Placement, NODE, POINTED) == described


async def addresses_read(simulated: FakeAws, *rules: GroupRule) -> object:
    """What is read of the endpoints' addresses if the node's group has these rules."""
    around = surroundings(
        replace(interface_endpoint("ssm"), interface_ids=("eni-1", "eni-2"), subnet_ids=(ENDPOINT_SUBNET,)),
        replace(interface_endpoint("sqs"), interface_ids=("eni-9",)),
        groups=(group(egress=rules),),
    )
    network = (around.subnets, around.routes, around.groups, around.acls, around.endpoints, around.lists)
    return await fact(simulated, EndpointAddresses, NODE, *network)


async def test_the_addresses_of_endpoints_are_read_if_rules_are_about_a_part_of_their_subnet() -> None:
    listed = [
        {"NetworkInterfaceId": "eni-1", "SubnetId": ENDPOINT_SUBNET, "PrivateIpAddress": "10.0.2.4"},
        {"NetworkInterfaceId": "eni-2", "SubnetId": "subnet-ipv6"},
    ]
    simulated = aws(*listed)
    found = await addresses_read(simulated, https("10.0.2.4/32"))
    assert found == EndpointAddresses((EndpointInterface("eni-1", ENDPOINT_SUBNET, "10.0.2.4"),))
    (asked,) = simulated.parameters("ec2:DescribeNetworkInterfaces")
    assert asked["Filters"] == [{"Name": "network-interface-id", "Values": ["eni-1", "eni-2"]}]


async def test_no_address_of_an_endpoint_is_read_if_rules_are_about_whole_subnets() -> None:
    simulated = aws()
    assert isinstance(await addresses_read(simulated, https("10.0.0.0/16", "0.0.0.0/0")), NotApplicable)
    assert simulated.parameters("ec2:DescribeNetworkInterfaces") == []


async def test_many_interfaces_are_asked_for_as_many_at_once_as_ec2_takes() -> None:
    many = InterfacesInPartlyRuledSubnets(tuple(f"eni-{number}" for number in range(201)))
    simulated = aws()
    assert await fact(simulated, EndpointAddresses, NODE, many) == EndpointAddresses(())
    asked = simulated.parameters("ec2:DescribeNetworkInterfaces")
    assert [each["Filters"] for each in asked] == [
        [{"Name": "network-interface-id", "Values": list(part)}] for part in (many.ids[:200], many.ids[200:])
    ]
