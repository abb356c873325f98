"""Filters of the listings of nodes, as AWS documents them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulator.clients import administrator, client
from tests.simulator.operations.test_areas import code_of

UNKNOWN = "i-00000000000000000"
WEIRD = "a*b?[c]\\d"


@pytest.mark.parametrize(
    ("values", "names"),
    [
        pytest.param(["web-1"], ["web-1"], id="a name"),
        pytest.param(["WEB-1"], [], id="case counts"),
        pytest.param(["web-*"], ["web-1"], id="any characters"),
        pytest.param(["web-?"], ["web-1"], id="one character"),
        pytest.param(["web"], [], id="the whole name"),
        pytest.param(["web-1", "api-1"], ["api-1", "web-1"], id="one of several"),
        pytest.param(["a\\*b\\?[c]\\\\d"], [WEIRD], id="escaped wildcards"),
        pytest.param(["\\*"], [], id="an asterisk"),
    ],
)
def test_instances_are_filtered_by_the_name_tag(values: list[str], names: list[str], aws: SimulatedAws) -> None:
    aws.load("healthy-small")
    ids = {name: id_ for id_, name in instances(aws).items()}
    renamed = next(id_ for name, id_ in ids.items() if name not in {"web-1", "api-1"})
    administrator(aws, "ec2").create_tags(Resources=[renamed], Tags=[{"Key": "Name", "Value": WEIRD}])
    assert sorted(instances(aws, Name="tag:Name", Values=values).values()) == names


def test_an_unknown_id_in_a_filter_of_instances_is_no_error(aws: SimulatedAws) -> None:
    aws.load("healthy-small")
    [first, *_] = instances(aws)
    assert list(instances(aws, Name="instance-id", Values=[first, UNKNOWN])) == [first]
    assert instances(aws, Name="instance-id", Values=[UNKNOWN]) == {}
    assert code_of(client(aws, "ec2").describe_instances, InstanceIds=[UNKNOWN]) == "InvalidInstanceID.NotFound"


def test_properties_of_nodes_are_filtered_by_id_and_type(aws: SimulatedAws) -> None:
    aws.load("demo")
    ssm = client(aws, "ssm")
    listed = [row["InstanceId"] for row in ssm.describe_instance_properties(MaxResults=1000)["InstanceProperties"]]
    for key, values, found in (
        ("InstanceIds", [listed[0], UNKNOWN], [listed[0]]),
        ("ResourceType", ["ManagedInstance"], [id_ for id_ in listed if id_.startswith("mi-")]),
    ):
        for filters in (
            {"InstancePropertyFilterList": [{"key": key, "valueSet": values}]},
            {"FiltersWithOperator": [{"Key": key, "Values": values, "Operator": "Equal"}]},
        ):
            rows = ssm.describe_instance_properties(MaxResults=1000, **filters)["InstanceProperties"]
            assert [row["InstanceId"] for row in rows] == found != []


@pytest.mark.parametrize(
    ("key", "values", "code"),
    [
        pytest.param("Name", ["web-1"], "InvalidFilterKey", id="no key"),
        pytest.param("InstanceIds", [UNKNOWN] * 41, "ValidationException", id="too many values"),
    ],
)
def test_a_wrong_filter_of_properties_is_an_error(key: str, values: list[str], code: str, aws: SimulatedAws) -> None:
    aws.load("healthy-small")
    filters = [{"Key": key, "Values": values}]
    assert code_of(client(aws, "ssm").describe_instance_properties, FiltersWithOperator=filters) == code


@pytest.mark.parametrize("attribute", ["ComputerName", "IpAddress", "InstanceId", "ResourceType", "PlatformType"])
def test_the_inventory_is_filtered_by_what_it_says_of_each_node(attribute: str, aws: SimulatedAws) -> None:
    aws.load("healthy-small")
    ssm = client(aws, "ssm")
    every = inventory(ssm.get_inventory(MaxResults=50))
    wanted = next(iter(every.values()))[attribute]
    of_wanted = [{"Key": f"AWS:InstanceInformation.{attribute}", "Values": [wanted], "Type": "Equal"}]
    found = inventory(ssm.get_inventory(Filters=of_wanted, MaxResults=50))
    assert found == {id_: each for id_, each in every.items() if each[attribute] == wanted}


def test_a_wrong_filter_of_the_inventory_is_an_error(aws: SimulatedAws) -> None:
    aws.load("healthy-small")
    wrong = [{"Key": "AWS:InstanceInformation.Name", "Values": ["web-1"], "Type": "Equal"}]
    assert code_of(client(aws, "ssm").get_inventory, Filters=wrong) == "InvalidFilter"


def instances(aws: SimulatedAws, **wanted: str | list[str]) -> dict[str, str]:
    """The names of the instances that a filter selects, by their ids."""
    answer = client(aws, "ec2").describe_instances(Filters=[wanted] if wanted else [])
    found = [each for reservation in answer["Reservations"] for each in reservation["Instances"]]
    return {each["InstanceId"]: next(tag["Value"] for tag in each["Tags"] if tag["Key"] == "Name") for each in found}


def inventory(answer: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """What an answer says of each node."""
    return {each["Id"]: each["Data"]["AWS:InstanceInformation"]["Content"][0] for each in answer["Entities"]}
