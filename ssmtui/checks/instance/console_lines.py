"""What SSM Agent wrote to the console before it fell silent. Only asked of a node that is away.

A line counts while the agent has not started again after it (agent-errors §5).
"""

from __future__ import annotations

from collections.abc import Sequence

from ssmtui.checks.check import check
from ssmtui.checks.subjects import the_node
from ssmtui.model.answers import Absent
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.standing import RunningInstance, UnconnectedNode
from ssmtui.model.system import ConsoleOutput

_STARTED = ("amazon ssm agent v", "is running")
_SKEWED = ("signature expired", "signature not yet current")
_HIBERNATES = ("entering ssm agent hibernate", "agent is in hibernate mode", "ssm agent hibernation")
_SHOWN = 200


@check(link=Link.INSTANCE, causes=("node-clock-skewed",), subject=the_node, rank=45)
def clock_of_the_node_is_right(
    away: UnconnectedNode, running: RunningInstance, console: ConsoleOutput | Absent
) -> Findings:
    """Whether the node's clock is right."""
    line = _last_line(console, _SKEWED)
    if line is None:
        return ()
    return (
        Finding(
            cause="node-clock-skewed",
            status=Status.FAIL,
            confidence=Confidence.LIKELY,
            subject=the_node(away.node),
            summary=f"AWS refuses what {running.node.name} signs, because its clock is wrong.",
            evidence=(_says(line),),
            fixes=("reboot-instance",),
        ),
    )


@check(link=Link.INSTANCE, causes=("agent-hibernating",), subject=the_node, rank=48, last_resort=True)
def agent_is_awake(away: UnconnectedNode, running: RunningInstance, console: ConsoleOutput | Absent) -> Findings:
    """Whether SSM Agent is awake."""
    line = _last_line(console, _HIBERNATES)
    if line is None:
        return ()
    return (
        Finding(
            cause="agent-hibernating",
            status=Status.FAIL,
            confidence=Confidence.LIKELY,
            subject=the_node(away.node),
            summary=f"SSM Agent of {running.node.name} has gone to sleep: it tries again after up to an hour.",
            evidence=(_says(line),),
            fixes=("steps-install-agent",),
        ),
    )


def _last_line(console: ConsoleOutput | Absent, fragments: Sequence[str]) -> str | None:
    if isinstance(console, Absent):
        return None
    for line in reversed(console.text.splitlines()):
        plain = line.casefold()
        if any(fragment in plain for fragment in fragments):
            return line.strip()
        if all(part in plain for part in _STARTED):
            return None
    return None


def _says(line: str) -> Evidence:
    return Evidence(f"the console says: {line[:_SHOWN]}", "ec2:GetConsoleOutput")
