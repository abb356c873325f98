"""The journal of requests: what was asked of the simulated AWS, by whom, and how it ended. It holds no secret."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
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
