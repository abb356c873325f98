"""What the plugin is started with: the arguments and the environment that the AWS CLI gives it, as a value.

The credentials are those that the session was opened with, since the plugin takes a data key and a new token by them.
A profile is named to the plugin, as the CLI names it, wherever the plugin's SDK can take its credentials by itself: it
then renews them during a long session. It cannot where somebody is asked for a code (MFA) and where the profile's kind
is newer than the SDK of many plugins (`aws login`), and it knows nothing of just-in-time access and of the roles that
ssmtui is told to take: there the credentials
in force are lent through the environment, and no profile is named, which would come before them (aws-sdk-go,
aws/session/credentials.go). Lent ones last as long as they last; a session goes on without, and is not resumed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from ssmtui.evidence.wire.profiles import profile_name, read_profiles
from ssmtui.evidence.wire.prompting import may_prompt
from ssmtui.model.lending import LentCredentials
from ssmtui.model.scope import ScopeName
from ssmtui.model.session_opening import OpenedSession, SessionRequest

RESPONSE = "AWS_SSM_START_SESSION_RESPONSE"
"""The name that the plugin is given instead of StartSession's answer, and the variable that holds it."""

_OPERATION = "StartSession"
_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
# What else the plugin's SDK would take credentials by, or before them.
_OTHER_CREDENTIALS = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN", "AWS_CREDENTIAL_EXPIRATION")
_ENDPOINT = "AWS_ENDPOINT_URL"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the session was asked for.

    `ssm` is the URL; `override` is what every request was sent to, where one was named on the command line: newer
    plugins then take KMS from there as well.
    """

    ssm: str
    override: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Invocation:
    """A program to run. Its environment holds the token, and may hold credentials: shown by nothing."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]


def invocation(
    plugin: str,
    request: SessionRequest,
    opened: OpenedSession,
    endpoint: Endpoint,
    environment: Mapping[str, str],
    lent: LentCredentials | None = None,
) -> Invocation:
    """The plugin at a path, for an open session; by lent credentials, or by those that the profile stands for."""
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
    """Whether the plugin cannot take a scope's credentials by itself. Reads the AWS files; imports no SDK."""
    profile = name.profile
    if name.role is not None:
        return True
    if profile is None and environment.get(_KEYS[0]):
        return False
    return may_prompt(profile, environment) or read_profiles(environment).uses_login(profile_name(profile, environment))


def _asked(request: SessionRequest) -> dict[str, object]:
    """StartSession's parameters, as the AWS CLI writes them."""
    asked: dict[str, object] = {"Target": request.target}
    if request.document is not None:
        asked["DocumentName"] = request.document
    if request.parameters:
        asked["Parameters"] = {name: list(values) for name, values in request.parameters}
    if request.reason:
        asked["Reason"] = request.reason
    return asked
