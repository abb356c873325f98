from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.checks.agent.registration import control_channel_is_up, node_is_registered, node_reports
from ssmtui.model.answers import Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Status
from ssmtui.model.node import ConnectionStatus, Instance, InstanceState, Node, PingStatus, Registration
from ssmtui.model.standing import ManagedNode, Observation, RunningInstance
from ssmtui.model.subject import Subject, SubjectKind
from tests.builders.fleet import a_node
from tests.checks.outcome import Said, said

PROVED, POSSIBLE = Confidence.PROVED, Confidence.POSSIBLE
NO_LISTING = Unreadable("ssm:DescribeInstanceProperties", "not authorized")
NO_STATUS = Unreadable("ssm:GetConnectionStatus", "not authorized")


def managed(ping: PingStatus) -> ManagedNode:
    node = a_node(ping=ping)
    assert isinstance(node.registration, Registration)
    return ManagedNode(node, node.registration)


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        pytest.param(a_node(), [], id="listed"),
        pytest.param(a_node(ping=PingStatus.CONNECTION_LOST), [], id="listed, and lost"),
        pytest.param(
            a_node(ping=None), [(Status.FAIL, PROVED, ("steps-install-agent", "reboot-instance"), ())], id="not listed"
        ),
        pytest.param(a_node(ping=None, state=InstanceState.PENDING), [], id="not listed yet: it is starting"),
        pytest.param(
            replace(a_node(), registration=NO_LISTING),
            [(Status.UNKNOWN, POSSIBLE, (), ("ssm:DescribeInstanceProperties",))],
            id="the list is not to be read",
        ),
    ],
)
def test_systems_manager_lists_a_running_instance(
    node: Node, expected: list[tuple[Status, Confidence, tuple[str, ...], tuple[str, ...]]]
) -> None:
    assert isinstance(node.instance, Instance)
    assert said(node_is_registered(RunningInstance(node, node.instance))) == [
        Said("not-registered", status, sure, node.id, fixes, needs) for status, sure, fixes, needs in expected
    ]


@pytest.mark.parametrize(
    ("ping", "lost"), [(PingStatus.ONLINE, False), (PingStatus.CONNECTION_LOST, True), (PingStatus.INACTIVE, True)]
)
def test_a_node_reports(ping: PingStatus, lost: object) -> None:
    node = managed(ping)
    assert bool(node_reports(node)) is lost


def test_a_lost_connection_says_since_when() -> None:
    node = managed(PingStatus.CONNECTION_LOST)
    assert node_reports(node) == (
        Finding(
            cause="connection-lost",
            status=Status.FAIL,
            confidence=PROVED,
            subject=Subject(SubjectKind.NODE, node.node.id),
            summary="Systems Manager has not heard from web-1 since 2026-11-25 12:00 UTC.",
            evidence=(
                Evidence("PingStatus is ConnectionLost since 2026-11-25 12:00 UTC", "ssm:DescribeInstanceProperties"),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("ping", "connection", "expected"),
    [
        pytest.param(PingStatus.ONLINE, ConnectionStatus.CONNECTED, [], id="connected"),
        pytest.param(
            PingStatus.ONLINE,
            ConnectionStatus.NOT_CONNECTED,
            [(Status.FAIL, PROVED, ("restart-agent",), ())],
            id="down",
        ),
        pytest.param(PingStatus.CONNECTION_LOST, ConnectionStatus.NOT_CONNECTED, [], id="down with all else"),
        pytest.param(PingStatus.ONLINE, None, [], id="not asked for"),
        pytest.param(
            PingStatus.ONLINE,
            NO_STATUS,
            [(Status.UNKNOWN, POSSIBLE, (), ("ssm:GetConnectionStatus",))],
            id="not to be read",
        ),
    ],
)
def test_the_control_channel_is_up(
    ping: PingStatus,
    connection: ConnectionStatus | Unreadable | None,
    expected: list[tuple[Status, Confidence, tuple[str, ...], tuple[str, ...]]],
) -> None:
    node = managed(ping)
    assert said(control_channel_is_up(node, Observation(ping, connection))) == [
        Said("control-channel-down", status, sure, node.node.id, fixes, needs)
        for status, sure, fixes, needs in expected
    ]
