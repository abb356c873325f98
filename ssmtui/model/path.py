"""The links of the path that a session walks, in order."""

from __future__ import annotations

from enum import Enum


class Link(Enum):
    """One link of the path from a workstation to a shell; members are in the order of the path."""

    WORKSTATION = "workstation"
    CALLER = "caller"
    INSTANCE = "instance"
    IDENTITY = "identity"
    NETWORK = "network"
    AGENT = "agent"
    PREFERENCES = "preferences"
    SYSTEM = "operating system"

    @property
    def position(self) -> int:
        """Place on the path, from 0."""
        return _ORDER[self]


_ORDER = {link: place for place, link in enumerate(Link)}


class LinkState(Enum):
    """What is known of one link of one node's path."""

    PENDING = "pending"
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    MOOT = "moot"
