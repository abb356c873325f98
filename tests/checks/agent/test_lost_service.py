"""Whether an update took the agent's service away: on Windows by its date, on SUSE by the console."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ssmtui.checks.agent.version import service_survived_its_update, unit_survived_the_last_update
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.finding import Confidence, Status
from ssmtui.model.node import PingStatus, PlatformFamily
from ssmtui.model.node_facts import ConsoleOutput, ManagedNode, SilentConsole
from ssmtui.model.ssm_agent import AgentUpdate
from ssmtui.simulator.scenario import NO_SPACE_LEFT, STARTED, WITHOUT_AGENT
from tests.builders.fleet import NOON
from tests.checks.agent.nodes import managed
from tests.checks.outcome import Said, said


def silent(platform: str, ping: PingStatus = PingStatus.CONNECTION_LOST) -> ManagedNode:
    family = PlatformFamily.WINDOWS if "Windows" in platform else PlatformFamily.LINUX
    online = managed(family=family, platform=platform)
    own = replace(online.registration, ping=ping, last_ping=NOON)
    return ManagedNode(replace(online.node, registration=own), own)


@pytest.mark.parametrize(
    ("update", "blamed"),
    [
        pytest.param(AgentUpdate("Failed", NOON - timedelta(minutes=5)), True, id="failed right before the last ping"),
        pytest.param(AgentUpdate("TimedOut", NOON + timedelta(minutes=3)), True, id="never answered"),
        pytest.param(AgentUpdate("Success", NOON - timedelta(minutes=5)), False, id="succeeded"),
        pytest.param(AgentUpdate("Failed", NOON - timedelta(days=2)), False, id="failed long before"),
        pytest.param(AgentUpdate("Failed", NOON + timedelta(days=2)), False, id="sent to a node that was away already"),
        pytest.param(Absent("an update", "ssm:ListCommandInvocations"), False, id="none"),
        pytest.param(Unreadable("ssm:ListCommandInvocations", "not authorized"), False, id="not to be seen"),
        pytest.param(NotApplicable("the node reports"), False, id="not asked for"),
    ],
)
def test_a_windows_node_that_fell_silent_with_a_failed_update_blames_the_update(
    update: AgentUpdate | Absent | NotApplicable | Unreadable, *, blamed: bool
) -> None:
    node = silent("Windows Server 2022")
    expected = Said(
        "agent-service-disabled",
        Status.FAIL,
        Confidence.LIKELY,
        node.node.id,
        ("steps-install-agent",),
    )
    assert said(service_survived_its_update(node, update)) == ([expected] if blamed else [])


@pytest.mark.parametrize(
    ("platform", "console", "blamed"),
    [
        pytest.param("SLES 15.5", WITHOUT_AGENT, True, id="started without the agent"),
        pytest.param("openSUSE Leap 15.6", WITHOUT_AGENT, True, id="openSUSE"),
        pytest.param("SLES 15.5", STARTED.format(version="3.3.1611.0"), False, id="started with it"),
        pytest.param("SLES 15.5", NO_SPACE_LEFT, False, id="the agent wrote something"),
        pytest.param("Amazon Linux 2023", WITHOUT_AGENT, False, id="no SUSE"),
    ],
)
def test_a_suse_node_that_started_without_its_agent_blames_the_update_of_suse(
    platform: str, console: str, *, blamed: bool
) -> None:
    node = silent(platform)
    expected = Said("agent-unit-removed", Status.FAIL, Confidence.LIKELY, node.node.id, ("steps-install-agent",))
    found = unit_survived_the_last_update(node, SilentConsole(ConsoleOutput(console, NOON)))
    assert said(found) == ([expected] if blamed else [])


def test_a_suse_node_that_reports_or_whose_console_is_not_to_be_seen_is_told_nothing_of() -> None:
    console = SilentConsole(ConsoleOutput(WITHOUT_AGENT, NOON))
    assert unit_survived_the_last_update(silent("SLES 15.5", PingStatus.ONLINE), console) == ()
    assert unit_survived_the_last_update(silent("SLES 15.5"), Unreadable("ec2:GetConsoleOutput", "no")) == ()
