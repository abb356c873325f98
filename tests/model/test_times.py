"""Points in time from outside: whatever they are, one can reckon with them; and nobody reads one by other means."""

from __future__ import annotations

import ast
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

import ssmtui
from ssmtui.model.fact import end_of_delay
from ssmtui.text.times import EARLIEST, LATEST, LONGEST, date_in, duration_of, in_utc, moment_at, moment_in, utc_text

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PACKAGE = Path(ssmtui.__file__).parent
RAW = frozenset({"fromisoformat", "fromtimestamp", "utcfromtimestamp", "strptime", "astimezone", "parse_timestamp"})
"""What reads a point in time, or looks at it in another zone, and fails near the ends of `datetime`."""
ELSEWHERE = {
    "text/times.py": "the one place",
    "evidence/aws/answer_parsers.py": "the SDK reads what moment_in does not, and Answer.moment keeps it in reach",
}
MINUTES = timedelta(minutes=5)


def raw_reads(module: Path) -> set[str]:
    text = module.read_text(encoding="utf-8")
    # Parsing the whole package takes some seconds, and most modules name none of them.
    if not any(name in text for name in RAW):
        return set()
    tree = ast.parse(text)
    return set(RAW) & {
        *(node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)),
        *(node.id for node in ast.walk(tree) if isinstance(node, ast.Name)),
    }


def test_points_in_time_are_read_in_one_place() -> None:
    found = {
        str(module.relative_to(PACKAGE)): names
        for module in PACKAGE.rglob("*.py")
        if "simulator" not in module.parts and (names := raw_reads(module))
    }
    assert {name: reads for name, reads in found.items() if name not in ELSEWHERE} == {}


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12)), None])
@pytest.mark.parametrize("at", [datetime.min, datetime.max, datetime(1969, 12, 31), datetime(2026, 11, 24)])
def test_any_point_in_time_is_one_to_reckon_with(at: datetime, zone: timezone | None) -> None:
    kept = in_utc(at.replace(tzinfo=zone))
    assert (EARLIEST <= kept <= LATEST, kept.tzinfo, kept - LONGEST < kept < kept + LONGEST) == (True, UTC, True)
    assert moment_in(utc_text(kept)) == kept.replace(microsecond=0)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-24T12:00:00Z", NOON),
        ("2026-11-24T14:00:00+02:00", NOON),
        ("2026-11-24T12:00:00", NOON),
        ("0001-01-01T00:00:00+14:00", EARLIEST),
        ("9999-12-31T23:59:59-12:00", LATEST),
    ],
)
def test_a_text_names_a_point_in_time(text: str, at: datetime) -> None:
    assert moment_in(text) == at


def test_a_text_names_a_date() -> None:
    assert date_in("2026-11-24") == date(2026, 11, 24)
    for text in ("", "noon", "2026-13-01", "2026-11-24T12:00:00"):
        with pytest.raises(ValueError, match=r"isoformat|month"):
            date_in(text)


def test_what_names_none_is_refused() -> None:
    for text in ("", "noon", "2026-13-01", "10000-01-01T00:00:00Z"):
        with pytest.raises(ValueError, match=r"isoformat|month"):
            moment_in(text)
    with pytest.raises(ValueError, match="zone"):
        moment_in("2026-11-24T12:00:00", zone_needed=True)


@pytest.mark.parametrize("seconds", [1e30, -1e30, float("inf"), float("nan"), 10**400])
def test_a_number_that_is_too_large_is_refused(seconds: float) -> None:
    for read in (moment_at, duration_of):
        with pytest.raises(ValueError, match=r"no point in time|too long|NaN"):
            read(seconds)


def test_a_number_of_seconds_names_a_point_in_time() -> None:
    assert (moment_at(NOON.timestamp()), moment_at(-1), duration_of(300)) == (
        NOON,
        datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
        MINUTES,
    )


@pytest.mark.parametrize(
    ("began", "until"),
    [
        (NOON - MINUTES, None),
        (NOON - timedelta(minutes=4), NOON + timedelta(minutes=1)),
        (NOON + timedelta(minutes=4), NOON + timedelta(minutes=9)),
        (NOON + timedelta(minutes=6), None),
        (LATEST, None),
        (EARLIEST, None),
    ],
)
def test_a_delay_runs_until_it_has_passed_and_not_for_years(began: datetime, until: datetime | None) -> None:
    assert end_of_delay(began, MINUTES, NOON) == until
