"""The update of SSM Agent at which a Windows node fell silent: asked of such nodes alone.

Nodes that fell silent within one hour are looked up together, among the updates that were sent about then. Where these
are too many to be looked through, each node is asked about by itself.
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ListCommandInvocations.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ssmtui.evidence.gathering.reading import derives, reads
from ssmtui.evidence.wire.answer import Answer
from ssmtui.evidence.wire.aws import Aws
from ssmtui.evidence.wire.first_page import first_page
from ssmtui.language import say
from ssmtui.model.agent_updates import AFTER, BEFORE, AgentUpdate
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.moment import utc_text
from ssmtui.model.node import PingStatus, PlatformFamily
from ssmtui.model.standing import ManagedNode

_CALL = "ssm:ListCommandInvocations"
_DOCUMENT = "AWS-UpdateSSMAgent"
_A_PAGE = 50
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
def silent_windows_node(managed: ManagedNode) -> SilentWindowsNode | Moot:
    """Of the others nobody asks."""
    if managed.registration.platform_family is not PlatformFamily.WINDOWS:
        return Moot(say("the node does not run Windows"))
    if managed.registration.ping is PingStatus.ONLINE:
        return Moot(say("the node reports"))
    if managed.registration.last_ping is None:
        return Moot(say("the node has never reported"))
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
    async for page in aws.pages("ssm", "ListCommandInvocations", Filters=filters, MaxResults=_A_PAGE):
        if pages == _PAGES_AT_MOST:
            return UpdatesOfAnHour({}, complete=False)
        pages += 1
        for raw in page.parts("CommandInvocations"):
            found[raw.text("InstanceId")].append(_update(raw))
    return UpdatesOfAnHour({id_: tuple(updates) for id_, updates in found.items()}, complete=True)


@derives
def updates_asked(silent: SilentWindowsNode, then: UpdatesOfAnHour) -> UpdatesAsked | Moot:
    """Only where there were too many to look through."""
    return Moot(say("the Region's updates tell it")) if then.complete else UpdatesAsked(silent.node_id)


def _node_id(asked: UpdatesAsked) -> Hashable:
    return asked.node_id


@reads(_CALL, key=_node_id)
async def own_updates(aws: Aws, asked: UpdatesAsked) -> OwnUpdates:
    """One page holds more than anybody sends to a node within 30 days."""
    by_document = [{"key": "DocumentName", "value": _DOCUMENT}]
    asked_for = {"InstanceId": asked.node_id, "Filters": by_document, "MaxResults": _A_PAGE}
    answer = await first_page(aws, "ssm", "ListCommandInvocations", "CommandInvocations", **asked_for)
    return OwnUpdates(tuple(_update(raw) for raw in answer.parts("CommandInvocations")))


@derives
def agent_update(
    silent: SilentWindowsNode, then: UpdatesOfAnHour, own: OwnUpdates | Moot | Unreadable
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
