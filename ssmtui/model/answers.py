"""What a question to AWS can come back as, besides the thing asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssmtui.model.authorization import LookedUp


class Obstacle(Enum):
    """Why a read gave no answer."""

    REFUSED = "refused"
    THROTTLED = "throttled"
    TIMED_OUT = "timed out"
    UNREACHABLE = "unreachable"
    EXPIRED = "credentials expired"
    MALFORMED = "malformed answer"
    FAILED = "failed"
    DEFECT = "defect"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A read that was refused or failed. Raises ValueError where it has no source: evidence never goes without.

    `action` is the IAM action that would settle it (`kms:DescribeKey`), or empty where no permission would.
    `why` is a sentence in our own words or AWS's message; it is data, never markup.
    `source` is the call that gave nothing, or the place that was looked at, as evidence names it: the action, where no
    other is named. `looked_up` is what a refusal tells of itself, and AWS's own word for it where that was asked for.
    Two failures that say the same are the same, whichever call met them.
    """

    action: str
    why: str
    obstacle: Obstacle = Obstacle.REFUSED
    source: str = field(default="", compare=False)
    looked_up: LookedUp | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not self.source:
            object.__setattr__(self, "source", self.action)
        if not self.source:
            raise ValueError("a read that failed names the call, or the place that was looked at")


@dataclass(frozen=True, slots=True)
class Absent:
    """What AWS says does not exist. That is an answer, not a failure to get one."""

    what: str
    source: str


@dataclass(frozen=True, slots=True)
class Moot:
    """A question without meaning here: no log group is configured, the node is stopped."""

    why: str


NoFact = Absent | Moot | Unreadable
"""What stands in a fact's place where there is no fact."""
