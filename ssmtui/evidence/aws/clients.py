"""The AWS sessions and clients of all scopes: each read within its deadline, repeated if AWS throttles."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from ssmtui.aws.client_config import endpoint_region
from ssmtui.aws.errors import THROTTLING_CODES
from ssmtui.aws.service_models import Reads
from ssmtui.evidence.aws import sdk
from ssmtui.evidence.aws.allowed_reads import action_of, declare_reads
from ssmtui.evidence.aws.authorization_lookup import RefusalLookups
from ssmtui.evidence.aws.credentials import (
    GET_CALLER_IDENTITY,
    CredentialChange,
    CredentialHolder,
    CredentialListener,
    CredentialRenewal,
    RejectionPolicy,
    RoleToAssume,
    get_caller,
    is_credential_failure,
    role_session_name,
    strip_session_name,
)
from ssmtui.evidence.aws.failures import classify_credential_exception, classify_exception
from ssmtui.evidence.aws.limits import (
    Clock,
    DeadlinePassed,
    RateLimits,
    RetryBudget,
    Sleep,
    UnresponsiveOperations,
    current_deadline,
    is_being_cancelled,
    within_deadline,
)
from ssmtui.evidence.aws.reader_api import Answer, AwsError, MalformedAnswer, ReadFailed
from ssmtui.evidence.aws.sdk import Paging, watch_requests
from ssmtui.language import say
from ssmtui.model.access_denied import Denial
from ssmtui.model.fact import ReadFailure, Unreadable
from ssmtui.model.finding import WORKSTATION
from ssmtui.model.scope import CredentialsUnavailable, ScopeName, SharedCredentials
from ssmtui.model.workstation import ClockDifference
from ssmtui.text.json_text import IS_TOO_LONG
from ssmtui.text.printable import refuse_half_characters
from ssmtui.text.times import in_utc

_log = logging.getLogger(__name__)

_AUTHORIZATION = ("iam-toolbox", "GetRequestAuthorizationDetails")
declare_reads(":".join(_AUTHORIZATION))

THROTTLED_AFTER_SECONDS = 5.0
"""Seconds for which `throttled` stays true after AWS asked to slow down."""

WAITING_AFTER_SECONDS = 3.0
"""Seconds after which a waiting call is in `waiting_for`."""

LONGEST_TOKEN = 100_000
"""Maximum number of characters in a token for the next page. AWS's tokens have a few thousand."""

_DIGEST = 16
MAX_PAGES = 20_000
"""Maximum number of pages in a listing: with 50 items per page, a million nodes."""


class ScopeClient:
    """The reads of one scope (implements `Aws`). `account` is empty until STS has returned it."""

    def __init__(self, clients: Clients, name: ScopeName) -> None:
        self.account = ""
        self._identity: Answer | None = None
        self._all = clients
        self._name = name
        self._clients: dict[tuple[str, str], Any] = {}
        self._opening: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._slowed: set[tuple[str, str]] = set()
        self._unresponsive = UnresponsiveOperations()
        self._under_way: dict[object, tuple[str, float]] = {}
        self._calls: Counter[str] = Counter()
        self._held_back = 0
        self._leaving = False
        self._throttled_at = float("-inf")
        self._renewal = clients.renewal(name)
        self._refusals = RefusalLookups(self.authorization_pages, clients.sleep)

    @property
    def calls(self) -> Mapping[str, int]:
        """The number of requests sent, also repeated ones, by `service:Operation`."""
        return self._calls

    @property
    def throttled(self) -> bool:
        """Whether reads wait because AWS asked to slow down."""
        return self._held_back > 0 or self._all.clock() - self._throttled_at < THROTTLED_AFTER_SECONDS

    @property
    def waiting_for(self) -> tuple[str, ...]:
        """The calls that are slow, as `service:Operation`, the longest first."""
        begun = self._all.clock() - WAITING_AFTER_SECONDS
        return tuple(dict.fromkeys(source for source, since in self._under_way.values() if since <= begun))

    async def call(self, service: str, operation: str, **parameters: object) -> Answer:
        """Return the answer to an operation, within the current deadline. A refusal includes AWS's details.

        Raises:
            AwsError: AWS's answer is an error about the requested thing.
            ReadFailed: there is no answer.
            MalformedAnswer: the answer is not a structure.
            NotAReadOperation: the operation is not a declared read.

        """
        if self._identity is not None and f"{service}:{operation}" == GET_CALLER_IDENTITY:
            known, self._identity = self._identity, None
            return known
        async with self._awaited(service, operation):
            try:
                return await self._answer(service, operation, parameters)
            except ReadFailed as failed:
                raise ReadFailed(await self._explained(service, failed.unreadable)) from failed

    async def _call_unexplained(self, service: str, operation: str, **parameters: object) -> Answer:
        async with self._awaited(service, operation):
            return await self._answer(service, operation, parameters)

    @asynccontextmanager
    async def _awaited(self, service: str, operation: str) -> AsyncIterator[None]:
        """Count a waiting call; after the last call, close the connections if `let_go` requested it."""
        wait = object()
        self._under_way[wait] = (f"{service}:{operation}", self._all.clock())
        try:
            yield
        finally:
            del self._under_way[wait]
            if self._leaving and not self._under_way:
                await self.let_go()

    async def _answer(self, service: str, operation: str, parameters: Mapping[str, object]) -> Answer:
        action = action_of(service, operation)
        try:
            answer = await within_deadline(self._with_retries(service, operation, action, parameters))
        except DeadlinePassed as passed:
            raise ReadFailed(self._missed(service, operation, passed.seconds)) from passed
        return Answer(f"{service}:{operation}", answer)

    async def _with_retries(
        self, service: str, operation: str, action: str, parameters: Mapping[str, object]
    ) -> object:
        retry_policy = self._all.settings.retry_policy
        whole = current_deadline()
        self._give_up_on_silence(service, operation)
        # At most half of the Region's time limit: the rest is for other reads.
        time = RetryBudget(min(retry_policy.total, whole.seconds / 2) if whole else retry_policy.total)
        pause = retry_policy.first
        while True:
            serial = await self._renewal.in_force() if self.account else 0
            try:
                answer = await self._attempt(service, operation, action, parameters, time)
                self._unresponsive.heard((service, operation), whole)
                return answer
            except AwsError:
                self._unresponsive.heard((service, operation), whole)
                raise
            except ReadFailed as failed:
                if time.left <= 0 or failed.unreadable.obstacle is ReadFailure.TIMED_OUT:
                    self._unresponsive.unheard((service, operation), whole)
                if self.account and is_credential_failure(failed.unreadable):
                    await self._renewal.refused(serial, failed)
                    continue
                if not self._is_slowed(failed.unreadable.obstacle, time):
                    raise
                if failed.unreadable.obstacle is ReadFailure.THROTTLED:
                    self._slow_down(service, operation)
                if time.left <= 0 or (whole is not None and whole.passed):
                    raise ReadFailed(self._missed(service, operation, time.given)) from failed
            pause = min(pause, time.left)
            await self._hold_back(pause)
            time.left -= pause
            pause = min(pause * 2, retry_policy.longest)

    def pages(self, service: str, operation: str, **parameters: object) -> AsyncIterator[Answer]:
        """Yield the answers to an operation, page by page."""
        return self._pages(self.call, service, operation, parameters)

    async def _pages(
        self, call: Callable[..., Awaitable[Answer]], service: str, operation: str, asked: dict[str, object]
    ) -> AsyncIterator[Answer]:
        tokens: set[bytes] = set()
        paging: Paging | None = None
        while True:
            page = await call(service, operation, **asked)
            # `let_go` may have closed the client meanwhile.
            paging = paging or sdk.paging(await self._client(service, operation), service, operation)
            yield page
            token = page.optional_text(paging.answer)
            if token is None:
                return
            if len(token) > LONGEST_TOKEN:
                raise page.malformed(paging.answer, IS_TOO_LONG)
            known = blake2b(token.encode(errors="replace"), digest_size=_DIGEST).digest()
            if known in tokens or len(tokens) >= MAX_PAGES:
                raise MalformedAnswer(page.call, say("the pagination does not end"))
            tokens.add(known)
            asked[paging.parameter] = token

    async def authorization_pages(self, region: str, id_: str) -> AsyncIterator[Answer]:
        """Yield AWS's details of a refusal in a Region, by authorization ID. Raises as `call` does.

        If this is refused as well, that refusal is not looked up.
        """
        there = self._all.scope(self._name.in_region(region))
        there.account = there.account or self.account
        if there is not self:
            self._calls[":".join(_AUTHORIZATION)] += 1
        async for page in there._pages(there._call_unexplained, *_AUTHORIZATION, {"authorizationId": id_}):
            yield page

    async def refused_in(self, service: str, denial: Denial) -> str:
        """Return the Region of a refusal: the resource's Region, else the Region of the service's endpoint."""
        if denial.region:
            return denial.region
        session = await self._all.session(self._name)
        return endpoint_region(session.raw, service, self._name.region)

    async def _explained(self, service: str, refused: Unreadable) -> Unreadable:
        if refused.looked_up is None or not refused.looked_up.denial.authorization_id:
            return refused
        return await self._refusals.explain(refused, await self.refused_in(service, refused.looked_up.denial))

    def know_caller(self, account: str, caller: str, identity: Answer) -> None:
        """Store the caller: from now on, credentials that AWS rejects are renewed.

        The first reader of the caller's identity gets this answer of STS, and later ones a new answer.
        """
        self.account, self._identity = account, identity
        self._renewal.know(
            strip_session_name(caller), lambda: self._all.renew(self._name), lambda: get_caller(self._ask)
        )

    def _ask(self) -> Awaitable[object]:
        return self._attempt(
            "sts", "GetCallerIdentity", GET_CALLER_IDENTITY, {}, RetryBudget(self._all.settings.deadline)
        )

    def _is_slowed(self, obstacle: ReadFailure, time: RetryBudget) -> bool:
        """Return whether AWS throttles the read, or whether it failed soon after throttling."""
        if obstacle is ReadFailure.THROTTLED:
            return True
        time.failures -= obstacle is ReadFailure.FAILED
        lately = self._all.clock() - self._throttled_at < 2 * self._all.settings.deadline
        return lately and time.failures >= 0 and obstacle in {ReadFailure.TIMED_OUT, ReadFailure.FAILED}

    async def _hold_back(self, pause: float) -> None:
        self._held_back += 1
        try:
            # Many reads are throttled at the same time; the jitter keeps them from being repeated at the same time.
            await self._all.sleep(pause * random.uniform(0.75, 1.25))  # noqa: S311 - no secret is made of it
        finally:
            self._held_back -= 1

    async def _attempt(
        self, service: str, operation: str, action: str, parameters: Mapping[str, object], time: RetryBudget
    ) -> object:
        seconds = min(self._all.settings.deadline, time.left)
        try:
            refuse_half_characters(parameters)
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
        except asyncio.CancelledError as given_up:
            if is_being_cancelled():
                raise
            # The SDK cancelled the request, not its caller: without an error, callers would end without notice.
            why = say("{action}: the request was interrupted", action=action)
            raise ReadFailed(Unreadable("", why, ReadFailure.FAILED, f"{service}:{operation}")) from given_up
        except Exception as error:
            failed = classify_exception(error, action, seconds)
            if failed is None:
                raise
            raise _with_source(f"{service}:{operation}", failed) from error

    def _give_up_on_silence(self, service: str, operation: str) -> None:
        whole = self._unresponsive.of((service, operation))
        if whole is not None:
            raise ReadFailed(self._missed(service, operation, whole.seconds / 2))

    async def _client(self, service: str, operation: str) -> Any:
        """Return the service's client, or a separate client for an operation that AWS throttles.

        The SDK slows down all operations of a client, not only the throttled one.
        """
        key = (service, operation if (service, operation) in self._slowed else "")
        async with self._opening[key]:
            if key not in self._clients:
                client = await self._all.open_client(self._name, service)
                watch_requests(
                    client,
                    sent=lambda operation: self._count(service, operation),
                    failed=lambda operation, code: self._note_error(service, operation, code),
                    dated=lambda operation, date: self._all.compare_clocks(f"{service}:{operation}", date),
                )
                self._clients[key] = client
        return self._clients[key]

    async def let_go(self) -> None:
        """Close the connections as soon as no call is running; the next read opens them again."""
        self._leaving = bool(self._under_way)
        if self._leaving:
            return
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await self._all.close_client(client)

    def _count(self, service: str, operation: str) -> None:
        self._calls[f"{service}:{operation}"] += 1
        self._all.tell_first_request()
        _log.info("%s:%s in %s", service, operation, self._name.region)

    def _note_error(self, service: str, operation: str, code: str) -> None:
        if code in THROTTLING_CODES:
            self._slow_down(service, operation)

    def _slow_down(self, service: str, operation: str) -> None:
        self._slowed.add((service, operation))
        self._all.limits.slow_down(self.account, service, operation)
        self._throttled_at = self._all.clock()

    def _missed(self, service: str, operation: str, seconds: float) -> Unreadable:
        """Return the marker for an answer that did not come before the deadline."""
        source = f"{service}:{operation}"
        if (service, operation) in self._slowed:
            why = say("{action}: throttled by AWS for {seconds:g} s", action=source, seconds=seconds)
            return Unreadable("", why, ReadFailure.THROTTLED, source)
        why = say("{action}: no answer within {seconds:g} s", action=source, seconds=seconds)
        return Unreadable("", why, ReadFailure.TIMED_OUT, source)


def _with_source(source: str, failed: AwsError | ReadFailed) -> AwsError | ReadFailed:
    """Return a failure with the call as its source, unless it happened on this computer before the request."""
    if isinstance(failed, AwsError):
        return AwsError(failed.code, failed.message, source)
    if failed.unreadable.source == WORKSTATION:
        return failed
    return ReadFailed(replace(failed.unreadable, source=source))


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The repetition of a throttled read: the first and the longest pause in seconds, and the total.

    The other limits of repetition are listed at `ssmtui.aws.client_config.RESEND_ATTEMPTS`.
    """

    first: float = 1.0
    longest: float = 20.0
    total: float = 600.0


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """Settings of the AWS clients. `endpoint_url` is the option; botocore reads AWS_ENDPOINT_URL.

    `external_id` is sent when a role is assumed. `deadline` is the time limit in seconds for one attempt of a read,
    including the SDK's own retries. `on_rejection` is the action of a read in an open scope after AWS rejects its
    credentials. `reads` returns all reads: of a large service, the clients know no other
    operation.
    """

    endpoint_url: str | None = None
    external_id: str | None = None
    deadline: float = 60.0
    timeouts: sdk.Timeouts = field(default_factory=sdk.Timeouts)
    retry_policy: RetryPolicy = field(default_factory=RetryPolicy)
    on_rejection: RejectionPolicy = RejectionPolicy.FAIL
    reads: Reads = tuple


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _nothing() -> None:
    """Do nothing at the first request."""


def _nobody_hears(_holder: CredentialHolder, _turn: CredentialChange, _why: Unreadable | None) -> None:
    """Ignore changes of credentials."""


class Clients:
    """One session for each profile or assumed role, one client for each service and Region; for one event loop.

    `clock_difference` comes from the last answer with a date; None before the first one. `hear` is called when
    credentials change, and `on_first_request` once, when the first request is sent.
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
        self.on_first_request: Callable[[], object] = _nothing
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
        """Return the client of one profile or role in one Region, always the same one."""
        if name not in self._scopes:
            self._scopes[name] = ScopeClient(self, name)
        return self._scopes[name]

    async def session(self, name: ScopeName) -> sdk.Session:
        """Return a scope's session. Its credentials are obtained once, so that there is one prompt for an MFA code.

        A role is assumed in the scope's Region.

        Raises:
            sdk.NoCredentials, sdk.UnknownProfile, and botocore's own (see `classify_exception`).
            ReadFailed: the credentials did not come in time.

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
        session = sdk.Session(name.profile, name.region, self._terminal, self.settings.reads)
        if name.role is None:
            await session.take_credentials()
        else:
            await self._take_role(session, name, name.role)
        return session

    def tell_first_request(self) -> None:
        """Call `on_first_request`, once."""
        listener, self.on_first_request = self.on_first_request, _nothing
        listener()

    def renewal(self, name: ScopeName) -> CredentialRenewal:
        """Return the credential renewal of a scope."""
        holder = CredentialHolder(name.profile, name.role)
        if holder not in self._renewals:
            self._renewals[holder] = CredentialRenewal(holder, self._told, self.settings.on_rejection)
        return self._renewals[holder]

    def _told(self, holder: CredentialHolder, turn: CredentialChange, why: Unreadable | None) -> None:
        self.hear(holder, turn, why)

    @property
    def lost(self) -> tuple[CredentialRenewal, ...]:
        """Credentials that AWS rejects and that cannot be renewed."""
        return tuple(each for each in self._renewals.values() if each.lost is not None)

    async def renew(self, name: ScopeName) -> bool:
        """Renew a scope's credentials for all its clients, and return whether they changed.

        Raises:
            ReadFailed: they cannot be obtained.

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
        """Return the client that assumes the roles of a profile in a Region."""
        async with self._naming:
            if own not in self._takers:
                self._takers[own] = await self.open_client(own, "sts")
            return self._takers[own]

    async def _caller_name(self, own: ScopeName) -> str:
        """Return AWS's name of the caller who assumes a role; empty if unknown."""
        async with self._naming:
            if own.profile not in self._names:
                try:
                    identity = await self.scope(own).call("sts", "GetCallerIdentity")
                    self._names[own.profile] = identity.arn("Arn").rpartition("/")[2]
                except (AwsError, ReadFailed, MalformedAnswer):
                    return ""
            return self._names[own.profile]

    async def lend(self, name: ScopeName, refused: SharedCredentials | None = None) -> SharedCredentials:
        """Return a scope's current credentials, or others if AWS rejected the given ones.

        Raises:
            CredentialsUnavailable: there are none, or they do not come in time.

        """
        lent = await self._lent(name)
        if refused is None or lent != refused:
            return lent
        renewal = self.renewal(name)
        why = say("AWS does not accept the credentials")
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
            # The scope is not open: the SDK obtains its credentials now, and can raise any error.
            raise CredentialsUnavailable(
                classify_credential_exception(error, self.settings.deadline).unreadable.why
            ) from error

    def forget_credentials(self, profile: str | None) -> None:
        """Obtain the credentials of the profile and its roles again at the next use: a login may have changed them."""
        self._taken = {each for each in self._taken if each.profile != profile}
        self._takers = {own: client for own, client in self._takers.items() if own.profile != profile}
        self._names.pop(profile, None)
        for name in [each for each in self._scopes if each.profile == profile]:
            del self._scopes[name]

    async def open_client(self, name: ScopeName, service: str) -> Any:
        """Return a new client that `close` closes."""
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
        """Forbid prompts for MFA codes, since the screen has the terminal: credentials count as expired instead."""
        self._terminal.forbid()

    def compare_clocks(self, answer: str, date: str) -> None:
        """Store the difference between this clock and AWS's, from the date of an answer."""
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
    """Return the time in a header `Date`. It is the same for all answers of one second."""
    try:
        return in_utc(parsedate_to_datetime(date))
    except (ValueError, OverflowError):
        return None
