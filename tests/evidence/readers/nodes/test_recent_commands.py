"""The commands that a node was lately sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ssmtui.evidence.aws.reader_api import AwsError
from ssmtui.model.fact import NotApplicable
from ssmtui.model.node_facts import InspectedNode
from ssmtui.model.ssm_agent import RecentCommand, RecentCommands
from tests.builders.fleet import NOON, a_node
from tests.evidence.fact_builders import fact
from tests.evidence.fake_aws import FakeAws

NODE = a_node()
ID, OTHER = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"


def invocation(id_: str, document: str, status: str, hours_ago: int, output: str = "") -> dict[str, Any]:
    return {
        "CommandId": id_,
        "DocumentName": document,
        "RequestedDateTime": NOON - timedelta(hours=hours_ago),
        "Status": status,
        **({"CommandPlugins": [{"Name": "updateAgent", "Output": output}]} if output else {}),
    }


async def test_commands_are_told_the_newest_first_and_only_a_failed_update_is_asked_what_it_wrote() -> None:
    wrote = "Updating amazon-ssm-agent from 3.3.1 to latest\n\x1b[31mfailed to install amazon-ssm-agent\n"

    def answer(**asked: object) -> Mapping[str, Any]:
        if asked.get("Details"):
            return {"CommandInvocations": [invocation(ID, "AWS-UpdateSSMAgent", "Failed", 5, wrote)]}
        listed = [
            invocation(ID, "AWS-UpdateSSMAgent", "Failed", 5),
            invocation(OTHER, "AWS-RunShellScript", "Success", 1),
        ]
        return {"CommandInvocations": listed}

    aws = FakeAws(ssm_ListCommandInvocations=answer)
    found = await fact(aws, RecentCommands, NODE, InspectedNode(NODE))
    assert isinstance(found, RecentCommands)
    assert [(each.id, each.status, each.output) for each in found.commands] == [
        (OTHER, "Success", ""),
        (
            ID,
            "Failed",
            "Updating amazon-ssm-agent from 3.3.1 to latest \\x1b[31mfailed to install amazon-ssm-agent",
        ),
    ]
    assert aws.parameters("ssm:ListCommandInvocations") == [
        {"InstanceId": NODE.id, "MaxResults": 50},
        {"CommandId": ID, "InstanceId": NODE.id, "Details": True},
    ]


async def test_what_other_commands_wrote_is_never_read() -> None:
    listed = {"CommandInvocations": [invocation(OTHER, "AWS-RunShellScript", "Failed", 1)]}
    aws = FakeAws(ssm_ListCommandInvocations=listed)
    assert await fact(aws, RecentCommands, NODE, InspectedNode(NODE)) == RecentCommands(
        (RecentCommand(OTHER, "AWS-RunShellScript", NOON - timedelta(hours=1), "Failed"),)
    )
    assert aws.calls["ssm:ListCommandInvocations"] == 1


async def test_nobody_asks_for_the_commands_of_a_node_that_nobody_points_at() -> None:
    assert isinstance(await fact(FakeAws(), RecentCommands, NODE), NotApplicable)


async def test_a_failed_update_is_known_also_where_what_it_wrote_cannot_be_read() -> None:
    def answer(**asked: object) -> Mapping[str, Any] | AwsError:
        if asked.get("Details"):
            return AwsError("InternalServerError", "")
        return {"CommandInvocations": [invocation(ID, "AWS-UpdateSSMAgent", "Failed", 5)]}

    found = await fact(FakeAws(ssm_ListCommandInvocations=answer), RecentCommands, NODE, InspectedNode(NODE))
    assert isinstance(found, RecentCommands)
    assert [(each.failed, each.output) for each in found.commands] == [(True, "")]
