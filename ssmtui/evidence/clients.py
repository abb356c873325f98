"""The AWS clients of all scopes: read operations only, each with a deadline, patient where AWS asks to slow down."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ssmtui.evidence import sdk
from ssmtui.evidence.authorization import OwnRefusals
from ssmtui.evidence.aws import AwsError, MalformedAnswer, ReadFailed
from ssmtui.evidence.deadline import Deadline, DeadlinePassed, deadline_in_force, in_time
from ssmtui.evidence.lending import CannotLend, LentCredentials
from ssmtui.evidence.limits import Clock, Limits, Sleep
from ssmtui.evidence.operations import PAGING, action_of
from ssmtui.evidence.refusals import is_throttling
from ssmtui.evidence.sdk_failures import failed_read
from ssmtui.language import say
from ssmtui.model.answers import Obstacle, Unreadable
from ssmtui.model.denial import Denial
from ssmtui.model.finding import WORKSTATION
from ssmtui.model.scope import ScopeName
from ssmtui.model.workstation import ClockDifference

_log = logging.getLogger(__name__)

_AUTHORIZATION = ("iam-toolbox", "GetRequestAuthorizationDetails")

SHOWN_AS_THROTTLED = 5.0
"""Seconds for which an answer that asks to slow down keeps `throttled` true."""

SHOWN_AS_WAITED_FOR = 3.0
"""Seconds after which a call counts as waited for."""

MOST_PAGES = 20_000
"""Pages of one listing; 50 of a page are a million nodes."""


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


@dataclass(slots=True)
class _Spending:
    """The seconds that one read is given for its attempts and for the pauses between them, and what is left of them."""

    given: float
    left: float = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.given


class ScopeClients:
    """One scope's way to AWS (implements `Aws`). `account` is empty until STS has named it."""

    def __init__(self, clients: Clients, name: ScopeName) -> None:
        self.account = ""
        self._all = clients
        self._name = name
        self._clients: dict[tuple[str, str], Any] = {}
        self._opening: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._slowed: set[tuple[str, str]] = set()
        self._answered: dict[tuple[str, str], Deadline | None] = {}
        self._silent: dict[tuple[str, str], Deadline] = {}
        self._under_way: dict[object, tuple[str, float]] = {}
        self._calls: Counter[str] = Counter()
        self._held_back = 0
        self._throttled_at = float("-inf")
        self._refusals = OwnRefusals(self.authorization_pages, clients.sleep)

    @property
    def calls(self) -> Mapping[str, int]:
        """How many requests have been sent, by `service:Operation`, repeated ones included."""
        return self._calls

    @property
    def throttled(self) -> bool:
        """Whether reads are being held back because AWS asked to slow down."""
        return self._held_back > 0 or self._all.clock() - self._throttled_at < SHOWN_AS_THROTTLED

    @property
    def waiting_for(self) -> tuple[str, ...]:
        """The calls that have been waited for long, as `service:Operation`, the longest first."""
        begun = self._all.clock() - SHOWN_AS_WAITED_FOR
        return tuple(dict.fromkeys(source for source, since in self._under_way.values() if since <= begun))

    async def call(self, service: str, operation: str, **parameters: object) -> Mapping[str, Any]:
        """The answer to one operation, no later than the deadline in force.

        Raises:
            AwsError: AWS's answer is an error about the thing asked for.
            ReadFailed: there is no answer.
            NotARead: the operation is not on the list of reads.

        """
        action = action_of(service, operation)
        wait = object()
        self._under_way[wait] = (f"{service}:{operation}", self._all.clock())
        try:
            return await in_time(self._patiently(service, operation, action, parameters))
        except DeadlinePassed as passed:
            raise ReadFailed(self._missed(service, operation, passed.seconds)) from passed
        except ReadFailed as failed:
            if (service, operation) == _AUTHORIZATION:
                raise
            raise ReadFailed(await self._in_aws_own_words(service, failed.unreadable)) from failed
        finally:
            del self._under_way[wait]

    async def _patiently(
        self, service: str, operation: str, action: str, parameters: Mapping[str, object]
    ) -> Mapping[str, Any]:
        patience = self._all.settings.patience
        whole = deadline_in_force()
        self._give_up_on_silence(service, operation)
        # Half of a Region's time at most: the rest is for what is read instead of this, or after it.
        time = _Spending(min(patience.total, whole.seconds / 2) if whole else patience.total)
        pause = patience.first
        while True:
            try:
                answer = await self._attempt(service, operation, action, parameters, time)
                self._heard((service, operation), whole)
                return answer
            except AwsError:
                self._heard((service, operation), whole)
                raise
            except ReadFailed as failed:
                if time.left <= 0 or failed.unreadable.obstacle is Obstacle.TIMED_OUT:
                    self._unheard((service, operation), whole)
                if not self._is_slowed(failed.unreadable.obstacle):
                    raise
                if failed.unreadable.obstacle is Obstacle.THROTTLED:
                    self._slow_down(service, operation)
                if time.left <= 0 or (whole is not None and whole.passed):
                    raise ReadFailed(self._missed(service, operation, time.given)) from failed
            pause = min(pause, time.left)
            await self._hold_back(pause)
            time.left -= pause
            pause = min(pause * 2, patience.longest)

    async def pages(self, service: str, operation: str, **parameters: object) -> AsyncIterator[Mapping[str, Any]]:
        """The answers to one operation, page after page."""
        paging = PAGING[service, operation]
        asked = dict(parameters)
        tokens: set[object] = set()
        while True:
            page = await self.call(service, operation, **asked)
            yield page
            token = page.get(paging.answer)
            if not token:
                return
            if token in tokens or len(tokens) >= MOST_PAGES:
                raise MalformedAnswer(f"{service}:{operation} hands out pages without an end")
            tokens.add(token)
            asked[paging.parameter] = token

    async def authorization_pages(self, region: str, id_: str) -> AsyncIterator[Mapping[str, Any]]:
        """The pages of AWS's details of a refusal in a Region, by authorization id. Raises as `call` does."""
        there = self._all.scope(ScopeName(self._name.profile, region))
        there.account = there.account or self.account
        if there is not self:
            self._calls[":".join(_AUTHORIZATION)] += 1
        async for page in there.pages(*_AUTHORIZATION, authorizationId=id_):
            yield page

    async def refused_in(self, service: str, denial: Denial) -> str:
        """The Region in which a request was refused: the resource's, else that of the service's endpoint from here."""
        if denial.region:
            return denial.region
        session = await self._all.session(self._name.profile, self._name.region)
        return sdk.endpoint_region(session, service, self._name.region)

    async def _in_aws_own_words(self, service: str, refused: Unreadable) -> Unreadable:
        if refused.looked_up is None or not refused.looked_up.denial.authorization_id:
            return refused
        return await self._refusals.explain(refused, await self.refused_in(service, refused.looked_up.denial))

    def _is_slowed(self, obstacle: Obstacle) -> bool:
        """Whether a failure is AWS's wish to be asked more slowly.

        After throttling the SDK itself holds requests back, and the deadline of one may pass while it waits.
        """
        lately = self._all.clock() - self._throttled_at < 2 * self._all.settings.deadline
        return obstacle is Obstacle.THROTTLED or (obstacle is Obstacle.TIMED_OUT and lately)

    async def _hold_back(self, pause: float) -> None:
        self._held_back += 1
        try:
            # Many reads are refused together; the jitter keeps them from coming back together.
            await self._all.sleep(pause * random.uniform(0.75, 1.25))  # noqa: S311 - no secret is made of it
        finally:
            self._held_back -= 1

    async def _attempt(
        self, service: str, operation: str, action: str, parameters: Mapping[str, object], time: _Spending
    ) -> Mapping[str, Any]:
        seconds = min(self._all.settings.deadline, time.left)
        try:
            client = await self._client(service, operation)
            async with self._all.limits.admitted(self.account, self._name.region, service, operation):
                self._give_up_on_silence(service, operation)
                begun = self._all.clock()
                try:
                    async with asyncio.timeout(seconds):
                        return await sdk.invoke(client, operation, dict(parameters))
                finally:
                    time.left -= self._all.clock() - begun
        except (AwsError, ReadFailed, DeadlinePassed):
            raise
        except Exception as error:
            failed = failed_read(error, action, seconds)
            if failed is None:
                raise
            raise _told_by(f"{service}:{operation}", failed) from error

    def _heard(self, operation: tuple[str, str], whole: Deadline | None) -> None:
        """An operation has answered: it is no silent one."""
        self._answered[operation] = whole
        self._silent.pop(operation, None)

    def _unheard(self, operation: tuple[str, str], whole: Deadline | None) -> None:
        """An operation has used up the time of a read, and has answered nobody before in a Region's time."""
        if whole is not None and self._answered.get(operation) is not whole:
            self._silent[operation] = whole

    def _give_up_on_silence(self, service: str, operation: str) -> None:
        """Not everybody who asks waits for an operation that answers nobody: the time is for what comes after it."""
        whole = deadline_in_force()
        if whole is not None and self._silent.get((service, operation)) is whole:
            raise ReadFailed(self._missed(service, operation, whole.seconds / 2))

    async def _client(self, service: str, operation: str) -> Any:
        """The service's client; one of its own for an operation that AWS wants to be asked more slowly.

        The SDK slows down all that a client sends, and the other operations are not meant.
        """
        key = (service, operation if (service, operation) in self._slowed else "")
        async with self._opening[key]:
            if key not in self._clients:
                client = await self._all.open_client(self._name.profile, service, self._name.region)
                sdk.watch(
                    client,
                    sent=lambda operation: self._count(service, operation),
                    failed=lambda operation, code: self._take_note(service, operation, code),
                    dated=lambda operation, date: self._all.compare_clocks(f"{service}:{operation}", date),
                )
                self._clients[key] = client
        return self._clients[key]

    def _count(self, service: str, operation: str) -> None:
        self._calls[f"{service}:{operation}"] += 1
        _log.info("%s:%s in %s", service, operation, self._name.region)

    def _take_note(self, service: str, operation: str, code: str) -> None:
        if is_throttling(code):
            self._slow_down(service, operation)

    def _slow_down(self, service: str, operation: str) -> None:
        self._slowed.add((service, operation))
        self._throttled_at = self._all.clock()

    def _missed(self, service: str, operation: str, seconds: float) -> Unreadable:
        """What stands for an answer that did not come before the deadline."""
        source = f"{service}:{operation}"
        if (service, operation) in self._slowed:
            why = say("{action}: AWS kept asking to slow down, for {seconds:g} s", action=source, seconds=seconds)
            return Unreadable("", why, Obstacle.THROTTLED, source)
        why = say("{action}: no answer within {seconds:g} s", action=source, seconds=seconds)
        return Unreadable("", why, Obstacle.TIMED_OUT, source)


def _no_credentials(seconds: float) -> str:
    return say("no credentials within {seconds:g} s", seconds=seconds)


def _told_by(source: str, failed: AwsError | ReadFailed) -> AwsError | ReadFailed:
    """A failure with the call that met it."""
    if isinstance(failed, AwsError):
        return AwsError(failed.code, failed.message, source)
    return ReadFailed(replace(failed.unreadable, source=source))
