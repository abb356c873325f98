"""What was measured, as lines of a page: a name, a value, what it should be, and the formula that it came by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `most` is what it should not exceed, None where it only stands there to be compared with."""

    name: str
    value: float
    unit: str
    formula: str
    most: float | None = None

    @property
    def kept(self) -> bool | None:
        """Whether it is what it should be."""
        return None if self.most is None else self.value <= self.most


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """What could not be measured, and why."""

    name: str
    why: str


Line = Figure | Unmeasured


def table(lines: Sequence[Line]) -> Iterable[str]:
    """The figures as a table in Markdown."""
    yield "| figure | value | target | kept | formula |"
    yield "|---|---|---|---|---|"
    for each in lines:
        if isinstance(each, Unmeasured):
            yield f"| {each.name} | not measured | | | {_cell(each.why)} |"
        else:
            target = "" if each.most is None else f"≤ {shown(each.most, each.unit)}"
            kept = {True: "yes", False: "**no**", None: ""}[each.kept]
            yield f"| {each.name} | {shown(each.value, each.unit)} | {target} | {kept} | {_cell(each.formula)} |"


def shown(value: float, unit: str) -> str:
    """A value as people read it, with its unit."""
    number = f"{value:,.0f}" if value == int(value) or abs(value) >= 100 else f"{value:,.2f}"
    return f"{number} {unit}".rstrip()


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
