"""The facts about the workstation."""

from __future__ import annotations

from ssmtui.evidence.facts.sources import derives, reads_workstation
from ssmtui.evidence.facts.workstation_protocol import Workstation
from ssmtui.language import say
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.node import Node
from ssmtui.model.scope import Scope
from ssmtui.model.workstation import (
    AskedElsewhere,
    ClockDifference,
    Credentials,
    MessagesConnection,
    NodeQuery,
    Plugin,
    TemporaryFolder,
)


@reads_workstation
async def plugin(workstation: Workstation) -> Plugin | Absent | Unreadable:
    """The Session Manager plugin."""
    return await workstation.plugin()


@reads_workstation
async def temporary_folder(workstation: Workstation) -> TemporaryFolder:
    """Where the plugin makes its socket."""
    return await workstation.temporary_folder()


@reads_workstation
async def credentials(workstation: Workstation, scope: Scope) -> Credentials | Unreadable:
    """The credentials of the scope: their kind and end, never themselves."""
    return await workstation.credentials(scope)


@reads_workstation
async def clock_difference(workstation: Workstation) -> ClockDifference | Unreadable:
    """The clock here against AWS's."""
    return await workstation.clock()


@reads_workstation
async def messages_way(workstation: Workstation, scope: Scope) -> MessagesConnection | Unreadable:
    """The way to the Region's `ssmmessages`."""
    return await workstation.messages_way(scope)


@reads_workstation
async def errand(workstation: Workstation, scope: Scope) -> NodeQuery | NotApplicable | Unreadable:
    """What was asked for, and where the AWS CLI would look for it."""
    return await workstation.errand(scope)


@derives
def asked_elsewhere(node: Node, scope: Scope, errand: NodeQuery) -> AskedElsewhere | NotApplicable:
    """A node that was asked for by its id. Ids are of one account and Region: there, it is not anywhere else."""
    if node.id not in errand.ids:
        return NotApplicable(say("the node was not asked for by its id"))
    if (errand.account, errand.region) == (scope.account, scope.region):
        return NotApplicable(say("the node is where the AWS CLI looks for it"))
    return AskedElsewhere(node, errand)
