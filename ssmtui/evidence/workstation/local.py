"""The workstation on which ssmtui runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from ssmtui.evidence.aws import sdk
from ssmtui.evidence.aws.clients import Clients
from ssmtui.evidence.aws.credential_sources import describe_credentials
from ssmtui.evidence.aws.failures import classify_exception
from ssmtui.evidence.aws.profiles import profile_name, read_profiles
from ssmtui.evidence.aws.reader_api import AwsError, MalformedAnswer, ReadFailed
from ssmtui.evidence.aws.scope_errors import login_command, unreadable_from_error
from ssmtui.evidence.aws.sdk import service_url
from ssmtui.evidence.facts.workstation_protocol import Invocation, WorkstationFactory
from ssmtui.evidence.workstation.connection import make_ssl_context, parse_target, proxy_for, try_connection
from ssmtui.evidence.workstation.plugin import find_plugin, plugin_version
from ssmtui.language import say
from ssmtui.model.fact import Absent, NotApplicable, ReadFailure, Unreadable
from ssmtui.model.finding import WORKSTATION
from ssmtui.model.scope import Scope
from ssmtui.model.workstation import (
    ClockDifference,
    Credentials,
    MessagesConnection,
    NodeQuery,
    Plugin,
    System,
    TemporaryFolder,
)

MESSAGES = "ssmmessages"

_SYSTEMS = {"win32": System.WINDOWS, "darwin": System.MACOS}


class LocalWorkstation:
    """Looks at the computer it runs on (implements `Machine`). `environment` is the one that programs here inherit."""

    def __init__(
        self, clients: Clients, request: Invocation, *, system: System, environment: Mapping[str, str]
    ) -> None:
        self._clients = clients
        self._request = request
        self._system = system
        self._environment = environment

    async def plugin(self) -> Plugin | Absent | Unreadable:
        """It is searched for, and asked for its version."""
        place = find_plugin(self._system, self._environment, _is_program)
        if place is None:
            return Absent(say("the Session Manager plugin"), "PATH")
        return Plugin(self._system, place.path, place.on_path, await plugin_version(place.path))

    async def temporary_folder(self) -> TemporaryFolder:
        """The folder that Go's `os.TempDir` names, which the plugin uses."""
        variable = "TEMP" if self._system is System.WINDOWS else "TMPDIR"
        return TemporaryFolder(self._system, self._environment.get(variable) or "/tmp")  # noqa: S108 - only measured

    async def credentials(self, scope: Scope) -> Credentials | Unreadable:
        """By the session that the scope was opened with; nothing is asked for."""
        name = scope.name
        session = await self._session(scope)
        if isinstance(session, Unreadable):
            return session
        profiles = read_profiles(self._environment)
        chain = tuple(profiles.chain(profile_name(name.profile, self._environment)))
        return describe_credentials(session.taken, chain, _login_folder(), login_command(name))

    async def clock(self) -> ClockDifference | Unreadable:
        """By an answer that AWS has already given."""
        difference = self._clients.clock_difference
        if difference is None:
            return Unreadable(
                "", say("no answer of AWS said when it was given"), ReadFailure.MALFORMED, "sts:GetCallerIdentity"
            )
        return difference

    async def messages_way(self, scope: Scope) -> MessagesConnection | Unreadable:
        """A connection is made and closed again."""
        session = await self._session(scope)
        if isinstance(session, Unreadable):
            return session
        url = service_url(session, MESSAGES, scope.region, self._request.endpoint_url)
        target = parse_target(url) if url else None
        if target is None:
            return Unreadable(
                "", say("no endpoint of {service} is known", service=MESSAGES), ReadFailure.FAILED, WORKSTATION
            )
        proxy = proxy_for("https" if target.encrypted else "http", target.host, self._environment)
        try:
            context = make_ssl_context(sdk.trusted_certificates(session))
        except OSError as error:
            why = say("the trusted certificates cannot be read: {error}", error=error.strerror or type(error).__name__)
            return Unreadable("", why, ReadFailure.FAILED, WORKSTATION)
        return await try_connection(target, proxy, context)

    async def errand(self, scope: Scope) -> NodeQuery | NotApplicable | Unreadable:
        """Where the AWS CLI would look; its account is asked for where another profile's credentials count there."""
        home = self._request.home
        ids = frozenset(each for each in self._request.nodes if each.startswith(("i-", "mi-")))
        if not ids or home is None:
            return NotApplicable(say("no node was asked for by its id"))
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
            return Unreadable("", say("the credentials are no longer there"), ReadFailure.EXPIRED, WORKSTATION)
        except Exception as error:
            # Another scope of the profile may have made its credentials be taken anew.
            meaning = classify_exception(error, "sts:GetCallerIdentity", self._clients.settings.deadline)
            if meaning is None:
                raise
            return unreadable_from_error(meaning)


def local_workstation(environment: Mapping[str, str] | None = None) -> WorkstationFactory:
    """The computer that ssmtui runs on, for a diagnosis."""
    return partial(
        LocalWorkstation,
        system=_SYSTEMS.get(sys.platform, System.LINUX),
        environment=dict(os.environ) if environment is None else environment,
    )


def _login_folder() -> Path:
    return Path("~/.aws/sso/cache").expanduser()


def _is_program(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)  # noqa: PTH113 - Path's own raises for a long one
