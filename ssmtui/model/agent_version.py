"""Versions of SSM Agent, compared number by number."""

from __future__ import annotations

from collections.abc import Iterable


def older(version: str, floor: str) -> bool:
    """Whether a version is older than another; one that is not understood is not."""
    numbers, wanted = numbers_in(version), numbers_in(floor)
    return bool(numbers) and numbers < wanted


def newest(versions: Iterable[str]) -> str:
    """The newest of some versions; empty where none is understood."""
    return max((each for each in versions if numbers_in(each)), key=numbers_in, default="")


def numbers_in(version: str) -> tuple[int, ...]:
    """The numbers of a version, none where it is not understood."""
    parts = version.strip().split(".")
    return tuple(int(part) for part in parts) if all(part.isascii() and part.isdigit() for part in parts) else ()
