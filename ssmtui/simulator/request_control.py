"""Control requests to the simulated AWS: the gate that holds them back, injected faults, and the journal."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Final

_READ_PREFIXES: Final = ("Describe", "Get", "Head", "List", "Lookup", "Search", "Select", "Simulate", "Decode", "Scan")
# These create nothing permanent: only credentials, or bytes under a key.
_READS: Final = frozenset({"AssumeRole", "Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext"})
_SECRET_MARKS: Final = ("secret", "token", "password", "plaintext", "ciphertext", "signature", "credential")
_LONGEST_TEXT: Final = 120


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One request. `caller` is the ARN of its access key; `status` the HTTP status of the response."""

    service: str
    operation: str
    account: str
    region: str
    caller: str
    write: bool
    status: int
    parameters: object

    def as_json(self) -> dict[str, Any]:
        """Return the entry as the control endpoint shows it."""
        return asdict(self)


class Journal:
    """Entries in the order of their responses."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[JournalEntry] = []

    def add(self, entry: JournalEntry) -> None:
        """Append an entry."""
        with self._lock:
            self._entries.append(entry)

    def clear(self) -> None:
        """Forget all entries."""
        with self._lock:
            self._entries.clear()

    @property
    def entries(self) -> tuple[JournalEntry, ...]:
        """All entries so far."""
        with self._lock:
            return tuple(self._entries)

    @property
    def writes(self) -> tuple[JournalEntry, ...]:
        """The entries of write operations, including refused ones."""
        return tuple(entry for entry in self.entries if entry.write)


def is_write(operation: str) -> bool:
    """Return whether an operation changes data that AWS stores."""
    return not operation.startswith(_READ_PREFIXES) and operation not in _READS


def shown(parameters: object) -> object:
    """Return parameters for the journal: without secrets, bytes and long texts."""
    if isinstance(parameters, Mapping):
        return {key: _shown_member(str(key), value) for key, value in parameters.items()}
    if isinstance(parameters, (list, tuple)):
        return [shown(item) for item in parameters]
    if isinstance(parameters, bytes):
        return f"<{len(parameters)} bytes>"
    if isinstance(parameters, str) and len(parameters) > _LONGEST_TEXT:
        return f"{parameters[:_LONGEST_TEXT]}… ({len(parameters)} characters)"
    return parameters if isinstance(parameters, (str, int, float, bool)) or parameters is None else str(parameters)


def _shown_member(key: str, value: object) -> object:
    lowered = key.lower()
    is_secret = any(mark in lowered for mark in _SECRET_MARKS) and lowered not in {"nexttoken", "maxresults"}
    return "<hidden>" if is_secret else shown(value)


class FaultKind(StrEnum):
    """The kind of a fault.

    `TIMEOUT` holds the request until faults are cleared, then drops the connection; `RESET` drops it at once. `LATENCY`
    answers late, `TRICKLE` one byte at a time. `REFUSED` is an access-denied error in AWS's words, `INTERNAL` HTTP's
    500 and `UNAVAILABLE` its 503. `GARBAGE` is a response that no parser accepts, `WEB_PAGE` a proxy's page instead of
    a response. These alter the real response: `TRUNCATED`, `WRONG_TYPES`, `HUGE`, and, for an operation with pages,
    `EMPTY_PAGE` (more pages follow) and `SAME_TOKEN` (the pages never end).
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
"""The seed for faults on a share of requests: clearing the faults restarts the sequence."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault on the requests that it matches, only on the first `times` of them if that is given.

    `milliseconds` is the delay of a response for `LATENCY`, and of each byte for `TRICKLE`. `access_key` limits the
    fault to one caller, and `after` is the number of matching requests that pass first: with `EXPIRED`, credentials
    that expire in the middle of a run. A `share` of less than 1 hits that share of the matching requests at random.
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
        """Return whether the fault matches a request."""
        wanted = (self.service, self.operation, self.region, self.access_key)
        return all(
            mine in {ANY, its} for mine, its in zip(wanted, (service, operation, region, access_key), strict=True)
        )

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Fault:
        """Parse a fault from the control endpoint: the field names, `kind` by its value."""
        return cls(**{**document, "kind": FaultKind(document["kind"])})


class Faults:
    """The active faults. The first one that matches a request is used."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._active: list[Fault] = []
        self._generation = 0
        self._random = random.Random(_SEED)  # noqa: S311 - no secret is made of it

    @property
    def any_in_force(self) -> bool:
        """Whether any fault is active."""
        return bool(self._active)

    def add(self, fault: Fault) -> None:
        """Activate a fault."""
        with self._condition:
            self._active.append(fault)

    def clear(self) -> None:
        """Remove all faults, and release the requests that a timeout holds."""
        with self._condition:
            self._active.clear()
            self._random.seed(_SEED)
            self._generation += 1
            self._condition.notify_all()

    def strike(self, service: str, operation: str, region: str, access_key: str) -> Fault | None:
        """Return the fault for this request, and count its use."""
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
        """Block the calling thread until the faults are cleared, or for this many seconds."""
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


class Gate:
    """Holds requests back until the scenario is built; after a failure it has the reason."""

    def __init__(self, patience: float = 30.0) -> None:
        self._patience = patience
        self._changed = threading.Condition()
        self._is_open = False
        self._passed = 0
        self._failure: str | None = None

    def open(self) -> None:
        """Let requests through."""
        self._let_through(None)

    def open_on_failure(self, reason: str) -> None:
        """Let requests through; they are answered with the reason of the failure."""
        self._let_through(reason)

    def close(self) -> None:
        """Hold requests back, and wait for the running ones, so that none sees two scenarios.

        The wait is limited by the gate's patience, in seconds.
        """
        with self._changed:
            self._is_open = False
            self._changed.wait_for(lambda: not self._passed, self._patience)

    @contextmanager
    def passing(self) -> Iterator[str | None]:
        """Wait for the scenario; yield the reason if there is none, else None. The scenario stays meanwhile."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_open)
            self._passed += 1
            failure = self._failure
        try:
            yield failure
        finally:
            with self._changed:
                self._passed -= 1
                self._changed.notify_all()

    @property
    def is_open(self) -> bool:
        """Whether requests are let through."""
        return self._is_open

    @property
    def failure(self) -> str | None:
        """The reason why there is no scenario."""
        return self._failure

    def _let_through(self, failure: str | None) -> None:
        with self._changed:
            self._failure, self._is_open = failure, True
            self._changed.notify_all()
