"""One scope's way to AWS: read operations only, each in time, patient where AWS asks to slow down."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Mapping
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from ssmtui.evidence.wire import sdk
from ssmtui.evidence.wire.acceptance import is_of_credentials
from ssmtui.evidence.wire.answer import Answer, MalformedAnswer
from ssmtui.evidence.wire.authorization import OwnRefusals
from ssmtui.evidence.wire.aws import AwsError, ReadFailed
from ssmtui.evidence.wire.deadline import DeadlinePassed, deadline_in_force, in_time, is_being_cancelled
from ssmtui.evidence.wire.endpoints import endpoint_region
from ssmtui.evidence.wire.identity import IDENTITY, principal_of, who_calls
from ssmtui.evidence.wire.operations import action_of, declare
from ssmtui.evidence.wire.paging import Paging
from ssmtui.evidence.wire.refusals import is_throttling
from ssmtui.evidence.wire.sdk_failures import failed_read
from ssmtui.evidence.wire.silence import Silence
from ssmtui.evidence.wire.spending import Spending
from ssmtui.evidence.wire.watching import watch
from ssmtui.language import say
from ssmtui.model.answers import Obstacle, Unreadable
from ssmtui.model.denial import Denial
from ssmtui.model.finding import WORKSTATION
from ssmtui.model.nesting import IS_TOO_LONG
from ssmtui.model.scope import ScopeName
from ssmtui.model.sendable import refuse_half_characters

if TYPE_CHECKING:
    from ssmtui.evidence.wire.clients import Clients

_log = logging.getLogger(__name__)

_AUTHORIZATION = ("iam-toolbox", "GetRequestAuthorizationDetails")
declare(":".join(_AUTHORIZATION))

SHOWN_AS_THROTTLED = 5.0
"""Seconds for which an answer that asks to slow down keeps `throttled` true."""

SHOWN_AS_WAITED_FOR = 3.0
"""Seconds after which a call counts as waited for."""

LONGEST_TOKEN = 100_000
"""Characters of what names the next page. AWS's are a few thousand."""

_DIGEST = 16
MOST_PAGES = 20_000
"""Pages of one listing; 50 of a page are a million nodes."""


class ScopeClients:
    """One scope's way to AWS (implements `Aws`). `account` is empty until STS has named it."""

    def __init__(self, clients: Clients, name: ScopeName) -> None:
        self.account = ""
        self._all = clients
        self._name = name
        self._clients: dict[tuple[str, str], Any] = {}
        self._opening: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._slowed: set[tuple[str, str]] = set()
        self._silence = Silence()
        self._under_way: dict[object, tuple[str, float]] = {}
        self._calls: Counter[str] = Counter()
        self._held_back = 0
        self._leaving = False
        self._throttled_at = float("-inf")
        self._acceptance = clients.acceptance(name)
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

    async def call(self, service: str, operation: str, **parameters: object) -> Answer:
        """The answer to one operation, no later than the deadline in force.

        Raises:
            AwsError: AWS's answer is an error about the thing asked for.
            ReadFailed: there is no answer.
            MalformedAnswer: the answer is no structure.
            NotARead: the operation is not a declared read.

        """
        action = action_of(service, operation)
        wait = object()
        self._under_way[wait] = (f"{service}:{operation}", self._all.clock())
        try:
            answer = await in_time(self._patiently(service, operation, action, parameters))
            return Answer(f"{service}:{operation}", answer)
        except DeadlinePassed as passed:
            raise ReadFailed(self._missed(service, operation, passed.seconds)) from passed
        except ReadFailed as failed:
            if (service, operation) == _AUTHORIZATION:
                raise
            raise ReadFailed(await self._in_aws_own_words(service, failed.unreadable)) from failed
        finally:
            del self._under_way[wait]
            if self._leaving and not self._under_way:
                await self.let_go()

    async def _patiently(self, service: str, operation: str, action: str, parameters: Mapping[str, object]) -> object:
        patience = self._all.settings.patience
        whole = deadline_in_force()
        self._give_up_on_silence(service, operation)
        # Half of a Region's time at most: the rest is for what is read instead of this, or after it.
        time = Spending(min(patience.total, whole.seconds / 2) if whole else patience.total)
        pause = patience.first
        while True:
            serial = await self._acceptance.in_force() if self.account else 0
            try:
                answer = await self._attempt(service, operation, action, parameters, time)
                self._silence.heard((service, operation), whole)
                return answer
            except AwsError:
                self._silence.heard((service, operation), whole)
                raise
            except ReadFailed as failed:
                if time.left <= 0 or failed.unreadable.obstacle is Obstacle.TIMED_OUT:
                    self._silence.unheard((service, operation), whole)
                if self.account and is_of_credentials(failed.unreadable):
                    await self._acceptance.refused(serial, failed)
                    continue
                if not self._is_slowed(failed.unreadable.obstacle, time):
                    raise
                if failed.unreadable.obstacle is Obstacle.THROTTLED:
                    self._slow_down(service, operation)
                if time.left <= 0 or (whole is not None and whole.passed):
                    raise ReadFailed(self._missed(service, operation, time.given)) from failed
            pause = min(pause, time.left)
            await self._hold_back(pause)
            time.left -= pause
            pause = min(pause * 2, patience.longest)

    async def pages(self, service: str, operation: str, **parameters: object) -> AsyncIterator[Answer]:
        """The answers to one operation, page after page."""
        asked = dict(parameters)
        tokens: set[bytes] = set()
        paging: Paging | None = None
        while True:
            page = await self.call(service, operation, **asked)
            # Whose connections have been let go of meanwhile has no client any more.
            paging = paging or sdk.paging(await self._client(service, operation), service, operation)
            yield page
            token = page.optional_text(paging.answer)
            if token is None:
                return
            if len(token) > LONGEST_TOKEN:
                raise page.malformed(paging.answer, IS_TOO_LONG)
            known = blake2b(token.encode(errors="replace"), digest_size=_DIGEST).digest()
            if known in tokens or len(tokens) >= MOST_PAGES:
                raise MalformedAnswer(page.call, say("its pages have no end"))
            tokens.add(known)
            asked[paging.parameter] = token

    async def authorization_pages(self, region: str, id_: str) -> AsyncIterator[Answer]:
        """The pages of AWS's details of a refusal in a Region, by authorization id. Raises as `call` does."""
        there = self._all.scope(self._name.in_region(region))
        there.account = there.account or self.account
        if there is not self:
            self._calls[":".join(_AUTHORIZATION)] += 1
        async for page in there.pages(*_AUTHORIZATION, authorizationId=id_):
            yield page

    async def refused_in(self, service: str, denial: Denial) -> str:
        """The Region in which a request was refused: the resource's, else that of the service's endpoint from here."""
        if denial.region:
            return denial.region
        session = await self._all.session(self._name)
        return endpoint_region(session, service, self._name.region)

    async def _in_aws_own_words(self, service: str, refused: Unreadable) -> Unreadable:
        if refused.looked_up is None or not refused.looked_up.denial.authorization_id:
            return refused
        return await self._refusals.explain(refused, await self.refused_in(service, refused.looked_up.denial))

    def know_caller(self, account: str, caller: str) -> None:
        """Know who is calling: from now on, credentials that AWS does not take are come by anew."""
        self.account = account
        self._acceptance.know(principal_of(caller), lambda: self._all.renew(self._name), lambda: who_calls(self._ask))

    def _ask(self) -> Awaitable[object]:
        return self._attempt("sts", "GetCallerIdentity", IDENTITY, {}, Spending(self._all.settings.deadline))

    def _is_slowed(self, obstacle: Obstacle, time: Spending) -> bool:
        """Whether a failure is AWS's wish to be asked more slowly, or came where the SDK had no attempt left for it."""
        if obstacle is Obstacle.THROTTLED:
            return True
        time.failures -= obstacle is Obstacle.FAILED
        lately = self._all.clock() - self._throttled_at < 2 * self._all.settings.deadline
        return lately and time.failures >= 0 and obstacle in {Obstacle.TIMED_OUT, Obstacle.FAILED}

    async def _hold_back(self, pause: float) -> None:
        self._held_back += 1
        try:
            # Many reads are refused together; the jitter keeps them from coming back together.
            await self._all.sleep(pause * random.uniform(0.75, 1.25))  # noqa: S311 - no secret is made of it
        finally:
            self._held_back -= 1

    async def _attempt(
        self, service: str, operation: str, action: str, parameters: Mapping[str, object], time: Spending
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
            raise ReadFailed(Unreadable("", why, Obstacle.FAILED, f"{service}:{operation}")) from given_up
        except Exception as error:
            failed = failed_read(error, action, seconds)
            if failed is None:
                raise
            raise _told_by(f"{service}:{operation}", failed) from error

    def _give_up_on_silence(self, service: str, operation: str) -> None:
        whole = self._silence.of((service, operation))
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
                watch(
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


def _told_by(source: str, failed: AwsError | ReadFailed) -> AwsError | ReadFailed:
    """A failure with the call that met it; what was met on this computer, before anything was sent, has its own."""
    if isinstance(failed, AwsError):
        return AwsError(failed.code, failed.message, source)
    if failed.unreadable.source == WORKSTATION:
        return failed
    return ReadFailed(replace(failed.unreadable, source=source))
