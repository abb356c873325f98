"""The facts about the computer that sessions are opened from."""

from __future__ import annotations

from ssmtui.evidence.gathering.machine import Machine
from ssmtui.evidence.gathering.reading import derives, sees
from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.node import Node
from ssmtui.model.scope import Scope
from ssmtui.model.workstation import (
    AskedElsewhere,
    ClockDifference,
    Credentials,
    Errand,
    MessagesWay,
    Plugin,
    TemporaryFolder,
)


@sees
async def plugin(machine: Machine) -> Plugin | Absent | Unreadable:
    """The Session Manager plugin."""
    return await machine.plugin()


@sees
async def temporary_folder(machine: Machine) -> TemporaryFolder:
    """Where the plugin makes its socket."""
    return await machine.temporary_folder()


@sees
async def credentials(machine: Machine, scope: Scope) -> Credentials | Unreadable:
    """The credentials of the scope: their kind and end, never themselves."""
    return await machine.credentials(scope)


@sees
async def clock_difference(machine: Machine) -> ClockDifference | Unreadable:
    """The clock here against AWS's."""
    return await machine.clock()


@sees
async def messages_way(machine: Machine, scope: Scope) -> MessagesWay | Unreadable:
    """The way to the Region's `ssmmessages`."""
    return await machine.messages_way(scope)


@sees
async def errand(machine: Machine, scope: Scope) -> Errand | Moot | Unreadable:
    """What was asked for, and where the AWS CLI would look for it."""
    return await machine.errand(scope)


@derives
def asked_elsewhere(node: Node, scope: Scope, errand: Errand) -> AskedElsewhere | Moot:
    """A node that was asked for by its id. Ids are of one account and Region: there, it is not anywhere else."""
    if node.id not in errand.ids:
        return Moot(say("the node was not asked for by its id"))
    if (errand.account, errand.region) == (scope.account, scope.region):
        return Moot(say("the node is where the AWS CLI looks for it"))
    return AskedElsewhere(node, errand)
