"""The links of the path that a session walks, in order."""

from __future__ import annotations

from enum import Enum

from ssmtui.language import marked


class Link(Enum):
    """One link of the path from a workstation to a shell; members are in the order of the path."""

    WORKSTATION = marked("workstation")
    CALLER = marked("caller")
    INSTANCE = marked("instance")
    IDENTITY = marked("identity")
    NETWORK = marked("network")
    AGENT = marked("agent")
    PREFERENCES = marked("preferences")
    SYSTEM = marked("operating system")

    @property
    def position(self) -> int:
        """Place on the path, from 0."""
        return _ORDER[self]


_ORDER = {link: place for place, link in enumerate(Link)}


class LinkState(Enum):
    """What is known of one link of one node's path. `UNTOLD`: a report tells no fault of it, and no more."""

    PENDING = "pending"
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    MOOT = "moot"
    UNTOLD = "untold"
