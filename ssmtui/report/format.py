"""The formats of a report: what `check --format` takes.

A format is a module in `formats/` with one function, told apart by its name, that yields the lines of a report:

    @report_format("table")
    def table_lines(report: Report) -> Iterator[str]: …

The command line and its help find it there.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

import ssmtui.report.formats
from ssmtui.diagnosis.events import Event
from ssmtui.diagnosis.fleet_state import FleetState

if TYPE_CHECKING:
    from ssmtui.causes.cause import Cause

Paint = Callable[[str, str], str]
"""Paints a text in the colour of a verdict or status (its value); gives it back as it is where there is no colour."""

DEFAULT = "table"
"""The format that is written where none is asked for."""


@dataclass(frozen=True, slots=True)
class Report:
    """What there is to report when a diagnosis has ended.

    `width` is that of the terminal that it is for, in cells; None where it is for none, and is told whole.
    """

    state: FleetState
    causes: Mapping[str, Cause]
    generated_at: datetime
    paint: Paint
    width: int | None = None


Lines = Callable[[Report], Iterable[str]]
EventLines = Callable[[FleetState, Event], Iterable[str]]


def nothing_yet(_state: FleetState, _event: Event) -> Iterable[str]:
    """No line before the end."""
    return ()


@dataclass(frozen=True, slots=True)
class Format:
    """A format. `lines` are those at the end, `as_it_comes` those that an event, already applied to the state, adds.

    One that `tells_errors` says why a scope could not be looked at where its reader sees it.
    """

    name: str
    lines: Lines
    as_it_comes: EventLines
    tells_errors: bool


_REGISTERED: dict[str, Format] = {}


class DuplicateFormat(TypeError):
    """Two formats of one name."""


def report_format(
    name: str, *, as_it_comes: EventLines = nothing_yet, tells_errors: bool = False
) -> Callable[[Lines], Lines]:
    """Make a function the writer of a format."""

    def register(lines: Lines) -> Lines:
        if name in _REGISTERED:
            raise DuplicateFormat(f"two formats are called {name}")
        _REGISTERED[name] = Format(name, lines, as_it_comes, tells_errors)
        return lines

    return register


@cache
def all_formats() -> Mapping[str, Format]:
    """Every format by its name, the default one first."""
    for module in pkgutil.iter_modules(ssmtui.report.formats.__path__, f"{ssmtui.report.formats.__name__}."):
        importlib.import_module(module.name)
    return {name: _REGISTERED[name] for name in sorted(_REGISTERED, key=lambda each: (each != DEFAULT, each))}
