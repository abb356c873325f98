"""The AWS sessions and clients of all scopes, and how AWS is talked to."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ssmtui.evidence.wire import sdk
from ssmtui.evidence.wire.aws import ReadFailed
from ssmtui.evidence.wire.deadline import DeadlinePassed, in_time
from ssmtui.evidence.wire.limits import Clock, Limits, Sleep
from ssmtui.evidence.wire.scope_clients import ScopeClients
from ssmtui.language import say
from ssmtui.model.answers import Obstacle, Unreadable
from ssmtui.model.finding import WORKSTATION
from ssmtui.model.lending import CannotLend, LentCredentials
from ssmtui.model.scope import ScopeName
from ssmtui.model.workstation import ClockDifference


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a throttled read is tried again: pauses that grow from the first to the longest, up to a total."""

    first: float = 1.0
    longest: float = 20.0
    total: float = 600.0


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """How to talk to AWS. `endpoint_url` is the option; AWS_ENDPOINT_URL is read by botocore.

    `deadline` is the seconds that one attempt of a read may take, the SDK's own attempts included.
    """

    endpoint_url: str | None = None
    deadline: float = 60.0
    timeouts: sdk.Timeouts = field(default_factory=sdk.Timeouts)
    patience: Patience = field(default_factory=Patience)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Clients:
    """One session a profile, one client a service and Region. Lives on the evidence thread's loop.

    `clock_difference` is by the last answer that said when it was given; None before the first one.
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
        self.limits = Limits(clock=clock, sleep=sleep)
        self.clock = clock
        self.sleep = sleep
        self.clock_difference: ClockDifference | None = None
        self._wall_clock = wall_clock
        self._terminal = sdk.Terminal()
        self._sessions: dict[str | None, sdk.Session] = {}
        self._taken: set[str | None] = set()
        self._taking: defaultdict[str | None, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._scopes: dict[ScopeName, ScopeClients] = {}
        self._opened = AsyncExitStack()

    def scope(self, name: ScopeName) -> ScopeClients:
        """The clients of one profile in one Region; the same ones whenever they are asked for again."""
        if name not in self._scopes:
            self._scopes[name] = ScopeClients(self, name)
        return self._scopes[name]

    async def session(self, profile: str | None, region: str) -> sdk.Session:
        """A profile's session, its credentials taken: once, so that nobody is asked twice for an MFA code.

        `region` is where roles are taken if they are taken now.

        Raises:
            sdk.NoCredentials, sdk.UnknownProfile, and botocore's own (see `sdk_failures`).
            ReadFailed: they did not come in time.

        """
        try:
            return await in_time(self._session(profile, region))
        except DeadlinePassed as passed:
            why = _no_credentials(passed.seconds)
            raise ReadFailed(Unreadable("", why, Obstacle.TIMED_OUT, WORKSTATION)) from passed

    async def _session(self, profile: str | None, region: str) -> sdk.Session:
        async with self._taking[profile]:
            if profile not in self._taken:
                like = next(iter(self._sessions.values()), None)
                session = sdk.Session(profile, region, self._terminal, like)
                await session.take_credentials()
                self._sessions[profile] = session
                self._taken.add(profile)
        return self._sessions[profile]

    async def lend(self, profile: str | None, region: str) -> LentCredentials:
        """A profile's credentials as they are now.

        Raises:
            CannotLend: there are none any more, or they do not come in time.

        """
        try:
            session = await self.session(profile, region)
            return await in_time(session.lend())
        except ReadFailed as failed:
            raise CannotLend(failed.unreadable.why) from failed
        except DeadlinePassed as passed:
            raise CannotLend(_no_credentials(passed.seconds)) from passed

    def forget_credentials(self, profile: str | None) -> None:
        """Take the profile's credentials anew when next asked: somebody may have logged in since."""
        self._taken.discard(profile)
        for name in [each for each in self._scopes if each.profile == profile]:
            del self._scopes[name]

    async def open_client(self, profile: str | None, service: str, region: str) -> Any:
        """A new client that is closed with all others."""
        session = await self.session(profile, region)
        made = session.client(service, region, self.settings.endpoint_url, self.settings.timeouts)
        return await self._opened.enter_async_context(made)

    def forbid_prompts(self) -> None:
        """From now on the terminal belongs to the screen: what would prompt for MFA counts as expired credentials."""
        self._terminal.forbid()

    def compare_clocks(self, answer: str, date: str) -> None:
        """Take note of when AWS says that it gave an answer."""
        try:
            there = parsedate_to_datetime(date)
        except ValueError:
            return
        if there.tzinfo is None:
            there = there.replace(tzinfo=UTC)
        self.clock_difference = ClockDifference(round((self._wall_clock() - there).total_seconds()), answer)

    async def close(self) -> None:
        """Close every connection."""
        await self._opened.aclose()


def _no_credentials(seconds: float) -> str:
    return say("no credentials within {seconds:g} s", seconds=seconds)
