"""Find the Session Manager plugin, build its arguments and environment, and give it the terminal."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ssmtui import processes
from ssmtui.evidence.aws.profiles import can_prompt, profile_name, read_profiles
from ssmtui.evidence.workstation.local import PROGRAM, find_plugin, plugin_version
from ssmtui.language import say
from ssmtui.model.fact import Absent, Unreadable
from ssmtui.model.plan import Step
from ssmtui.model.scope import ScopeName, SharedCredentials
from ssmtui.model.sessions import NON_INTERACTIVE, OpenedSession, SessionEnding, SessionRequest
from ssmtui.model.ssm_agent import version_numbers
from ssmtui.model.workstation import BUILT_FROM_SOURCE, OLDEST_SUPPORTED, TAKES_NO_VARIABLE, WITHDRAWN, System
from ssmtui.remediation.plans.steps.operating_system import installations
from ssmtui.session.calls import SessionProblem
from ssmtui.session.opener import OpenSession
from ssmtui.session.remote_command import is_marked
from ssmtui.session.terminal_signals import signals_handled

RESPONSE = "AWS_SSM_START_SESSION_RESPONSE"
"""The argument that the plugin gets instead of StartSession's answer, and the variable that contains the answer."""

_OPERATION = "StartSession"
_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
# Other variables from which the plugin's SDK takes credentials, or which it prefers.
_OTHER_CREDENTIALS = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN", "AWS_CREDENTIAL_EXPIRATION")
_ENDPOINT = "AWS_ENDPOINT_URL"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The endpoint of Systems Manager for the session.

    `ssm` is the URL. `override` is the endpoint of all requests if the command line names one: newer plugins then also
    use it for KMS.
    """

    ssm: str
    override: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Invocation:
    """A program to run. Its environment contains the token and perhaps credentials, so nothing shows it."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]


def invocation(
    plugin: str,
    request: SessionRequest,
    opened: OpenedSession,
    endpoint: Endpoint,
    environment: Mapping[str, str],
    lent: SharedCredentials | None = None,
) -> Invocation:
    """Return how to start the plugin for an open session, with borrowed credentials or with those of the profile."""
    response = {"SessionId": opened.id, "TokenValue": opened.token, "StreamUrl": opened.stream_url}
    profile = request.scope.name.profile if lent is None else None
    arguments = (
        plugin,
        RESPONSE,
        request.scope.region,
        _OPERATION,
        profile or "",
        json.dumps(_asked(request)),
        endpoint.ssm,
    )
    given = dict(environment)
    if lent is not None:
        given = {name: value for name, value in given.items() if name not in {*_KEYS, *_OTHER_CREDENTIALS}}
        keys = zip(_KEYS, (lent.access_key, lent.secret_key, lent.token), strict=True)
        given.update({name: value for name, value in keys if value is not None})
    if endpoint.override is not None:
        given = {name: value for name, value in given.items() if not name.startswith(_ENDPOINT)}
        given.pop("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", None)
        given[_ENDPOINT] = endpoint.override
    given[RESPONSE] = json.dumps(response)
    return Invocation(arguments, given)


def must_be_lent(name: ScopeName, environment: Mapping[str, str]) -> bool:
    """Return whether the plugin cannot load a scope's credentials itself. Reads the AWS files; imports no SDK."""
    profile = name.profile
    if name.role is not None:
        return True
    if profile is None and environment.get(_KEYS[0]):
        return False
    return can_prompt(profile, environment) or read_profiles(environment).uses_login(profile_name(profile, environment))


def _asked(request: SessionRequest) -> dict[str, object]:
    """Return StartSession's parameters, as the AWS CLI writes them."""
    asked: dict[str, object] = {"Target": request.target}
    if request.document is not None:
        asked["DocumentName"] = request.document
    if request.parameters:
        asked["Parameters"] = {name: list(values) for name, values in request.parameters}
    if request.reason:
        asked["Reason"] = request.reason
    return asked


_SYSTEMS = {"win32": System.WINDOWS, "darwin": System.MACOS}


@dataclass(frozen=True, slots=True)
class Preflight:
    """The installed plugin. If there is no usable plugin, `path` is empty and `why` says why.

    `warning` is a known problem of the found version; `steps` say how to install the current one.
    """

    path: str = ""
    version: str = ""
    why: str = ""
    warning: str = ""
    steps: tuple[Step, ...] = ()


def preflight(environment: Mapping[str, str] | None = None) -> Preflight:
    """Find the plugin as the workstation checks do, and run it for its version. Blocks until the plugin answers.

    A plugin outside PATH is used as well: only the AWS CLI cannot find it.
    """
    system = _SYSTEMS.get(sys.platform, System.LINUX)
    place = find_plugin(system, os.environ if environment is None else environment, _is_program)
    steps = installations(system)
    if place is None:
        return Preflight(why=say("{program} is not installed on this computer", program=PROGRAM), steps=steps)
    told = _version_of(place.path)
    if isinstance(told, Absent):
        why = say("{program} was built for another processor or is damaged: {why}", program=PROGRAM, why=told.what)
        return Preflight(why=why, steps=steps)
    version = "" if isinstance(told, Unreadable) else told
    why = _why_not(version)
    if why:
        return Preflight(version=version, why=why, steps=steps)
    warning = _warning(version)
    return Preflight(place.path, version, warning=warning, steps=steps if warning else ())


def _version_of(path: str) -> str | Absent | Unreadable:
    """Return the plugin's version. It runs in its own thread, because this thread may already run a loop."""
    with ThreadPoolExecutor(1, "plugin-version") as thread:
        return thread.submit(lambda: asyncio.run(plugin_version(path))).result()


def _why_not(version: str) -> str:
    if version == BUILT_FROM_SOURCE or not version or version_numbers(version) > version_numbers(TAKES_NO_VARIABLE):
        return ""
    return say(
        "{program} {version} is too old: it receives the session token as an argument, which all users of this "
        "computer can read",
        program=PROGRAM,
        version=version,
    )


def _warning(version: str) -> str:
    if version in WITHDRAWN:
        return say(
            "AWS withdrew {program} {version}: {next_version} reverted its changes",
            program=PROGRAM,
            version=version,
            next_version=WITHDRAWN[version],
        )
    if version and version != BUILT_FROM_SOURCE and version_numbers(version) < version_numbers(OLDEST_SUPPORTED):
        return say(
            "{program} {version} is older than {floor}, the oldest version that AWS supports",
            program=PROGRAM,
            version=version,
            floor=OLDEST_SUPPORTED,
        )
    return ""


def _is_program(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)  # noqa: PTH113 - Path's own raises for a long one


class PluginMissing(SessionProblem):
    """There is no usable plugin: `text` says why."""


def prepare(session: OpenSession, endpoint_url: str | None, environment: Mapping[str, str] | None = None) -> Invocation:
    """Return how to start the plugin. `endpoint_url` is the endpoint of all requests, if one is set. Blocks.

    Raises:
        PluginMissing: there is no usable plugin.
        SessionProblem: the credentials that the plugin needs are gone.

    """
    given = os.environ if environment is None else environment
    found = preflight(given)
    if not found.path:
        raise PluginMissing(found.why, is_own=True)
    lends = session.by_access or must_be_lent(session.request.scope.name, given)
    lent = session.calls.credentials() if lends else None
    endpoint = Endpoint(session.opened.endpoint, endpoint_url)
    return invocation(found.path, session.request, session.opened, endpoint, given, lent)


_END_OF_INPUT = b"\x04"
"""Ctrl-D: a shell that reads a script from standard input ends with it."""


def attach(session: OpenSession, endpoint_url: str | None) -> SessionEnding:
    """Give the terminal, or standard input and output, to an open session until it ends. Blocks.

    The caller ends the session in AWS.
    Call it in the main thread: only that thread receives signals.

    Raises:
        OSError: the plugin cannot be run.
        BrokenPipeError: nobody reads the output any more.
        SessionProblem: there is no plugin, or no credentials for it.
        SystemExit: a signal asked this process to end.

    """
    run = prepare(session, endpoint_url)
    if sys.platform == "win32":
        return _run_on_console(run, session.id)
    from ssmtui.session.plugin.process import run_plugin  # noqa: PLC0415 - Windows lacks the modules that it needs

    request = session.request
    at_end = None if request.is_stream else _END_OF_INPUT
    return run_plugin(
        run,
        session.id,
        at_end=at_end,
        takes_input=request.takes_input,
        alone=request.document == NON_INTERACTIVE,
        marked=is_marked(request),
    )


def _run_on_console(run: Invocation, session_id: str) -> SessionEnding:
    """Run the plugin on the Windows console, which it uses itself, also for Ctrl-C. Its output cannot be read."""
    with signals_handled(lambda _: None):
        status = processes.run(run.arguments, run.environment).returncode
    return SessionEnding(session_id, exit_code=status)
