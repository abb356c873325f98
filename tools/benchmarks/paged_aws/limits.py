"""Simulate AWS's limits with token buckets, its throttling errors, and errors from a seed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType
from typing import Final

from tools.benchmarks.paged_aws.wire import Failure, Request


@dataclass(frozen=True, slots=True)
class Rate:
    """The burst of calls, and the calls per second after it."""

    burst: float
    refill: float


# docs/facts/limits.md §2 names the sources. Limits that AWS does not publish (IAM, the listings of Systems Manager) are
# left out, and so are calls that are made only a few times per Region.
_EC2: Final = Rate(100, 20)
_EC2_OPERATIONS: Final = (
    "DescribeInstances",
    "DescribeInstanceStatus",
    "DescribeSubnets",
    "DescribeRouteTables",
    "DescribeNatGateways",
    "DescribeSecurityGroups",
    "DescribeNetworkAcls",
    "DescribeNetworkInterfaces",
    "DescribeVpcEndpoints",
    "DescribeVpcAttribute",
    "DescribeTags",
    "DescribeRegions",
    "GetConsoleOutput",
    "GetManagedPrefixListEntries",
)
PUBLISHED: Final[Mapping[str, Rate]] = MappingProxyType(
    {
        **{f"ec2:{operation}": _EC2 for operation in _EC2_OPERATIONS},
        "ssm:GetConnectionStatus": Rate(50, 50),
        "ssm:DescribeSessions": Rate(6, 6),
        "cloudtrail:LookupEvents": Rate(2, 2),
    }
)
"""The limits per account and Region."""


@dataclass(slots=True)
class _Bucket:
    rate: Rate
    held: float
    at: float

    def take(self, now: float) -> bool:
        self.held = min(self.rate.burst, self.held + (now - self.at) * self.rate.refill)
        self.at = now
        if self.held < 1:
            return False
        self.held -= 1
        return True


@dataclass(slots=True)
class Limits:
    """The buckets of one account and Region; if `rates` is empty, nothing is limited."""

    rates: Mapping[str, Rate]
    clock: Callable[[], float] = time.monotonic
    _buckets: dict[str, _Bucket] = field(default_factory=dict)

    def refuses(self, request: Request) -> Failure | None:
        """Take a token for the call; return the error if there is none."""
        rate = self.rates.get(request.name)
        if rate is None:
            return None
        now = self.clock()
        bucket = self._buckets.setdefault(request.name, _Bucket(rate, rate.burst, now))
        return None if bucket.take(now) else throttled(request)


@dataclass(slots=True)
class Trouble:
    """Random errors, determined by the seed, the request, and its number of repetitions, in any order."""

    throttled: float = 0.0
    failing: float = 0.0
    seed: int = 0
    _made: Counter[str] = field(default_factory=Counter)

    def hits(self, request: Request) -> Failure | None:
        """Return the error for this call, if any."""
        if not self.throttled and not self.failing:
            return None
        named = f"{request.name} {sorted(request.asked.items(), key=lambda each: each[0])}"
        self._made[named] += 1
        lot = Random(f"{self.seed} {self._made[named]} {named}").random()  # noqa: S311 - a lot that is drawn again alike
        if lot < self.throttled:
            return throttled(request)
        if lot < self.throttled + self.failing:
            return Failure("InternalError", "An internal error has occurred", 500)
        return None


def throttled(request: Request) -> Failure:
    """Return the throttling error of the service."""
    if request.service == "ec2":
        return Failure("RequestLimitExceeded", "Request limit exceeded.", 503)
    if request.service == "s3":
        return Failure("SlowDown", "Please reduce your request rate.", 503)
    if request.service in {"iam", "sts"}:
        return Failure("Throttling", "Rate exceeded")
    return Failure("ThrottlingException", "Rate exceeded")
