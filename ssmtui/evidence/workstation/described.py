"""A workstation that is described: for the demo and for tests."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.evidence.aws.clients import Clients
from ssmtui.evidence.facts.workstation_protocol import Invocation, Workstation, WorkstationFactory
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.scope import Scope
from ssmtui.model.workstation import (
    ClockDifference,
    CredentialKind,
    Credentials,
    MessagesConnection,
    NodeQuery,
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
_NOTHING_ASKED = NotApplicable("no node was asked for by its id")


@dataclass(frozen=True, slots=True)
class WorkstationDescription:
    """A computer in every respect in which one is asked; as it stands, nothing is wrong with it.

    `way` is None for a way to each Region's `ssmmessages` that is open.
    """

    plugin: Plugin | Absent | Unreadable = _PLUGIN
    folder: TemporaryFolder = _FOLDER
    credentials: Credentials | Unreadable = _CREDENTIALS
    clock: ClockDifference | Unreadable = _CLOCK
    way: MessagesConnection | Unreadable | None = None
    errand: NodeQuery | NotApplicable | Unreadable = _NOTHING_ASKED

    @property
    def workstation(self) -> WorkstationFactory:
        """For a diagnosis."""
        return self._workstation

    def _workstation(self, _clients: Clients, _request: Invocation) -> Workstation:
        return _DescribedWorkstation(self)


class _DescribedWorkstation:
    """Answers as it is described."""

    def __init__(self, description: WorkstationDescription) -> None:
        self._is = description

    async def plugin(self) -> Plugin | Absent | Unreadable:
        return self._is.plugin

    async def temporary_folder(self) -> TemporaryFolder:
        return self._is.folder

    async def credentials(self, _scope: Scope) -> Credentials | Unreadable:
        return self._is.credentials

    async def clock(self) -> ClockDifference | Unreadable:
        return self._is.clock

    async def messages_way(self, scope: Scope) -> MessagesConnection | Unreadable:
        if self._is.way is not None:
            return self._is.way
        return MessagesConnection(f"ssmmessages.{scope.region}.{scope.dns_suffix}:443", "", None)

    async def errand(self, _scope: Scope) -> NodeQuery | NotApplicable | Unreadable:
        return self._is.errand
