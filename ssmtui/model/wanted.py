"""What a person wants the preferences to name, before they do: looked at as the preferences' own are."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.model.storage import Bucket, Key, LogGroup


@dataclass(frozen=True, slots=True)
class WantedPlaces:
    """The key, the bucket and the log group that were chosen; empty where none was."""

    key: str
    bucket: str
    log_group: str


@dataclass(frozen=True, slots=True)
class WantedKey:
    """The key that was chosen."""

    key: Key


@dataclass(frozen=True, slots=True)
class WantedBucket:
    """The bucket that was chosen."""

    bucket: Bucket


@dataclass(frozen=True, slots=True)
class WantedLogGroup:
    """The log group that was chosen."""

    group: LogGroup
