"""The console of a node."""

from __future__ import annotations

from typing import Any

import pytest

from ssmtui.evidence.aws.reader_api import AwsError
from ssmtui.model.fact import Absent
from ssmtui.model.node_facts import ConsoleOutput, ConsoleOutputQuery
from tests.builders.fleet import NOON, a_node
from tests.evidence.fact_builders import fact
from tests.evidence.fake_aws import FakeAws, refused


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


async def test_a_node_that_may_be_connected_is_not_taken_for_one_that_is_away() -> None:
    aws = FakeAws(ssm_GetConnectionStatus=refused("ssm:GetConnectionStatus"))
    asked = await fact(aws, ConsoleOutputQuery, a_node())
    assert isinstance(asked, ConsoleOutputQuery)
    assert asked.connected
