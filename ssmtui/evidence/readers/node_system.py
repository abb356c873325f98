"""Read the inside of a node: with Run Command, console output and inventory."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ssmtui.evidence.aws.reader_api import Answer, Aws, AwsError, ReadFailed, first_page
from ssmtui.evidence.facts.sources import by_region, derives, reads
from ssmtui.language import say
from ssmtui.model.fact import Absent, NoFact, NotApplicable, OfNode, Unreadable
from ssmtui.model.node import Node, PingStatus, PlatformFamily, Registration
from ssmtui.model.node_facts import (
    ConsoleOutput,
    ConsoleOutputQuery,
    DirectoryService,
    InspectedNode,
    ManagedFleet,
    ManagedNode,
    RunningInstance,
    SilentConsole,
    UnconnectedNode,
)
from ssmtui.model.scope import Scope
from ssmtui.model.ssm_agent import AFTER, BEFORE, AgentUpdate, RecentCommand, RecentCommands
from ssmtui.text.printable import printable_lines
from ssmtui.text.times import utc_text

_CALL = "ssm:ListCommandInvocations"
_DOCUMENT = "AWS-UpdateSSMAgent"
_UPDATES_PER_PAGE = 50
_PAGES_AT_MOST = 20
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class SilentWindowsNode:
    """A managed Windows node that does not report, and its last ping."""

    node_id: str
    last_ping: datetime

    @property
    def hour(self) -> datetime:
        """Return the hour of the last ping."""
        return self.last_ping.replace(minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class UpdatesOfAnHour:
    """The updates that may have silenced nodes in one hour, by node; incomplete if there are too many."""

    by_node: Mapping[str, tuple[AgentUpdate, ...]]
    complete: bool


@dataclass(frozen=True, slots=True)
class UpdatesQuery:
    """A node whose own updates are read."""

    node_id: str


@dataclass(frozen=True, slots=True)
class OwnUpdates:
    """The updates of one node in Run Command's history: those of 30 days."""

    updates: tuple[AgentUpdate, ...]


@derives
def silent_windows_node(
    managed: ManagedNode,
) -> SilentWindowsNode | NotApplicable | OfNode[SilentWindowsNode | NotApplicable]:
    """Return the silent node if it runs Windows; the updates of other nodes are not read."""
    if managed.registration.platform_family is not PlatformFamily.WINDOWS:
        return NotApplicable(say("the node does not run Windows"))
    if managed.registration.ping is PingStatus.ONLINE:
        return NotApplicable(say("the node reports"))
    return OfNode(_last_heard)


def _last_heard(node: Node) -> SilentWindowsNode | NotApplicable:
    last_ping = node.registration.last_ping if isinstance(node.registration, Registration) else None
    if last_ping is None:
        return NotApplicable(say("the node has never reported"))
    return SilentWindowsNode(node.id, last_ping)


def _hour(silent: SilentWindowsNode) -> Hashable:
    return silent.hour


@reads(_CALL, key=_hour, of_all_nodes=True)
async def updates_of_an_hour(aws: Aws, silent: SilentWindowsNode) -> UpdatesOfAnHour:
    """Search once for each hour in which a node fell silent, for any number of nodes."""
    filters = [
        {"key": "DocumentName", "value": _DOCUMENT},
        {"key": "InvokedAfter", "value": utc_text(silent.hour - AFTER)},
        {"key": "InvokedBefore", "value": utc_text(silent.hour + _HOUR + BEFORE)},
    ]
    found: defaultdict[str, list[AgentUpdate]] = defaultdict(list)
    pages = 0
    async for page in aws.pages("ssm", "ListCommandInvocations", Filters=filters, MaxResults=_UPDATES_PER_PAGE):
        if pages == _PAGES_AT_MOST:
            return UpdatesOfAnHour({}, complete=False)
        pages += 1
        for raw in page.parts("CommandInvocations"):
            found[raw.text("InstanceId")].append(_update(raw))
    return UpdatesOfAnHour({id_: tuple(updates) for id_, updates in found.items()}, complete=True)


@derives
def updates_asked(silent: SilentWindowsNode, then: UpdatesOfAnHour) -> UpdatesQuery | NotApplicable:
    """Return the node only if there were too many updates in the Region to read."""
    return (
        NotApplicable(say("the updates of the Region contain the result"))
        if then.complete
        else UpdatesQuery(silent.node_id)
    )


def _own_updates_key(asked: UpdatesQuery) -> Hashable:
    return asked.node_id


@reads(_CALL, key=_own_updates_key)
async def own_updates(aws: Aws, asked: UpdatesQuery) -> OwnUpdates:
    """Read one page, which is more than the updates of a node in 30 days."""
    by_document = [{"key": "DocumentName", "value": _DOCUMENT}]
    asked_for = {"InstanceId": asked.node_id, "Filters": by_document, "MaxResults": _UPDATES_PER_PAGE}
    answer = await first_page(aws, "ssm", "ListCommandInvocations", "CommandInvocations", **asked_for)
    return OwnUpdates(tuple(_update(raw) for raw in answer.parts("CommandInvocations")))


@derives
def agent_update(
    silent: SilentWindowsNode, then: UpdatesOfAnHour, own: OwnUpdates | NotApplicable | Unreadable
) -> AgentUpdate | Absent | Unreadable:
    """Return the newest update that may have silenced the node; later updates found it silent."""
    if isinstance(own, Unreadable):
        return own
    known: Sequence[AgentUpdate] = own.updates if isinstance(own, OwnUpdates) else then.by_node.get(silent.node_id, ())
    found = [each for each in known if each.may_have_silenced(silent.last_ping)]
    if not found:
        return Absent(say("an update of SSM Agent through Run Command"), _CALL)
    return max(found, key=lambda each: each.sent)


def _update(raw: Answer) -> AgentUpdate:
    return AgentUpdate(raw.text("Status"), raw.moment("RequestedDateTime"))


_COMMANDS_PER_PAGE = 50
_HELD = "CommandInvocations"
_OUTPUT_SHOWN = 400


def _recent_commands_key(pointed: InspectedNode, managed: ManagedNode) -> Hashable:
    return pointed.node.id


@reads("ssm:ListCommandInvocations", key=_recent_commands_key)
async def recent_commands(aws: Aws, pointed: InspectedNode, managed: ManagedNode) -> RecentCommands:
    """Read one page of commands, and the output of the agent's last update if it failed."""
    id_ = pointed.node.id
    answer = await first_page(
        aws, "ssm", "ListCommandInvocations", _HELD, InstanceId=id_, MaxResults=_COMMANDS_PER_PAGE
    )
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
    """Read the output of a command; without it, the failure itself is still known."""
    try:
        answer = await first_page(
            aws, "ssm", "ListCommandInvocations", _HELD, CommandId=command_id, InstanceId=node_id, Details=True
        )
    except (AwsError, ReadFailed):
        return ""
    return _output(answer.parts(_HELD))


def _output(invocations: Sequence[Answer]) -> str:
    """Return the end of the output, which has the reason of a failed update."""
    plugins = [plugin for raw in invocations for plugin in raw.optional_parts("CommandPlugins")]
    outputs = [each.optional_text("Output") or "" for each in plugins]
    lines = [line for line in printable_lines("\n".join(outputs)) if line.strip()]
    return " ".join(line.strip() for line in lines)[-_OUTPUT_SHOWN:]


_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")


@derives
def console_asked(
    running: RunningInstance,
    away: UnconnectedNode | NotApplicable | Unreadable,
    pointed: InspectedNode | NotApplicable,
) -> ConsoleOutputQuery | NotApplicable:
    """Return whether the console is read: a connected node's only if it is selected."""
    if isinstance(away, NotApplicable) and isinstance(pointed, NotApplicable):
        return NotApplicable(say("the node is connected and not selected"))
    # If the connection is unknown, the node can be connected: old console output then proves nothing.
    is_away = isinstance(away, UnconnectedNode) and not (
        away.observation.online and isinstance(away.observation.connection, Unreadable)
    )
    return ConsoleOutputQuery(connected=not is_away)


@derives
def silent_console(
    away: UnconnectedNode,
    console: ConsoleOutput,
) -> SilentConsole:
    """Return the console output of a node that is not connected: only then the agent's messages about it count."""
    return SilentConsole(console)


def _instance_id(asked: ConsoleOutputQuery, node: Node) -> Hashable:
    return node.id


@reads("ec2:GetConsoleOutput", key=_instance_id)
async def console_output(aws: Aws, asked: ConsoleOutputQuery, node: Node) -> ConsoleOutput | Absent:
    """Read the newest output if the hypervisor supports it, else the output that EC2 stores.

    Control sequences are removed.
    """
    answer = await _console(aws, node.id)
    text = "\n".join(printable_lines(_ESCAPE_SEQUENCE.sub("", answer.optional_text("Output") or "")))
    if not text.strip():
        return Absent(say("console output of the instance"), "ec2:GetConsoleOutput")
    return ConsoleOutput(text, answer.optional_moment("Timestamp"))


async def _console(aws: Aws, instance_id: str) -> Answer:
    try:
        return await aws.call("ec2", "GetConsoleOutput", InstanceId=instance_id, Latest=True)
    except AwsError as error:
        # Only Nitro instances support the latest output; the others have the output of their start.
        if error.code not in {"UnsupportedOperation", "InvalidParameterValue", "InvalidParameterCombination"}:
            raise
    return await aws.call("ec2", "GetConsoleOutput", InstanceId=instance_id)


_SERVICES = "AWS:Service"
_DIRECTORY_SERVICE = "NTDS"
_ALWAYS_THERE = ("AmazonSSMAgent", "EventLog", "RpcSs")
"""Services of every managed Windows node: if the inventory has one of them, it contains services."""
_INSTANCE_ID = "AWS:InstanceInformation.InstanceId"
_A_PAGE = 50
_MAX_VALUES = 40
"""Maximum number of values of a filter."""
_NOT_COLLECTED = frozenset({"InvalidTypeNameException", "InvalidInstanceId"})


@dataclass(frozen=True, slots=True)
class ManagedWindows:
    """A managed Windows node."""


@dataclass(frozen=True, slots=True)
class InventoriedServices:
    """The nodes of the Region with services in the inventory, and those with the directory service."""

    known: frozenset[str]
    directory: frozenset[str]


@dataclass(frozen=True, slots=True)
class InventoryQuery:
    """A node whose own inventory is read."""

    node_id: str


@dataclass(frozen=True, slots=True)
class OwnDirectoryService:
    """The directory service in the node's own inventory."""

    service: DirectoryService


@derives
def managed_windows(managed: ManagedNode) -> ManagedWindows | NotApplicable:
    """Return the node if it runs Windows; others are not read."""
    if managed.registration.platform_family is not PlatformFamily.WINDOWS:
        return NotApplicable(say("only Windows can be a domain controller"))
    return ManagedWindows()


@reads("ssm:GetInventory", key=by_region, of_all_nodes=True)
async def inventoried_services(
    aws: Aws, scope: Scope, windows: ManagedWindows, fleet: ManagedFleet | Unreadable
) -> InventoriedServices:
    """Search twice in the Region, or among the listed nodes if they are few.

    An answer only shows that a node matches: only its ID is used.
    """
    among = fleet.ids if isinstance(fleet, ManagedFleet) and fleet.count <= _MAX_VALUES else ()
    known = frozenset([id_ async for id_ in _with_services(aws, _ALWAYS_THERE, among)])
    if not known:
        return InventoriedServices(known, known)
    directory = frozenset([id_ async for id_ in _with_services(aws, (_DIRECTORY_SERVICE,), among)])
    return InventoriedServices(known, directory)


async def _with_services(aws: Aws, names: tuple[str, ...], among: tuple[str, ...]) -> AsyncIterator[str]:
    filters = [_equal(f"{_SERVICES}.Name", names), *([_equal(_INSTANCE_ID, among)] if among else ())]
    async for page in aws.pages("ssm", "GetInventory", Filters=filters, MaxResults=_A_PAGE):
        for entity in page.optional_parts("Entities"):
            yield entity.text("Id")


def _equal(key: str, values: tuple[str, ...]) -> dict[str, object]:
    return {"Key": key, "Values": list(values), "Type": "Equal"}


@derives
def inventory_asked(
    windows: ManagedWindows,
    services: InventoriedServices | Unreadable,
    pointed: InspectedNode | NotApplicable,
    node: Node,
) -> InventoryQuery | NotApplicable:
    """Return the node if its own inventory is needed: only that shows whether the service runs, and the time."""
    searched = isinstance(services, InventoriedServices) and node.id not in services.directory
    if searched and isinstance(pointed, NotApplicable):
        return NotApplicable(say("the inventory of the Region contains the result"))
    return InventoryQuery(node.id)


def _node_id(asked: InventoryQuery) -> Hashable:
    return asked.node_id


@reads("ssm:ListInventoryEntries", key=_node_id)
async def own_directory_service(aws: Aws, asked: InventoryQuery) -> OwnDirectoryService | Absent:
    """Read the inventory entry of the Windows service NTDS.

    SSM Agent uses the same evidence (docs/facts/sessions.md §5). The absence of the service counts only if there is an
    inventory of services.
    """
    by_name = [_equal("Name", (_DIRECTORY_SERVICE,))]
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
    own: OwnDirectoryService | NoFact,
    node: Node,
) -> DirectoryService | NoFact:
    """Return the service from the node's own inventory if it was read, else from the Region's."""
    if isinstance(own, OwnDirectoryService):
        return own.service
    if not isinstance(own, NotApplicable) or isinstance(services, Unreadable):
        return own
    if node.id not in services.known:
        return _no_inventory("ssm:GetInventory")
    return DirectoryService(running=False, captured="")


def _entries(aws: Aws, node_id: str, **more: object) -> AsyncIterator[Answer]:
    return aws.pages("ssm", "ListInventoryEntries", InstanceId=node_id, TypeName=_SERVICES, MaxResults=_A_PAGE, **more)


def _no_inventory(source: str) -> Absent:
    return Absent(say("an inventory of the node's services"), source)
