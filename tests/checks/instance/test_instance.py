from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ssmtui.checks.instance import instance_metadata_is_on, instance_runs, root_volume_has_space
from ssmtui.model.fact import Absent, Now, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Status, Subject, SubjectKind
from ssmtui.model.node import Instance, InstanceState, MetadataOptions, MetadataTokens, Node, PingStatus
from ssmtui.model.node_facts import ConsoleAsked, ConsoleOutput, Observation, RunningInstance
from tests.builders.fleet import NOON, a_node
from tests.checks.outcome import Said, said

PROVED, POSSIBLE = Confidence.PROVED, Confidence.POSSIBLE
NO_LISTING = Unreadable("ec2:DescribeInstances", "not authorized")


def running(node: Node) -> RunningInstance:
    assert isinstance(node.instance, Instance)
    return RunningInstance(node, node.instance)


def in_state(state: InstanceState) -> Node:
    return a_node(state=state, ping=None)


def hybrid() -> Node:
    return replace(a_node(), instance=Absent("an EC2 instance", "ssm:DescribeInstanceProperties"))


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        pytest.param(in_state(InstanceState.RUNNING), [], id="running"),
        pytest.param(in_state(InstanceState.PENDING), [], id="starting"),
        pytest.param(hybrid(), [], id="no instance"),
        pytest.param(in_state(InstanceState.STOPPED), [(Status.INFO, PROVED, ("start-instance",), ())], id="stopped"),
        pytest.param(in_state(InstanceState.STOPPING), [(Status.INFO, PROVED, ("start-instance",), ())], id="stopping"),
        pytest.param(
            replace(a_node(ping=PingStatus.CONNECTION_LOST), instance=NO_LISTING),
            [(Status.UNKNOWN, POSSIBLE, (), ("ec2:DescribeInstances",))],
            id="not to be seen",
        ),
        pytest.param(replace(a_node(), instance=NO_LISTING), [], id="not to be seen, and online"),
    ],
)
def test_an_instance_runs(
    node: Node, expected: list[tuple[Status, Confidence, tuple[str, ...], tuple[str, ...]]]
) -> None:
    assert said(instance_runs(node)) == [
        Said("instance-not-running", status, sure, node.id, fixes, needs) for status, sure, fixes, needs in expected
    ]


@pytest.mark.parametrize(
    ("enabled", "ping", "expected"),
    [
        pytest.param(True, None, [], id="on"),
        pytest.param(False, None, [Status.FAIL], id="off"),
        pytest.param(False, PingStatus.ONLINE, [Status.WARN], id="off, and online for now"),
    ],
)
def test_the_instance_metadata_service_is_on(enabled: object, ping: PingStatus | None, expected: list[Status]) -> None:
    node = a_node(ping=ping)
    assert isinstance(node.instance, Instance)
    metadata = MetadataOptions(endpoint_enabled=bool(enabled), tokens=MetadataTokens.REQUIRED)
    seen = RunningInstance(node, replace(node.instance, metadata=metadata))
    assert said(instance_metadata_is_on(seen, Observation(ping, None))) == [
        Said("imds-disabled", status, PROVED, node.id, ("enable-instance-metadata",)) for status in expected
    ]


def asked(*, connected: bool = False) -> ConsoleAsked:
    node = a_node(ping=PingStatus.ONLINE if connected else PingStatus.CONNECTION_LOST)
    assert isinstance(node.instance, Instance)
    return ConsoleAsked(node, node.instance, connected=connected)


def test_a_full_root_volume_is_what_the_console_says() -> None:
    line = "amazon-ssm-agent[812]: write /var/lib/amazon: no space left on device"
    console = ConsoleOutput(f"[ 1.0] boot\n{line}\nlogin:", None)
    assert root_volume_has_space(asked(), console, Now(NOON)) == (
        Finding(
            cause="root-volume-full",
            status=Status.FAIL,
            confidence=Confidence.LIKELY,
            subject=Subject(SubjectKind.NODE, asked().node.id),
            summary="The root volume of web-1 is full, says its console.",
            evidence=(Evidence(f"the console says: {line}", "ec2:GetConsoleOutput"),),
            fixes=("steps-free-disk",),
        ),
    )


def test_a_console_that_says_nothing_of_it_is_no_fault() -> None:
    assert root_volume_has_space(asked(), ConsoleOutput("login:", None), Now(NOON)) == ()
    assert root_volume_has_space(asked(), Absent("console output", "ec2:GetConsoleOutput"), Now(NOON)) == ()


def test_a_volume_that_was_full_before_the_last_start_may_have_been_freed() -> None:
    boot, full = "[ 0.0] Linux version 6.1.102", "rsyslogd: write error: No space left on device"

    def judge(*lines: str) -> bool:
        return bool(root_volume_has_space(asked(), ConsoleOutput("\n".join(lines), None), Now(NOON)))

    assert judge(boot, full)
    assert not judge(boot, full, boot, "login:")
    assert judge(boot, full, boot, full)


@pytest.mark.parametrize(
    ("connected", "captured", "status"),
    [
        pytest.param(True, None, Status.FAIL, id="connected, and of no known time"),
        pytest.param(True, NOON + timedelta(hours=1), Status.FAIL, id="connected, and an hour old"),
        pytest.param(True, NOON - timedelta(days=99), Status.FAIL, id="connected, and of before the launch"),
        pytest.param(True, NOON + timedelta(minutes=1), Status.WARN, id="connected, and older than a day"),
        pytest.param(False, NOON + timedelta(minutes=1), Status.FAIL, id="away, and older than a day"),
    ],
)
def test_a_node_that_is_connected_may_have_been_freed_since_its_console_was_written(
    connected: object, captured: datetime | None, status: Status
) -> None:
    console = ConsoleOutput("rsyslogd: write error: No space left on device", captured)
    now = Now(NOON + timedelta(days=1, minutes=30))
    told = root_volume_has_space(asked(connected=bool(connected)), console, now)
    assert [(each.cause, each.status) for each in told] == [("root-volume-full", status)]


@pytest.mark.parametrize(("connected", "status"), [(True, Status.INFO), (False, Status.UNKNOWN)])
def test_a_console_that_cannot_be_read_is_a_note_of_a_connected_node_only(connected: object, status: Status) -> None:
    refused = Unreadable("ec2:GetConsoleOutput", "not authorized")
    node = asked(connected=bool(connected))
    assert said(root_volume_has_space(node, refused, Now(NOON))) == [
        Said("root-volume-full", status, POSSIBLE, node.node.id, (), ("ec2:GetConsoleOutput",))
    ]
