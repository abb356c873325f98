"""The last update of the agent: asked of silent Windows nodes alone, the newest counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ssmtui.model.agent_updates import AgentUpdate
from ssmtui.model.answers import Absent, Moot
from ssmtui.model.node import Node, PingStatus, PlatformFamily, Registration
from tests.builders.fleet import NOON, a_node
from tests.evidence.facts import fact
from tests.evidence.fake_aws import FakeAws


def a_windows_node(ping: PingStatus) -> Node:
    node = a_node(ping=ping)
    assert isinstance(node.registration, Registration)
    return replace(node, registration=replace(node.registration, platform_family=PlatformFamily.WINDOWS))


SILENT = a_windows_node(PingStatus.CONNECTION_LOST)


def commands(*told: tuple[str, int]) -> FakeAws:
    rows = [{"Status": status, "RequestedDateTime": NOON - timedelta(days=days)} for status, days in told]
    return FakeAws(ssm_ListCommandInvocations={"CommandInvocations": rows})


async def test_the_newest_update_counts() -> None:
    found = await fact(commands(("Success", 9), ("Failed", 2), ("Success", 20)), AgentUpdate, SILENT)
    assert found == AgentUpdate("Failed", NOON - timedelta(days=2))


async def test_a_node_without_an_update_has_none() -> None:
    assert isinstance(await fact(commands(), AgentUpdate, SILENT), Absent)


@pytest.mark.parametrize("node", [a_windows_node(PingStatus.ONLINE), a_node(ping=PingStatus.CONNECTION_LOST)])
async def test_who_reports_or_runs_no_windows_is_not_asked(node: Node) -> None:
    assert isinstance(await fact(FakeAws(), AgentUpdate, node), Moot)
