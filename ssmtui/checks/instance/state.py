"""Check whether an instance runs, passes its status checks, has had time to start, and serves metadata."""

from __future__ import annotations

from datetime import timedelta

from ssmtui.analysis.console_log import boot_failure
from ssmtui.analysis.finding_parts import the_node, unread_finding
from ssmtui.checks.registry import check
from ssmtui.language import say
from ssmtui.model.fact import Absent, NotApplicable, Now, Unreadable, end_of_delay
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Link, Status
from ssmtui.model.node import Instance, InstanceState, Node, PingStatus
from ssmtui.model.node_facts import ImpairedInstances, Observation, RunningInstance, SilentConsole, UnconnectedNode

_CAUSE = "instance-not-running"
_UP = frozenset({InstanceState.PENDING, InstanceState.RUNNING})


@check(link=Link.INSTANCE, causes=(_CAUSE,), subject=the_node)
def instance_runs(node: Node) -> Findings:
    """Whether the instance runs."""
    if isinstance(node.instance, Unreadable) and node.ping is not PingStatus.ONLINE:
        return (
            unread_finding(
                _CAUSE, the_node(node), say("Whether {node} runs could not be told.", node=node.name), node.instance
            ),
        )
    if not isinstance(node.instance, Instance) or node.instance.state in _UP:
        return ()
    state = node.instance.state.value
    return (
        Finding(
            cause=_CAUSE,
            status=Status.INFO,
            confidence=Confidence.PROVED,
            subject=the_node(node),
            summary=say("{node} is {state}: sessions need a running instance.", node=node.name, state=state),
            evidence=(
                Evidence(say("the state of {node} is {state}", node=node.id, state=state), "ec2:DescribeInstances"),
            ),
            fixes=("start-instance",),
        ),
    )


# An agent reports every five minutes, first when it has started (docs/facts/nodes.md §1).
_FIRST_REPORT = timedelta(minutes=5)


@check(link=Link.INSTANCE, causes=("instance-starting",), subject=the_node, after=("instance-runs",))
def instance_has_had_time_to_start(away: UnconnectedNode, running: RunningInstance, now: Now) -> Findings:
    """Whether the instance has had time to start."""
    until = end_of_delay(running.instance.launched, _FIRST_REPORT, now.at)
    if until is None:
        return ()
    node = away.node
    return (
        Finding(
            cause="instance-starting",
            status=Status.WARN,
            confidence=Confidence.LIKELY,
            subject=the_node(node),
            summary=say(
                "{node} was started at {launched:%H:%M} UTC; its agent may still be coming.",
                node=node.name,
                launched=running.instance.launched,
            ),
            evidence=(
                Evidence(
                    say("LaunchTime is {launched:%Y-%m-%d %H:%M} UTC", launched=running.instance.launched),
                    "ec2:DescribeInstances",
                ),
            ),
            until=until,
        ),
    )


@check(link=Link.INSTANCE, causes=("instance-impaired",), subject=the_node, after=("instance-has-had-time-to-start",))
def instance_passes_status_checks(
    away: UnconnectedNode,
    running: RunningInstance,
    impaired: ImpairedInstances,
    console: SilentConsole | Absent | NotApplicable | Unreadable,
) -> Findings:
    """Whether the instance passes EC2's status checks."""
    failed = impaired.checks_by_id.get(running.instance.id, ())
    if not failed:
        return ()
    node = away.node
    return (
        Finding(
            cause="instance-impaired",
            status=Status.FAIL,
            confidence=Confidence.LIKELY,
            subject=the_node(node),
            summary=say(
                "{node} fails EC2's status checks: its operating system or its host does not answer.", node=node.name
            ),
            evidence=(
                *(
                    Evidence(say("the {name} status is impaired", name=name), "ec2:DescribeInstanceStatus")
                    for name in failed
                ),
                *boot_failure(console),
            ),
            fixes=("reboot-instance",),
        ),
    )


@check(link=Link.INSTANCE, causes=("imds-disabled",), subject=the_node, after=("instance-passes-status-checks",))
def instance_metadata_is_on(running: RunningInstance, observation: Observation) -> Findings:
    """Whether the instance metadata service is on."""
    if running.instance.metadata.endpoint_enabled:
        return ()
    node = running.node
    return (
        Finding(
            cause="imds-disabled",
            status=Status.WARN if observation.online else Status.FAIL,
            confidence=Confidence.PROVED,
            subject=the_node(node),
            summary=say(
                "The instance metadata service of {node} is off, so SSM Agent gets no credentials.", node=node.name
            ),
            evidence=(Evidence(say("MetadataOptions.HttpEndpoint is disabled"), "ec2:DescribeInstances"),),
            fixes=("enable-instance-metadata",),
        ),
    )
