"""Which nodes are listed for the words of a command line, and by which calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

import pytest

from ssmtui.evidence.aws.reader_api import AwsError, ReadFailed
from ssmtui.evidence.readers.node_listing import MAX_REQUESTED_IDS, list_nodes
from ssmtui.evidence.readers.requested_nodes import find_requested, literal_filter_value
from ssmtui.model.fact import NotApplicable
from ssmtui.model.node import Node
from ssmtui.model.node_facts import (
    FleetAtAddress,
    HybridMachine,
    InstancesByProfile,
    ManagedFleet,
    NodesAlike,
    RegisteredMachine,
    RequestedIds,
    RequestedNodes,
    WholeFleet,
)
from ssmtui.model.scope import ScopeError
from tests.builders.fleet import a_node, a_scope
from tests.builders.fleet import an_instance as instance_of_builder
from tests.evidence.fact_builders import fact, store
from tests.evidence.fake_aws import FakeAws, refused
from tests.evidence.readers.nodes.listings import a_registration, an_instance, instances, properties

WEB, TWIN, DB, UNTAGGED, GONE = (f"i-{number:017x}" for number in range(5))
HYBRID, TILL = (f"mi-{number:017x}" for number in range(2))
UNKNOWN = "i-fffffffffffffffff"

IN_EC2 = [
    an_instance(WEB, Tags=[{"Key": "Name", "Value": "web-1"}]),
    an_instance(TWIN, Tags=[{"Key": "Name", "Value": "till"}]),
    an_instance(DB, Tags=[{"Key": "Name", "Value": "db-*"}]),
    an_instance(UNTAGGED, PrivateIpAddress="10.0.0.7"),
    an_instance(GONE, "terminated", Tags=[{"Key": "Name", "Value": "old-1"}]),
]
IN_SSM = [
    a_registration(WEB),
    a_registration(UNTAGGED, ComputerName="EC2AMAZ-1", IPAddress="10.0.0.7"),
    a_registration(GONE),
    a_registration(HYBRID, Name="till", ComputerName="till.shop", IPAddress="10.0.0.7", IamRole="shop"),
    a_registration(TILL, ComputerName="pos-2", IPAddress="192.168.0.2"),
]

EC2, SSM, INVENTORY = "ec2:DescribeInstances", "ssm:DescribeInstanceProperties", "ssm:GetInventory"


def of_ec2(**asked: Any) -> Mapping[str, Any]:
    """The answer of EC2, whose filters have wildcards."""
    found: Iterable[dict[str, Any]] = IN_EC2
    for each in asked.get("Filters", ()):
        read: Callable[[dict[str, Any]], str] = {"instance-id": _id, "tag:Name": _name}[each["Name"]]
        patterns = [value.replace("\\*", "[*]").replace("\\?", "[?]") for value in each["Values"]]
        found = [raw for raw in found if any(fnmatchcase(read(raw), pattern) for pattern in patterns)]
    return instances(*found)


def of_ssm(**asked: Any) -> Mapping[str, Any]:
    found: Iterable[dict[str, Any]] = IN_SSM
    for each in asked.get("InstancePropertyFilterList", ()):
        read: Callable[[dict[str, Any]], str] = {"InstanceIds": _id, "ResourceType": _kind}[each["key"]]
        found = [raw for raw in found if read(raw) in each["valueSet"]]
    return properties(*found)


def of_inventory(**asked: Any) -> Mapping[str, Any]:
    [wanted] = asked["Filters"]
    member = {"ComputerName": "ComputerName", "IpAddress": "IPAddress"}[wanted["Key"].partition(".")[2]]
    return {"Entities": [{"Id": raw["InstanceId"]} for raw in IN_SSM if raw[member] in wanted["Values"]]}


def _id(raw: dict[str, Any]) -> str:
    return str(raw["InstanceId"])


def _kind(raw: dict[str, Any]) -> str:
    return "ManagedInstance" if _id(raw).startswith("mi-") else "EC2Instance"


def _name(raw: dict[str, Any]) -> str:
    return next((str(tag["Value"]) for tag in raw.get("Tags", ()) if tag["Key"] == "Name"), "")


def a_region(**instead: Any) -> FakeAws:
    answers = {
        "ec2_DescribeInstances": of_ec2,
        "ssm_DescribeInstanceProperties": of_ssm,
        "ssm_GetInventory": of_inventory,
    }
    return FakeAws(**answers | instead)


async def listed(aws: FakeAws, *words: str) -> list[str]:
    found: list[str] = []
    async for batch in list_nodes(aws, a_scope(), await find_requested(aws, words)):
        assert not isinstance(batch, ScopeError), batch
        found += [node.id for node in batch]
    return sorted(found)


def without_filter(aws: FakeAws) -> list[str]:
    """The calls that listed all nodes."""
    return [name for name, asked in aws.asked if not any("Filter" in parameter for parameter in asked)]


@pytest.mark.parametrize(
    ("words", "found", "calls"),
    [
        pytest.param((WEB,), [WEB], {EC2: 1, SSM: 1}, id="an instance by its ID"),
        pytest.param((HYBRID,), [HYBRID], {SSM: 1}, id="a hybrid node by its ID: EC2 does not know it"),
        pytest.param((WEB, HYBRID, TILL), [WEB, HYBRID, TILL], {EC2: 1, SSM: 1}, id="several by their IDs"),
        pytest.param((DB,), [DB], {EC2: 1, SSM: 1}, id="an instance without a registration"),
        pytest.param((GONE,), [], {EC2: 1, SSM: 1}, id="a terminated instance with an old registration"),
        pytest.param((UNKNOWN,), [], {EC2: 1, SSM: 1}, id="an unknown ID"),
        pytest.param(("web-1",), [WEB], {EC2: 2, SSM: 2}, id="an instance by its Name tag"),
        pytest.param(("web-1", DB), [WEB, DB], {EC2: 2, SSM: 2}, id="a name and an ID"),
        pytest.param(("db-*",), [DB], {EC2: 2, SSM: 2}, id="a name with a wildcard of EC2"),
        pytest.param(("till",), [TWIN, HYBRID], {EC2: 2, SSM: 2}, id="an instance and a hybrid node of one name"),
        pytest.param(("pos-2",), [TILL], {EC2: 1, SSM: 2}, id="a hybrid node by the name of its computer"),
        pytest.param(
            ("EC2AMAZ-1",), [UNTAGGED], {EC2: 3, SSM: 2, INVENTORY: 1}, id="an instance by the name of its computer"
        ),
        pytest.param(("web-9",), [], {EC2: 2, SSM: 1, INVENTORY: 1}, id="an unknown name"),
        pytest.param(("old-1",), [], {EC2: 2, SSM: 1, INVENTORY: 1}, id="the name of a terminated instance"),
    ],
)
async def test_only_the_requested_nodes_are_listed(
    words: Sequence[str], found: list[str], calls: dict[str, int]
) -> None:
    aws = a_region()
    assert await listed(aws, *words) == sorted(found)
    assert aws.calls == calls
    assert without_filter(aws) == []


async def test_without_words_all_nodes_are_listed() -> None:
    aws = a_region()
    assert await listed(aws) == sorted([WEB, TWIN, DB, UNTAGGED, HYBRID, TILL])
    assert without_filter(aws) == [EC2, SSM]


FAILED = AwsError("InvalidInstanceId", "")


@pytest.mark.parametrize(
    "instead",
    [
        pytest.param({"ec2_DescribeInstances": refused("ec2:DescribeInstances")}, id="EC2 refuses"),
        pytest.param({"ssm_GetInventory": refused("ssm:GetInventory")}, id="the inventory is refused"),
        pytest.param({"ssm_GetInventory": AwsError("InvalidFilter", "")}, id="the inventory has no such filter"),
    ],
)
async def test_if_a_search_fails_all_nodes_are_listed(instead: dict[str, Any]) -> None:
    assert await find_requested(a_region(**instead), ("web-9",)) == RequestedIds(None)


async def test_if_systems_manager_rejects_an_id_its_listing_is_searched() -> None:
    def of_ssm_strictly(**asked: Any) -> Mapping[str, Any] | AwsError:
        return FAILED if asked.get("InstancePropertyFilterList") else of_ssm()

    aws = a_region(ssm_DescribeInstanceProperties=of_ssm_strictly)
    assert await listed(aws, WEB, DB) == [WEB, DB]
    assert without_filter(aws) == [SSM]


async def test_the_slow_listing_is_filtered_where_the_fast_one_is_refused() -> None:
    rows = {"InstanceInformationList": [a_registration(WEB)]}
    aws = a_region(
        ssm_DescribeInstanceProperties=refused("ssm:DescribeInstanceProperties"), ssm_DescribeInstanceInformation=rows
    )
    assert await listed(aws, WEB) == [WEB]
    [asked] = aws.parameters("ssm:DescribeInstanceInformation")
    assert asked["Filters"] == [{"Key": "InstanceIds", "Values": [WEB]}]


async def test_a_simulated_aws_that_ignores_filters_lists_no_other_node() -> None:
    aws = a_region(ec2_DescribeInstances=of_ec2(), ssm_DescribeInstanceProperties=of_ssm())
    assert await listed(aws, WEB) == [WEB]
    assert await listed(aws, "web-1") == [WEB]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param([f"web-{number}" for number in range(MAX_REQUESTED_IDS + 1)], id="names"),
        pytest.param([f"i-{number:017x}" for number in range(MAX_REQUESTED_IDS + 1)], id="IDs"),
    ],
)
async def test_more_nodes_than_a_filter_takes_are_listed_with_all_others(words: list[str]) -> None:
    aws = a_region()
    assert await find_requested(aws, words) == RequestedIds(None)
    assert aws.calls.total() == 0


async def test_a_name_of_more_nodes_than_a_filter_takes_lists_all_nodes() -> None:
    group = [
        an_instance(f"i-{number:017x}", Tags=[{"Key": "Name", "Value": "web"}])
        for number in range(MAX_REQUESTED_IDS + 1)
    ]
    assert await find_requested(a_region(ec2_DescribeInstances=instances(*group)), ("web",)) == RequestedIds(None)


@pytest.mark.parametrize(
    ("word", "similar"),
    [
        ("web-9", ("web-1",)),
        ("WEB-1", ("web-1",)),
        ("wb-1", ("web-1",)),
        ("tll", ("till",)),
        ("pos-3", ("pos-2",)),
        ("nothing-like-it", ()),
    ],
)
async def test_an_unknown_name_is_told_with_names_like_it(word: str, similar: tuple[str, ...]) -> None:
    assert await find_requested(a_region(), (word,)) == RequestedIds((), similar)


@pytest.mark.parametrize(
    ("text", "value"), [("web-1", "web-1"), ("a*b?", "a\\*b\\?"), ("a\\b", "a\\\\b"), ("\\*", "\\\\\\*")]
)
def test_a_name_is_no_pattern(text: str, value: str) -> None:
    assert literal_filter_value(text) == value


@pytest.mark.parametrize(
    ("words", "totals"),
    [
        pytest.param((), WholeFleet(5, "3.3.4624.0"), id="all nodes"),
        pytest.param((WEB,), NotApplicable("only the requested nodes are listed"), id="some nodes"),
    ],
)
async def test_all_nodes_are_only_told_of_if_they_are_listed(words: tuple[str, ...], totals: object) -> None:
    assert await fact(a_region(), WholeFleet, None, RequestedNodes(words)) == totals


async def test_the_totals_are_of_the_requested_nodes_and_say_so() -> None:
    aws = a_region()
    region = store(aws, RequestedNodes((WEB, HYBRID))).resolver(None)
    fleet, by_profile = [(await region.fact(kind)).value for kind in (ManagedFleet, InstancesByProfile)]
    assert isinstance(fleet, ManagedFleet)
    assert (fleet.ids, fleet.is_whole) == ((WEB, HYBRID), False)
    assert by_profile == InstancesByProfile({None: NodesAlike(frozenset({WEB}))})
    assert without_filter(aws) == []


AT_ADDRESS = FleetAtAddress(
    (UNTAGGED, HYBRID),
    "3.3.4624.0",
    {RegisteredMachine("EC2AMAZ-1", "10.0.0.7"): (UNTAGGED,), RegisteredMachine("till.shop", "10.0.0.7"): (HYBRID,)},
    {"10.0.0.7": (HybridMachine(HYBRID, "till.shop"),)},
    {"shop": NodesAlike(frozenset({HYBRID}))},
    is_whole=False,
)


def unlisted(address: str | None) -> Node:
    """An instance that Systems Manager does not list."""
    instance = replace(instance_of_builder(DB), private_ip=address)
    return replace(a_node(DB, ping=None), instance=instance)


UNLISTED = unlisted("10.0.0.7")


async def test_other_registrations_of_the_machine_of_a_requested_node_are_found_by_its_address() -> None:
    aws = a_region()
    found = await fact(aws, FleetAtAddress, UNLISTED, RequestedNodes((DB,)))
    assert found == AT_ADDRESS
    assert aws.calls == {SSM: 2, INVENTORY: 1}
    assert without_filter(aws) == []


@pytest.mark.parametrize("inventory", [refused("ssm:GetInventory"), AwsError("InvalidFilter", "")], ids=repr)
async def test_without_the_inventory_they_are_found_among_all_nodes(inventory: AwsError | ReadFailed) -> None:
    aws = a_region(ssm_GetInventory=inventory)
    assert await fact(aws, FleetAtAddress, UNLISTED, RequestedNodes((DB,))) == AT_ADDRESS
    assert without_filter(aws) == [SSM]


@pytest.mark.parametrize(
    ("node", "words"),
    [
        pytest.param(UNLISTED, (), id="all nodes are listed"),
        pytest.param(a_node(WEB), (WEB,), id="a managed instance"),
        pytest.param(unlisted(None), (DB,), id="an instance without an address"),
    ],
)
async def test_they_are_not_searched_for_where_they_cannot_matter(node: Node, words: tuple[str, ...]) -> None:
    aws = a_region()
    assert isinstance(await fact(aws, FleetAtAddress, node, RequestedNodes(words)), NotApplicable)
    assert INVENTORY not in aws.calls
