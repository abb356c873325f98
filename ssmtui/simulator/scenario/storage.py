"""What sessions are encrypted with, logged to and set by: keys, buckets, log groups, documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ssmtui.simulator.scenario.identity import StatementJSON


class KeyState(StrEnum):
    """What a key is left in after it has been made."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"
    PENDING_DELETION = "PendingDeletion"


@dataclass(frozen=True, slots=True)
class Key:
    """A customer key, symmetric unless said otherwise; `serves_logs` lets CloudWatch Logs of its Region use it.

    `granted_to` are names of roles to whom a grant gives the operations `granted`.
    """

    name: str
    state: KeyState = KeyState.ENABLED
    serves_logs: bool = False
    statements: tuple[StatementJSON, ...] = ()
    spec: str = "SYMMETRIC_DEFAULT"
    tags: Mapping[str, str] = field(default_factory=dict)
    granted_to: tuple[str, ...] = ()
    granted: tuple[str, ...] = ("Decrypt",)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket: encrypted with a key, or by S3's own where `key` is None; `doubly` by two layers of KMS (DSSE)."""

    name: str
    key: str | None = None
    doubly: bool = False
    statements: tuple[StatementJSON, ...] = ()


@dataclass(frozen=True, slots=True)
class LogGroup:
    """A log group, and the key it is encrypted with."""

    name: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Preferences:
    """The session preferences document of a Region, as stored.

    `default_content` is that of an earlier version which is still the default one; None where the latest is.
    """

    content: str
    format: str = "JSON"
    default_content: str | None = None


@dataclass(frozen=True, slots=True)
class SessionDocument:
    """A document of the account besides the preferences, of type Session unless said otherwise."""

    name: str
    content: str
    type: str = "Session"
