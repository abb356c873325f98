"""Faults on demand: which requests go wrong, and how."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final


class FaultKind(StrEnum):
    """What goes wrong.

    `TIMEOUT` holds the request until faults are cleared, then drops the connection; `RESET` does so at once.
    `LATENCY` answers late, `TRICKLE` a byte at a time. `REFUSED` is an access-denied answer in AWS's words, `INTERNAL`
    HTTP's 500 and `UNAVAILABLE` its 503. `GARBAGE` is an answer that no parser takes, `WEB_PAGE` what a proxy shows in
    the place of one; made of the true one are `TRUNCATED`, `WRONG_TYPES`, `HUGE`, and, of an operation that answers in
    pages, `EMPTY_PAGE` (there is more behind it) and `SAME_TOKEN` (there is always more).
    """

    THROTTLING = "throttling"
    INTERNAL = "internal"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    RESET = "reset"
    REFUSED = "refused"
    GARBAGE = "garbage"
    WEB_PAGE = "web-page"
    TRUNCATED = "truncated"
    WRONG_TYPES = "wrong-types"
    EMPTY_PAGE = "empty-page"
    SAME_TOKEN = "same-token"  # noqa: S105 - of a page
    HUGE = "huge"
    LATENCY = "latency"
    TRICKLE = "trickle"
    EXPIRED = "expired"


ANY: Final = "*"

_SEED: Final = 13
"""Of what a share of requests is: each time that faults are cleared, it begins anew."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault on the requests that it matches, on the first `times` of them only where that is given.

    `milliseconds` is how late an answer comes, for `LATENCY`, and each byte of it, for `TRICKLE`. `access_key` names
    whose requests are hit, and `after` how many of those that match go through before: with `EXPIRED`, credentials that
    end in the middle of a run. A `share` of less than 1 is so much of what matches, as it comes.
    """

    kind: FaultKind
    service: str = ANY
    operation: str = ANY
    region: str = ANY
    times: int | None = None
    milliseconds: int = 0
    access_key: str = ANY
    after: int = 0
    share: float = 1.0

    def matches(self, service: str, operation: str, region: str, access_key: str) -> bool:
        """Whether a request is hit."""
        wanted = (self.service, self.operation, self.region, self.access_key)
        return all(
            mine in {ANY, its} for mine, its in zip(wanted, (service, operation, region, access_key), strict=True)
        )

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Fault:
        """A fault as the control endpoint takes it: the field names, `kind` by its value."""
        return cls(**{**document, "kind": FaultKind(document["kind"])})


class Faults:
    """The faults in force. The first one that matches a request strikes."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._active: list[Fault] = []
        self._generation = 0
        self._random = random.Random(_SEED)  # noqa: S311 - no secret is made of it

    @property
    def any_in_force(self) -> bool:
        """Whether there is one that may strike."""
        return bool(self._active)

    def add(self, fault: Fault) -> None:
        """Put a fault in force."""
        with self._condition:
            self._active.append(fault)

    def clear(self) -> None:
        """Take all faults away, and let go of the requests that a timeout holds."""
        with self._condition:
            self._active.clear()
            self._random.seed(_SEED)
            self._generation += 1
            self._condition.notify_all()

    def strike(self, service: str, operation: str, region: str, access_key: str) -> Fault | None:
        """The fault that hits this request, used up once."""
        with self._condition:
            for position, fault in enumerate(self._active):
                if not fault.matches(service, operation, region, access_key):
                    continue
                if fault.share < 1 and self._random.random() >= fault.share:
                    continue
                if fault.after:
                    self._active[position] = replace(fault, after=fault.after - 1)
                    continue
                self._use(position, fault)
                return fault
        return None

    def hold(self, seconds: float | None = None) -> None:
        """Keep the calling thread until the faults are cleared, or for so many seconds."""
        with self._condition:
            generation = self._generation
            self._condition.wait_for(lambda: self._generation != generation, timeout=seconds)

    def _use(self, position: int, fault: Fault) -> None:
        if fault.times is None:
            return
        if fault.times > 1:
            self._active[position] = replace(fault, times=fault.times - 1)
        else:
            del self._active[position]
