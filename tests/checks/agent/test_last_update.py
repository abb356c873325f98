"""Whether the last update of the agent by Run Command went through."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ssmtui.checks.agent.version import last_agent_update_went_through
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import Confidence, Findings, Status
from ssmtui.model.node import PingStatus, PlatformFamily
from ssmtui.model.node_facts import InspectedNode, ManagedNode
from ssmtui.model.ssm_agent import RecentCommand, RecentCommands
from tests.builders.fleet import NOON, a_node, a_registration
from tests.checks.outcome import Said, said

NODE = a_node()
UPDATE = RecentCommand("c-1", "AWS-UpdateSSMAgent", NOON, "Failed", "failed to install amazon-ssm-agent 3.3.4624.0")
SCRIPT = RecentCommand("c-2", "AWS-RunShellScript", NOON + timedelta(hours=1), "Failed")
MENDED = replace(UPDATE, id="c-3", status="Success", sent=NOON + timedelta(hours=2))
RUNNING = replace(UPDATE, id="c-4", status="InProgress", sent=NOON + timedelta(hours=2))
CAUSE, PROVED, LIKELY = "agent-update-failed", Confidence.PROVED, Confidence.LIKELY


def managed(
    ping: PingStatus = PingStatus.ONLINE,
    last_ping: datetime = NOON,
    family: PlatformFamily = PlatformFamily.LINUX,
) -> ManagedNode:
    registration = replace(a_registration(NODE.id, ping), last_ping=last_ping, platform_family=family)
    return ManagedNode(replace(NODE, registration=registration), registration)


def told(commands: RecentCommands | Unreadable, node: ManagedNode | None = None) -> Findings:
    return last_agent_update_went_through(InspectedNode(NODE), node or managed(), commands)


def test_a_failed_update_is_told_with_what_it_left_and_what_it_wrote() -> None:
    (found,) = told(RecentCommands((SCRIPT, UPDATE)))
    assert said((found,)) == [Said(CAUSE, Status.WARN, PROVED, NODE.id, ("update-agent",))]
    assert "3.3.4624.0" in found.summary
    assert [each.fact for each in found.evidence] == [
        "AWS-UpdateSSMAgent of 2026-11-25 12:00 UTC ended as Failed",
        "it wrote: failed to install amazon-ssm-agent 3.3.4624.0",
    ]


@pytest.mark.parametrize(
    "commands",
    [
        pytest.param((), id="no command"),
        pytest.param((SCRIPT,), id="another command failed"),
        pytest.param((MENDED, UPDATE), id="a later update succeeded"),
    ],
)
def test_nothing_is_told_where_no_update_failed_last(commands: tuple[RecentCommand, ...]) -> None:
    assert told(RecentCommands(commands)) == ()


def test_an_update_under_way_does_not_hide_the_one_that_failed() -> None:
    assert [each.status for each in told(RecentCommands((RUNNING, UPDATE)))] == [Status.WARN]


@pytest.mark.parametrize(
    ("minutes", "family", "status"),
    [
        pytest.param(3, PlatformFamily.LINUX, Status.FAIL, id="silent since then"),
        pytest.param(-8, PlatformFamily.LINUX, Status.FAIL, id="silent since its beginning"),
        pytest.param(600, PlatformFamily.LINUX, Status.WARN, id="silent since much later"),
        pytest.param(3, PlatformFamily.WINDOWS, Status.WARN, id="on Windows, where the service is told"),
    ],
)
def test_a_node_that_fell_silent_with_the_update_has_lost_its_agent(
    minutes: int, family: PlatformFamily, status: Status
) -> None:
    silent = managed(PingStatus.CONNECTION_LOST, NOON + timedelta(minutes=minutes), family)
    (found,) = told(RecentCommands((UPDATE,)), silent)
    assert found.status is status
    if status is Status.FAIL:
        assert (found.confidence, found.fixes) == (LIKELY, ("steps-install-agent",))


def test_commands_that_cannot_be_read_are_a_note() -> None:
    refused = Unreadable("ssm:ListCommandInvocations", "not authorized")
    assert said(told(refused)) == [
        Said(CAUSE, Status.INFO, Confidence.POSSIBLE, NODE.id, (), ("ssm:ListCommandInvocations",))
    ]
