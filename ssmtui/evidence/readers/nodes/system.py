"""What can be read of a node's operating system from outside: its console."""

from __future__ import annotations

import re
from collections.abc import Hashable

from ssmtui.evidence.gathering.reading import derives, reads
from ssmtui.evidence.wire.answer import Answer
from ssmtui.evidence.wire.aws import Aws, AwsError
from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.plain_text import printable_lines
from ssmtui.model.standing import PointedAt, RunningInstance, UnconnectedNode
from ssmtui.model.system import ConsoleAsked, ConsoleOutput, SilentConsole

_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")


@derives
def console_asked(
    running: RunningInstance, away: UnconnectedNode | Moot | Unreadable, pointed: PointedAt | Moot
) -> ConsoleAsked | Moot:
    """Nobody asks for the console of a node that is connected, unless somebody points at it."""
    if isinstance(away, Moot) and isinstance(pointed, Moot):
        return Moot(say("the node is connected, and nobody points at it"))
    # Where it could not be told, the node may be connected: what its console said days ago denies nothing.
    is_away = isinstance(away, UnconnectedNode) and not (
        away.observation.online and isinstance(away.observation.connection, Unreadable)
    )
    return ConsoleAsked(running.node, running.instance, connected=not is_away)


@derives
def silent_console(
    away: UnconnectedNode,
    console: ConsoleOutput,
) -> SilentConsole:
    """What the agent says of its not being connected counts while it is not."""
    return SilentConsole(console)


def _instance_id(asked: ConsoleAsked) -> Hashable:
    return asked.instance.id


@reads("ec2:GetConsoleOutput", key=_instance_id)
async def console_output(aws: Aws, asked: ConsoleAsked) -> ConsoleOutput | Absent:
    """The newest output where the hypervisor offers it, else the one that EC2 keeps. Control sequences are dropped."""
    answer = await _console(aws, asked.instance.id)
    text = "\n".join(printable_lines(_ESCAPE_SEQUENCE.sub("", answer.optional_text("Output") or "")))
    if not text.strip():
        return Absent(say("console output of the instance"), "ec2:GetConsoleOutput")
    return ConsoleOutput(text, answer.optional_moment("Timestamp"))


async def _console(aws: Aws, instance_id: str) -> Answer:
    try:
        return await aws.call("ec2", "GetConsoleOutput", InstanceId=instance_id, Latest=True)
    except AwsError as error:
        # Only Nitro instances know the latest output; the others keep what they wrote when they started.
        if error.code not in {"UnsupportedOperation", "InvalidParameterValue", "InvalidParameterCombination"}:
            raise
    return await aws.call("ec2", "GetConsoleOutput", InstanceId=instance_id)
