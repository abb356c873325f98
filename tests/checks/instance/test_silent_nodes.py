"""Checks that are only asked of a node that is away: delays, status checks, what the console says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ssmtui.checks.identity.instance_profile import profile_was_there_at_launch
from ssmtui.checks.instance import (
    agent_is_awake,
    clock_of_the_node_is_right,
    instance_has_had_time_to_start,
    instance_passes_status_checks,
)
from ssmtui.model.fact import Absent, Now, Unreadable
from ssmtui.model.finding import Confidence, Status
from ssmtui.model.node import ConnectionStatus, Instance
from ssmtui.model.node_facts import (
    ConsoleOutput,
    ImpairedInstances,
    Observation,
    ProfileAttachment,
    RunningInstance,
    SilentConsole,
    UnconnectedNode,
)
from tests.builders.fleet import NOON, a_node
from tests.checks.outcome import Said, said

NODE = a_node(ping=None)
assert isinstance(NODE.instance, Instance)
INSTANCE = NODE.instance
AWAY = UnconnectedNode(NODE, Observation(None, ConnectionStatus.NOT_CONNECTED))
RUNNING = RunningInstance(NODE, INSTANCE)
LIKELY = Confidence.LIKELY
NO_CONSOLE = Absent("console output of the instance", "ec2:GetConsoleOutput")
STARTED = "[4.8] amazon-ssm-agent[1630]: Amazon SSM Agent v3.3.4624.0 is running"
SLEEPS = "[35.1] amazon-ssm-agent[1630]: Entering SSM Agent hibernate - RequestError: send request failed"
SKEWED = "[12.4] amazon-ssm-agent[1630]: InvalidSignatureException: Signature expired: 20261001T080000Z is now earlier"
EARLY = "[12.4] amazon-ssm-agent[1630]: InvalidSignatureException: Signature not yet current: 20261001T080000Z"


@pytest.mark.parametrize(("seconds", "starting"), [(0, True), (299, True), (300, False), (86400, False)])
def test_an_instance_has_five_minutes_to_start(seconds: int, starting: object) -> None:
    found = instance_has_had_time_to_start(AWAY, RUNNING, Now(NOON + timedelta(seconds=seconds)))
    assert said(found) == ([Said("instance-starting", Status.WARN, LIKELY, NODE.id)] if starting else [])
    assert [each.until for each in found] == ([NOON + timedelta(minutes=5)] if starting else [])


@pytest.mark.parametrize(
    ("attached_after", "minutes_later", "late"),
    [
        pytest.param(timedelta(0), 10, False, id="at launch"),
        pytest.param(timedelta(minutes=2), 10, False, id="just after launch"),
        pytest.param(timedelta(hours=1), 10, True, id="an hour later, and ten minutes ago"),
        pytest.param(timedelta(hours=1), 30, False, id="an hour later, and half an hour ago"),
    ],
)
def test_a_profile_that_came_late_is_waited_for_half_an_hour(
    attached_after: timedelta, minutes_later: int, late: object
) -> None:
    attached = NOON + attached_after
    now = Now(attached + timedelta(minutes=minutes_later))
    found = profile_was_there_at_launch(RUNNING, ProfileAttachment(NODE, attached), now)
    expected = Said("profile-attached-late", Status.WARN, LIKELY, NODE.id, ("reboot-instance",))
    assert said(found) == ([expected] if late else [])
    assert [each.until for each in found] == ([attached + timedelta(minutes=30)] if late else [])


def test_when_a_profile_came_is_a_note_where_the_trail_is_not_to_be_read() -> None:
    unread = Unreadable("cloudtrail:LookupEvents", "not authorized")
    found = profile_was_there_at_launch(RUNNING, unread, Now(NOON))
    assert said(found) == [
        Said("profile-attached-late", Status.INFO, Confidence.POSSIBLE, NODE.id, (), ("cloudtrail:LookupEvents",))
    ]


def test_an_instance_that_fails_its_status_checks_is_told_with_the_checks() -> None:
    impaired = ImpairedInstances({NODE.id: ("instance", "system")})
    found = instance_passes_status_checks(AWAY, RUNNING, impaired, NO_CONSOLE)
    assert said(found) == [Said("instance-impaired", Status.FAIL, LIKELY, NODE.id, ("reboot-instance",))]
    assert [each.fact for each in found[0].evidence] == [
        "the instance status is impaired",
        "the system status is impaired",
    ]
    another = ImpairedInstances({"i-another": ("system",)})
    assert instance_passes_status_checks(AWAY, RUNNING, another, NO_CONSOLE) == ()


BOOTS = "[    0.000000] Linux version 6.1.0-aws"
PANICS = "[    1.902] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)"


@pytest.mark.parametrize(
    "told",
    [
        PANICS,
        'You are in emergency mode. After logging in, type "journalctl -xb" to view system logs',
        "/dev/xvda1: UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY.",
        "Out of memory: Killed process 812 (java)",
    ],
)
def test_what_the_console_says_of_a_start_that_failed_stands_beside_the_status_checks(told: str) -> None:
    assert facts_of(BOOTS, told, "login:") == ["the instance status is impaired", f"the console says: {told}"]
    assert facts_of(BOOTS, told, BOOTS) == ["the instance status is impaired"]
    assert facts_of(BOOTS, "cloud-init v. 22.2 finished") == ["the instance status is impaired"]


def facts_of(*lines: str) -> list[str]:
    impaired = ImpairedInstances({NODE.id: ("instance",)})
    console = SilentConsole(ConsoleOutput("\n".join(lines), None))
    [found] = instance_passes_status_checks(AWAY, RUNNING, impaired, console)
    return [each.fact for each in found.evidence]


@pytest.mark.parametrize(
    ("lines", "sleeps", "skewed"),
    [
        pytest.param([STARTED], False, False, id="started"),
        pytest.param([STARTED, SLEEPS], True, False, id="hibernates"),
        pytest.param([STARTED, SLEEPS, STARTED], False, False, id="hibernated, and was started again"),
        pytest.param([STARTED, SKEWED], False, True, id="a clock behind"),
        pytest.param([STARTED, EARLY], False, True, id="a clock ahead"),
        pytest.param([SKEWED, STARTED], False, False, id="a clock that was wrong before the start"),
        pytest.param([STARTED, SKEWED, SLEEPS], True, True, id="sleeps for its clock"),
        pytest.param(["[0.0] Linux version 6.1"], False, False, id="nothing of the agent"),
    ],
)
def test_the_console_tells_while_the_agent_has_not_started_again(
    lines: list[str], sleeps: object, skewed: object
) -> None:
    console = ConsoleOutput("\n".join(lines), None)
    asleep = Said("agent-hibernating", Status.FAIL, LIKELY, NODE.id, ("steps-install-agent",))
    wrong = Said("node-clock-skewed", Status.FAIL, LIKELY, NODE.id, ("reboot-instance",))
    assert said(agent_is_awake(AWAY, RUNNING, console)) == ([asleep] if sleeps else [])
    assert said(clock_of_the_node_is_right(AWAY, RUNNING, console)) == ([wrong] if skewed else [])


def test_a_console_without_output_tells_nothing() -> None:
    silent = Absent("console output of the instance", "ec2:GetConsoleOutput")
    assert agent_is_awake(AWAY, RUNNING, silent) == ()
    assert clock_of_the_node_is_right(AWAY, RUNNING, silent) == ()


def test_evidence_of_a_long_console_line_is_cut() -> None:
    line = f"{SLEEPS} {'x' * 1000}"
    (found,) = agent_is_awake(AWAY, replace(RUNNING), ConsoleOutput(line, None))
    assert len(found.evidence[0].fact) < 250
