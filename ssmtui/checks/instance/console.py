"""Check what the console of a silent node shows: no agent, a wrong clock, a full disk."""

from __future__ import annotations

from ssmtui.analysis.console_log import (
    HIBERNATES,
    NO_SPACE,
    NOT_RUNNING,
    SKEWED,
    booted_without_agent,
    captured_at,
    console_evidence,
    is_current,
    last_line,
    line_since_boot,
    refused_line,
    unread_console_finding,
)
from ssmtui.analysis.finding_parts import the_node
from ssmtui.checks.registry import check
from ssmtui.language import say
from ssmtui.model.fact import Absent, Now, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Link, Status
from ssmtui.model.iam_questions import UPDATE_INSTANCE_INFORMATION
from ssmtui.model.node_facts import ConsoleAsked, ConsoleOutput, RunningInstance, UnconnectedNode, UnmanagedInstance

# As EC2's PlatformDetails has them ("Red Hat BYOL Linux" too): families whose images do not come with the agent.
_WITHOUT_AGENT = ("red hat", "rhel")


@check(link=Link.INSTANCE, causes=("agent-absent",), subject=the_node, after=("agent-is-awake",), last_resort=True)
def agent_is_installed(
    away: UnconnectedNode, unmanaged: UnmanagedInstance, console: ConsoleOutput | Absent
) -> Findings:
    """Whether SSM Agent is installed."""
    evidence: list[Evidence] = []
    sureness = Confidence.POSSIBLE
    if (line := last_line(console, NOT_RUNNING)) is not None:
        evidence.append(console_evidence(line))
        sureness = Confidence.LIKELY
    elif booted_without_agent(console):
        evidence.append(
            Evidence(say("the console shows a whole start without SSM Agent's line"), "ec2:GetConsoleOutput")
        )
        sureness = Confidence.LIKELY
    platform = unmanaged.instance.platform_details
    if any(family in platform.casefold() for family in _WITHOUT_AGENT) and not _started(console):
        evidence.append(
            Evidence(say("images of {platform} come without SSM Agent", platform=platform), "ec2:DescribeInstances")
        )
    if not evidence:
        return ()
    return (
        Finding(
            cause="agent-absent",
            status=Status.FAIL,
            confidence=sureness,
            subject=the_node(away.node),
            summary=say("SSM Agent does not seem to be installed on {node}.", node=away.node.name),
            evidence=tuple(evidence),
            fixes=("steps-install-agent",),
        ),
    )


def _started(console: ConsoleOutput | Absent) -> bool:
    return isinstance(console, ConsoleOutput) and "ssm agent" in console.text.casefold()


@check(link=Link.INSTANCE, causes=("node-clock-skewed",), subject=the_node, after=("root-volume-has-space",))
def clock_of_the_node_is_right(
    away: UnconnectedNode, running: RunningInstance, console: ConsoleOutput | Absent
) -> Findings:
    """Whether the node's clock is right."""
    line = last_line(console, SKEWED)
    if line is None:
        return ()
    return (
        Finding(
            cause="node-clock-skewed",
            status=Status.FAIL,
            confidence=Confidence.LIKELY,
            subject=the_node(away.node),
            summary=say("AWS refuses what {node} signs, because its clock is wrong.", node=running.node.name),
            evidence=(console_evidence(line),),
            fixes=("reboot-instance",),
        ),
    )


@check(
    link=Link.INSTANCE, causes=("agent-hibernating",), subject=the_node, after=("sessions-are-ended",), last_resort=True
)
def agent_is_awake(away: UnconnectedNode, running: RunningInstance, console: ConsoleOutput | Absent) -> Findings:
    """Whether SSM Agent is awake."""
    line = last_line(console, HIBERNATES)
    if line is None or refused_line(console, UPDATE_INSTANCE_INFORMATION) is not None:
        return ()  # what it was refused is what keeps it asleep: see the identity
    return (
        Finding(
            cause="agent-hibernating",
            status=Status.FAIL,
            confidence=Confidence.LIKELY,
            subject=the_node(away.node),
            summary=say(
                "SSM Agent of {node} has gone to sleep: it tries again after up to an hour.", node=running.node.name
            ),
            evidence=(console_evidence(line),),
            fixes=("steps-install-agent",),
        ),
    )


_CAUSE = "root-volume-full"


@check(
    link=Link.INSTANCE,
    causes=(_CAUSE,),
    subject=the_node,
    after=("instance-metadata-is-on",),
    without={ConsoleOutput: "it denies, and does not allow"},
)
def root_volume_has_space(asked: ConsoleAsked, console: ConsoleOutput | Absent | Unreadable, now: Now) -> Findings:
    """Whether the root volume has space left."""
    node = asked.node
    if isinstance(console, Unreadable):
        summary = say("Whether the root volume of {node} is full could not be told.", node=node.name)
        return (unread_console_finding(_CAUSE, the_node(node), summary, asked, console),)
    line = line_since_boot(console, NO_SPACE)
    if line is None:
        return ()
    holds = is_current(asked, console, now)
    return (
        Finding(
            cause=_CAUSE,
            status=Status.FAIL if holds else Status.WARN,
            confidence=Confidence.LIKELY if holds else Confidence.POSSIBLE,
            subject=the_node(node),
            summary=(
                say("The root volume of {node} is full, says its console.", node=node.name)
                if holds
                else say("The root volume of {node} was full when its console was last written to.", node=node.name)
            ),
            evidence=(console_evidence(line), *(captured_at(console) if asked.connected else ())),
            fixes=("steps-free-disk",),
        ),
    )
