"""The client of one scope: read operations only, each within its deadline, with retries when AWS throttles."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from ssmtui.aws.errors import THROTTLING_CODES
from ssmtui.evidence.aws import sdk
from ssmtui.evidence.aws.allowed_reads import action_of, declare_reads
from ssmtui.evidence.aws.authorization_lookup import RefusalLookups
from ssmtui.evidence.aws.credential_renewal import (
    GET_CALLER_IDENTITY,
    get_caller,
    is_credential_failure,
    strip_session_name,
)
from ssmtui.evidence.aws.deadline import Deadline, DeadlinePassed, current_deadline, is_being_cancelled, within_deadline
from ssmtui.evidence.aws.failures import classify_exception
from ssmtui.evidence.aws.reader_api import Answer, AwsError, MalformedAnswer, ReadFailed
from ssmtui.evidence.aws.sdk import Paging, endpoint_region
from ssmtui.language import say
from ssmtui.model.access_denied import Denial
from ssmtui.model.fact import ReadFailure, Unreadable
from ssmtui.model.finding import WORKSTATION
from ssmtui.model.scope import ScopeName
from ssmtui.text.json_text import IS_TOO_LONG
from ssmtui.text.printable import refuse_half_characters

if TYPE_CHECKING:
    from ssmtui.evidence.aws.clients import Clients


class UnresponsiveOperations:
    """What is known of one scope's operations, each `(service, operation)`, in the time that a Region is given."""

    def __init__(self) -> None:
        self._answered: dict[tuple[str, str], Deadline | None] = {}
        self._silent: dict[tuple[str, str], Deadline] = {}

    def heard(self, operation: tuple[str, str], whole: Deadline | None) -> None:
        """An operation has answered: it is no silent one."""
        self._answered[operation] = whole
        self._silent.pop(operation, None)

    def unheard(self, operation: tuple[str, str], whole: Deadline | None) -> None:
        """An operation has used up the time of a read, and has answered nobody before in a Region's time."""
        if whole is not None and self._answered.get(operation) is not whole:
            self._silent[operation] = whole

    def of(self, operation: tuple[str, str]) -> Deadline | None:
        """The Region's time in force, where an operation has answered nobody in it: it is for what else is read."""
        whole = current_deadline()
        return whole if whole is not None and self._silent.get(operation) is whole else None


@dataclass(slots=True)
class RetryBudget:
    """The seconds that one read is given for its attempts and for the pauses between them, and what is left of them."""

    given: float
    left: float = field(init=False)
    failures: int = 5
    """How often AWS may fail it while it asks to slow down: the SDK's own attempts are then used up by that."""

    def __post_init__(self) -> None:
        self.left = self.given


def watch_requests(
    client: Any, *, sent: Callable[[str], None], failed: Callable[[str, str], None], dated: Callable[[str, str], None]
) -> None:
    """Tell of every request that a client sends, by operation, and of the code of every error that one received.

    `dated` hears the operation of every answer, and when AWS says that it gave it (the header `Date`).
    """

    def tell_sent(operation_name: str, **_: object) -> None:
        sent(operation_name)

    def tell_answered(
        parsed_response: dict[str, Any] | None = None, response_dict: dict[str, Any] | None = None, **heard: object
    ) -> None:
        operation = str(heard.get("event_name", "")).rpartition(".")[2]
        code = (parsed_response or {}).get("Error", {}).get("Code")
        if code is not None:
            failed(operation, str(code))
        date = (response_dict or {}).get("headers", {}).get("date")
        if date is not None:
            dated(operation, str(date))

    client.meta.events.register("request-created", tell_sent)
    client.meta.events.register("response-received", tell_answered)


_log = logging.getLogger(__name__)

_AUTHORIZATION = ("iam-toolbox", "GetRequestAuthorizationDetails")
declare_reads(":".join(_AUTHORIZATION))

THROTTLED_AFTER_SECONDS = 5.0
"""Seconds for which an answer that asks to slow down keeps `throttled` true."""

WAITING_AFTER_SECONDS = 3.0
"""Seconds after which a call counts as waited for."""

LONGEST_TOKEN = 100_000
"""Characters of what names the next page. AWS's are a few thousand."""

_DIGEST = 16
MAX_PAGES = 20_000
"""Pages of one listing; 50 of a page are a million nodes."""


class ScopeClient:
    """One scope's way to AWS (implements `Aws`). `account` is empty until STS has named it."""

    def __init__(self, clients: Clients, name: ScopeName) -> None:
        self.account = ""
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
        """How many requests have been sent, by `service:Operation`, repeated ones included."""
        return self._calls

    @property
    def throttled(self) -> bool:
        """Whether reads are being held back because AWS asked to slow down."""
        return self._held_back > 0 or self._all.clock() - self._throttled_at < THROTTLED_AFTER_SECONDS

    @property
    def waiting_for(self) -> tuple[str, ...]:
        """The calls that have been waited for long, as `service:Operation`, the longest first."""
        begun = self._all.clock() - WAITING_AFTER_SECONDS
        return tuple(dict.fromkeys(source for source, since in self._under_way.values() if since <= begun))

    async def call(self, service: str, operation: str, **parameters: object) -> Answer:
        """Return the answer to one operation, no later than the deadline in force. A refusal has AWS's details of it.

        Raises:
            AwsError: AWS's answer is an error about the requested thing.
            ReadFailed: there is no answer.
            MalformedAnswer: the answer is no structure.
            NotAReadOperation: the operation is not a declared read.

        """
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
        """Count a call among those that are waited for; close the connections after the last one if `let_go` asked."""
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
            answer = await within_deadline(self._patiently(service, operation, action, parameters))
        except DeadlinePassed as passed:
            raise ReadFailed(self._missed(service, operation, passed.seconds)) from passed
        return Answer(f"{service}:{operation}", answer)

    async def _patiently(self, service: str, operation: str, action: str, parameters: Mapping[str, object]) -> object:
        retry_policy = self._all.settings.retry_policy
        whole = current_deadline()
        self._give_up_on_silence(service, operation)
        # Half of a Region's time at most: the rest is for what is read instead of this, or after it.
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
        """Return the answers to one operation, page after page."""
        return self._pages(self.call, service, operation, parameters)

    async def _pages(
        self, call: Callable[..., Awaitable[Answer]], service: str, operation: str, asked: dict[str, object]
    ) -> AsyncIterator[Answer]:
        tokens: set[bytes] = set()
        paging: Paging | None = None
        while True:
            page = await call(service, operation, **asked)
            # Whose connections have been let go of meanwhile has no client any more.
            paging = paging or sdk.paging(await self._client(service, operation), service, operation)
            yield page
            token = page.optional_text(paging.answer)
            if token is None:
                return
            if len(token) > LONGEST_TOKEN:
                raise page.malformed(paging.answer, IS_TOO_LONG)
            known = blake2b(token.encode(errors="replace"), digest_size=_DIGEST).digest()
            if known in tokens or len(tokens) >= MAX_PAGES:
                raise MalformedAnswer(page.call, say("its pages have no end"))
            tokens.add(known)
            asked[paging.parameter] = token

    async def authorization_pages(self, region: str, id_: str) -> AsyncIterator[Answer]:
        """Return AWS's details of a refusal in a Region, by authorization ID. Raises as `call` does.

        If this is refused as well, nothing explains that refusal.
        """
        there = self._all.scope(self._name.in_region(region))
        there.account = there.account or self.account
        if there is not self:
            self._calls[":".join(_AUTHORIZATION)] += 1
        async for page in there._pages(there._call_unexplained, *_AUTHORIZATION, {"authorizationId": id_}):
            yield page

    async def refused_in(self, service: str, denial: Denial) -> str:
        """The Region in which a request was refused: the resource's, else that of the service's endpoint from here."""
        if denial.region:
            return denial.region
        session = await self._all.session(self._name)
        return endpoint_region(session, service, self._name.region)

    async def _explained(self, service: str, refused: Unreadable) -> Unreadable:
        if refused.looked_up is None or not refused.looked_up.denial.authorization_id:
            return refused
        return await self._refusals.explain(refused, await self.refused_in(service, refused.looked_up.denial))

    def know_caller(self, account: str, caller: str) -> None:
        """Know who is calling: from now on, credentials that AWS does not take are come by anew."""
        self.account = account
        self._renewal.know(
            strip_session_name(caller), lambda: self._all.renew(self._name), lambda: get_caller(self._ask)
        )

    def _ask(self) -> Awaitable[object]:
        return self._attempt(
            "sts", "GetCallerIdentity", GET_CALLER_IDENTITY, {}, RetryBudget(self._all.settings.deadline)
        )

    def _is_slowed(self, obstacle: ReadFailure, time: RetryBudget) -> bool:
        """Whether a failure is AWS's wish to be asked more slowly, or came where the SDK had no attempt left for it."""
        if obstacle is ReadFailure.THROTTLED:
            return True
        time.failures -= obstacle is ReadFailure.FAILED
        lately = self._all.clock() - self._throttled_at < 2 * self._all.settings.deadline
        return lately and time.failures >= 0 and obstacle in {ReadFailure.TIMED_OUT, ReadFailure.FAILED}

    async def _hold_back(self, pause: float) -> None:
        self._held_back += 1
        try:
            # Many reads are refused together; the jitter keeps them from coming back together.
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
            # Below, somebody cancelled what others wait for as well: all who wait for this read would end unheard.
            why = say("{action}: the request was broken off", action=action)
            raise ReadFailed(Unreadable("", why, ReadFailure.FAILED, f"{service}:{operation}")) from given_up
        except Exception as error:
            failed = classify_exception(error, action, seconds)
            if failed is None:
                raise
            raise _told_by(f"{service}:{operation}", failed) from error

    def _give_up_on_silence(self, service: str, operation: str) -> None:
        whole = self._unresponsive.of((service, operation))
        if whole is not None:
            raise ReadFailed(self._missed(service, operation, whole.seconds / 2))

    async def _client(self, service: str, operation: str) -> Any:
        """The service's client; one of its own for an operation that AWS wants to be asked more slowly.

        The SDK slows down all that a client sends, and the other operations are not meant.
        """
        key = (service, operation if (service, operation) in self._slowed else "")
        async with self._opening[key]:
            if key not in self._clients:
                client = await self._all.open_client(self._name, service)
                watch_requests(
                    client,
                    sent=lambda operation: self._count(service, operation),
                    failed=lambda operation, code: self._take_note(service, operation, code),
                    dated=lambda operation, date: self._all.compare_clocks(f"{service}:{operation}", date),
                )
                self._clients[key] = client
        return self._clients[key]

    async def let_go(self) -> None:
        """Close the connections, as soon as nobody waits for an answer; the next read opens them again."""
        self._leaving = bool(self._under_way)
        if self._leaving:
            return
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await self._all.close_client(client)

    def _count(self, service: str, operation: str) -> None:
        self._calls[f"{service}:{operation}"] += 1
        _log.info("%s:%s in %s", service, operation, self._name.region)

    def _take_note(self, service: str, operation: str, code: str) -> None:
        if code in THROTTLING_CODES:
            self._slow_down(service, operation)

    def _slow_down(self, service: str, operation: str) -> None:
        self._slowed.add((service, operation))
        self._throttled_at = self._all.clock()

    def _missed(self, service: str, operation: str, seconds: float) -> Unreadable:
        """What stands for an answer that did not come before the deadline."""
        source = f"{service}:{operation}"
        if (service, operation) in self._slowed:
            why = say("{action}: AWS kept asking to slow down, for {seconds:g} s", action=source, seconds=seconds)
            return Unreadable("", why, ReadFailure.THROTTLED, source)
        why = say("{action}: no answer within {seconds:g} s", action=source, seconds=seconds)
        return Unreadable("", why, ReadFailure.TIMED_OUT, source)


def _told_by(source: str, failed: AwsError | ReadFailed) -> AwsError | ReadFailed:
    """A failure with the call that met it; what was met on this computer, before anything was sent, has its own."""
    if isinstance(failed, AwsError):
        return AwsError(failed.code, failed.message, source)
    if failed.unreadable.source == WORKSTATION:
        return failed
    return ReadFailed(replace(failed.unreadable, source=source))
