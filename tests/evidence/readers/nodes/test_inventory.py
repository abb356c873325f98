"""Domain controllers, by the inventory of services: searched once a Region, and read of single nodes where it must."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import pytest

from ssmtui.evidence.aws.reader_api import AwsError
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.node import Node, PlatformFamily
from ssmtui.model.node_facts import DirectoryService, InspectedNode, ManagedFleet
from tests.builders.fleet import a_node
from tests.evidence.fact_builders import fact, store
from tests.evidence.fake_aws import Canned, FakeAws, refused

CAPTURED = "2026-11-24T22:00:00Z"
AGENT = {"Name": "AmazonSSMAgent", "Status": "Running"}
NTDS = {"Name": "NTDS", "Status": "Running"}

Services = Mapping[str, Sequence[Mapping[str, str]]]


def windows(id_: str) -> Node:
    node = a_node(id_)
    return replace(node, registration=replace(node.registration, platform_family=PlatformFamily.WINDOWS))  # type: ignore[arg-type]


WEB, CONTROLLER, BARE = windows("i-1"), windows("i-2"), windows("i-3")
COLLECTED: Services = {WEB.id: [AGENT], CONTROLLER.id: [AGENT, NTDS]}


def inventory(services: Services, search: Canned | None = None) -> FakeAws:
    def wanted(parameters: Mapping[str, Any], names: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
        by_name = (each for each in parameters.get("Filters", ()) if each["Key"].endswith("Name"))
        values = [value for each in by_name for value in each["Values"]]
        return [each for each in names if not values or each["Name"] in values]

    def entries(**asked: Any) -> Canned:
        found = wanted(asked, services.get(asked["InstanceId"], ()))
        return {"Entries": found} | ({"CaptureTime": CAPTURED} if found else {})

    def entities(**asked: Any) -> Canned:
        return {"Entities": [{"Id": id_} for id_, names in services.items() if wanted(asked, names)]}

    return FakeAws(ssm_ListInventoryEntries=entries, ssm_GetInventory=entities if search is None else search)


def fleet(*nodes: Node) -> ManagedFleet:
    return ManagedFleet(tuple(each.id for each in nodes), "", {})


async def at(aws: FakeAws, *nodes: Node) -> list[object]:
    facts = store(aws, fleet(*nodes))
    return [(await facts.resolver(node).fact(DirectoryService)).value for node in nodes]


async def test_the_region_is_searched_once_and_only_who_has_the_service_is_asked_whether_it_runs() -> None:
    aws = inventory(COLLECTED)
    web, controller, bare = await at(aws, WEB, CONTROLLER, BARE)
    assert web == DirectoryService(running=False, captured="")
    assert controller == DirectoryService(running=True, captured=CAPTURED)
    assert bare == Absent("an inventory of the node's services", "ssm:GetInventory")
    assert aws.calls == {"ssm:GetInventory": 2, "ssm:ListInventoryEntries": 1}


@pytest.mark.parametrize(("nodes", "among"), [(1, ["i-1"]), (40, [f"i-{n}" for n in range(1, 41)]), (41, None)])
async def test_few_listed_nodes_are_searched_without_the_others_of_the_region(
    nodes: int, among: list[str] | None
) -> None:
    aws = inventory(COLLECTED)
    await fact(aws, DirectoryService, WEB, fleet(*(windows(f"i-{number}") for number in range(1, nodes + 1))))
    searched = [cast("list[dict[str, Any]]", each["Filters"]) for each in aws.parameters("ssm:GetInventory")]
    filters = [{each["Key"]: each["Values"] for each in one} for one in searched]
    assert [each.get("AWS:InstanceInformation.InstanceId") for each in filters] == [among] * 2


async def test_a_directory_service_that_is_stopped_makes_no_domain_controller() -> None:
    stopped = {CONTROLLER.id: [AGENT, {**NTDS, "Status": "Stopped"}]}
    assert await at(inventory(stopped), CONTROLLER) == [DirectoryService(running=False, captured=CAPTURED)]


async def test_where_no_services_are_collected_nothing_is_known_and_nobody_asked() -> None:
    aws = inventory({})
    assert [type(each) for each in await at(aws, WEB, BARE)] == [Absent, Absent]
    assert aws.calls == {"ssm:GetInventory": 1}


async def test_a_node_that_somebody_points_at_is_asked_for_itself() -> None:
    aws = inventory(COLLECTED)
    assert await fact(aws, DirectoryService, WEB, InspectedNode(WEB), fleet(WEB)) == DirectoryService(
        running=False, captured=CAPTURED
    )


@pytest.mark.parametrize("search", [refused("ssm:GetInventory"), AwsError("InvalidFilter", "no such filter")])
async def test_where_the_region_cannot_be_searched_each_node_is_asked(search: Canned) -> None:
    aws = inventory(COLLECTED, search)
    assert await at(aws, WEB, CONTROLLER, BARE) == [
        DirectoryService(running=False, captured=CAPTURED),
        DirectoryService(running=True, captured=CAPTURED),
        Absent("an inventory of the node's services", "ssm:ListInventoryEntries"),
    ]
    assert aws.calls["ssm:GetInventory"] == 1


async def test_where_neither_is_allowed_the_node_is_unknown_by_its_own_inventory() -> None:
    aws = inventory(COLLECTED, refused("ssm:GetInventory"))
    aws.answers["ssm:ListInventoryEntries"] = refused("ssm:ListInventoryEntries")
    (found,) = await at(aws, WEB)
    assert isinstance(found, Unreadable)
    assert found.action == "ssm:ListInventoryEntries"


async def test_a_node_of_which_the_service_knows_nothing_has_no_inventory() -> None:
    aws = inventory(COLLECTED, refused("ssm:GetInventory"))
    aws.answers["ssm:ListInventoryEntries"] = AwsError("InvalidTypeNameException", "no such type")
    assert isinstance((await at(aws, WEB))[0], Absent)


async def test_only_windows_is_asked() -> None:
    assert isinstance(await fact(FakeAws(), DirectoryService, a_node()), NotApplicable)
