"""What a node itself proves, and what makes a question about it meaningful."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.node import ConnectionStatus, InstanceState, Node, NodeKind, PingStatus, traits_of
from ssmtui.model.node_facts import (
    ManagedNode,
    Observation,
    RunningInstance,
    RunningNode,
    UnconnectedNode,
    UnmanagedInstance,
)
from tests.builders.fleet import a_node
from tests.evidence.fact_builders import fact
from tests.evidence.fake_aws import FakeAws, refused

HIDDEN = Unreadable("ec2:DescribeInstances", "no")


def connected(status: str = "connected") -> FakeAws:
    return FakeAws(ssm_GetConnectionStatus=lambda **asked: {"Target": asked["Target"], "Status": status})


def a_hybrid_node() -> Node:
    node = a_node("mi-0000000000000001a")
    return replace(node, kind=NodeKind.HYBRID, instance=Absent("an EC2 instance", "ssm:DescribeInstanceProperties"))


@pytest.mark.parametrize("state", [InstanceState.STOPPED, InstanceState.STOPPING, InstanceState.SHUTTING_DOWN])
async def test_of_a_node_that_does_not_run_nothing_else_is_asked(state: InstanceState) -> None:
    node, aws = a_node(state=state), connected()
    for kind in (RunningNode, RunningInstance, ManagedNode, UnmanagedInstance, UnconnectedNode, Observation):
        assert await fact(aws, kind, node) == NotApplicable(f"the instance is {state.value}")
    assert aws.calls == {}


async def test_a_running_managed_instance() -> None:
    node, aws = a_node(), connected()
    traits = traits_of(node)
    assert await fact(aws, RunningNode, node) == RunningNode(traits_of(node))
    assert await fact(aws, RunningInstance, node) == RunningInstance(traits, traits.instance)  # type: ignore[arg-type]
    assert await fact(aws, ManagedNode, node) == ManagedNode(traits, traits.registration)  # type: ignore[arg-type]
    assert isinstance(await fact(aws, UnmanagedInstance, node), NotApplicable)


async def test_a_running_instance_without_a_registration_is_unmanaged() -> None:
    node, aws = a_node(ping=None), connected("notconnected")
    traits = traits_of(node)
    assert isinstance(await fact(aws, ManagedNode, node), NotApplicable)
    assert await fact(aws, UnmanagedInstance, node) == UnmanagedInstance(traits, traits.instance)  # type: ignore[arg-type]
    assert await fact(aws, Observation, node) == Observation(None, ConnectionStatus.NOT_CONNECTED)


async def test_a_starting_instance_is_not_blamed_for_having_no_registration_yet() -> None:
    node = a_node(ping=None, state=InstanceState.PENDING)
    assert await fact(connected(), UnmanagedInstance, node) == NotApplicable("the instance is starting")


async def test_a_hybrid_node_runs_and_is_no_instance() -> None:
    node, aws = a_hybrid_node(), connected()
    assert await fact(aws, RunningNode, node) == RunningNode(traits_of(node))
    assert await fact(aws, RunningInstance, node) == NotApplicable("a hybrid node is not an EC2 instance")
    assert isinstance(await fact(aws, ManagedNode, node), ManagedNode)


async def test_an_instance_that_ec2_hides_runs_where_its_ping_arrives_and_else_nobody_knows() -> None:
    online = replace(a_node(), instance=HIDDEN)
    lost = replace(a_node(ping=PingStatus.CONNECTION_LOST), instance=HIDDEN)
    assert await fact(connected(), RunningNode, online) == RunningNode(traits_of(online))
    assert await fact(connected(), RunningInstance, online) == HIDDEN
    assert await fact(connected(), RunningNode, lost) == HIDDEN
    assert await fact(connected("notconnected"), Observation, lost) == Observation(
        PingStatus.CONNECTION_LOST, ConnectionStatus.NOT_CONNECTED
    )


async def test_where_registrations_are_hidden_nothing_is_called_unmanaged() -> None:
    hidden = Unreadable("ssm:DescribeInstanceProperties", "no")
    node = replace(a_node(), registration=hidden)
    assert await fact(connected(), ManagedNode, node) == hidden
    assert await fact(connected(), UnmanagedInstance, node) == hidden


async def test_online_and_connected_proves_both_ways() -> None:
    found = await fact(connected(), UnconnectedNode, a_node())
    assert isinstance(found, NotApplicable)


@pytest.mark.parametrize(
    ("ping", "status"),
    [(PingStatus.ONLINE, "notconnected"), (PingStatus.CONNECTION_LOST, "connected"), (None, "connected")],
)
async def test_one_of_the_two_alone_leaves_the_ways_in_question(ping: PingStatus | None, status: str) -> None:
    node = a_node(ping=ping)
    found = await fact(connected(status), UnconnectedNode, node)
    assert found == UnconnectedNode(traits_of(node), Observation(ping, ConnectionStatus(status)))


async def test_a_refused_connection_status_leaves_the_ping_known_and_the_channel_unknown() -> None:
    aws = FakeAws(ssm_GetConnectionStatus=refused("ssm:GetConnectionStatus"))
    seen = await fact(aws, Observation, a_node())
    assert isinstance(seen, Observation)
    assert seen.online
    assert not seen.connected
    assert isinstance(seen.connection, Unreadable)
    assert seen.connection.action == "ssm:GetConnectionStatus"
    assert isinstance(await fact(aws, UnconnectedNode, a_node()), UnconnectedNode)
