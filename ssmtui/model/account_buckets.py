"""The S3 buckets of an account: what can be chosen from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccountBuckets:
    """The names of the first buckets. `more` says that there are others."""

    names: tuple[str, ...]
    more: bool
