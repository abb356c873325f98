"""Versions of SSM Agent, compared number by number."""

from __future__ import annotations


def older(version: str, floor: str) -> bool:
    """Whether a version is older than another; one that is not understood is not."""
    numbers, wanted = _numbers(version), _numbers(floor)
    return bool(numbers) and numbers < wanted


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.strip().split(".")
    return tuple(int(part) for part in parts) if all(part.isascii() and part.isdigit() for part in parts) else ()
