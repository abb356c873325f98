"""The nodes of a scope: two listings at once, joined as they come."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ssmtui.evidence.aws.reader_api import AwsError
from ssmtui.evidence.readers.node_listing import list_nodes
from ssmtui.evidence.readers.node_records import platform_name
from ssmtui.model.fact import Absent, ReadFailure, Unreadable
from ssmtui.model.node import (
    Instance,
    InstanceState,
    MetadataOptions,
    MetadataTokens,
    NodeKind,
    PingStatus,
    PlatformFamily,
    Registration,
)
from ssmtui.model.scope import ScopeError, ScopeProblem
from tests.builders.fleet import NOON, a_scope
from tests.evidence.fake_aws import refused
from tests.evidence.readers.nodes.listings import (
    Staged,
    a_registration,
    an_aws,
    an_instance,
    instances,
    listed,
    properties,
)


async def test_an_empty_account_has_no_nodes_and_no_error() -> None:
    aws = an_aws()
    assert await listed(aws) == ({}, [])
    assert aws.parameters("ec2:DescribeInstances") == [{"MaxResults": 1000, "IncludeManagedResources": True}]
    assert aws.parameters("ssm:DescribeInstanceProperties") == [{"MaxResults": 1000}]


async def test_an_instance_with_everything() -> None:
    raw = an_instance(
        "i-1",
        Tags=[{"Key": "Name", "Value": "web-1"}, {"Key": "Env", "Value": "prod"}],
        PublicIpAddress="203.0.113.1",
        IamInstanceProfile={"Arn": "arn:aws:iam::123456789012:instance-profile/web", "Id": "AIPA"},
        NetworkInterfaces=[{"Ipv6Addresses": [{"Ipv6Address": "2001:db8::1"}]}],
    )
    nodes, errors = await listed(an_aws(instances(raw), properties(a_registration("i-1", RegistrationDate=NOON))))
    node = nodes["i-1"]
    assert errors == []
    assert (node.kind, node.name, node.tags) == (NodeKind.EC2, "web-1", (("Env", "prod"), ("Name", "web-1")))
    assert node.instance == Instance(
        id="i-1",
        state=InstanceState.RUNNING,
        launched=NOON,
        image_id="ami-1",
        platform_details="Linux/UNIX",
        subnet_id="subnet-1",
        vpc_id="vpc-1",
        security_group_ids=("sg-1", "sg-2"),
        private_ip="10.0.0.10",
        public_ip="203.0.113.1",
        ipv6_addresses=("2001:db8::1",),
        profile_arn="arn:aws:iam::123456789012:instance-profile/web",
        metadata=MetadataOptions(endpoint_enabled=True, tokens=MetadataTokens.REQUIRED),
        instance_type="t3.medium",
    )
    assert node.registration == Registration(
        node_id="i-1",
        ping=PingStatus.ONLINE,
        last_ping=NOON,
        agent_version="3.3.4624.0",
        platform_family=PlatformFamily.LINUX,
        platform="Amazon Linux 2023",
        computer_name="ip-10-0-0-10",
        ip_address="10.0.0.10",
        iam_role=None,
        registered=NOON,
    )


async def test_stopped_unmanaged_and_hybrid_nodes_belong_to_the_fleet_and_terminated_ones_do_not() -> None:
    ec2 = instances(
        an_instance("i-1", "stopped"),
        an_instance("i-2"),
        an_instance("i-3", "terminated"),
        an_instance("i-4", "shutting-down"),
    )
    ssm = properties(
        a_registration("mi-1", Name="office", IamRole="service-role/hybrid"),
        a_registration("i-3", PingStatus="ConnectionLost"),
        a_registration("i-9", PingStatus="ConnectionLost"),
    )
    nodes, errors = await listed(an_aws(ec2, ssm))
    assert (sorted(nodes), errors) == (["i-1", "i-2", "mi-1"], [])
    assert nodes["i-1"].state is InstanceState.STOPPED
    assert isinstance(nodes["i-2"].registration, Absent)
    assert isinstance(nodes["mi-1"].instance, Absent)
    assert (nodes["mi-1"].kind, nodes["mi-1"].name) == (NodeKind.HYBRID, "office")
    assert isinstance(nodes["mi-1"].registration, Registration)
    assert nodes["mi-1"].registration.iam_role == "service-role/hybrid"


@pytest.mark.parametrize(
    ("operator", "service"),
    [
        ({}, None),
        ({"Operator": {"Managed": False}}, None),
        ({"Operator": {"Managed": True, "Principal": "eks.amazonaws.com"}}, "eks.amazonaws.com"),
        ({"Operator": {"Managed": True}}, ""),
    ],
)
async def test_an_instance_has_the_service_that_manages_it(operator: dict[str, Any], service: str | None) -> None:
    nodes, _ = await listed(an_aws(instances(an_instance("i-1", **operator))))
    assert nodes["i-1"].service == service


async def test_an_endpoint_that_cannot_include_hidden_instances_is_asked_without_them() -> None:
    def answer(**parameters: object) -> Any:
        if "IncludeManagedResources" in parameters:
            raise AwsError("UnknownParameter", "The parameter IncludeManagedResources is not recognized")
        return instances(an_instance("i-1"))

    nodes, errors = await listed(an_aws(answer))
    assert (sorted(nodes), errors) == (["i-1"], [])


async def test_an_instance_that_reports_is_a_node_even_if_ec2_does_not_list_it() -> None:
    nodes, errors = await listed(an_aws(ssm=properties(a_registration("i-7"))))
    node = nodes["i-7"]
    assert errors == []
    assert (node.kind, node.managed) == (NodeKind.EC2, True)
    assert isinstance(node.instance, Unreadable)
    assert (node.instance.action, node.instance.source) == ("", "ec2:DescribeInstances")
    assert "EC2 does not list i-7" in node.instance.why


AZURE = {
    "ComputerName": "14724fea-7bad-4c32-8af0-ebde38f42a46:MyRG:my-azure-vm",
    "SourceId": "1724afd8-9092-429e-8b04-0708130c38f7",
    "SourceType": "Microsoft.Compute/virtualMachines",
    "SourceLocation": "centralus",
}
"""User Guide, hybrid-multicloud-ssm-agent-install-azure: the example."""


@pytest.mark.parametrize(
    ("members", "name", "cloud"),
    [
        (AZURE, "my-azure-vm", "Azure"),
        (AZURE | {"Name": "till-1"}, "till-1", "Azure"),
        (AZURE | {"ComputerName": "a::"}, "a::", "Azure"),
        (AZURE | {"ComputerName": "host"}, "host", "Azure"),
        ({"SourceType": "compute.googleapis.com/Instance", "ComputerName": "vm-1"}, "vm-1", "Google Cloud"),
        ({"SourceType": "AWS::IoT::Thing", "ComputerName": "core-1"}, "core-1", "IoT"),
        ({"SourceType": "AWS::SSM::ManagedInstance", "ComputerName": "a:b:c"}, "a:b:c", ""),
        ({"SourceType": "Another.Cloud/machine", "ComputerName": "vm-2"}, "vm-2", ""),
        ({"ComputerName": "vm-3"}, "vm-3", ""),
    ],
)
async def test_a_machine_of_another_cloud_is_a_hybrid_node_with_its_own_name(
    members: dict[str, Any], name: str, cloud: str
) -> None:
    nodes, errors = await listed(an_aws(ssm=properties(a_registration("mi-1", IamRole="service-role/till", **members))))
    node = nodes["mi-1"]
    assert (node.kind, node.name, node.cloud, errors) == (NodeKind.HYBRID, name, cloud, [])
    assert isinstance(node.instance, Absent)
    assert isinstance(node.registration, Registration)
    assert node.registration.iam_role == "service-role/till"
    told = (node.registration.source_type, node.registration.source_id, node.registration.source_location)
    assert told == tuple(members.get(each, "") for each in ("SourceType", "SourceId", "SourceLocation"))


async def test_a_node_is_called_by_its_tag_else_by_its_own_name_else_by_its_id() -> None:
    ec2 = instances(an_instance("i-1", Tags=[{"Key": "Name", "Value": "web"}]), an_instance("i-2"), an_instance("i-3"))
    unnamed = {key: value for key, value in a_registration("mi-2").items() if key != "ComputerName"}
    ssm = properties(a_registration("i-1"), a_registration("i-2"), a_registration("mi-1"), unnamed)
    nodes, _ = await listed(an_aws(ec2, ssm))
    assert {id_: node.name for id_, node in nodes.items()} == {
        "i-1": "web",
        "i-2": "ip-10-0-0-10",
        "i-3": "i-3",
        "mi-1": "ip-10-0-0-10",
        "mi-2": "mi-2",
    }


async def test_a_node_is_told_as_soon_as_both_sides_know_it_and_an_unmanaged_one_at_the_end() -> None:
    aws = Staged(
        [
            ("DescribeInstances", instances(an_instance("i-1"), an_instance("i-2"), an_instance("i-3"))),
            ("DescribeInstanceProperties", properties(a_registration("i-2"), a_registration("mi-1"))),
            ("DescribeInstanceProperties", properties(a_registration("i-1"))),
        ]
    )
    batches = [
        [node.id for node in batch] async for batch in list_nodes(aws, a_scope()) if not isinstance(batch, ScopeError)
    ]
    assert batches == [["i-2", "mi-1"], ["i-1"], ["i-3"]]


async def test_where_the_quick_listing_is_refused_the_slow_one_serves() -> None:
    aws = an_aws(
        instances(an_instance("i-1")),
        refused("ssm:DescribeInstanceProperties"),
        ssm_DescribeInstanceInformation={"InstanceInformationList": [a_registration("i-1")]},
    )
    nodes, errors = await listed(aws)
    assert nodes["i-1"].managed
    assert errors == []
    assert aws.parameters("ssm:DescribeInstanceInformation") == [{"MaxResults": 50}]


async def test_where_registrations_are_refused_instances_are_told_without_and_the_scope_says_so() -> None:
    aws = an_aws(
        instances(an_instance("i-1")),
        refused("ssm:DescribeInstanceProperties"),
        ssm_DescribeInstanceInformation=refused("ssm:DescribeInstanceInformation"),
    )
    nodes, (error,) = await listed(aws)
    assert isinstance(nodes["i-1"].registration, Unreadable)
    assert nodes["i-1"].registration.obstacle is ReadFailure.REFUSED
    assert (error.problem, error.action) == (ScopeProblem.REFUSED, "ssm:DescribeInstanceInformation")
    assert error.name == a_scope().name


async def test_where_instances_are_refused_registrations_are_told_without() -> None:
    aws = an_aws(refused("ec2:DescribeInstances"), properties(a_registration("i-1"), a_registration("mi-1")))
    nodes, (error,) = await listed(aws)
    assert isinstance(nodes["i-1"].instance, Unreadable)
    assert isinstance(nodes["mi-1"].instance, Absent)
    assert (error.problem, error.action) == (ScopeProblem.REFUSED, "ec2:DescribeInstances")


async def test_where_both_are_refused_one_error_names_both() -> None:
    aws = an_aws(
        refused("ec2:DescribeInstances"),
        refused("ssm:DescribeInstanceProperties"),
        ssm_DescribeInstanceInformation=refused("ssm:DescribeInstanceInformation"),
    )
    nodes, (error,) = await listed(aws)
    assert nodes == {}
    assert error.action == "ec2:DescribeInstances, ssm:DescribeInstanceInformation"
    assert error.problem is ScopeProblem.REFUSED


@pytest.mark.parametrize("answer", [{"message": "<html>"}, AwsError("Strange", "what?")])
async def test_a_listing_that_cannot_be_understood_is_no_empty_account(answer: Any) -> None:
    aws = an_aws(instances(an_instance("i-1")))
    aws.answers["ssm:DescribeInstanceProperties"] = answer
    if isinstance(answer, dict):
        aws = Staged([("DescribeInstances", instances(an_instance("i-1"))), ("DescribeInstanceProperties", answer)])
    nodes, (error,) = await listed(aws)
    assert isinstance(nodes["i-1"].registration, Unreadable)
    assert error.problem is ScopeProblem.FAILED


async def test_one_record_that_cannot_be_understood_does_not_hide_the_others() -> None:
    ec2 = instances(an_instance("i-1"), an_instance("i-2", State={"Code": 1, "Name": "levitating"}))
    ssm = properties(a_registration("i-1", PingStatus="Perhaps"))
    nodes, errors = await listed(an_aws(ec2, ssm))
    assert errors == []
    assert isinstance(nodes["i-1"].instance, Instance)
    assert isinstance(nodes["i-1"].registration, Unreadable)
    assert isinstance(nodes["i-2"].instance, Unreadable)


async def test_a_listing_that_is_given_up_halfway_leaves_nothing_running() -> None:
    aws = Staged(
        [
            ("DescribeInstances", instances(an_instance("i-1"))),
            ("DescribeInstanceProperties", properties(a_registration("mi-1"))),
        ]
    )
    listing = list_nodes(aws, a_scope())
    async for _ in listing:
        break
    await listing.aclose()  # type: ignore[attr-defined]
    for _turn in range(5):
        await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.parametrize(
    ("name", "version", "words"),
    [
        ("Amazon Linux", "2023", "Amazon Linux 2023"),
        ("Ubuntu", "22.04", "Ubuntu 22.04"),
        ("Microsoft Windows Server 2022 Datacenter", "10.0.20348", "Windows Server 2022"),
        ("Microsoft Windows Server 2019 Standard Evaluation", "10.0.17763", "Windows Server 2019"),
        ("macOS", "14.5", "macOS 14.5"),
        ("Debian GNU/Linux", "", "Debian GNU/Linux"),
        ("", "", ""),
    ],
)
def test_platforms_in_words(name: str, version: str, words: str) -> None:
    assert platform_name(name, version) == words
