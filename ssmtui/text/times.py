"""Parse points in time, dates and durations from outside, and write points in time as text; all in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

EARLIEST = datetime(2, 1, 1, tzinfo=UTC)
LATEST = datetime(9998, 12, 31, tzinfo=UTC)
LONGEST = timedelta(days=300)
"""The longest duration from outside. Adding it to any point in time stays within the limits of `datetime`."""


def in_utc(at: datetime) -> datetime:
    """Return a point in time in UTC, between `EARLIEST` and `LATEST`. Without a zone, it counts as UTC."""
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    if at <= EARLIEST:
        return EARLIEST
    if at >= LATEST:
        return LATEST
    return at if at.tzinfo is UTC else at.astimezone(UTC)


def moment_in(text: str, *, zone_needed: bool = False) -> datetime:
    """Parse a point in time in ISO 8601. Without a zone, it counts as UTC.

    Raises:
        ValueError: the text is invalid, or has no zone although `zone_needed`.

    """
    at = datetime.fromisoformat(text)
    if zone_needed and at.tzinfo is None:
        raise ValueError("a point in time without a zone")
    return in_utc(at)


def date_in(text: str) -> date:
    """Parse a date in ISO 8601, such as `2026-11-30`.

    Raises:
        ValueError: the text is invalid.

    """
    return date.fromisoformat(text)


def moment_at(seconds: float) -> datetime:
    """Return the point in time this many seconds after 1970.

    Raises:
        ValueError: it is too far away.

    """
    try:
        return in_utc(datetime.fromtimestamp(seconds, UTC))
    except (OverflowError, OSError) as error:
        raise ValueError(f"{seconds} is no point in time") from error


def utc_text(at: datetime) -> str:
    """Return a point in time as in reports and AWS's filters: `2026-11-24T22:00:00Z`, with a four-digit year."""
    return f"{in_utc(at).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def duration_of(seconds: float) -> timedelta:
    """Return a duration in seconds that can be added to any point in time.

    Raises:
        ValueError: it is too long, or not a number.

    """
    if not abs(seconds) <= LONGEST.total_seconds():
        raise ValueError(f"{seconds} seconds are too long")
    return timedelta(seconds=seconds)
