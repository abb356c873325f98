"""Whether Systems Manager lists the node, hears from it, and has its control channel: last resorts of explanation."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.console import complaint
from ssmtui.checks.doubt import unread
from ssmtui.checks.subjects import the_node
from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.change_delay import ChangeDelay
from ssmtui.model.finding import JOURNAL, Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.node import ConnectionStatus, InstanceState, Node, NodeKind, PingStatus
from ssmtui.model.path import Link
from ssmtui.model.standing import HostManagementDelay, ManagedNode, Observation, RunningInstance
from ssmtui.model.system import SilentConsole

_LISTING = "ssm:DescribeInstanceProperties"


@check(
    link=Link.AGENT,
    causes=("not-registered",),
    subject=the_node,
    after=("hybrid-nodes-are-on-the-advanced-tier",),
    last_resort=True,
)
def node_is_registered(
    running: RunningInstance,
    console: SilentConsole | Absent | Moot | Unreadable,
    delay: HostManagementDelay | Absent | Moot | Unreadable,
    change: ChangeDelay | Moot,
) -> Findings:
    """Whether Systems Manager lists the instance."""
    node = running.node
    if isinstance(node.registration, Unreadable):
        summary = say("Whether Systems Manager lists {node} could not be told.", node=node.name)
        return (unread("not-registered", the_node(node), summary, node.registration),)
    if not isinstance(node.registration, Absent) or running.instance.state is InstanceState.PENDING:
        return ()
    if isinstance(change, ChangeDelay):
        return (_awaited_change("not-registered", node, change),)
    if isinstance(delay, HostManagementDelay):
        return (_awaited("not-registered", delay),)
    if isinstance(delay, Unreadable):
        return (_perhaps_awaited("not-registered", node, delay),)
    return (
        Finding(
            cause="not-registered",
            status=Status.FAIL,
            confidence=Confidence.PROVED,
            subject=the_node(node),
            summary=say("{node} runs, but its SSM Agent has not registered with Systems Manager.", node=node.name),
            evidence=(
                Evidence(say("{node} is running", node=node.id), "ec2:DescribeInstances"),
                Evidence(say("Systems Manager does not list {node}", node=node.id), _LISTING),
                *complaint(console),
            ),
            fixes=("steps-install-agent", "reboot-instance"),
        ),
    )


@check(
    link=Link.AGENT,
    causes=("connection-lost",),
    subject=the_node,
    after=("last-agent-update-went-through",),
    last_resort=True,
)
def node_reports(
    managed: ManagedNode,
    console: SilentConsole | Absent | Moot | Unreadable,
    delay: HostManagementDelay | Absent | Moot | Unreadable,
    change: ChangeDelay | Moot,
) -> Findings:
    """Whether the node reports to Systems Manager."""
    registration = managed.registration
    if registration.ping is PingStatus.ONLINE:
        return ()
    if isinstance(change, ChangeDelay):
        return (_awaited_change("connection-lost", managed.node, change),)
    if isinstance(delay, HostManagementDelay):
        return (_awaited("connection-lost", delay),)
    if isinstance(delay, Unreadable):
        return (_perhaps_awaited("connection-lost", managed.node, delay),)
    since = (
        say(" since {last_ping:%Y-%m-%d %H:%M} UTC", last_ping=registration.last_ping) if registration.last_ping else ""
    )
    return (
        Finding(
            cause="connection-lost",
            status=Status.FAIL,
            confidence=Confidence.PROVED,
            subject=the_node(managed.node),
            summary=say("Systems Manager has not heard from {node}{since}.", node=managed.node.name, since=since),
            evidence=(
                Evidence(say("PingStatus is {ping}{since}", ping=registration.ping.value, since=since), _LISTING),
                *complaint(console),
            ),
            fixes=("steps-install-agent", "reboot-instance")
            if managed.node.kind is NodeKind.EC2
            else ("steps-install-agent",),
        ),
    )


@check(link=Link.AGENT, causes=("control-channel-down",), subject=the_node, after=("node-reports",), last_resort=True)
def control_channel_is_up(
    managed: ManagedNode,
    observation: Observation,
    console: SilentConsole | Absent | Moot | Unreadable,
    change: ChangeDelay | Moot,
) -> Findings:
    """Whether the node holds its control channel open."""
    node = managed.node
    if isinstance(observation.connection, Unreadable):
        summary = say("Whether {node} holds its control channel open could not be told.", node=node.name)
        return (unread("control-channel-down", the_node(node), summary, observation.connection),)
    if not observation.online or observation.connection is not ConnectionStatus.NOT_CONNECTED:
        return ()
    if isinstance(change, ChangeDelay):
        return (_awaited_change("control-channel-down", node, change),)
    return (
        Finding(
            cause="control-channel-down",
            status=Status.FAIL,
            confidence=Confidence.PROVED,
            subject=the_node(node),
            summary=say("{node} reports to ssm, but holds no control channel to ssmmessages.", node=node.name),
            evidence=(
                Evidence(say("PingStatus is Online"), _LISTING),
                Evidence(say("Status is notconnected"), "ssm:GetConnectionStatus"),
                *complaint(console),
            ),
            fixes=("restart-agent", "reboot-instance") if node.kind is NodeKind.EC2 else ("restart-agent",),
        ),
    )


def _awaited_change(cause: str, node: Node, change: ChangeDelay) -> Finding:
    """A node that a change made from here will bring back by and by."""
    return Finding(
        cause=cause,
        status=Status.WARN,
        confidence=Confidence.LIKELY,
        subject=the_node(node),
        summary=say(
            "{node} has yet to come back after a change made at {made} UTC: that takes until {until} at the longest.",
            node=node.name,
            made=f"{change.made:%H:%M}",
            until=f"{change.until:%H:%M}",
        ),
        evidence=(Evidence(say("made from here: {title}", title=change.title), JOURNAL),),
        until=change.until,
    )


def _perhaps_awaited(cause: str, node: Node, unreadable: Unreadable) -> Finding:
    """A node that default host management may serve by and by: when it was set was not told."""
    summary = say("Whether {node} waits for default host management could not be told.", node=node.name)
    return unread(cause, the_node(node), summary, unreadable)


def _awaited(cause: str, delay: HostManagementDelay) -> Finding:
    """A node that default host management will serve by and by."""
    return Finding(
        cause=cause,
        status=Status.WARN,
        confidence=Confidence.LIKELY,
        subject=the_node(delay.node),
        summary=say(
            "{node} waits for default host management, set at {set_at} UTC: AWS takes until {until} for that.",
            node=delay.node.name,
            set_at=f"{delay.set_at:%H:%M}",
            until=f"{delay.until:%H:%M}",
        ),
        evidence=(
            Evidence(
                say("the setting was changed at {changed} UTC", changed=f"{delay.set_at:%Y-%m-%d %H:%M}"),
                "ssm:GetServiceSetting",
            ),
        ),
        until=delay.until,
    )
