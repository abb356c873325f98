"""The inventory and the console of a node."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ssmtui.evidence.wire.aws import AwsError
from ssmtui.model.answers import Absent, Moot
from ssmtui.model.node import Node, PlatformFamily
from ssmtui.model.system import ConsoleOutput, DirectoryService
from tests.builders.fleet import NOON, a_node
from tests.evidence.facts import fact
from tests.evidence.fake_aws import FakeAws

CAPTURED = "2026-11-24T22:00:00Z"


def windows() -> Node:
    node = a_node()
    return replace(node, registration=replace(node.registration, platform_family=PlatformFamily.WINDOWS))  # type: ignore[arg-type]


def inventory(*services: dict[str, str]) -> FakeAws:
    def entries(**parameters: Any) -> dict[str, Any]:
        wanted = [each["Values"][0] for each in parameters.get("Filters", ())]
        found = [each for each in services if not wanted or each["Name"] in wanted]
        return {"Entries": found} | ({"CaptureTime": CAPTURED} if found else {})

    return FakeAws(ssm_ListInventoryEntries=entries)


@pytest.mark.parametrize(("status", "running"), [("Running", True), ("Stopped", False)])
async def test_the_directory_service_in_the_inventory(status: str, *, running: bool) -> None:
    aws = inventory({"Name": "NTDS", "Status": status}, {"Name": "Spooler", "Status": "Running"})
    assert await fact(aws, DirectoryService, windows()) == DirectoryService(running, CAPTURED)


async def test_an_inventory_without_the_directory_service_says_that_it_does_not_run() -> None:
    aws = inventory({"Name": "Spooler", "Status": "Running"})
    assert await fact(aws, DirectoryService, windows()) == DirectoryService(running=False, captured=CAPTURED)


@pytest.mark.parametrize("answer", [{"Entries": []}, AwsError("InvalidTypeNameException", "no such type")])
async def test_without_an_inventory_nothing_is_known(answer: Any) -> None:
    aws = FakeAws(ssm_ListInventoryEntries=answer)
    assert isinstance(await fact(aws, DirectoryService, windows()), Absent)


async def test_only_windows_is_asked() -> None:
    assert isinstance(await fact(FakeAws(), DirectoryService, a_node()), Moot)


async def test_the_console_is_shown_without_its_control_sequences() -> None:
    said = "\x1b[32m[  OK  ]\x1b[0m Started\r\n\x1b]0;title\x07amazon-ssm-agent: No space left on device\x00\n"
    aws = FakeAws(ec2_GetConsoleOutput={"InstanceId": "i-1", "Output": said, "Timestamp": NOON})
    assert await fact(aws, ConsoleOutput, a_node()) == ConsoleOutput(
        "[  OK  ] Started\namazon-ssm-agent: No space left on device\\x00", NOON
    )
    assert [each["Latest"] for each in aws.parameters("ec2:GetConsoleOutput")] == [True]


async def test_an_instance_that_keeps_no_latest_output_is_asked_for_its_first() -> None:
    def answer(**asked: Any) -> Any:
        return AwsError("UnsupportedOperation", "not Nitro") if asked.get("Latest") else {"Output": "login:"}

    aws = FakeAws(ec2_GetConsoleOutput=answer)
    assert await fact(aws, ConsoleOutput, a_node()) == ConsoleOutput("login:", None)


@pytest.mark.parametrize("output", [{}, {"Output": ""}, {"Output": " \n"}])
async def test_an_instance_that_has_said_nothing(output: dict[str, str]) -> None:
    assert isinstance(await fact(FakeAws(ec2_GetConsoleOutput=output), ConsoleOutput, a_node()), Absent)
