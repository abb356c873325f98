"""Facts: the markers that stand in for a missing fact, the current time, needs of a function, and internal errors."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Generic, TypeVar

import ssmtui
from ssmtui.language import say

if TYPE_CHECKING:
    from ssmtui.model.access_denied import LookedUp
    from ssmtui.model.node import Node


class ReadFailure(Enum):
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
    obstacle: ReadFailure = ReadFailure.REFUSED
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
class NotApplicable:
    """A question without meaning here: no log group is configured, the node is stopped."""

    why: str


NoFact = Absent | NotApplicable | Unreadable
"""What stands in a fact's place where there is no fact."""


@dataclass(frozen=True, slots=True)
class Now:
    """When the diagnosis looks (UTC)."""

    at: datetime


def end_of_delay(began: datetime, lasts: timedelta, now: datetime) -> datetime | None:
    """Return when a delay of AWS's ends that began then; None if it has passed.

    A delay that would begin later than it lasts is none: a clock is wrong, and nobody waits for years.
    """
    until = began + lasts
    return until if now < until <= now + 2 * lasts else None


T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class OfNode(Generic[T]):
    """An answer that depends on which of the nodes with the same traits it is about: it is worked out for each."""

    answer: Callable[[Node], T]


MARKERS: tuple[type, ...] = (Absent, NotApplicable, Unreadable)


@dataclass(frozen=True, slots=True)
class Need:
    """One parameter: its name, the kind of fact, and which of the markers it admits instead."""

    name: str
    kind: type
    admits: frozenset[type]


def needs_of(function: Callable[..., object], *, leaving: tuple[str, ...] = ()) -> tuple[Need, ...]:
    """The needs of a function, in the order of its parameters, but for the names in `leaving`.

    Raises:
        TypeError: a parameter's annotation names no single kind of fact.

    """
    hints = typing.get_type_hints(function)
    hints.pop("return", None)
    return tuple(_need(function, name, hint) for name, hint in hints.items() if name not in leaving)


def produced_kind(function: Callable[..., object]) -> type:
    """The kind of fact that a function returns, markers and `OfNode` left aside."""
    hint = typing.get_type_hints(function).get("return")
    return _need(function, "return", hint).kind


def _need(function: Callable[..., object], name: str, hint: object) -> Need:
    # No other brackets are opened: what is in `list[Kind]` is not the kind that is asked for.
    members = typing.get_args(hint) if typing.get_origin(hint) in {types.UnionType, typing.Union} else (hint,)
    kinds = [each for each in members if each not in MARKERS and typing.get_origin(each) is not OfNode]
    if len(kinds) != 1 or not isinstance(kinds[0], type):
        raise TypeError(f"{function.__qualname__}: {name} names no single kind of fact: {hint}")
    return Need(name, kinds[0], frozenset(each for each in members if each in MARKERS))


_PACKAGE = Path(ssmtui.__file__).parent
"""Where our own code is. A checkout may be called `ssmtui` too, so a path is not ours for its words."""


class NotJudged(LookupError):
    """Evidence that cannot be judged: the snapshot was altered, or it is a defect. Its text is a sentence."""


def describe_internal_error(error: BaseException) -> str:
    """The kind of error and the innermost place in ssmtui that it came through."""
    kind = type(error).__name__
    if isinstance(error, BaseExceptionGroup):
        return describe_internal_error(error.exceptions[0])
    frames = [frame for frame in extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(_PACKAGE)]
    if not frames:
        return kind
    place = Path(frames[-1].filename).relative_to(_PACKAGE.parent).as_posix()
    return f"{kind} at {place}:{frames[-1].lineno}"


def unreadable_after_error(error: BaseException, source: str) -> Unreadable:
    """What stands for a fact that a defect kept from being read. `source` is the call that it was to be read by."""
    why = say("{action}: a defect in ssmtui ({defect})", action=source, defect=describe_internal_error(error))
    return Unreadable("", why, ReadFailure.DEFECT, source)
