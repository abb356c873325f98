"""Checks of the instance: its state, metadata service, resources, and console output."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from ssmtui.analysis.console_log import (
    HIBERNATES,
    NO_SPACE,
    NOT_RUNNING,
    OUT_OF_INOTIFY_INSTANCES,
    SKEWED,
    boot_failure,
    booted_without_agent,
    captured_at,
    console_evidence,
    is_current,
    last_line,
    line_since_boot,
    refused_line,
    unread_console_finding,
)
from ssmtui.analysis.finding_parts import the_node, unread_finding
from ssmtui.checks.registry import check
from ssmtui.language import say, say_many
from ssmtui.model.fact import Absent, NotApplicable, Now, OfNode, Unreadable, end_of_delay
from ssmtui.model.finding import SERVICE_MANAGED, Confidence, Evidence, Finding, Findings, Link, Status
from ssmtui.model.iam_questions import UPDATE_INSTANCE_INFORMATION
from ssmtui.model.node import Instance, InstanceState, Node, NodeTraits, PingStatus
from ssmtui.model.node_facts import (
    ConsoleOutput,
    ConsoleOutputQuery,
    ImpairedInstances,
    ManagedNode,
    Observation,
    RunningInstance,
    RunningNode,
    SilentConsole,
    UnconnectedNode,
    UnmanagedInstance,
)
from ssmtui.model.sessions import ActiveSession, CrowdedSessions, StaleSessions

_NOT_RUNNING_CAUSE = "instance-not-running"
_UP = frozenset({InstanceState.PENDING, InstanceState.RUNNING})


@check(link=Link.INSTANCE, causes=(_NOT_RUNNING_CAUSE,), subject=the_node)
def instance_runs(traits: NodeTraits) -> Findings | NotApplicable | OfNode[Findings]:
    """Whether the instance is running."""
    instance = traits.instance
    if isinstance(instance, Absent):
        return NotApplicable(say("a hybrid node is not an EC2 instance"))
    if isinstance(instance, Unreadable):
        return () if traits.ping is PingStatus.ONLINE else OfNode(partial(_unread_state, instance))
    return () if instance.state in _UP else OfNode(partial(_not_running, instance.state.value))


def _unread_state(instance: Unreadable, node: Node) -> Findings:
    summary = say("Cannot determine whether {node} is running.", node=node.name)
    return (unread_finding(_NOT_RUNNING_CAUSE, the_node(node), summary, instance),)


def _not_running(state: str, node: Node) -> Findings:
    return (
        Finding(
            cause=_NOT_RUNNING_CAUSE,
            status=Status.INFO,
            confidence=Confidence.PROVED,
            subject=the_node(node),
            summary=say("{node} is {state}: sessions need a running instance.", node=node.name, state=state),
            evidence=(
                Evidence(say("the state of {node} is {state}", node=node.id, state=state), "ec2:DescribeInstances"),
            ),
            fixes=() if node.service is not None else ("start-instance",),
        ),
    )


@check(
    link=Link.INSTANCE,
    causes=(SERVICE_MANAGED,),
    subject=the_node,
    after=("instance-runs",),
    confirms=False,
)
def users_can_connect(traits: NodeTraits) -> Findings | OfNode[Findings]:
    """Whether users can connect to the instance, or an AWS service manages it."""
    return () if traits.service is None else OfNode(partial(_service_managed, traits.service))


def _service_managed(principal: str, node: Node) -> Findings:
    service = principal or say("an AWS service")
    if node.is_restricted:
        status, confidence = Status.INFO, Confidence.PROVED
        summary = say(
            "{service} manages {node}: AWS does not allow users to connect to it.", service=service, node=node.name
        )
    else:
        # AWS forbids connections, but some services let their instances register: only a session shows what is so.
        status, confidence = Status.UNKNOWN, Confidence.POSSIBLE
        summary = say(
            "{service} manages {node}: only a probe can show whether a session opens.", service=service, node=node.name
        )
    fact = say("Operator.Managed is true, and Operator.Principal is {service}", service=service)
    return (
        Finding(
            cause=SERVICE_MANAGED,
            status=status,
            confidence=confidence,
            subject=the_node(node),
            summary=summary,
            evidence=(Evidence(fact, "ec2:DescribeInstances"),),
        ),
    )


# An agent reports every five minutes, first after its start (docs/facts/nodes.md §1).
_FIRST_REPORT = timedelta(minutes=5)


@check(
    link=Link.INSTANCE, causes=("instance-starting",), subject=the_node, after=("users-can-connect",), confirms=False
)
def instance_has_had_time_to_start(
    away: UnconnectedNode,  # noqa: ARG001 - a precondition
    running: RunningInstance,  # noqa: ARG001 - a precondition
    now: Now,
    node: Node,
) -> Findings:
    """Whether the instance has had time to start."""
    launched = node.instance.launched if isinstance(node.instance, Instance) else None
    until = end_of_delay(launched, _FIRST_REPORT, now.at) if launched is not None else None
    if launched is None or until is None:
        return ()
    return (
        Finding(
            cause="instance-starting",
            status=Status.WARN,
            confidence=Confidence.LIKELY,
            subject=the_node(node),
            summary=say(
                "{node} was started at {launched:%H:%M} UTC; its SSM Agent is possibly still starting.",
                node=node.name,
                launched=launched,
            ),
            evidence=(
                Evidence(
                    say("LaunchTime is {launched:%Y-%m-%d %H:%M} UTC", launched=launched),
                    "ec2:DescribeInstances",
                ),
            ),
            until=until,
        ),
    )


@check(link=Link.INSTANCE, causes=("instance-impaired",), subject=the_node, after=("instance-has-had-time-to-start",))
def instance_passes_status_checks(
    away: UnconnectedNode,  # noqa: ARG001 - a precondition
    running: RunningInstance,  # noqa: ARG001 - a precondition
    impaired: ImpairedInstances,
    console: SilentConsole | Absent | NotApplicable | Unreadable,
    node: Node,
) -> Findings:
    """Whether the instance passes the EC2 status checks."""
    failed = impaired.checks_by_id.get(node.id, ())
    if not failed:
        return ()
    return (
        Finding(
            cause="instance-impaired",
            status=Status.FAIL,
            confidence=Confidence.LIKELY,
            subject=the_node(node),
            summary=say(
                "{node} fails the status checks of EC2: its operating system or its host does not respond.",
                node=node.name,
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
def instance_metadata_is_on(running: RunningInstance, observation: Observation) -> Findings | OfNode[Findings]:
    """Whether the instance metadata service is on."""
    if running.instance.metadata.endpoint_enabled:
        return ()
    return OfNode(
        lambda node: (
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
    )


# Names from EC2's PlatformDetails (also "Red Hat BYOL Linux"): families whose images do not include the agent.
_WITHOUT_AGENT = ("red hat", "rhel")


@check(
    link=Link.INSTANCE,
    causes=("agent-absent",),
    subject=the_node,
    after=("agent-is-awake",),
    last_resort=True,
    confirms=False,
)
def agent_is_installed(
    away: UnconnectedNode,  # noqa: ARG001 - a precondition
    unmanaged: UnmanagedInstance,
    console: ConsoleOutput | Absent,
    node: Node,
) -> Findings:
    """Whether SSM Agent is installed."""
    evidence: list[Evidence] = []
    sureness = Confidence.POSSIBLE
    if (line := last_line(console, NOT_RUNNING)) is not None:
        evidence.append(console_evidence(line))
        sureness = Confidence.LIKELY
    elif booted_without_agent(console):
        evidence.append(
            Evidence(say("the console shows a complete start without a line of SSM Agent"), "ec2:GetConsoleOutput")
        )
        sureness = Confidence.LIKELY
    platform = unmanaged.instance.platform_details
    if any(family in platform.casefold() for family in _WITHOUT_AGENT) and not _started(console):
        evidence.append(
            Evidence(say("images of {platform} do not include SSM Agent", platform=platform), "ec2:DescribeInstances")
        )
    if not evidence:
        return ()
    return (
        Finding(
            cause="agent-absent",
            status=Status.FAIL,
            confidence=sureness,
            subject=the_node(node),
            summary=say("SSM Agent is probably not installed on {node}.", node=node.name),
            evidence=tuple(evidence),
            fixes=("steps-install-agent",),
        ),
    )


def _started(console: ConsoleOutput | Absent) -> bool:
    return isinstance(console, ConsoleOutput) and "ssm agent" in console.text.casefold()


@check(
    link=Link.INSTANCE,
    causes=("node-clock-skewed",),
    subject=the_node,
    after=("root-volume-has-space",),
    confirms=False,
)
def clock_of_the_node_is_right(
    away: UnconnectedNode,  # noqa: ARG001 - a precondition
    running: RunningInstance,  # noqa: ARG001 - a precondition
    console: ConsoleOutput | Absent,
    node: Node,
) -> Findings:
    """Whether the clock of the node is correct."""
    line = last_line(console, SKEWED)
    if line is None:
        return ()
    return (
        Finding(
            cause="node-clock-skewed",
            status=Status.FAIL,
            confidence=Confidence.LIKELY,
            subject=the_node(node),
            summary=say("AWS rejects the requests of {node} because the clock of the node is wrong.", node=node.name),
            evidence=(console_evidence(line),),
            fixes=("reboot-instance",),
        ),
    )


@check(
    link=Link.INSTANCE,
    causes=("agent-hibernating",),
    subject=the_node,
    after=("sessions-are-ended",),
    last_resort=True,
    confirms=False,
)
def agent_is_awake(
    away: UnconnectedNode,  # noqa: ARG001 - a precondition
    running: RunningInstance,  # noqa: ARG001 - a precondition
    console: ConsoleOutput | Absent,
    node: Node,
) -> Findings:
    """Whether SSM Agent is active and not in hibernation."""
    line = last_line(console, HIBERNATES)
    if line is None or refused_line(console, UPDATE_INSTANCE_INFORMATION) is not None:
        return ()  # the refusal keeps the agent hibernating: see the identity
    return (
        Finding(
            cause="agent-hibernating",
            status=Status.FAIL,
            confidence=Confidence.LIKELY,
            subject=the_node(node),
            summary=say("SSM Agent of {node} is hibernating: it tries again after up to an hour.", node=node.name),
            evidence=(console_evidence(line),),
            fixes=("steps-install-agent",),
        ),
    )


_FULL_DISK_CAUSE = "root-volume-full"


@check(
    link=Link.INSTANCE,
    causes=(_FULL_DISK_CAUSE,),
    subject=the_node,
    after=("instance-metadata-is-on",),
    without={ConsoleOutput: "it denies, and does not allow"},
    confirms=False,
)
def root_volume_has_space(
    asked: ConsoleOutputQuery, console: ConsoleOutput | Absent | Unreadable, now: Now, node: Node
) -> Findings:
    """Whether the root volume has free space."""
    if isinstance(console, Unreadable):
        summary = say("Cannot determine whether the root volume of {node} is full.", node=node.name)
        return (unread_console_finding(_FULL_DISK_CAUSE, the_node(node), summary, asked, console),)
    line = line_since_boot(console, NO_SPACE)
    if line is None:
        return ()
    holds = is_current(asked, node, console, now)
    return (
        Finding(
            cause=_FULL_DISK_CAUSE,
            status=Status.FAIL if holds else Status.WARN,
            confidence=Confidence.LIKELY if holds else Confidence.POSSIBLE,
            subject=the_node(node),
            summary=(
                say("The console of {node} shows that the root volume is full.", node=node.name)
                if holds
                else say("The root volume of {node} was full at the time of the last console output.", node=node.name)
            ),
            evidence=(console_evidence(line), *(captured_at(console) if asked.connected else ())),
            fixes=("steps-free-disk",),
        ),
    )


_CROWDED_CAUSE = "sessions-left-open"
_SESSIONS_SOURCE = "ssm:DescribeSessions"


@check(
    link=Link.INSTANCE,
    causes=(_CROWDED_CAUSE,),
    subject=the_node,
    after=("node-has-watches-left",),
    without={CrowdedSessions: "it denies, and does not allow"},
    confirms=False,
)
def sessions_are_ended(
    managed: ManagedNode,  # noqa: ARG001 - a precondition
    crowded: CrowdedSessions | NotApplicable | Unreadable,
) -> Findings | OfNode[Findings]:
    """Whether the owners of sessions on the node end them."""
    if isinstance(crowded, Unreadable):
        # Sessions that are open for more than a day are read separately, and that check reports what could not be read.
        return ()
    if isinstance(crowded, NotApplicable):
        return ()
    return OfNode(partial(_crowded, crowded))


def _crowded(crowded: CrowdedSessions, node: Node) -> Findings:
    return (
        Finding(
            cause=_CROWDED_CAUSE,
            status=Status.WARN,
            confidence=Confidence.POSSIBLE,
            subject=the_node(node),
            summary=say(
                "{owner} has {count} open sessions on {node}: possibly a program opens sessions and does not end them.",
                owner=crowded.owner_name,
                count=len(crowded.sessions),
                node=node.name,
            ),
            evidence=(
                Evidence(
                    say(
                        "{count} sessions of {owner} are open, the oldest since {since} UTC",
                        count=len(crowded.sessions),
                        owner=crowded.owner,
                        since=f"{crowded.sessions[0].started:%Y-%m-%d %H:%M}",
                    ),
                    _SESSIONS_SOURCE,
                ),
            ),
            fixes=("steps-end-sessions",),
        ),
    )


_INOTIFY_CAUSE = "run-out-of-watches"
_NAMED = 5
_BOTH = ("terminate-stale-session", "raise-inotify-limit")


@check(
    link=Link.INSTANCE,
    causes=(_INOTIFY_CAUSE,),
    subject=the_node,
    after=("clock-of-the-node-is-right",),
    without={
        ConsoleOutputQuery: "it denies, and does not allow",
        ConsoleOutput: "it denies, and does not allow",
        StaleSessions: "it denies, and does not allow",
    },
    confirms=False,
)
def node_has_watches_left(
    running: RunningNode,  # noqa: ARG001 - a precondition
    asked: ConsoleOutputQuery | NotApplicable | Unreadable,
    console: ConsoleOutput | Absent | NotApplicable | Unreadable,
    stale: StaleSessions | NotApplicable | Unreadable,
    now: Now,
) -> Findings | OfNode[Findings]:
    """Whether the node has free inotify instances."""
    if isinstance(asked, ConsoleOutputQuery) and isinstance(console, ConsoleOutput):
        line = last_line(console, OUT_OF_INOTIFY_INSTANCES)
        if line is not None:
            return OfNode(partial(_out_of_instances, line, asked, console, stale, now))
    if isinstance(stale, Unreadable):
        return OfNode(partial(_unread_sessions, stale))
    return () if isinstance(stale, NotApplicable) else OfNode(partial(_forgotten, stale))


def _unread_sessions(stale: Unreadable, node: Node) -> Findings:
    summary = say("Cannot determine whether {node} has unused sessions.", node=node.name)
    return (unread_finding(_INOTIFY_CAUSE, the_node(node), summary, stale),)


def _forgotten(stale: StaleSessions, node: Node) -> Findings:
    summary = say_many(
        "{node} has a session that has been open for more than a day; such sessions use up its inotify instances.",
        "{node} has {count} sessions that have been open for more than a day; such sessions use up its inotify "
        "instances.",
        count=len(stale.sessions),
        node=node.name,
    )
    return (_finding(node, Status.WARN, Confidence.POSSIBLE, summary, _named(stale.sessions), _BOTH),)


def _out_of_instances(
    line: str,
    asked: ConsoleOutputQuery,
    console: ConsoleOutput,
    stale: StaleSessions | NotApplicable | Unreadable,
    now: Now,
    node: Node,
) -> Findings:
    holds = is_current(asked, node, console, now)
    summary = (
        say("SSM Agent of {node} has no inotify instances left.", node=node.name)
        if holds
        else say("SSM Agent of {node} had no inotify instances left at its last line on the console.", node=node.name)
    )
    held = stale.sessions if isinstance(stale, StaleSessions) else ()
    evidence = (console_evidence(line), *(captured_at(console) if asked.connected else ()), *_named(held))
    return (
        _finding(
            node,
            Status.FAIL if holds else Status.WARN,
            Confidence.LIKELY if holds else Confidence.POSSIBLE,
            summary,
            evidence,
            _BOTH if held else ("raise-inotify-limit",),
        ),
    )


def _named(sessions: tuple[ActiveSession, ...]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            say(
                "the session {session} has been open since {since} UTC",
                session=each.id,
                since=f"{each.started:%Y-%m-%d %H:%M}",
            ),
            _SESSIONS_SOURCE,
        )
        for each in sessions[:_NAMED]
    )


def _finding(
    node: Node,
    status: Status,
    confidence: Confidence,
    summary: str,
    evidence: tuple[Evidence, ...],
    fixes: tuple[str, ...],
) -> Finding:
    return Finding(_INOTIFY_CAUSE, status, confidence, the_node(node), summary, evidence, fixes)
