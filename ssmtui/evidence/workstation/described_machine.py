"""A computer that is described and not looked at: the demonstration's, and those of tests."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.evidence.gathering.machine import Invocation, Machine, MachineOf
from ssmtui.evidence.wire.clients import Clients
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.scope import Scope
from ssmtui.model.workstation import (
    ClockDifference,
    CredentialKind,
    Credentials,
    Errand,
    MessagesWay,
    Plugin,
    System,
    TemporaryFolder,
)

_PLUGIN = Plugin(
    System.LINUX, "/usr/local/sessionmanagerplugin/bin/session-manager-plugin", on_path=True, version="1.2.764.0"
)
_FOLDER = TemporaryFolder(System.LINUX, "/tmp")  # noqa: S108 - nothing is written there
_CREDENTIALS = Credentials(CredentialKind.IDENTITY_CENTER, temporary=True, expires=None)
_CLOCK = ClockDifference(0, "sts:GetCallerIdentity")
_NOTHING_ASKED = Moot("no node was asked for by its id")


@dataclass(frozen=True, slots=True)
class MachineDescription:
    """A computer in every respect in which one is asked; as it stands, nothing is wrong with it.

    `way` is None for a way to each Region's `ssmmessages` that is open.
    """

    plugin: Plugin | Absent | Unreadable = _PLUGIN
    folder: TemporaryFolder = _FOLDER
    credentials: Credentials | Unreadable = _CREDENTIALS
    clock: ClockDifference | Unreadable = _CLOCK
    way: MessagesWay | Unreadable | None = None
    errand: Errand | Moot | Unreadable = _NOTHING_ASKED

    @property
    def machine(self) -> MachineOf:
        """For a diagnosis."""
        return self._machine

    def _machine(self, _clients: Clients, _request: Invocation) -> Machine:
        return _Described(self)


class _Described:
    """Answers as it is described."""

    def __init__(self, description: MachineDescription) -> None:
        self._is = description

    async def plugin(self) -> Plugin | Absent | Unreadable:
        return self._is.plugin

    async def temporary_folder(self) -> TemporaryFolder:
        return self._is.folder

    async def credentials(self, _scope: Scope) -> Credentials | Unreadable:
        return self._is.credentials

    async def clock(self) -> ClockDifference | Unreadable:
        return self._is.clock

    async def messages_way(self, scope: Scope) -> MessagesWay | Unreadable:
        if self._is.way is not None:
            return self._is.way
        return MessagesWay(f"ssmmessages.{scope.region}.{scope.dns_suffix}:443", "", None)

    async def errand(self, _scope: Scope) -> Errand | Moot | Unreadable:
        return self._is.errand
