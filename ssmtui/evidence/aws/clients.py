"""The AWS sessions and clients of all scopes, and their settings."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

from ssmtui.evidence.aws import sdk
from ssmtui.evidence.aws.credential_renewal import (
    CredentialChange,
    CredentialHolder,
    CredentialListener,
    CredentialRenewal,
    RejectionPolicy,
)
from ssmtui.evidence.aws.credentials import RoleToAssume, role_session_name
from ssmtui.evidence.aws.deadline import DeadlinePassed, within_deadline
from ssmtui.evidence.aws.failures import classify_credential_exception
from ssmtui.evidence.aws.reader_api import AwsError, MalformedAnswer, ReadFailed
from ssmtui.evidence.aws.scope_client import ScopeClient
from ssmtui.evidence.aws.throttle import Clock, RateLimits, Sleep
from ssmtui.language import say
from ssmtui.model.fact import ReadFailure, Unreadable
from ssmtui.model.finding import WORKSTATION
from ssmtui.model.scope import CredentialsUnavailable, ScopeName, SharedCredentials
from ssmtui.model.workstation import ClockDifference
from ssmtui.text.times import in_utc


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long a throttled read is tried again: pauses that grow from the first to the longest, up to a total."""

    first: float = 1.0
    longest: float = 20.0
    total: float = 600.0


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """How to talk to AWS. `endpoint_url` is the option; AWS_ENDPOINT_URL is read by botocore.

    `external_id` is what the owners of roles have agreed with whoever takes them; it is sent with each.
    `deadline` is the seconds that one attempt of a read may take, the SDK's own attempts included. `when_lost` is what
    a read does in an open scope whose credentials AWS takes no more. `reads` names all that will be read, so that the
    clients know nothing else.
    """

    endpoint_url: str | None = None
    external_id: str | None = None
    deadline: float = 60.0
    timeouts: sdk.Timeouts = field(default_factory=sdk.Timeouts)
    retry_policy: RetryPolicy = field(default_factory=RetryPolicy)
    on_rejection: RejectionPolicy = RejectionPolicy.FAIL
    reads: Callable[[], Iterable[tuple[str, str]]] = tuple


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _nobody_hears(_holder: CredentialHolder, _turn: CredentialChange, _why: Unreadable | None) -> None:
    """For who asks and leaves."""


class Clients:
    """One session a profile, or a role that is taken with it; one client a service and Region. Lives on one loop.

    `clock_difference` is by the last answer that said when it was given; None before the first one. `hear` is told
    what becomes of credentials.
    """

    def __init__(
        self,
        settings: ClientSettings | None = None,
        *,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        wall_clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        self.settings = settings or ClientSettings()
        self.limits = RateLimits(clock=clock, sleep=sleep)
        self.clock = clock
        self.sleep = sleep
        self.clock_difference: ClockDifference | None = None
        self._wall_clock = wall_clock
        self.hear: CredentialListener = _nobody_hears
        self._terminal = sdk.Terminal()
        self._sessions: dict[CredentialHolder, sdk.Session] = {}
        self._taken: set[CredentialHolder] = set()
        self._taking: defaultdict[CredentialHolder, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._renewals: dict[CredentialHolder, CredentialRenewal] = {}
        self._takers: dict[ScopeName, Any] = {}
        self._names: dict[str | None, str] = {}
        self._naming = asyncio.Lock()
        self._scopes: dict[ScopeName, ScopeClient] = {}
        self._opened: set[Any] = set()

    def scope(self, name: ScopeName) -> ScopeClient:
        """The clients of one profile, or role, in one Region; the same ones whenever they are asked for again."""
        if name not in self._scopes:
            self._scopes[name] = ScopeClient(self, name)
        return self._scopes[name]

    async def session(self, name: ScopeName) -> sdk.Session:
        """A scope's session, its credentials taken: once, so that nobody is asked twice for an MFA code.

        The scope's Region is where roles are taken if they are taken now.

        Raises:
            sdk.NoCredentials, sdk.UnknownProfile, and botocore's own (see `sdk_failures`).
            ReadFailed: they did not come in time.

        """
        try:
            return await within_deadline(self._session(name))
        except DeadlinePassed as passed:
            why = _no_credentials(passed.seconds)
            raise ReadFailed(Unreadable("", why, ReadFailure.TIMED_OUT, WORKSTATION)) from passed

    async def _session(self, name: ScopeName) -> sdk.Session:
        holder = CredentialHolder(name.profile, name.role)
        async with self._taking[holder]:
            if holder not in self._taken:
                made = await self._made(name)
                if holder in self._sessions:
                    await self._sessions[holder].take_over(made)
                else:
                    self._sessions[holder] = made
                self._taken.add(holder)
        return self._sessions[holder]

    async def _made(self, name: ScopeName) -> sdk.Session:
        session = sdk.Session(name.profile, name.region, self._terminal, frozenset(self.settings.reads()))
        if name.role is None:
            await session.take_credentials()
        else:
            await self._take_role(session, name, name.role)
        return session

    def renewal(self, name: ScopeName) -> CredentialRenewal:
        """Whether AWS takes a scope's credentials."""
        holder = CredentialHolder(name.profile, name.role)
        if holder not in self._renewals:
            self._renewals[holder] = CredentialRenewal(holder, self._told, self.settings.on_rejection)
        return self._renewals[holder]

    def _told(self, holder: CredentialHolder, turn: CredentialChange, why: Unreadable | None) -> None:
        self.hear(holder, turn, why)

    @property
    def lost(self) -> tuple[CredentialRenewal, ...]:
        """Credentials that AWS takes no more."""
        return tuple(each for each in self._renewals.values() if each.lost is not None)

    async def renew(self, name: ScopeName) -> bool:
        """Take a scope's credentials anew, for every client that signs with them; whether they are others than before.

        Raises:
            ReadFailed: they cannot be come by.

        """
        holder = CredentialHolder(name.profile, name.role)
        try:
            if name.role is not None:
                await self.renew(replace(name, role=None))
            async with self._taking[holder]:
                return await self._sessions[holder].take_over(await within_deadline(self._made(name)))
        except (ReadFailed, DeadlinePassed):
            raise
        except Exception as error:
            raise classify_credential_exception(error, self.settings.deadline) from error

    async def _take_role(self, session: sdk.Session, name: ScopeName, role: str) -> None:
        own = replace(name, role=None)
        await self._session(own)
        wanted = RoleToAssume(role, role_session_name(await self._caller_name(own)), self.settings.external_id)
        await session.take_role(wanted, lambda: self._taker(own))

    async def _taker(self, own: ScopeName) -> Any:
        """The client by which a profile's roles are taken from a Region."""
        async with self._naming:
            if own not in self._takers:
                self._takers[own] = await self.open_client(own, "sts")
            return self._takers[own]

    async def _caller_name(self, own: ScopeName) -> str:
        """By what name AWS knows whose credentials a role is taken with; empty where it does not say."""
        async with self._naming:
            if own.profile not in self._names:
                try:
                    identity = await self.scope(own).call("sts", "GetCallerIdentity")
                    self._names[own.profile] = identity.arn("Arn").rpartition("/")[2]
                except (AwsError, ReadFailed, MalformedAnswer):
                    return ""
            return self._names[own.profile]

    async def lend(self, name: ScopeName, refused: SharedCredentials | None = None) -> SharedCredentials:
        """A scope's credentials as they are now; others, where AWS did not take those.

        Raises:
            CannotLend: there are none any more, or they do not come in time.

        """
        lent = await self._lent(name)
        if refused is None or lent != refused:
            return lent
        renewal = self.renewal(name)
        why = say("AWS does not take the credentials")
        with suppress(ReadFailed):
            await renewal.refused(renewal.serial, ReadFailed(Unreadable("", why, ReadFailure.EXPIRED, WORKSTATION)))
        if renewal.lost is not None:
            raise CredentialsUnavailable(renewal.lost.why)
        return await self._lent(name)

    async def _lent(self, name: ScopeName) -> SharedCredentials:
        try:
            session = await self.session(name)
            return await within_deadline(session.lend())
        except ReadFailed as failed:
            raise CredentialsUnavailable(failed.unreadable.why) from failed
        except DeadlinePassed as passed:
            raise CredentialsUnavailable(_no_credentials(passed.seconds)) from passed
        except CredentialsUnavailable:
            raise
        except Exception as error:
            # Of a scope that is not open here: what the SDK raises while it comes by its credentials.
            raise CredentialsUnavailable(
                classify_credential_exception(error, self.settings.deadline).unreadable.why
            ) from error

    def forget_credentials(self, profile: str | None) -> None:
        """Take the profile's credentials anew when next asked, and its roles: somebody may have logged in since."""
        self._taken = {each for each in self._taken if each.profile != profile}
        self._takers = {own: client for own, client in self._takers.items() if own.profile != profile}
        self._names.pop(profile, None)
        for name in [each for each in self._scopes if each.profile == profile]:
            del self._scopes[name]

    async def open_client(self, name: ScopeName, service: str) -> Any:
        """A new client that is closed with all others."""
        session = await self.session(name)
        made = session.client(service, name.region, self.settings.endpoint_url, self.settings.timeouts)
        client = await made.__aenter__()
        self._opened.add(client)
        return client

    async def close_client(self, client: Any) -> None:
        """Close the connections of one client."""
        self._opened.discard(client)
        await client.close()

    def forbid_prompts(self) -> None:
        """From now on the terminal belongs to the screen: what would prompt for MFA counts as expired credentials."""
        self._terminal.forbid()

    def compare_clocks(self, answer: str, date: str) -> None:
        """Take note of when AWS says that it gave an answer."""
        there = _moment_of(date)
        if there is None:
            return
        self.clock_difference = ClockDifference(round((self._wall_clock() - there).total_seconds()), answer)

    async def close(self) -> None:
        """Close every connection."""
        for client in list(self._opened):
            await self.close_client(client)


def _no_credentials(seconds: float) -> str:
    return say("no credentials within {seconds:g} s", seconds=seconds)


@lru_cache(maxsize=8)
def _moment_of(date: str) -> datetime | None:
    """What a header `Date` says. It is the same for all answers of one second."""
    try:
        return in_utc(parsedate_to_datetime(date))
    except (ValueError, OverflowError):
        return None
