"""What a node that somebody points at was lately told to do by Run Command, which remembers for 30 days.

What commands wrote may be anything, so it is read of none but AWS's own update of the agent. Associations of State
Manager are no commands, and not among them.
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ListCommandInvocations.html
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

from ssmtui.evidence.gathering.reading import reads
from ssmtui.evidence.wire.answer import Answer
from ssmtui.evidence.wire.aws import Aws, AwsError, ReadFailed
from ssmtui.evidence.wire.first_page import first_page
from ssmtui.model.plain_text import printable_lines
from ssmtui.model.recent_commands import RecentCommand, RecentCommands
from ssmtui.model.standing import ManagedNode, PointedAt

_A_PAGE = 50
_HELD = "CommandInvocations"
_OUTPUT_SHOWN = 400


def _node_id(pointed: PointedAt, managed: ManagedNode) -> Hashable:
    return managed.node.id


@reads("ssm:ListCommandInvocations", key=_node_id)
async def recent_commands(aws: Aws, pointed: PointedAt, managed: ManagedNode) -> RecentCommands:
    """One page of them, and what the agent's last update wrote where it failed."""
    id_ = managed.node.id
    answer = await first_page(aws, "ssm", "ListCommandInvocations", _HELD, InstanceId=id_, MaxResults=_A_PAGE)
    found = sorted(map(_command, answer.parts(_HELD)), key=lambda each: each.sent, reverse=True)
    commands = RecentCommands(tuple(found), complete=answer.optional_text("NextToken") is None)
    last = commands.last_update
    if last is None or not last.failed:
        return commands
    told = replace(last, output=await _written(aws, last.id, id_))
    return replace(commands, commands=tuple(told if each is last else each for each in commands.commands))


def _command(raw: Answer) -> RecentCommand:
    return RecentCommand(
        raw.text("CommandId"), raw.text("DocumentName"), raw.moment("RequestedDateTime"), raw.text("Status")
    )


async def _written(aws: Aws, command_id: str, node_id: str) -> str:
    """Where that cannot be read, the failure itself is known all the same."""
    try:
        answer = await first_page(
            aws, "ssm", "ListCommandInvocations", _HELD, CommandId=command_id, InstanceId=node_id, Details=True
        )
    except (AwsError, ReadFailed):
        return ""
    return _output(answer.parts(_HELD))


def _output(invocations: Sequence[Answer]) -> str:
    """The end of it, where an update says what it failed of."""
    plugins = [plugin for raw in invocations for plugin in raw.optional_parts("CommandPlugins")]
    outputs = [each.optional_text("Output") or "" for each in plugins]
    lines = [line for line in printable_lines("\n".join(outputs)) if line.strip()]
    return " ".join(line.strip() for line in lines)[-_OUTPUT_SHOWN:]
