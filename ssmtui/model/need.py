"""What a function asks for by its parameters: checks, readers and fixes are wired by their annotations.

`group: LogGroup | Absent` needs a log group and can also judge its absence; were there an `Unreadable` in the union,
the function could do without. What a parameter does not admit, the caller of the function answers for it: so no
check can turn a missing answer into a pass.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from dataclasses import dataclass

from ssmtui.model.answers import Absent, Moot, Unreadable

MARKERS: tuple[type, ...] = (Absent, Moot, Unreadable)


@dataclass(frozen=True, slots=True)
class Need:
    """One parameter: its name, the kind of fact, and which of Absent, Moot and Unreadable it admits instead."""

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


def produced_by(function: Callable[..., object]) -> type:
    """The kind of fact that a function returns, markers left aside."""
    hint = typing.get_type_hints(function).get("return")
    return _need(function, "return", hint).kind


def _need(function: Callable[..., object], name: str, hint: object) -> Need:
    # No other brackets are opened: what is in `list[Kind]` is not the kind that is asked for.
    members = typing.get_args(hint) if typing.get_origin(hint) in {types.UnionType, typing.Union} else (hint,)
    kinds = [each for each in members if each not in MARKERS]
    if len(kinds) != 1 or not isinstance(kinds[0], type):
        raise TypeError(f"{function.__qualname__}: {name} names no single kind of fact: {hint}")
    return Need(name, kinds[0], frozenset(each for each in members if each in MARKERS))
