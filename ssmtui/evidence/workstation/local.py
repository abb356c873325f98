"""The workstation on which ssmtui runs, or a described workstation for the demo and tests."""

from __future__ import annotations

import asyncio
import errno
import ntpath
import os
import posixpath
import re
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ssmtui.aws.client_config import service_url, trusted_certificates
from ssmtui.evidence.aws import sdk
from ssmtui.evidence.aws.clients import Clients
from ssmtui.evidence.aws.credentials import describe_credentials, start_program
from ssmtui.evidence.aws.failures import classify_exception
from ssmtui.evidence.aws.profiles import profile_name, read_profiles
from ssmtui.evidence.aws.reader_api import AwsError, MalformedAnswer, ReadFailed
from ssmtui.evidence.aws.scope_errors import login_command, unreadable_from_error
from ssmtui.evidence.facts.sources import derives, reads_workstation
from ssmtui.evidence.facts.workstation_protocol import Invocation, Workstation, WorkstationFactory
from ssmtui.evidence.workstation.connection import make_ssl_context, parse_target, proxy_for, try_connection
from ssmtui.language import say
from ssmtui.model.fact import Absent, NotApplicable, ReadFailure, Unreadable
from ssmtui.model.finding import WORKSTATION
from ssmtui.model.node import Node
from ssmtui.model.scope import Scope
from ssmtui.model.workstation import (
    ClockDifference,
    CredentialKind,
    Credentials,
    MessagesConnection,
    NodeElsewhere,
    NodeQuery,
    Plugin,
    System,
    TemporaryFolder,
    without_secrets,
)
from ssmtui.processes import absolute_folders

PROGRAM = "session-manager-plugin"

# Systems Manager User Guide, "Install the Session Manager plugin on Linux", "… on macOS", "… on Windows"; and the
# folders where package managers create links.
_FOLDERS = {
    System.LINUX: ("/usr/local/sessionmanagerplugin/bin", "/usr/local/bin", "/usr/bin"),
    System.MACOS: ("/usr/local/sessionmanagerplugin/bin", "/usr/local/bin", "/opt/homebrew/bin"),
}
_PROGRAM_FILES = (r"C:\Program Files", r"C:\Program Files (x86)")
_WINDOWS_FOLDER = r"Amazon\SessionManagerPlugin\bin"


@dataclass(frozen=True, slots=True)
class PluginPlace:
    """The file of the plugin, and whether it is on PATH."""

    path: str
    on_path: bool


def find_plugin(
    system: System, environment: Mapping[str, str], is_program: Callable[[str], bool]
) -> PluginPlace | None:
    """Return the plugin on PATH, else in a folder that installers use; None if there is neither.

    Relative entries of PATH are skipped: a program in the working directory is never run.
    """
    for on_path, folders in ((True, _on_path(system, environment)), (False, installers_folders(system, environment))):
        for folder in folders:
            file = _joined(system, folder)
            if is_program(file):
                return PluginPlace(file, on_path)
    return None


def installers_folders(system: System, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the folders that installers use for the plugin."""
    if system is not System.WINDOWS:
        return _FOLDERS[system]
    named = (environment.get("PROGRAMFILES"), environment.get("PROGRAMFILES(X86)"))
    roots = dict.fromkeys(each for each in (*named, *_PROGRAM_FILES) if each)
    return tuple(ntpath.join(root, _WINDOWS_FOLDER) for root in roots)


def _on_path(system: System, environment: Mapping[str, str]) -> Iterator[str]:
    return absolute_folders(environment.get("PATH", ""), windows=system is System.WINDOWS)


def _joined(system: System, folder: str) -> str:
    if system is System.WINDOWS:
        return ntpath.join(folder, f"{PROGRAM}.exe")
    return posixpath.join(folder, PROGRAM)


VERSION_COMMAND = "session-manager-plugin --version"
VERSION_TIMEOUT = 5.0
"""Time limit in seconds for the plugin."""

_OF_ANOTHER_MACHINE = frozenset({errno.ENOEXEC, getattr(errno, "EBADARCH", 86)})
"""Error codes of programs for another processor; macOS has its own code, which Python does not name."""
_VERSION = re.compile(r"\d{1,6}(?:\.\d{1,6}){1,3}")


async def plugin_version(path: str, patience: float = VERSION_TIMEOUT) -> str | Absent | Unreadable:
    """Return the version that the plugin prints; Absent if the file is not a program for this computer."""
    try:
        process = await start_program(
            path,
            "--version",
            alone=True,
            env=without_secrets(os.environ),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=DEVNULL,
        )
    except OSError as error:
        why = say("cannot run {asking}: {error}", asking=VERSION_COMMAND, error=error.strerror or type(error).__name__)
        return Absent(why, WORKSTATION) if error.errno in _OF_ANOTHER_MACHINE else _untold(why)
    try:
        async with asyncio.timeout(patience):
            printed, _ = await process.communicate()
    except TimeoutError:
        return _untold(say("{asking} did not respond within {seconds:g} s", asking=VERSION_COMMAND, seconds=patience))
    version = printed[:64].decode("ascii", errors="replace").strip()
    return (
        version
        if _VERSION.fullmatch(version)
        else _untold(say("{asking} did not print a version", asking=VERSION_COMMAND))
    )


def _untold(why: str) -> Unreadable:
    return Unreadable("", why, ReadFailure.FAILED, WORKSTATION)


MESSAGES = "ssmmessages"

_SYSTEMS = {"win32": System.WINDOWS, "darwin": System.MACOS}


class LocalWorkstation:
    """The computer that runs ssmtui (implements `Workstation`). `environment` is the environment of its programs."""

    def __init__(
        self, clients: Clients, request: Invocation, *, system: System, environment: Mapping[str, str]
    ) -> None:
        self._clients = clients
        self._request = request
        self._system = system
        self._environment = environment

    async def plugin(self) -> Plugin | Absent | Unreadable:
        """Find the plugin, and run it for its version."""
        place = find_plugin(self._system, self._environment, _is_program)
        if place is None:
            return Absent(say("the Session Manager plugin"), "PATH")
        return Plugin(self._system, place.path, place.on_path, await plugin_version(place.path))

    async def temporary_folder(self) -> TemporaryFolder:
        """Return the folder of Go's `os.TempDir`, which the plugin uses."""
        variable = "TEMP" if self._system is System.WINDOWS else "TMPDIR"
        return TemporaryFolder(self._system, self._environment.get(variable) or "/tmp")  # noqa: S108 - only measured

    async def credentials(self, scope: Scope) -> Credentials | Unreadable:
        """Return the credentials from the session that opened the scope, without a request."""
        name = scope.name
        session = await self._session(scope)
        if isinstance(session, Unreadable):
            return session
        profiles = read_profiles(self._environment)
        chain = tuple(profiles.chain(profile_name(name.profile, self._environment)))
        return describe_credentials(session.taken, chain, _login_folder(), login_command(name))

    async def clock(self) -> ClockDifference | Unreadable:
        """Return the difference from an answer that AWS has already given."""
        difference = self._clients.clock_difference
        if difference is None:
            return Unreadable(
                "", say("no response of AWS contained its time"), ReadFailure.MALFORMED, "sts:GetCallerIdentity"
            )
        return difference

    async def messages_way(self, scope: Scope) -> MessagesConnection | Unreadable:
        """Open a connection and close it."""
        session = await self._session(scope)
        if isinstance(session, Unreadable):
            return session
        url = service_url(session.raw, MESSAGES, scope.region, self._request.endpoint_url)
        target = parse_target(url) if url else None
        if target is None:
            return Unreadable(
                "", say("no endpoint of {service} is known", service=MESSAGES), ReadFailure.FAILED, WORKSTATION
            )
        proxy = proxy_for("https" if target.encrypted else "http", target.host, self._environment)
        try:
            context = make_ssl_context(trusted_certificates(session.raw))
        except OSError as error:
            why = say("cannot read the trusted certificates: {error}", error=error.strerror or type(error).__name__)
            return Unreadable("", why, ReadFailure.FAILED, WORKSTATION)
        return await try_connection(target, proxy, context)

    async def node_query(self, scope: Scope) -> NodeQuery | NotApplicable | Unreadable:
        """Return where the AWS CLI would look; if it uses other credentials there, their account is read."""
        home = self._request.home
        ids = frozenset(each for each in self._request.nodes if each.startswith(("i-", "mi-")))
        if not ids or home is None:
            return NotApplicable(say("no node was requested by its ID"))
        if home == scope.name:
            return NodeQuery(ids, scope.account, scope.region)
        if (home.profile, home.role) == (scope.name.profile, scope.name.role):
            return NodeQuery(ids, scope.account, home.region)
        try:
            identity = await self._clients.scope(home).call("sts", "GetCallerIdentity")
            return NodeQuery(ids, identity.text("Account"), home.region)
        except (ReadFailed, MalformedAnswer) as failed:
            return failed.unreadable
        except AwsError as error:
            return Unreadable("", str(error), ReadFailure.FAILED, error.source)

    async def _session(self, scope: Scope) -> sdk.Session | Unreadable:
        try:
            return await self._clients.session(scope.name)
        except ReadFailed as failed:
            return failed.unreadable
        except (sdk.NoCredentials, sdk.UnknownProfile):
            return Unreadable("", say("the credentials no longer exist"), ReadFailure.EXPIRED, WORKSTATION)
        except Exception as error:
            # Another scope of the profile can have caused new credentials.
            meaning = classify_exception(error, "sts:GetCallerIdentity", self._clients.settings.deadline)
            if meaning is None:
                raise
            return unreadable_from_error(meaning)


def local_workstation(environment: Mapping[str, str] | None = None) -> WorkstationFactory:
    """Return the factory for the computer that ssmtui runs on."""
    return partial(
        LocalWorkstation,
        system=_SYSTEMS.get(sys.platform, System.LINUX),
        environment=dict(os.environ) if environment is None else environment,
    )


def _login_folder() -> Path:
    return Path("~/.aws/sso/cache").expanduser()


def _is_program(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)  # noqa: PTH113 - Path's own raises for a long one


@reads_workstation
async def plugin(workstation: Workstation) -> Plugin | Absent | Unreadable:
    """Return the Session Manager plugin."""
    return await workstation.plugin()


@reads_workstation
async def temporary_folder(workstation: Workstation) -> TemporaryFolder:
    """Return the folder in which the plugin creates its socket."""
    return await workstation.temporary_folder()


@reads_workstation
async def credentials(workstation: Workstation, scope: Scope) -> Credentials | Unreadable:
    """Return the kind and the end of the scope's credentials, never the credentials themselves."""
    return await workstation.credentials(scope)


@reads_workstation
async def clock_difference(workstation: Workstation) -> ClockDifference | Unreadable:
    """Return the difference between this clock and AWS's."""
    return await workstation.clock()


@reads_workstation
async def messages_way(workstation: Workstation, scope: Scope) -> MessagesConnection | Unreadable:
    """Return the connection to the Region's `ssmmessages`."""
    return await workstation.messages_way(scope)


@reads_workstation
async def node_query(workstation: Workstation, scope: Scope) -> NodeQuery | NotApplicable | Unreadable:
    """Return the requested nodes, and where the AWS CLI would look for them."""
    return await workstation.node_query(scope)


@derives
def node_elsewhere(scope: Scope, node_query: NodeQuery, node: Node) -> NodeElsewhere | NotApplicable:
    """Return a node requested by ID if it is in another scope. An ID exists in only one account and Region."""
    if node.id not in node_query.ids:
        return NotApplicable(say("the node was not requested by its ID"))
    if (node_query.account, node_query.region) == (scope.account, scope.region):
        return NotApplicable(say("the node is in the account and Region that the AWS CLI uses"))
    return NodeElsewhere(node_query)


_PLUGIN = Plugin(
    System.LINUX, "/usr/local/sessionmanagerplugin/bin/session-manager-plugin", on_path=True, version="1.2.764.0"
)
_FOLDER = TemporaryFolder(System.LINUX, "/tmp")  # noqa: S108 - nothing is written there
_CREDENTIALS = Credentials(CredentialKind.IDENTITY_CENTER, temporary=True, expires=None)
_CLOCK = ClockDifference(0, "sts:GetCallerIdentity")
_NOTHING_ASKED = NotApplicable("no node was requested by its ID")


@dataclass(frozen=True, slots=True)
class WorkstationDescription:
    """A description of a workstation; with the defaults, nothing is wrong.

    `way` is None for an open connection to `ssmmessages` of each Region.
    """

    plugin: Plugin | Absent | Unreadable = _PLUGIN
    folder: TemporaryFolder = _FOLDER
    credentials: Credentials | Unreadable = _CREDENTIALS
    clock: ClockDifference | Unreadable = _CLOCK
    way: MessagesConnection | Unreadable | None = None
    node_query: NodeQuery | NotApplicable | Unreadable = _NOTHING_ASKED

    @property
    def workstation(self) -> WorkstationFactory:
        """Return the factory for a diagnosis."""
        return self._workstation

    def _workstation(self, _clients: Clients, _request: Invocation) -> Workstation:
        return _DescribedWorkstation(self)


class _DescribedWorkstation:
    """Returns the described values."""

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

    async def node_query(self, _scope: Scope) -> NodeQuery | NotApplicable | Unreadable:
        return self._is.node_query
