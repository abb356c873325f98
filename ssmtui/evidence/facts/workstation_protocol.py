"""The interface of the workstation, real or described."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ssmtui.evidence.aws.clients import Clients
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.scope import Scope, ScopeName
from ssmtui.model.workstation import (
    ClockDifference,
    Credentials,
    MessagesConnection,
    NodeQuery,
    Plugin,
    TemporaryFolder,
)


@dataclass(frozen=True, slots=True)
class Invocation:
    """The options of a run that matter for the workstation.

    `nodes` are the IDs and names on the command line. `home` is the scope that the AWS CLI uses here without options;
    None if the run does not read it. `endpoint_url` is the option.
    """

    nodes: tuple[str, ...] = ()
    home: ScopeName | None = None
    endpoint_url: str | None = None


class Workstation(Protocol):
    """The computer that opens sessions. Unknown facts are values; nothing is raised."""

    async def plugin(self) -> Plugin | Absent | Unreadable:
        """Return the Session Manager plugin."""

    async def temporary_folder(self) -> TemporaryFolder:
        """Return the folder in which the plugin creates its socket."""

    async def credentials(self, scope: Scope) -> Credentials | Unreadable:
        """Return the kind of credentials of the scope."""

    async def clock(self) -> ClockDifference | Unreadable:
        """Return the difference between this clock and AWS's."""

    async def messages_way(self, scope: Scope) -> MessagesConnection | Unreadable:
        """Return whether this computer can reach `ssmmessages` of the Region."""

    async def node_query(self, scope: Scope) -> NodeQuery | NotApplicable | Unreadable:
        """Return the nodes requested by ID, and the scope in which the AWS CLI would look for them."""


WorkstationFactory = Callable[[Clients, Invocation], Workstation]
"""Makes the workstation of a diagnosis."""
