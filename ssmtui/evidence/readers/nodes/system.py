"""Read what is visible of a node's operating system: console output and inventory."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Hashable
from dataclasses import dataclass

from ssmtui.evidence.aws.reader_api import Answer, Aws, AwsError, first_page
from ssmtui.evidence.facts.sources import derives, reads
from ssmtui.language import say
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.node import Node, PlatformFamily
from ssmtui.model.node_facts import (
    ConsoleAsked,
    ConsoleOutput,
    DirectoryService,
    InspectedNode,
    ManagedNode,
    RunningInstance,
    SilentConsole,
    UnconnectedNode,
)
from ssmtui.model.scope import Scope
from ssmtui.text.printable import printable_lines

_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")


@derives
def console_asked(
    running: RunningInstance, away: UnconnectedNode | NotApplicable | Unreadable, pointed: InspectedNode | NotApplicable
) -> ConsoleAsked | NotApplicable:
    """Nobody asks for the console of a node that is connected, unless somebody points at it."""
    if isinstance(away, NotApplicable) and isinstance(pointed, NotApplicable):
        return NotApplicable(say("the node is connected, and nobody points at it"))
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


_SERVICES = "AWS:Service"
_DIRECTORY_SERVICE = "NTDS"
_ALWAYS_THERE = ("AmazonSSMAgent", "EventLog", "RpcSs")
"""Services that every managed Windows node has: where the inventory has one, services are in it."""
_A_PAGE = 50
_NOT_COLLECTED = frozenset({"InvalidTypeNameException", "InvalidInstanceId"})


@dataclass(frozen=True, slots=True)
class ManagedWindows:
    """A managed Windows node."""

    node: Node


@dataclass(frozen=True, slots=True)
class InventoriedServices:
    """The nodes of the Region whose services are in the inventory, and those that have the directory service."""

    known: frozenset[str]
    directory: frozenset[str]


@dataclass(frozen=True, slots=True)
class InventoryAsked:
    """A node whose own inventory is read."""

    node_id: str


@dataclass(frozen=True, slots=True)
class OwnDirectoryService:
    """What the node's own inventory says."""

    service: DirectoryService


@derives
def managed_windows(managed: ManagedNode) -> ManagedWindows | NotApplicable:
    """Of the others nobody asks."""
    if managed.registration.platform_family is not PlatformFamily.WINDOWS:
        return NotApplicable(say("only Windows can be a domain controller"))
    return ManagedWindows(managed.node)


def _region(scope: Scope, windows: ManagedWindows) -> Hashable:
    return scope.region


@reads("ssm:GetInventory", key=_region, of_all_nodes=True)
async def inventoried_services(aws: Aws, scope: Scope, windows: ManagedWindows) -> InventoriedServices:
    """Two searches a Region. What they answer of a node is no more than that it fits: its id is what counts."""
    known = frozenset([id_ async for id_ in _with_services(aws, _ALWAYS_THERE)])
    if not known:
        return InventoriedServices(known, known)
    return InventoriedServices(known, frozenset([id_ async for id_ in _with_services(aws, (_DIRECTORY_SERVICE,))]))


async def _with_services(aws: Aws, names: tuple[str, ...]) -> AsyncIterator[str]:
    named = [{"Key": f"{_SERVICES}.Name", "Values": list(names), "Type": "Equal"}]
    async for page in aws.pages("ssm", "GetInventory", Filters=named, MaxResults=_A_PAGE):
        for entity in page.optional_parts("Entities"):
            yield entity.text("Id")


@derives
def inventory_asked(
    windows: ManagedWindows, services: InventoriedServices | Unreadable, pointed: InspectedNode | NotApplicable
) -> InventoryAsked | NotApplicable:
    """Whether the service runs, and since when that is known, only the node's own inventory tells."""
    searched = isinstance(services, InventoriedServices) and windows.node.id not in services.directory
    if searched and isinstance(pointed, NotApplicable):
        return NotApplicable(say("the Region's inventory tells it"))
    return InventoryAsked(windows.node.id)


def _node_id(asked: InventoryAsked) -> Hashable:
    return asked.node_id


@reads("ssm:ListInventoryEntries", key=_node_id)
async def own_directory_service(aws: Aws, asked: InventoryAsked) -> OwnDirectoryService | Absent:
    """The same evidence as SSM Agent's own: whether the Windows service NTDS runs (docs/facts/sessions.md §5).

    That the service is not in the inventory counts only where an inventory of services has been taken at all.
    """
    by_name = [{"Key": "Name", "Values": [_DIRECTORY_SERVICE], "Type": "Equal"}]
    try:
        async for page in _entries(aws, asked.node_id, Filters=by_name):
            for entry in page.parts("Entries"):
                if (entry.optional_text("Name") or "").casefold() == _DIRECTORY_SERVICE.casefold():
                    running = (entry.optional_text("Status") or "").casefold() == "running"
                    return OwnDirectoryService(DirectoryService(running, page.optional_text("CaptureTime") or ""))
        any_ = await first_page(
            aws, "ssm", "ListInventoryEntries", "Entries", InstanceId=asked.node_id, TypeName=_SERVICES, MaxResults=1
        )
    except AwsError as error:
        if error.code not in _NOT_COLLECTED:
            raise
        return _no_inventory("ssm:ListInventoryEntries")
    if not any_.parts("Entries"):
        return _no_inventory("ssm:ListInventoryEntries")
    return OwnDirectoryService(DirectoryService(running=False, captured=any_.optional_text("CaptureTime") or ""))


@derives
def directory_service(
    windows: ManagedWindows,
    services: InventoriedServices | Unreadable,
    own: OwnDirectoryService | Absent | NotApplicable | Unreadable,
) -> DirectoryService | Absent | NotApplicable | Unreadable:
    """By the node's own inventory where that was asked for, else by the Region's."""
    if isinstance(own, OwnDirectoryService):
        return own.service
    if not isinstance(own, NotApplicable) or isinstance(services, Unreadable):
        return own
    if windows.node.id not in services.known:
        return _no_inventory("ssm:GetInventory")
    return DirectoryService(running=False, captured="")


def _entries(aws: Aws, node_id: str, **more: object) -> AsyncIterator[Answer]:
    return aws.pages("ssm", "ListInventoryEntries", InstanceId=node_id, TypeName=_SERVICES, MaxResults=_A_PAGE, **more)


def _no_inventory(source: str) -> Absent:
    return Absent(say("an inventory of the node's services"), source)
