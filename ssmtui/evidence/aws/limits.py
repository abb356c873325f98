"""Limit reads: the deadline of a Region, AWS's rates, and requests in flight."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")

_STEP = 1.0
"""Step of a deadline in seconds: if a prompt for an MFA code blocks the loop, at most one step passes."""


class DeadlinePassed(TimeoutError):
    """The result did not come before the deadline."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"not within {seconds:g} s")
        self.seconds = seconds


class Deadline:
    """A number of seconds from its creation. For one event loop."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._left = seconds
        self._still = 0
        self._waits: set[asyncio.Future[None]] = set()
        self._loop = asyncio.get_running_loop()
        self._count()

    @property
    def passed(self) -> bool:
        """Whether no time is left."""
        return self._left <= 0

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """Apply the deadline to the body, and to the tasks that it starts."""
        before = _in_force.set(self)
        try:
            yield
        finally:
            _in_force.reset(before)

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Stop the deadline in the body, for all tasks under it."""
        self._still += 1
        try:
            yield
        finally:
            self._still -= 1

    async def wait_for(self, work: Awaitable[T]) -> T:
        """Return the result of the work if it comes before the deadline.

        Raises:
            DeadlinePassed: it did not. The work is cancelled but not awaited: some libraries ignore a cancellation.

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
"""Cancelled tasks: the event loop itself holds only weak references to its tasks."""


def current_deadline() -> Deadline | None:
    """Return the deadline of the current task."""
    return _in_force.get()


async def within_deadline(work: Awaitable[T]) -> T:
    """Return the result of the work, within the deadline of the current task if it has one.

    Raises:
        DeadlinePassed: the result did not come in time.

    """
    deadline = _in_force.get()
    return await work if deadline is None else await deadline.wait_for(work)


def is_being_cancelled() -> bool:
    """Return whether the current task itself is being cancelled, not something that it awaits."""
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
        task.exception()  # asyncio would log an exception that nobody retrieves


CONNECTION_STATUS_RATE = 50.0
"""GetConnectionStatus requests a second, account and Region (General Reference, Systems Manager quotas)."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Requests per second, and the number of requests that can be sent at once after a pause."""

    a_second: float
    at_once: int


EC2_RATE = Rate(20, 50)
"""For each read operation. AWS allows bursts of 100: half of it is left for others in the account."""

RATES: Mapping[tuple[str, str], Rate] = {
    # Most of a second's worth at once: a check waits for it. The rest is for others in the account, and for requests
    # that arrive closer together than they were sent.
    ("ssm", "GetConnectionStatus"): Rate(CONNECTION_STATUS_RATE, 40),
    ("ssm", "DescribeSessions"): Rate(6, 1),
    # A second's worth at once: a node that is away needs three or four lookups, and a person waits for them.
    ("cloudtrail", "LookupEvents"): Rate(2, 2),
}
"""The rates that AWS documents for each account and Region (docs/facts/limits.md §2)."""

EC2_MAX_CONCURRENT = 10
"""EC2's large answers take long to parse: a few at a time are enough to reach its rate."""

MAX_CONCURRENT = 20
"""Requests in flight for each other operation of one account and Region. Operations do not block each other."""

MAX_CONCURRENT_BY_OPERATION: Mapping[tuple[str, str], int] = {("ssm", "GetConnectionStatus"): 100}
"""Exceptions: enough to reach the rate if an answer takes two seconds."""

MAX_CONNECTIONS = 200
"""Connections to a service: enough for all operations that can be in flight, including those that hang."""

_NO_TIME = 1e-6
"""Seconds below which a time counts as a rounding error."""

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


class Throttle:
    """A rate limit: each caller gets the next free slot, in order.

    The next slot counts from when the last slot was due, not from when its caller woke up, so that a late wake-up costs
    nothing. Unused slots are kept, up to the burst.
    """

    def __init__(self, rate: Rate, *, clock: Clock = time.monotonic, sleep: Sleep = asyncio.sleep) -> None:
        self._interval = 1 / rate.a_second
        self._kept = (rate.at_once - 1) * self._interval
        self._clock = clock
        self._sleep = sleep
        self._next = float("-inf")

    async def take(self) -> None:
        """Wait for the next free slot."""
        now = self._clock()
        turn = max(self._next, now - self._kept)
        self._next = turn + self._interval
        if turn - now > _NO_TIME:
            await self._sleep(turn - now)


SIMULATION = ("iam", "SimulatePrincipalPolicy")
SIMULATIONS_AT_FIRST, MAX_SIMULATIONS = 2, 4
"""Simulations in flight for each account: AWS publishes no rate for them (docs/facts/permissions.md §1)."""


class AdaptiveLimit:
    """A number of requests in flight that adapts to an unknown rate.

    It grows by one after as many answers, and is halved if AWS throttles.
    """

    def __init__(self, at_first: int, most: int) -> None:
        self._most = most
        self._allowed = float(at_first)
        self._in_flight = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    def slow_down(self) -> None:
        """Halve the number: AWS has throttled a request."""
        self._allowed = max(1.0, self._allowed / 2)

    @asynccontextmanager
    async def admitted(self) -> AsyncIterator[None]:
        """Wait until a request may be sent, and hold its place."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._admit()
        try:
            await turn
            yield
            self._allowed = min(self._most, self._allowed + 1 / self._allowed)
        finally:
            self._in_flight -= turn.done() and not turn.cancelled()
            self._admit()

    def _admit(self) -> None:
        while self._waiting and self._in_flight < int(self._allowed):
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                self._in_flight += 1


class RateLimits:
    """The limits of each account and Region, shared by all profiles."""

    def __init__(self, *, clock: Clock = time.monotonic, sleep: Sleep = asyncio.sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._in_flight: dict[tuple[str, str, str, str], asyncio.Semaphore] = {}
        self._throttles: dict[tuple[str, str, str, str], Throttle | None] = {}
        self._simulations: defaultdict[str, AdaptiveLimit] = defaultdict(
            lambda: AdaptiveLimit(SIMULATIONS_AT_FIRST, MAX_SIMULATIONS)
        )

    @asynccontextmanager
    async def admitted(self, account: str, region: str, service: str, operation: str) -> AsyncIterator[None]:
        """Wait until a request may be sent, and hold its place."""
        key = (account, region, service, operation)
        if key not in self._in_flight:
            self._in_flight[key] = asyncio.Semaphore(_at_once(service, operation))
            self._throttles[key] = self._throttle(service, operation)
        async with self._adapted(account, service, operation), self._in_flight[key]:
            pace = self._throttles[key]
            if pace is not None:
                await pace.take()
            yield

    def slow_down(self, account: str, service: str, operation: str) -> None:
        """Send fewer requests at the same time: AWS has throttled one, and its rate is unknown."""
        if (service, operation) == SIMULATION:
            self._simulations[account].slow_down()

    def _adapted(self, account: str, service: str, operation: str) -> AbstractAsyncContextManager[object]:
        return self._simulations[account].admitted() if (service, operation) == SIMULATION else nullcontext()

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
    """The operations of one scope that have not answered within the current deadline of its Region."""

    def __init__(self) -> None:
        self._answered: dict[tuple[str, str], Deadline | None] = {}
        self._silent: dict[tuple[str, str], Deadline] = {}

    def heard(self, operation: tuple[str, str], whole: Deadline | None) -> None:
        """Record an answer of an operation."""
        self._answered[operation] = whole
        self._silent.pop(operation, None)

    def unheard(self, operation: tuple[str, str], whole: Deadline | None) -> None:
        """Record that an operation did not answer in time; ignored if it has answered under this deadline."""
        if whole is not None and self._answered.get(operation) is not whole:
            self._silent[operation] = whole

    def of(self, operation: tuple[str, str]) -> Deadline | None:
        """Return the current deadline if the operation has not answered under it: its time is left for other reads."""
        whole = current_deadline()
        return whole if whole is not None and self._silent.get(operation) is whole else None


@dataclass(slots=True)
class RetryBudget:
    """The remaining seconds for all attempts of a read and the pauses between them."""

    given: float
    left: float = field(init=False)
    failures: int = 5
    """Number of server errors to retry while AWS throttles: throttling uses up the SDK's own retries.

    The other limits of repetition are listed at `ssmtui.aws.client_config.RESEND_ATTEMPTS`.
    """

    def __post_init__(self) -> None:
        self.left = self.given
