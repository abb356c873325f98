"""Sessions of roles that somebody has taken: when the credentials of each come to their end."""

from __future__ import annotations

from datetime import datetime

_ends: dict[str, datetime] = {}


def begin(access_key: str, end: datetime) -> None:
    """Note until when an access key of a role counts."""
    _ends[access_key] = end


def has_ended(access_key: str, now: datetime) -> bool:
    """Whether an access key counts no more; one that no role was taken by has no end."""
    return access_key in _ends and _ends[access_key] <= now


def forget() -> None:
    """Forget every session."""
    _ends.clear()
