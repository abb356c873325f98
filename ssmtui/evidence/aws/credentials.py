"""Obtain, describe, replace and renew credentials."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import signal
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from ssmtui import processes
from ssmtui.evidence.aws.limits import DeadlinePassed, current_deadline, within_deadline
from ssmtui.evidence.aws.reader_api import Answer, AwsError, MalformedAnswer, ReadFailed
from ssmtui.language import say
from ssmtui.model.fact import ReadFailure, Unreadable
from ssmtui.model.workstation import CredentialKind, Credentials
from ssmtui.text.times import in_utc, moment_in


class UnusableCredentials(Exception):
    """Credentials that cannot sign a request. The message does not contain them."""


def replaceable_credentials(credentials: Any) -> Any:
    """Return credentials for clients that `replace_credentials` can replace later."""
    from aiobotocore.credentials import AioCredentials

    class Replaceable(AioCredentials):  # type: ignore[misc] # the SDK has no types
        def __init__(self) -> None:
            super().__init__("replaceable", "replaceable", method=credentials.method)
            self.behind = credentials
            self.given: Any = None

        async def get_frozen_credentials(self) -> Any:
            self.given = _plain(await self.behind.get_frozen_credentials())
            return self.given

    return Replaceable()


async def replace_credentials(place: Any, fresh: Any) -> bool:
    """Sign with other credentials from now on, and return whether they differ from the previous ones."""
    before = place.given
    now = await fresh.get_frozen_credentials()
    place.behind, place.method, place.given = fresh.behind, fresh.method, now
    return bool(before != now)


def _plain(frozen: Any) -> Any:
    """Return the credentials if they can be put into headers. Raises UnusableCredentials."""
    for each in (frozen.access_key, frozen.secret_key, frozen.token or "-"):
        if not (isinstance(each, str) and each and each.isascii() and each.isprintable()):
            raise UnusableCredentials
    return frozen


ASSUME_ROLE = "sts:AssumeRole"

_OURS = "ssmtui"
_LONGEST_NAME = 64
_NO_NAME = re.compile(r"[^\w+=,.@-]", re.ASCII)
"""Characters that are not allowed in the name of a role session.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""


@dataclass(frozen=True, slots=True)
class RoleToAssume:
    """A role to assume. `session_name` shows the role's account who assumed it.

    `external_id` is the ID that the role's owner requires, if any.
    """

    arn: str
    session_name: str
    external_id: str | None = None


def role_session_name(who: str) -> str:
    """Return the name of the role session of a caller, so that their sessions differ from those of others.

    IDs of Session Manager sessions begin with it, and policies use it to let callers end only their own sessions.
    """
    return "-".join(filter(None, (_OURS, _NO_NAME.sub("-", who))))[:_LONGEST_NAME]


def assume_role_credentials(sts: Callable[[], Awaitable[Any]], role: RoleToAssume) -> Any:
    """Return the credentials of a role. It is assumed at the first use, and again before they expire.

    `sts` returns the client. They last one hour, AWS's default, which is the maximum if a role assumes another
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html, role chaining).
    """
    from aiobotocore.credentials import AioDeferredRefreshableCredentials

    async def taken() -> Mapping[str, str]:
        asked = {"RoleArn": role.arn, "RoleSessionName": role.session_name}
        if role.external_id is not None:
            asked["ExternalId"] = role.external_id
        told = (await (await sts()).assume_role(**asked))["Credentials"]
        return {
            "access_key": told["AccessKeyId"],
            "secret_key": told["SecretAccessKey"],
            "token": told["SessionToken"],
            "expiry_time": told["Expiration"].isoformat(),
        }

    return AioDeferredRefreshableCredentials(refresh_using=taken, method="assume-role")


_DYING = 1.0
"""Seconds to wait for a killed program."""


class Program:
    """A running program. `returncode` is that of asyncio's Process."""

    def __init__(self, process: Process, *, alone: bool) -> None:
        self._process = process
        self._alone = alone

    @property
    def returncode(self) -> int | None:
        """The exit status; None while it runs."""
        return self._process.returncode

    async def communicate(self) -> tuple[bytes, bytes]:
        """Return its output. Cancelling this kills the program and its process group."""
        try:
            printed, complained = await self._process.communicate()
        except BaseException:
            await self._end()
            raise
        return printed or b"", complained or b""

    async def _end(self) -> None:
        # Also if the program has ended: a child process can still hold its pipes.
        with suppress(ProcessLookupError):
            if self._alone and hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            elif self._process.returncode is None:
                self._process.kill()
        # Children of a killed program can hold its pipes open forever: do not wait for them.
        transport = self._process._transport  # type: ignore[attr-defined]
        transport.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(_DYING):
                await self._process.wait()


async def start_program(
    *words: str,
    alone: bool = False,
    env: Mapping[str, str] | None = None,
    stdin: int | None = None,
    stdout: int | None = None,
    stderr: int | None = None,
) -> Program:
    """Run a program, without a shell. Raises OSError.

    `alone` gives it a process group without the terminal, so that it cannot prompt. `env` is its environment, by
    default that of this process.
    """
    started = await processes.start_on_loop(
        words, os.environ if env is None else env, start_new_session=alone, stdin=stdin, stdout=stdout, stderr=stderr
    )
    return Program(started, alone=alone)


_MOST = 1_000_000
"""Maximum number of characters to read from the login file."""


@dataclass(frozen=True, slots=True)
class ObtainedCredentials:
    """How credentials were obtained. `method` is botocore's provider; `expires` is None if the SDK knows no end."""

    method: str
    temporary: bool
    expires: datetime | None


def sso_login_end(profile: Mapping[str, str], folder: Path) -> datetime | None:
    """Return when the login of a profile ends (UTC); None if it is renewed automatically, or if that is unknown.

    `folder` is the AWS CLI's `~/.aws/sso/cache`: one JSON file for each login, named by the hash of the `sso_session`,
    or of the start URL if a profile has none (https://docs.aws.amazon.com/sdkref/latest/guide/understanding-sso.html).
    """
    name = profile.get("sso_session") or profile.get("sso_start_url")
    if not name:
        return None
    file = folder / f"{hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()}.json"
    try:
        with os.fdopen(os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), encoding="utf-8") as opened:
            kept = json.loads(opened.read(_MOST))
        if "sso_session" in profile and kept.get("refreshToken"):
            return None
        return moment_in(str(kept["expiresAt"]).replace("UTC", "+00:00"))
    except (OSError, ValueError, KeyError, AttributeError, TypeError, RecursionError):
        return None


_KINDS = {
    "assume-role": CredentialKind.ROLE,
    "assume-role-with-web-identity": CredentialKind.WEB_IDENTITY,
    "config-file": CredentialKind.FILES,
    "container-role": CredentialKind.CONTAINER,
    "custom-process": CredentialKind.PROCESS,
    "env": CredentialKind.ENVIRONMENT,
    "iam-role": CredentialKind.INSTANCE,
    "login": CredentialKind.LOGIN,
    "shared-credentials-file": CredentialKind.FILES,
    "sso": CredentialKind.IDENTITY_CENTER,
}
"""By botocore's names of its providers."""


def describe_credentials(
    taken: ObtainedCredentials, chain: Sequence[Mapping[str, str]], login_folder: Path, renewal: str
) -> Credentials:
    """Return the kind and end of a profile's credentials. `chain` has its settings and those of its source profiles.

    The SDK renews credentials of a process, a container, an instance or a role; but not after the login behind a role
    has ended, and not if renewal needs an MFA code.
    """
    kind = _KINDS.get(taken.method, CredentialKind.OTHER)
    ends: list[datetime | None] = []
    if kind in {CredentialKind.ENVIRONMENT, CredentialKind.FILES, CredentialKind.OTHER}:
        ends.append(taken.expires)
    if kind in {CredentialKind.IDENTITY_CENTER, CredentialKind.ROLE}:
        ends += [sso_login_end(each, login_folder) for each in chain]
    if kind is CredentialKind.ROLE and any("mfa_serial" in each for each in chain):
        ends.append(taken.expires)
    told = [in_utc(each) for each in ends if each is not None]
    return Credentials(kind, taken.temporary, min(told, default=None), renewal)


GET_CALLER_IDENTITY = "sts:GetCallerIdentity"


async def get_caller(ask: Callable[[], Awaitable[object]]) -> str:
    """Return the ARN of the user or the role without the session name, which differs after each login.

    Raises:
        ReadFailed: AWS rejects the credentials, or there is no answer.

    """
    try:
        return strip_session_name(Answer(GET_CALLER_IDENTITY, await within_deadline(ask())).arn("Arn"))
    except DeadlinePassed as passed:
        why = say("{action}: no answer within {seconds:g} s", action=GET_CALLER_IDENTITY, seconds=passed.seconds)
        raise ReadFailed(Unreadable("", why, ReadFailure.TIMED_OUT, GET_CALLER_IDENTITY)) from passed
    except AwsError as error:
        raise ReadFailed(Unreadable("", str(error), ReadFailure.FAILED, GET_CALLER_IDENTITY)) from error
    except MalformedAnswer as malformed:
        raise ReadFailed(malformed.unreadable) from malformed


def strip_session_name(caller: str) -> str:
    """Return an ARN, that of an assumed role without the session name."""
    return caller.rpartition("/")[0] if ":assumed-role/" in caller else caller


class RejectionPolicy(Enum):
    """What a read does if AWS rejects its credentials and there are no others."""

    WAIT = "wait"
    FAIL = "fail"


class CredentialChange(Enum):
    """What happened to credentials: AWS rejects them; or it accepts others, of the same caller or of another one."""

    LOST = "lost"
    BACK = "back"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class CredentialHolder:
    """Whose credentials: a profile's, or those of a role that the profile assumes."""

    profile: str | None
    role: str | None = None


CredentialListener = Callable[[CredentialHolder, CredentialChange, Unreadable | None], None]
"""Is called once for each change, with the reason if there are no credentials."""

RenewFunction = Callable[[], Awaitable[bool]]
"""Renews credentials, and returns whether they changed. Raises ReadFailed."""

IdentifyFunction = Callable[[], Awaitable[str]]
"""Returns the caller that AWS names. Raises ReadFailed if AWS rejects the credentials or does not answer."""


def is_credential_failure(unreadable: Unreadable) -> bool:
    """Return whether a read failed because AWS rejects the credentials, or because there are none."""
    refused_whole = unreadable.obstacle is ReadFailure.REFUSED and not unreadable.action
    return unreadable.obstacle is ReadFailure.EXPIRED or refused_whole


class CredentialRenewal:
    """Renews the credentials of one holder after AWS rejected them. For one event loop.

    `serial` changes whenever the credentials change.
    """

    def __init__(self, holder: CredentialHolder, hear: CredentialListener, on_rejection: RejectionPolicy) -> None:
        self.serial = 0
        self.lost: Unreadable | None = None
        self._holder = holder
        self._hear = hear
        self._on_rejection = on_rejection
        self._asking = asyncio.Lock()
        self._back = asyncio.Event()
        self._whose = ""
        self._renew: RenewFunction | None = None
        self._identify: IdentifyFunction | None = None

    def know(self, whose: str, renew: RenewFunction, identify: IdentifyFunction) -> None:
        """Store whose credentials they are, and how to renew and identify them."""
        self._whose, self._renew, self._identify = whose, renew, identify

    async def in_force(self) -> int:
        """Return the serial of the credentials as soon as there are some that AWS has not rejected.

        Raises:
            ReadFailed: there are none, and the policy is not to wait.

        """
        while self.lost is not None:
            if self._on_rejection is RejectionPolicy.FAIL:
                raise ReadFailed(self.lost)
            await self._wait()
        return self.serial

    async def refused(self, serial: int, failed: ReadFailed) -> None:
        """Renew the credentials of a serial, which AWS rejected, or mark them as lost.

        Raises:
            ReadFailed: AWS rejects them for this one call only, or that is unknown.

        """
        async with self._asking:
            if serial == self.serial and self.lost is None:
                await self._renew_or_lose(failed)

    async def retry(self) -> None:
        """Renew lost credentials: somebody may have logged in."""
        async with self._asking:
            if self.lost is not None:
                await self._renew_or_lose(ReadFailed(self.lost))

    async def _renew_or_lose(self, failed: ReadFailed) -> None:
        if self._renew is None or self._identify is None:
            raise failed
        try:
            others = await self._renew()
            whose = await self._identify()
        except ReadFailed as without:
            if is_credential_failure(without.unreadable):
                self._lose(without.unreadable)
            elif self.lost is None:
                raise failed from without
            return
        if not others and self.lost is None:
            raise failed
        self.serial += 1
        was_lost, self.lost = self.lost, None
        if whose != self._whose:
            self._hear(self._holder, CredentialChange.OTHER, None)
        elif was_lost is not None:
            self._hear(self._holder, CredentialChange.BACK, None)
        self._whose = whose
        self._back.set()

    def _lose(self, why: Unreadable) -> None:
        known, self.lost = self.lost, why
        if known is None:
            self._back.clear()
            self._hear(self._holder, CredentialChange.LOST, why)

    async def _wait(self) -> None:
        deadline = current_deadline()
        if deadline is None:
            await self._back.wait()
            return
        # The time that a person needs to log in does not count for the deadline.
        with deadline.standing_still():
            await self._back.wait()
