"""The network interfaces of a node that somebody points at."""

from __future__ import annotations

import asyncio
from typing import Any

from ssmtui.model.fact import NotApplicable, Unreadable
from ssmtui.model.network import NetworkInterfaces, Placement
from ssmtui.model.node_facts import InspectedNode
from tests.builders.fleet import a_node
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
