"""Whether Systems Manager lists the node, hears from it, and has its control channel: last resorts of explanation."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.doubt import unread
from ssmtui.checks.subjects import the_node
from ssmtui.model.answers import Absent, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.node import ConnectionStatus, InstanceState, PingStatus
from ssmtui.model.path import Link
from ssmtui.model.standing import ManagedNode, Observation, RunningInstance

_LISTING = "ssm:DescribeInstanceProperties"


@check(link=Link.AGENT, causes=("not-registered",), subject=the_node, rank=10, last_resort=True)
def node_is_registered(running: RunningInstance) -> Findings:
    """Whether Systems Manager lists the instance."""
    node = running.node
    if isinstance(node.registration, Unreadable):
        summary = f"Whether Systems Manager lists {node.name} could not be told."
        return (unread("not-registered", the_node(node), summary, node.registration),)
    if not isinstance(node.registration, Absent) or running.instance.state is InstanceState.PENDING:
        return ()
    return (
        Finding(
            cause="not-registered",
            status=Status.FAIL,
            confidence=Confidence.PROVED,
            subject=the_node(node),
            summary=f"{node.name} runs, but its SSM Agent has not registered with Systems Manager.",
            evidence=(
                Evidence(f"{node.id} is running", "ec2:DescribeInstances"),
                Evidence(f"Systems Manager does not list {node.id}", _LISTING),
            ),
            fixes=("steps-install-agent", "reboot-instance"),
        ),
    )


@check(link=Link.AGENT, causes=("connection-lost",), subject=the_node, rank=20, last_resort=True)
def node_reports(managed: ManagedNode) -> Findings:
    """Whether the node reports to Systems Manager."""
    registration = managed.registration
    if registration.ping is PingStatus.ONLINE:
        return ()
    since = f" since {registration.last_ping:%Y-%m-%d %H:%M} UTC" if registration.last_ping else ""
    return (
        Finding(
            cause="connection-lost",
            status=Status.FAIL,
            confidence=Confidence.PROVED,
            subject=the_node(managed.node),
            summary=f"Systems Manager has not heard from {managed.node.name}{since}.",
            evidence=(Evidence(f"PingStatus is {registration.ping.value}{since}", _LISTING),),
        ),
    )


@check(link=Link.AGENT, causes=("control-channel-down",), subject=the_node, rank=30, last_resort=True)
def control_channel_is_up(managed: ManagedNode, observation: Observation) -> Findings:
    """Whether the node holds its control channel open."""
    node = managed.node
    if isinstance(observation.connection, Unreadable):
        summary = f"Whether {node.name} holds its control channel open could not be told."
        return (unread("control-channel-down", the_node(node), summary, observation.connection),)
    if not observation.online or observation.connection is not ConnectionStatus.NOT_CONNECTED:
        return ()
    return (
        Finding(
            cause="control-channel-down",
            status=Status.FAIL,
            confidence=Confidence.PROVED,
            subject=the_node(node),
            summary=f"{node.name} reports to ssm, but holds no control channel to ssmmessages.",
            evidence=(
                Evidence("PingStatus is Online", _LISTING),
                Evidence("Status is notconnected", "ssm:GetConnectionStatus"),
            ),
            fixes=("restart-agent",),
        ),
    )
