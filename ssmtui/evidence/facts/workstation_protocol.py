"""What evidence asks of the workstation, whether real or described."""

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
    """What a run was asked for, as far as it says where somebody stands.

    `nodes` are the ids and names on the command line. `home` is the scope that the AWS CLI would use here without
    options, None where that is not among those looked at. `endpoint_url` is the option.
    """

    nodes: tuple[str, ...] = ()
    home: ScopeName | None = None
    endpoint_url: str | None = None


class Workstation(Protocol):
    """The computer that sessions are opened from. What it cannot tell is a value; nothing is raised."""

    async def plugin(self) -> Plugin | Absent | Unreadable:
        """The Session Manager plugin."""

    async def temporary_folder(self) -> TemporaryFolder:
        """Where the plugin makes its socket."""

    async def credentials(self, scope: Scope) -> Credentials | Unreadable:
        """Which credentials the scope was opened with."""

    async def clock(self) -> ClockDifference | Unreadable:
        """How the clock here differs from AWS's."""

    async def messages_way(self, scope: Scope) -> MessagesConnection | Unreadable:
        """Whether the Region's `ssmmessages` is reached from here."""

    async def errand(self, scope: Scope) -> NodeQuery | NotApplicable | Unreadable:
        """Which nodes were asked for by id, and where the AWS CLI would look for them."""


WorkstationFactory = Callable[[Clients, Invocation], Workstation]
"""Makes the machine of one diagnosis."""
