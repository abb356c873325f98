"""Whether AWS accepts the credentials of a caller; rejected ones are renewed once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

from ssmtui.evidence.aws.deadline import DeadlinePassed, current_deadline, within_deadline
from ssmtui.evidence.aws.reader_api import Answer, AwsError, MalformedAnswer, ReadFailed
from ssmtui.language import say
from ssmtui.model.fact import ReadFailure, Unreadable

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
