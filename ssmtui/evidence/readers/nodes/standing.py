"""What a node itself proves, and what makes a question about it meaningful."""

from __future__ import annotations

from collections.abc import Hashable

from ssmtui.evidence.gathering.reading import derives, reads
from ssmtui.evidence.wire.aws import Aws, AwsError, ReadFailed
from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot, Obstacle, Unreadable
from ssmtui.model.node import (
    ConnectionStatus,
    Instance,
    InstanceState,
    Node,
    NodeKind,
    PingStatus,
    Registration,
)
from ssmtui.model.standing import (
    ManagedHybridNode,
    ManagedNode,
    Observation,
    RunningInstance,
    RunningNode,
    UnconnectedNode,
    UnmanagedInstance,
)

_UP = frozenset({InstanceState.PENDING, InstanceState.RUNNING})


def is_up(node: Node) -> bool:
    """Whether a node may be connected, as far as EC2 tells: one that is stopped is not asked about."""
    return not isinstance(node.instance, Instance) or node.instance.state in _UP


@derives
def running_node(node: Node) -> RunningNode | Moot | Unreadable:
    """A hybrid node runs as far as AWS can tell; so does an instance that EC2 will not show, where its ping arrives."""
    if isinstance(node.instance, Unreadable):
        return RunningNode(node) if node.ping is PingStatus.ONLINE else node.instance
    if isinstance(node.instance, Instance) and not is_up(node):
        return Moot(say("the instance is {state}", state=node.instance.state.value))
    return RunningNode(node)


@derives
def running_instance(running: RunningNode) -> RunningInstance | Moot | Unreadable:
    """Of an instance that EC2 will not show, nothing can be told that EC2 knows."""
    instance = running.node.instance
    if isinstance(instance, Absent):
        return Moot(say("a hybrid node is no EC2 instance"))
    if isinstance(instance, Unreadable):
        return instance
    return RunningInstance(running.node, instance)


@derives
def managed_node(running: RunningNode) -> ManagedNode | Moot | Unreadable:
    """A node with a registration."""
    registration = running.node.registration
    if isinstance(registration, Registration):
        return ManagedNode(running.node, registration)
    return registration if isinstance(registration, Unreadable) else Moot(say("Systems Manager does not list the node"))


@derives
def managed_hybrid_node(managed: ManagedNode) -> ManagedHybridNode | Moot:
    """A registered node that is no EC2 instance."""
    if managed.node.kind is not NodeKind.HYBRID:
        return Moot(say("an EC2 instance needs no activation"))
    return ManagedHybridNode(managed.node, managed.registration)


@derives
def unmanaged_instance(running: RunningInstance) -> UnmanagedInstance | Moot | Unreadable:
    """An instance that has started, and has no registration."""
    if isinstance(running.node.registration, Unreadable):
        return running.node.registration
    if running.node.managed:
        return Moot(say("Systems Manager lists the node"))
    if running.instance.state is InstanceState.PENDING:
        return Moot(say("the instance is starting"))
    return UnmanagedInstance(running.node, running.instance)


@derives
def unconnected_node(running: RunningNode, observation: Observation) -> UnconnectedNode | Moot:
    """A node that is not online, or not connected. Of one that is online and was not asked about, neither is known."""
    if observation.online and observation.connected:
        return Moot(say("the node is online and connected: its ways to ssm and ssmmessages are open"))
    if observation.online and observation.connection is None:
        return Moot(say("the node is online, and nobody has asked whether it is connected"))
    return UnconnectedNode(running.node, observation)


def _node_and_ping(node: Node, running: RunningNode | Unreadable) -> Hashable:
    return node.id, node.ping


@reads("ssm:GetConnectionStatus", key=_node_and_ping)
async def observation(aws: Aws, node: Node, running: RunningNode | Unreadable) -> Observation:
    """The ping is the listing's; the connection is asked for. One that is refused leaves the ping known."""
    return Observation(node.ping, await _connection(aws, node.id))


async def _connection(aws: Aws, node_id: str) -> ConnectionStatus | Unreadable:
    try:
        answer = await aws.call("ssm", "GetConnectionStatus", Target=node_id)
    except ReadFailed as failed:
        return failed.unreadable
    except AwsError as error:
        return Unreadable("", f"ssm:GetConnectionStatus: {error}", Obstacle.FAILED, "ssm:GetConnectionStatus")
    return answer.word("Status", ConnectionStatus)
