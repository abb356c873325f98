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
    """Credentials that no request can be signed with. Says nothing of them."""


def replaceable_credentials(credentials: Any) -> Any:
    """What clients are to sign with: the credentials, until `stand_in` gives others."""
    from aiobotocore.credentials import AioCredentials

    class Standing(AioCredentials):  # type: ignore[misc] # the SDK has no types
        def __init__(self) -> None:
            super().__init__("standing", "standing", method=credentials.method)
            self.behind = credentials
            self.given: Any = None

        async def get_frozen_credentials(self) -> Any:
            self.given = _plain(await self.behind.get_frozen_credentials())
            return self.given

    return Standing()


async def replace_credentials(place: Any, fresh: Any) -> bool:
    """Sign with other credentials from now on; whether they are others than were signed with until now."""
    before = place.given
    now = await fresh.get_frozen_credentials()
    place.behind, place.method, place.given = fresh.behind, fresh.method, now
    return bool(before != now)


def _plain(frozen: Any) -> Any:
    """The credentials, which go into headers as they are. Raises StrangeCredentials."""
    for each in (frozen.access_key, frozen.secret_key, frozen.token or "-"):
        if not (isinstance(each, str) and each and each.isascii() and each.isprintable()):
            raise UnusableCredentials
    return frozen


ASSUME_ROLE = "sts:AssumeRole"

_OURS = "ssmtui"
_LONGEST_NAME = 64
_NO_NAME = re.compile(r"[^\w+=,.@-]", re.ASCII)
"""What cannot stand in the name of a role session
(https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html)."""


@dataclass(frozen=True, slots=True)
class RoleToAssume:
    """A role as AWS is asked for it.

    `session_name` is by what the role's account knows who has taken it; `external_id` is what its owner has agreed
    with who takes it, where they have.
    """

    arn: str
    session_name: str
    external_id: str | None = None


def role_session_name(who: str) -> str:
    """The name of the session of who takes a role: what they have there is told apart from what others have.

    Ids of Session Manager sessions begin with it, and policies let each end only their own by that.
    """
    return "-".join(filter(None, (_OURS, _NO_NAME.sub("-", who))))[:_LONGEST_NAME]


def assume_role_credentials(sts: Callable[[], Awaitable[Any]], role: RoleToAssume) -> Any:
    """The credentials of a role, taken when they are first asked for, and again before they end.

    `sts` gives a client that takes it. The hour that AWS gives unless asked for more is the longest there is for a role
    that is taken by another role (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html, role chaining).
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
"""Seconds in which a program that is killed is gone."""


class Program:
    """A program that runs. `returncode` as asyncio's Process has it."""

    def __init__(self, process: Process, *, alone: bool) -> None:
        self._process = process
        self._alone = alone

    @property
    def returncode(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.returncode

    async def communicate(self) -> tuple[bytes, bytes]:
        """All that it prints. Whoever stops waiting for that ends it, and whatever it has started in its own group."""
        try:
            printed, complained = await self._process.communicate()
        except BaseException:
            await self._end()
            raise
        return printed or b"", complained or b""

    async def _end(self) -> None:
        # Also where the program has ended by itself: somebody whom it has started still holds what it prints to.
        with suppress(ProcessLookupError):
            if self._alone and hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            elif self._process.returncode is None:
                self._process.kill()
        # What a killed program had started may hold its pipes open for ever: they are not waited for.
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

    `alone` gives it a process group of its own, without the terminal: not one that may ask somebody there. `env`
    is its environment, where that is not this one.
    """
    started = await processes.start_on_loop(
        words, os.environ if env is None else env, start_new_session=alone, stdin=stdin, stdout=stdout, stderr=stderr
    )
    return Program(started, alone=alone)


_MOST = 1_000_000
"""Characters of its file that are read."""


@dataclass(frozen=True, slots=True)
class ObtainedCredentials:
    """How credentials were come by: botocore's name of the provider. `expires` is None where the SDK tells no end."""

    method: str
    temporary: bool
    expires: datetime | None


def sso_login_end(profile: Mapping[str, str], folder: Path) -> datetime | None:
    """When the login of a profile ends (UTC); None where it is renewed by itself, or where that cannot be told.

    `folder` is the AWS CLI's `~/.aws/sso/cache`: one JSON file a login, named by the hash of the `sso_session`, or
    of the start URL where a profile has none (https://docs.aws.amazon.com/sdkref/latest/guide/understanding-sso.html).
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
    """The credentials of a profile. `chain` are its settings and those of the profiles that its role is taken with.

    The SDK renews by itself what it took from a process, a container, an instance or a role; but not beyond the end of
    the login that a role is taken with, and not where that takes an MFA code.
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
    """The user, or the role, whatever its session is called: that is another one with each login.

    Raises:
        ReadFailed: AWS does not take the credentials, or cannot be asked.

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
    """An ARN without the name of the session, where it is that of a role."""
    return caller.rpartition("/")[0] if ":assumed-role/" in caller else caller


class RejectionPolicy(Enum):
    """What a read does whose credentials AWS takes no more, and for which there are no others."""

    WAIT = "wait"
    FAIL = "fail"


class CredentialChange(Enum):
    """What has become of credentials: AWS takes them no more; it takes others of the same caller, or of another."""

    LOST = "lost"
    BACK = "back"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class CredentialHolder:
    """Whose credentials: a profile's, or those of the role that is taken with them."""

    profile: str | None
    role: str | None = None


CredentialListener = Callable[[CredentialHolder, CredentialChange, Unreadable | None], None]
"""Hears of each turn once; with it, why there are no credentials, where there are none."""

RenewFunction = Callable[[], Awaitable[bool]]
"""Comes by credentials anew: whether they are others than before. Raises ReadFailed."""

IdentifyFunction = Callable[[], Awaitable[str]]
"""Whose the credentials are, by AWS's word. Raises ReadFailed where it does not take them, or cannot be asked."""


def is_credential_failure(unreadable: Unreadable) -> bool:
    """Whether a read failed because AWS does not take the credentials, or because there are none."""
    refused_whole = unreadable.obstacle is ReadFailure.REFUSED and not unreadable.action
    return unreadable.obstacle is ReadFailure.EXPIRED or refused_whole


class CredentialRenewal:
    """The credentials of one holder, as AWS takes them. Lives on one loop.

    `serial` says which ones: it is another number whenever there are others.
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
        """Take note whose they are, and how to come by others."""
        self._whose, self._renew, self._identify = whose, renew, identify

    async def in_force(self) -> int:
        """The serial of credentials that nothing is known against, as soon as there are such.

        Raises:
            ReadFailed: there are none, and nothing is to wait for them.

        """
        while self.lost is not None:
            if self._on_rejection is RejectionPolicy.FAIL:
                raise ReadFailed(self.lost)
            await self._wait()
        return self.serial

    async def refused(self, serial: int, failed: ReadFailed) -> None:
        """AWS did not take the credentials of that serial: come by others, or know them for lost.

        Raises:
            ReadFailed: AWS takes them but for this one call, or that cannot be told.

        """
        async with self._asking:
            if serial == self.serial and self.lost is None:
                await self._come_by_others(failed)

    async def retry(self) -> None:
        """Come by credentials anew where AWS does not take those that there are: somebody may have logged in since."""
        async with self._asking:
            if self.lost is not None:
                await self._come_by_others(ReadFailed(self.lost))

    async def _come_by_others(self, failed: ReadFailed) -> None:
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
        # A login is somebody's to make: the time that it takes is no time of AWS's.
        with deadline.standing_still():
            await self._back.wait()
