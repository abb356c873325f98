"""Requests to the simulated AWS: the gate that holds them back, faults on demand, and the journal."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Final

_READ_PREFIXES: Final = ("Describe", "Get", "Head", "List", "Lookup", "Search", "Select", "Simulate", "Decode", "Scan")
# These make nothing that stays: credentials, or bytes under a key.
_READS: Final = frozenset({"AssumeRole", "Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext"})
_SECRET_MARKS: Final = ("secret", "token", "password", "plaintext", "ciphertext", "signature", "credential")
_LONGEST_TEXT: Final = 120


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One request. `caller` is the ARN behind its access key; `status` the HTTP status of the answer."""

    service: str
    operation: str
    account: str
    region: str
    caller: str
    write: bool
    status: int
    parameters: object

    def as_json(self) -> dict[str, Any]:
        """The entry as the control endpoint shows it."""
        return asdict(self)


class Journal:
    """Entries in the order in which their answers were given."""

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
        """The entries of operations that change something, refused ones included."""
        return tuple(entry for entry in self.entries if entry.write)


def is_write(operation: str) -> bool:
    """Whether an operation changes what AWS stores."""
    return not operation.startswith(_READ_PREFIXES) and operation not in _READS


def shown(parameters: object) -> object:
    """Parameters fit for the journal: no secrets, no bytes, no long texts."""
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


class Gate:
    """Holds requests back until the scenario stands; a scenario that could not be built says why."""

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
        """Let requests through to learn that there is no scenario."""
        self._let_through(reason)

    def close(self) -> None:
        """Hold requests back, and wait for those that have passed, which would ask of one scenario and change the next.

        For so many seconds at most as the gate has patience.
        """
        with self._changed:
            self._is_open = False
            self._changed.wait_for(lambda: not self._passed, self._patience)

    @contextmanager
    def passing(self) -> Iterator[str | None]:
        """Wait for the scenario; the reason why there is none, or None. It stands for as long as this lasts."""
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
        """Whether requests go through."""
        return self._is_open

    @property
    def failure(self) -> str | None:
        """Why there is no scenario."""
        return self._failure

    def _let_through(self, failure: str | None) -> None:
        with self._changed:
            self._failure, self._is_open = failure, True
            self._changed.notify_all()
