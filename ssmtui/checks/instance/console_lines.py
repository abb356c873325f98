"""What SSM Agent wrote to the console before it fell silent. Only asked of a node that is away.

A line counts while the agent has not started again after it (docs/facts/failure-texts.md §5).
"""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.console import HIBERNATES, SKEWED, last_line, refused_line, says
from ssmtui.checks.subjects import the_node
from ssmtui.language import say
from ssmtui.model.answers import Absent
from ssmtui.model.finding import Confidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.questions import UPDATE_INSTANCE_INFORMATION
from ssmtui.model.standing import RunningInstance, UnconnectedNode
from ssmtui.model.system import ConsoleOutput


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
            evidence=(says(line),),
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
            evidence=(says(line),),
            fixes=("steps-install-agent",),
        ),
    )
