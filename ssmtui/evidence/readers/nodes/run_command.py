"""Read agent updates and recent commands from Run Command."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ssmtui.evidence.aws.reader_api import Answer, Aws, AwsError, ReadFailed, first_page
from ssmtui.evidence.facts.sources import derives, reads
from ssmtui.language import say
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.node import PingStatus, PlatformFamily
from ssmtui.model.node_facts import InspectedNode, ManagedNode
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
    """A managed Windows node that does not report, and when it last did."""

    node_id: str
    last_ping: datetime

    @property
    def hour(self) -> datetime:
        """The hour in which it was heard of last."""
        return self.last_ping.replace(minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class UpdatesOfAnHour:
    """The updates by which nodes may have fallen silent in one hour, by node; not all, where they are too many."""

    by_node: Mapping[str, tuple[AgentUpdate, ...]]
    complete: bool


@dataclass(frozen=True, slots=True)
class UpdatesAsked:
    """A node that is asked about by itself."""

    node_id: str


@dataclass(frozen=True, slots=True)
class OwnUpdates:
    """The updates that Run Command remembers of one node: those of 30 days."""

    updates: tuple[AgentUpdate, ...]


@derives
def silent_windows_node(managed: ManagedNode) -> SilentWindowsNode | NotApplicable:
    """Of the others nobody asks."""
    if managed.registration.platform_family is not PlatformFamily.WINDOWS:
        return NotApplicable(say("the node does not run Windows"))
    if managed.registration.ping is PingStatus.ONLINE:
        return NotApplicable(say("the node reports"))
    if managed.registration.last_ping is None:
        return NotApplicable(say("the node has never reported"))
    return SilentWindowsNode(managed.node.id, managed.registration.last_ping)


def _hour(silent: SilentWindowsNode) -> Hashable:
    return silent.hour


@reads(_CALL, key=_hour, of_all_nodes=True)
async def updates_of_an_hour(aws: Aws, silent: SilentWindowsNode) -> UpdatesOfAnHour:
    """One search an hour in which a node fell silent, whatever the number of nodes."""
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
def updates_asked(silent: SilentWindowsNode, then: UpdatesOfAnHour) -> UpdatesAsked | NotApplicable:
    """Only where there were too many to look through."""
    return NotApplicable(say("the Region's updates tell it")) if then.complete else UpdatesAsked(silent.node_id)


def _own_updates_key(asked: UpdatesAsked) -> Hashable:
    return asked.node_id


@reads(_CALL, key=_own_updates_key)
async def own_updates(aws: Aws, asked: UpdatesAsked) -> OwnUpdates:
    """One page holds more than anybody sends to a node within 30 days."""
    by_document = [{"key": "DocumentName", "value": _DOCUMENT}]
    asked_for = {"InstanceId": asked.node_id, "Filters": by_document, "MaxResults": _UPDATES_PER_PAGE}
    answer = await first_page(aws, "ssm", "ListCommandInvocations", "CommandInvocations", **asked_for)
    return OwnUpdates(tuple(_update(raw) for raw in answer.parts("CommandInvocations")))


@derives
def agent_update(
    silent: SilentWindowsNode, then: UpdatesOfAnHour, own: OwnUpdates | NotApplicable | Unreadable
) -> AgentUpdate | Absent | Unreadable:
    """The newest of those by which the node may have fallen silent: one sent later found it silent."""
    if isinstance(own, Unreadable):
        return own
    known: Sequence[AgentUpdate] = own.updates if isinstance(own, OwnUpdates) else then.by_node.get(silent.node_id, ())
    found = [each for each in known if each.may_have_silenced(silent.last_ping)]
    if not found:
        return Absent(say("an update of the agent by Run Command"), _CALL)
    return max(found, key=lambda each: each.sent)


def _update(raw: Answer) -> AgentUpdate:
    return AgentUpdate(raw.text("Status"), raw.moment("RequestedDateTime"))


_COMMANDS_PER_PAGE = 50
_HELD = "CommandInvocations"
_OUTPUT_SHOWN = 400


def _recent_commands_key(pointed: InspectedNode, managed: ManagedNode) -> Hashable:
    return managed.node.id


@reads("ssm:ListCommandInvocations", key=_recent_commands_key)
async def recent_commands(aws: Aws, pointed: InspectedNode, managed: ManagedNode) -> RecentCommands:
    """One page of them, and what the agent's last update wrote where it failed."""
    id_ = managed.node.id
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
