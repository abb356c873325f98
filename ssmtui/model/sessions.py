"""Sessions that Systems Manager tells of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ssmtui.model.node import Node


@dataclass(frozen=True, slots=True)
class ActiveSession:
    """A session that is open: `target` is the node's id, `owner` the ARN of who opened it, `started` in UTC."""

    id: str
    target: str
    owner: str
    started: datetime


@dataclass(frozen=True, slots=True)
class ActiveSessions:
    """The sessions that are open in a Region."""

    sessions: tuple[ActiveSession, ...]


@dataclass(frozen=True, slots=True)
class CrowdedSessions:
    """The sessions that one owner holds on one node, where they are more than a person works in; the oldest first."""

    node: Node
    owner: str
    sessions: tuple[ActiveSession, ...]

    @property
    def owner_name(self) -> str:
        """The owner without the account: `role/session`, or the user's name."""
        return self.owner.rpartition(":")[2].partition("/")[2] or self.owner


@dataclass(frozen=True, slots=True)
class StaleSessions:
    """The sessions of one node that have been open for longer than anybody works, the oldest first."""

    node: Node
    sessions: tuple[ActiveSession, ...]
