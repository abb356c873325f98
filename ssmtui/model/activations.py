"""Hybrid activations and the tier that their nodes are on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ActivationTier:
    """The service setting for hybrid nodes of a Region: sessions need the advanced-instances tier."""

    setting_arn: str
    advanced: bool


@dataclass(frozen=True, slots=True)
class Activation:
    """A hybrid activation: until when machines may register with it, and how many have (`limit` at most)."""

    id: str
    expired: bool
    expires: datetime | None
    limit: int
    registered: int

    @property
    def used_up(self) -> bool:
        """Whether it admits no further machine."""
        return self.registered >= self.limit


@dataclass(frozen=True, slots=True)
class Activations:
    """The activations of a Region by the name of their role, without its path; the latest to expire first."""

    by_role: Mapping[str, tuple[Activation, ...]]
