"""How fast and how many at once: AWS's published quotas, kept before AWS has to enforce them."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

CONNECTION_STATUS_RATE = 50.0
"""GetConnectionStatus requests a second, account and Region (General Reference, Systems Manager quotas)."""

LOOKUP_EVENTS_RATE = 2.0
"""LookupEvents requests a second, account and Region (CloudTrail quotas)."""

EC2_AT_ONCE = 5
"""EC2 throttles by token bucket and its big answers take long to parse: few of a kind at once lose nothing."""

AT_ONCE = 20
"""Requests in flight for any other operation of one account and Region. One that hangs keeps no place of another."""

CONNECTIONS = 200
"""Connections to one service: enough for as many operations as can be in flight, those included that hang."""

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


class Pace:
    """A steady rate: each taker is given the next free moment, in the order of asking."""

    def __init__(self, rate: float, *, clock: Clock = time.monotonic, sleep: Sleep = asyncio.sleep) -> None:
        self._interval = 1 / rate
        self._clock = clock
        self._sleep = sleep
        self._next = 0.0

    async def take(self) -> None:
        """Wait until it is one's turn."""
        now = self._clock()
        turn = max(self._next, now)
        self._next = turn + self._interval
        if turn > now:
            await self._sleep(turn - now)


class Limits:
    """The limits of every account and Region that is read, whichever profiles they are read through."""

    def __init__(self, *, clock: Clock = time.monotonic, sleep: Sleep = asyncio.sleep) -> None:
        self._in_flight: dict[tuple[str, str, str, str], asyncio.Semaphore] = {}
        self._simulation: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._connection_status: defaultdict[tuple[str, str], Pace] = defaultdict(
            lambda: Pace(CONNECTION_STATUS_RATE, clock=clock, sleep=sleep)
        )
        self._lookup_events: defaultdict[tuple[str, str], Pace] = defaultdict(
            lambda: Pace(LOOKUP_EVENTS_RATE, clock=clock, sleep=sleep)
        )

    @asynccontextmanager
    async def admitted(self, account: str, region: str, service: str, operation: str) -> AsyncIterator[None]:
        """Hold a place for one request; waits until there is one."""
        async with self._alone(account, operation), self._place(account, region, service, operation):
            if operation == "GetConnectionStatus":
                await self._connection_status[account, region].take()
            if operation == "LookupEvents":
                await self._lookup_events[account, region].take()
            yield

    def _alone(self, account: str, operation: str) -> AbstractAsyncContextManager[object]:
        # AWS advises against concurrent simulation, and its rate cannot be raised (docs/facts/permissions.md §1).
        return self._simulation[account] if operation == "SimulatePrincipalPolicy" else nullcontext()

    def _place(self, account: str, region: str, service: str, operation: str) -> asyncio.Semaphore:
        key = (account, region, service, operation)
        if key not in self._in_flight:
            self._in_flight[key] = asyncio.Semaphore(EC2_AT_ONCE if service == "ec2" else AT_ONCE)
        return self._in_flight[key]
