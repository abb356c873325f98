"""Limit reads: the deadline of a Region, AWS's rates, and requests in flight."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")

_STEP = 1.0
"""A deadline counts its seconds one by one: while the loop stands still, because somebody is asked for an MFA code on
the terminal, no more than one of them passes."""


class DeadlinePassed(TimeoutError):
    """What was waited for did not come in the time that it was given."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"not within {seconds:g} s")
        self.seconds = seconds


class Deadline:
    """So many seconds from when it is made. Lives on one event loop."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._left = seconds
        self._still = 0
        self._waits: set[asyncio.Future[None]] = set()
        self._loop = asyncio.get_running_loop()
        self._count()

    @property
    def passed(self) -> bool:
        """Whether it is too late."""
        return self._left <= 0

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """Let it count for what is done meanwhile, and for the tasks that are begun meanwhile."""
        before = _in_force.set(self)
        try:
            yield
        finally:
            _in_force.reset(before)

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Let no time pass meanwhile, for anybody who waits under it."""
        self._still += 1
        try:
            yield
        finally:
            self._still -= 1

    async def wait_for(self, work: Awaitable[T]) -> T:
        """What the work gives, if it gives it before the deadline.

        Raises:
            DeadlinePassed: it has passed, or passed meanwhile. The work is cancelled, and not waited for: there are
                libraries that take a cancellation for something else and go on.

        """
        task = asyncio.ensure_future(work)
        if self.passed:
            _abandon(task)
            raise DeadlinePassed(self.seconds)
        wait: asyncio.Future[None] = self._loop.create_future()
        self._waits.add(wait)
        task.add_done_callback(lambda _task: _wake(wait))
        try:
            await wait
        except asyncio.CancelledError:
            _abandon(task)
            raise
        finally:
            self._waits.discard(wait)
        if task.done():
            return task.result()
        _abandon(task)
        raise DeadlinePassed(self.seconds)

    def _count(self) -> None:
        if self._left > 0:
            step = min(_STEP, self._left)
            self._loop.call_later(step, self._step, step)
            return
        for each in self._waits:
            _wake(each)

    def _step(self, seconds: float) -> None:
        self._left -= 0 if self._still else seconds
        self._count()


_in_force: ContextVar[Deadline | None] = ContextVar("deadline in force", default=None)

_abandoned: set[asyncio.Future[Any]] = set()
"""What nobody waits for any longer: the loop itself holds its tasks weakly."""


def current_deadline() -> Deadline | None:
    """The deadline that counts for whoever asks."""
    return _in_force.get()


async def within_deadline(work: Awaitable[T]) -> T:
    """What the work gives, no later than the deadline in force, if there is one, allows.

    Raises:
        DeadlinePassed: it has passed, or passed meanwhile.

    """
    deadline = _in_force.get()
    return await work if deadline is None else await deadline.wait_for(work)


def is_being_cancelled() -> bool:
    """Whether it is this task that somebody wants to end: else a cancellation comes from what it waits for."""
    current = asyncio.current_task()
    return current is not None and current.cancelling() > 0


def _wake(wait: asyncio.Future[None]) -> None:
    if not wait.done():
        wait.set_result(None)


def _abandon(task: asyncio.Future[Any]) -> None:
    _abandoned.add(task)
    task.add_done_callback(_forget)
    task.cancel()


def _forget(task: asyncio.Future[Any]) -> None:
    _abandoned.discard(task)
    if not task.cancelled():
        task.exception()  # that it failed is nobody's concern any more, and asyncio's neither


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
