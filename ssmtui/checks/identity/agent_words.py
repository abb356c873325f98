"""What SSM Agent itself says on the console of its role: an observation, which outweighs what policies let expect."""

from __future__ import annotations

from ssmtui.checks.console import refused_line, says
from ssmtui.checks.subjects import the_role
from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.change_delay import ChangeDelay
from ssmtui.model.finding import Confidence, Finding, Findings, Status
from ssmtui.model.identity import NodeRole
from ssmtui.model.questions import UPDATE_INSTANCE_INFORMATION
from ssmtui.model.system import SilentConsole

_CHANNEL = ("ssmmessages:CreateControlChannel", "ssmmessages:OpenControlChannel", "createControlChannel request failed")


Console = SilentConsole | Absent | Moot | Unreadable


def refused_to_register(node_role: NodeRole, console: Console, change: ChangeDelay | Moot) -> Findings:
    """That the agent was refused ssm:UpdateInstanceInformation, by its own word."""
    line = _refusal(console, change, UPDATE_INSTANCE_INFORMATION)
    summary = say("A node of the role {role} was refused to register, says its SSM Agent.", role=node_role.role.name)
    return _refused("role-core-denied", node_role, summary, line)


def refused_channel(node_role: NodeRole, console: Console, change: ChangeDelay | Moot) -> Findings:
    """That the agent was refused its control channel, by its own word."""
    line = _refusal(console, change, *_CHANNEL)
    summary = say(
        "A node of the role {role} was refused its control channel, says its SSM Agent.", role=node_role.role.name
    )
    return _refused("role-channels-denied", node_role, summary, line)


def _refusal(console: Console, change: ChangeDelay | Moot, *words: str) -> str | None:
    """What it said before a change that has yet to show says nothing of what is so after it."""
    if isinstance(change, ChangeDelay) or not isinstance(console, SilentConsole):
        return None
    return refused_line(console.output, *words)


def _refused(cause: str, node_role: NodeRole, summary: str, line: str | None) -> Findings:
    if line is None:
        return ()
    return (
        Finding(
            cause=cause,
            status=Status.FAIL,
            confidence=Confidence.LIKELY,
            subject=the_role(node_role),
            summary=summary,
            evidence=(says(line),),
            # Its own policies allow it: whatever denies it is out of the role's reach.
            fixes=("steps-organization-policy",),
        ),
    )
