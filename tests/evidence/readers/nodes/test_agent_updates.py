"""The update at which a Windows node fell silent: searched once for all that fell silent within one hour."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from ssmtui.evidence.aws.reader_api import Answer
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.node import Node, PingStatus, PlatformFamily, Registration
from ssmtui.model.ssm_agent import AgentUpdate
from tests.builders.fleet import NOON, a_node
from tests.evidence.fact_builders import fact, store
from tests.evidence.fake_aws import FakeAws, refused

LAST_HEARD = NOON - timedelta(days=3, minutes=20)


def a_windows_node(id_: str, ping: PingStatus, last_ping: datetime | None = LAST_HEARD) -> Node:
    node = a_node(id_, ping=ping)
    assert isinstance(node.registration, Registration)
    registration = replace(node.registration, platform_family=PlatformFamily.WINDOWS, last_ping=last_ping)
    return replace(node, registration=registration)


SILENT = a_windows_node("i-1", PingStatus.CONNECTION_LOST)
NEIGHBOUR = a_windows_node("i-2", PingStatus.CONNECTION_LOST, LAST_HEARD - timedelta(minutes=5))
EARLIER = a_windows_node("i-3", PingStatus.CONNECTION_LOST, LAST_HEARD - timedelta(hours=5))

Sent = tuple[str, str, timedelta]
"""The id of the node, how the update ended, and how long after the node's last ping it was sent."""


def invoked(*sent: Sent) -> dict[str, Any]:
    return {
        "CommandInvocations": [
            {"InstanceId": id_, "Status": status, "RequestedDateTime": LAST_HEARD + after}
            for id_, status, after in sent
        ]
    }


def commands(*sent: Sent) -> FakeAws:
    return FakeAws(ssm_ListCommandInvocations=invoked(*sent))


MINUTES = [timedelta(minutes=minutes) for minutes in range(20)]


async def test_the_newest_update_at_the_time_counts() -> None:
    aws = commands(
        *(("i-1", "Success", -MINUTES[19]), ("i-1", "Failed", -MINUTES[2]), ("i-2", "Success", MINUTES[0])),
        ("i-1", "TimedOut", timedelta(days=1)),
    )
    assert await fact(aws, AgentUpdate, SILENT) == AgentUpdate("Failed", LAST_HEARD - MINUTES[2])


async def test_nodes_that_fell_silent_within_one_hour_are_searched_for_once() -> None:
    aws = commands(("i-1", "Failed", -MINUTES[2]), ("i-2", "TimedOut", -MINUTES[9]))
    facts = store(aws)
    found = [(await facts.resolver(node).fact(AgentUpdate)).value for node in (SILENT, NEIGHBOUR)]
    assert [each.status for each in found if isinstance(each, AgentUpdate)] == ["Failed", "TimedOut"]
    assert aws.calls == {"ssm:ListCommandInvocations": 1}
    hour = LAST_HEARD.replace(minute=0)
    asked: Any = aws.parameters("ssm:ListCommandInvocations")[0]["Filters"]
    assert {each["key"]: each["value"] for each in asked} == {
        "DocumentName": "AWS-UpdateSSMAgent",
        "InvokedAfter": f"{hour - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
        "InvokedBefore": f"{hour + timedelta(hours=1, minutes=10):%Y-%m-%dT%H:%M:%SZ}",
    }
    await facts.resolver(EARLIER).fact(AgentUpdate)
    assert aws.calls == {"ssm:ListCommandInvocations": 2}


async def test_hours_are_those_of_utc() -> None:
    elsewhere = LAST_HEARD.astimezone(timezone(timedelta(hours=5, minutes=30)))
    aws = commands()
    await fact(aws, AgentUpdate, a_windows_node("i-1", PingStatus.CONNECTION_LOST, elsewhere))
    asked: Any = aws.parameters("ssm:ListCommandInvocations")[0]["Filters"]
    after = datetime.fromisoformat(asked[1]["value"]).astimezone(UTC)
    assert LAST_HEARD - timedelta(hours=2) <= after <= LAST_HEARD - timedelta(hours=1)


class ManyUpdates(FakeAws):
    """A Region in which more were sent about then than can be looked through."""

    def pages(self, service: str, operation: str, **parameters: object) -> AsyncIterator[Answer]:
        if "InstanceId" in parameters:
            self.answers[f"{service}:{operation}"] = invoked((str(parameters["InstanceId"]), "Failed", -MINUTES[2]))
        return super().pages(service, operation, **parameters)


async def test_where_too_many_were_sent_a_node_is_asked_about_by_itself() -> None:
    aws = ManyUpdates(ssm_ListCommandInvocations=[invoked(("i-9", "Success", MINUTES[0]))] * 30)
    assert await fact(aws, AgentUpdate, SILENT) == AgentUpdate("Failed", LAST_HEARD - MINUTES[2])
    assert aws.calls["ssm:ListCommandInvocations"] == 20 + 1 + 1


async def test_a_node_without_an_update_at_the_time_has_none() -> None:
    for aws in (commands(), commands(("i-1", "Failed", -timedelta(hours=2))), commands(("i-2", "Failed", MINUTES[0]))):
        assert isinstance(await fact(aws, AgentUpdate, SILENT), Absent)


async def test_where_commands_may_not_be_listed_the_update_is_unreadable() -> None:
    aws = FakeAws(ssm_ListCommandInvocations=refused("ssm:ListCommandInvocations"))
    found = await fact(aws, AgentUpdate, SILENT)
    assert isinstance(found, Unreadable)
    assert found.action == "ssm:ListCommandInvocations"


@pytest.mark.parametrize(
    "node",
    [
        a_windows_node("i-1", PingStatus.ONLINE),
        a_windows_node("i-1", PingStatus.CONNECTION_LOST, None),
        a_node(ping=PingStatus.CONNECTION_LOST),
    ],
)
async def test_who_reports_or_never_did_or_runs_no_windows_is_not_asked(node: Node) -> None:
    assert isinstance(await fact(FakeAws(), AgentUpdate, node), NotApplicable)
