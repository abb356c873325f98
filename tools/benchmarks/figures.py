"""Format measurements as lines of a page: a name, a value, its limit, and the formula behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `most` is its limit, None if the figure is only for comparison."""

    name: str
    value: float
    unit: str
    formula: str
    most: float | None = None

    @property
    def kept(self) -> bool | None:
        """Whether the figure is within its limit."""
        return None if self.most is None else self.value <= self.most


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """A failed measurement, with the reason."""

    name: str
    why: str


Line = Figure | Unmeasured


def table(lines: Sequence[Line]) -> Iterable[str]:
    """Return the figures as a Markdown table."""
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
    """Return a value as text, with its unit."""
    number = f"{value:,.0f}" if value == int(value) or abs(value) >= 100 else f"{value:,.2f}"
    return f"{number} {unit}".rstrip()


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
