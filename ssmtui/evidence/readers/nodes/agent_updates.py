"""The last update of SSM Agent on a Windows node that is away: asked of such nodes alone."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from ssmtui.evidence.gathering.reading import derives, reads
from ssmtui.evidence.wire.aws import Aws
from ssmtui.language import say
from ssmtui.model.agent_updates import AgentUpdate
from ssmtui.model.answers import Absent, Moot
from ssmtui.model.node import Node, PingStatus, PlatformFamily
from ssmtui.model.standing import ManagedNode

_DOCUMENT = "AWS-UpdateSSMAgent"
_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class SilentWindowsNode:
    """A managed Windows node that does not report."""

    node: Node


@derives
def silent_windows_node(managed: ManagedNode) -> SilentWindowsNode | Moot:
    """Of the others nobody asks."""
    if managed.registration.platform_family is not PlatformFamily.WINDOWS:
        return Moot(say("the node does not run Windows"))
    if managed.registration.ping is PingStatus.ONLINE:
        return Moot(say("the node reports"))
    return SilentWindowsNode(managed.node)


def _node_id(silent: SilentWindowsNode) -> Hashable:
    return silent.node.id


@reads("ssm:ListCommandInvocations", key=_node_id)
async def agent_update(aws: Aws, silent: SilentWindowsNode) -> AgentUpdate | Absent:
    """The newest first; Run Command keeps them for 30 days."""
    by_document = [{"key": "DocumentName", "value": _DOCUMENT}]
    answer = await aws.call(
        "ssm", "ListCommandInvocations", InstanceId=silent.node.id, Filters=by_document, MaxResults=_A_PAGE
    )
    invocations = answer.parts("CommandInvocations")
    found = [AgentUpdate(raw.text("Status"), raw.moment("RequestedDateTime")) for raw in invocations]
    if not found:
        return Absent(say("an update of the agent by Run Command"), "ssm:ListCommandInvocations")
    return max(found, key=lambda each: each.sent)
