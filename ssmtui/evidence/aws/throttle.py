"""Rate and concurrency limits from AWS's published quotas."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass

CONNECTION_STATUS_RATE = 50.0
"""GetConnectionStatus requests a second, account and Region (General Reference, Systems Manager quotas)."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a second, and so many besides at once where fewer were asked for before."""

    a_second: float
    at_once: int


EC2_RATE = Rate(20, 50)
"""Of each operation that reads. A full bucket holds 100: half of it is for whoever else reads in the account."""

RATES: Mapping[tuple[str, str], Rate] = {
    # A tenth of a second's requests at once: what a loop that stands still for so long has missed is made up for.
    ("ssm", "GetConnectionStatus"): Rate(CONNECTION_STATUS_RATE, 5),
    ("ssm", "DescribeSessions"): Rate(6, 1),
    ("cloudtrail", "LookupEvents"): Rate(2, 1),
}
"""What AWS publishes for each account and Region (docs/facts/limits.md §2)."""

EC2_MAX_CONCURRENT = 10
"""EC2's big answers take long to parse: few of a kind at once, which reach its rate all the same."""

MAX_CONCURRENT = 20
"""Requests in flight for any other operation of one account and Region. One that hangs keeps no place of another."""

MAX_CONCURRENT_BY_OPERATION: Mapping[tuple[str, str], int] = {("ssm", "GetConnectionStatus"): 100}
"""Where there is more to ask: the rate is reached though an answer take two seconds."""

MAX_CONNECTIONS = 200
"""Connections to one service: enough for as many operations as can be in flight, those included that hang."""

_NO_TIME = 1e-6
"""Seconds that are an error of arithmetic and no wait."""

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


class Throttle:
    """A rate: each taker is given the next free moment, in the order of asking.

    Moments count from when they were due and not from when a taker woke up, so that what one sleeps too long is not
    lost; those that nobody took are kept for later, as many as the rate allows at once.
    """

    def __init__(self, rate: Rate, *, clock: Clock = time.monotonic, sleep: Sleep = asyncio.sleep) -> None:
        self._interval = 1 / rate.a_second
        self._kept = (rate.at_once - 1) * self._interval
        self._clock = clock
        self._sleep = sleep
        self._next = float("-inf")

    async def take(self) -> None:
        """Wait until it is one's turn."""
        now = self._clock()
        turn = max(self._next, now - self._kept)
        self._next = turn + self._interval
        if turn - now > _NO_TIME:
            await self._sleep(turn - now)


class RateLimits:
    """The limits of every account and Region that is read, whichever profiles they are read through."""

    def __init__(self, *, clock: Clock = time.monotonic, sleep: Sleep = asyncio.sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._in_flight: dict[tuple[str, str, str, str], asyncio.Semaphore] = {}
        self._throttles: dict[tuple[str, str, str, str], Throttle | None] = {}
        self._simulation: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @asynccontextmanager
    async def admitted(self, account: str, region: str, service: str, operation: str) -> AsyncIterator[None]:
        """Hold a place for one request; waits until there is one."""
        key = (account, region, service, operation)
        if key not in self._in_flight:
            self._in_flight[key] = asyncio.Semaphore(_at_once(service, operation))
            self._throttles[key] = self._throttle(service, operation)
        async with self._alone(account, operation), self._in_flight[key]:
            pace = self._throttles[key]
            if pace is not None:
                await pace.take()
            yield

    def _alone(self, account: str, operation: str) -> AbstractAsyncContextManager[object]:
        # AWS advises against concurrent simulation, and its rate cannot be raised (docs/facts/permissions.md §1).
        return self._simulation[account] if operation == "SimulatePrincipalPolicy" else nullcontext()

    def _throttle(self, service: str, operation: str) -> Throttle | None:
        rate = EC2_RATE if service == "ec2" else RATES.get((service, operation))
        return Throttle(rate, clock=self._clock, sleep=self._sleep) if rate is not None else None


def _at_once(service: str, operation: str) -> int:
    return (
        EC2_MAX_CONCURRENT
        if service == "ec2"
        else MAX_CONCURRENT_BY_OPERATION.get((service, operation), MAX_CONCURRENT)
    )
