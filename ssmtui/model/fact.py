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
    """Why a read has no result."""

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
    """A read that was refused or failed. Raises ValueError without a source: evidence always has a source.

    `action` is the IAM action that would permit the read (`kms:DescribeKey`), or empty if no permission would help.
    `why` is a sentence of ssmtui or AWS's message; it is data, never markup. `source` is the failed call or the place
    that was read, as in evidence: by default, the action. `looked_up` has the details in a refusal, and AWS's details
    if they were requested. Two failures with the same content are equal, whichever call failed.
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
    """AWS says that the thing does not exist. This is an answer, not a failed read."""

    what: str
    source: str


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The question has no meaning here: no log group is configured, the node is stopped."""

    why: str


NoFact = Absent | NotApplicable | Unreadable
"""The markers that replace a missing fact."""


@dataclass(frozen=True, slots=True)
class Now:
    """The time of the diagnosis (UTC)."""

    at: datetime


def end_of_delay(began: datetime, lasts: timedelta, now: datetime) -> datetime | None:
    """Return when a delay of AWS that began at this time ends; None if it has passed.

    A delay that would begin further in the future than it lasts is ignored: the clock is wrong.
    """
    until = began + lasts
    return until if now < until <= now + 2 * lasts else None


T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class OfNode(Generic[T]):
    """An answer that differs between nodes with the same traits: it is computed for each node."""

    answer: Callable[[Node], T]


MARKERS: tuple[type, ...] = (Absent, NotApplicable, Unreadable)


@dataclass(frozen=True, slots=True)
class Need:
    """A parameter: its name, its kind of fact, and the markers that it accepts instead."""

    name: str
    kind: type
    admits: frozenset[type]


def needs_of(function: Callable[..., object], *, leaving: tuple[str, ...] = ()) -> tuple[Need, ...]:
    """Return the needs of a function, in the order of its parameters, without the names in `leaving`.

    Raises:
        TypeError: the annotation of a parameter has no single kind of fact.

    """
    hints = typing.get_type_hints(function)
    hints.pop("return", None)
    return tuple(_need(function, name, hint) for name, hint in hints.items() if name not in leaving)


def product_of(function: Callable[..., object]) -> Need:
    """Return the kind of fact that a function returns, and the markers that it can return instead, also in `OfNode`."""
    hint = typing.get_type_hints(function).get("return")
    product = _need(function, "return", hint)
    of_node = [each for each in _members(hint) if typing.get_origin(each) is OfNode]
    markers = {each for of in of_node for inner in typing.get_args(of) for each in _members(inner) if each in MARKERS}
    return Need(product.name, product.kind, product.admits | markers)


def _need(function: Callable[..., object], name: str, hint: object) -> Need:
    members = _members(hint)
    kinds = [each for each in members if each not in MARKERS and typing.get_origin(each) is not OfNode]
    if len(kinds) != 1 or not isinstance(kinds[0], type):
        raise TypeError(f"{function.__qualname__}: {name} names no single kind of fact: {hint}")
    return Need(name, kinds[0], frozenset(each for each in members if each in MARKERS))


def _members(hint: object) -> tuple[object, ...]:
    # Only unions are opened: `Kind` in `list[Kind]` is not a need.
    return typing.get_args(hint) if typing.get_origin(hint) in {types.UnionType, typing.Union} else (hint,)


_PACKAGE = Path(ssmtui.__file__).parent
"""The folder of ssmtui's own code. A checkout can be called `ssmtui` too, so the name alone does not identify it."""


class NotJudged(LookupError):
    """Evidence that cannot be evaluated: the snapshot was altered, or there is an internal error.

    The message is a sentence.
    """


def describe_internal_error(error: BaseException) -> str:
    """Return the type of an error and the innermost place in ssmtui that raised it."""
    kind = type(error).__name__
    if isinstance(error, BaseExceptionGroup):
        return describe_internal_error(error.exceptions[0])
    frames = [frame for frame in extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(_PACKAGE)]
    if not frames:
        return kind
    place = Path(frames[-1].filename).relative_to(_PACKAGE.parent).as_posix()
    return f"{kind} at {place}:{frames[-1].lineno}"


def unreadable_after_error(error: BaseException, source: str) -> Unreadable:
    """Return the marker for a fact that could not be read because of an internal error.

    `source` is the planned call.
    """
    why = say("{action}: an internal error of ssmtui ({defect})", action=source, defect=describe_internal_error(error))
    return Unreadable("", why, ReadFailure.DEFECT, source)
