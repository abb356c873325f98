"""What can be read of a node's operating system from outside: its inventory, its console."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Hashable

from ssmtui.evidence.gathering.reading import derives, reads
from ssmtui.evidence.wire.answer import Answer
from ssmtui.evidence.wire.aws import Aws, AwsError
from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.node import PlatformFamily
from ssmtui.model.plain_text import printable_lines
from ssmtui.model.standing import ManagedNode, PointedAt, RunningInstance, UnconnectedNode
from ssmtui.model.system import ConsoleAsked, ConsoleOutput, DirectoryService, SilentConsole

_SERVICES = "AWS:Service"
_DIRECTORY_SERVICE = "NTDS"
_ENTRIES_A_PAGE = 50
_NOT_COLLECTED = frozenset({"InvalidTypeNameException", "InvalidInstanceId"})
_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")


def _node_id(managed: ManagedNode) -> Hashable:
    return managed.node.id


@reads("ssm:ListInventoryEntries", key=_node_id)
async def directory_service(aws: Aws, managed: ManagedNode) -> DirectoryService | Absent | Moot:
    """The same evidence as SSM Agent's own: whether the Windows service NTDS runs (docs/facts/sessions.md §5).

    That the service is not in the inventory counts only where an inventory of services has been taken at all.
    """
    if managed.registration.platform_family is not PlatformFamily.WINDOWS:
        return Moot(say("only Windows can be a domain controller"))
    by_name = [{"Key": "Name", "Values": [_DIRECTORY_SERVICE], "Type": "Equal"}]
    try:
        async for page in _services(aws, managed.node.id, Filters=by_name):
            for entry in page.parts("Entries"):
                if (entry.optional_text("Name") or "").casefold() == _DIRECTORY_SERVICE.casefold():
                    running = (entry.optional_text("Status") or "").casefold() == "running"
                    return DirectoryService(running, page.optional_text("CaptureTime") or "")
        any_ = await aws.call(
            "ssm", "ListInventoryEntries", InstanceId=managed.node.id, TypeName=_SERVICES, MaxResults=1
        )
    except AwsError as error:
        if error.code not in _NOT_COLLECTED:
            raise
        return Absent(say("an inventory of the node's services"), "ssm:ListInventoryEntries")
    if not any_.parts("Entries"):
        return Absent(say("an inventory of the node's services"), "ssm:ListInventoryEntries")
    return DirectoryService(running=False, captured=any_.optional_text("CaptureTime") or "")


def _services(aws: Aws, node_id: str, **more: object) -> AsyncIterator[Answer]:
    return aws.pages(
        "ssm", "ListInventoryEntries", InstanceId=node_id, TypeName=_SERVICES, MaxResults=_ENTRIES_A_PAGE, **more
    )


@derives
def console_asked(
    running: RunningInstance, away: UnconnectedNode | Moot | Unreadable, pointed: PointedAt | Moot
) -> ConsoleAsked | Moot:
    """Nobody asks for the console of a node that is connected, unless somebody points at it."""
    connected = isinstance(away, Moot)
    if connected and isinstance(pointed, Moot):
        return Moot(say("the node is connected, and nobody points at it"))
    return ConsoleAsked(running.node, running.instance, connected=connected)


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
