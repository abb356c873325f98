"""The recipes of CONTRIBUTING.md, read as the page has them: what is written where, by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[2] / "CONTRIBUTING.md"

_RECIPE = re.compile(r"^### ((?:An?|Extend) [^\n]+)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
_STEP = re.compile(
    r"^\d+\. (?:(?P<new>A new file)|In) `(?P<path>[^`]+)`(?:, (?P<side>below|above) `(?P<line>[^`]+)`)?"
    r"(?:, the end of `(?P<start>[^`]+)`)?.*?\n\n"
    r"(?P<indent> {3})(?P<fence>`{3,})\w*\n(?P<text>.*?)^(?P=indent)(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)


class NoSuchPlace(LookupError):
    """A recipe that writes where there is nothing, or something already."""


@dataclass(frozen=True, slots=True)
class Place:
    """A text, and where it is written: a new file, or below or above a line of an existing file.

    If several lines are equal, below means the first and above the last. With `end_of`, above means the first one after
    the definition of that name.
    """

    path: str
    text: str
    below: str = ""
    above: str = ""
    end_of: str = ""

    def write(self, root: Path) -> None:
        """Write it into the tree below a folder. Raises NoSuchPlace."""
        file = root / self.path
        if not (self.below or self.above):
            if file.exists():
                raise NoSuchPlace(f"{self.path} is there already")
            file.write_text(self.text, encoding="utf-8")
            return
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        numbers = [number for number, line in enumerate(lines) if line.strip() == (self.below or self.above)]
        if not numbers:
            raise NoSuchPlace(f"{self.path} has no line {self.below or self.above}")
        if self.end_of:
            start = next(number for number, line in enumerate(lines) if line.startswith(self.end_of))
            numbers = [next(number for number in numbers if number > start)]
        at = numbers[0] + 1 if self.below else numbers[-1]
        # Two blank lines stand between definitions.
        behind = "\n\n" if re.match(r"\w", self.above) else ""
        added = (*lines[:at], *self._gap(lines, at), self.text, behind, *lines[at:])
        file.write_text("".join(added), encoding="utf-8")

    def _gap(self, lines: list[str], at: int) -> Iterator[str]:
        """In a page, what stands below a heading stands below a blank line."""
        if self.path == "CHANGELOG.md" and at < len(lines) and not lines[at].strip():
            yield lines.pop(at)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How something is added. `name` is its heading, `A cause`."""

    name: str
    places: tuple[Place, ...]


def recipes(page: str) -> tuple[Recipe, ...]:
    """The recipes of a page, in its order; each has at least one place."""
    found = (Recipe(name, tuple(_places(body))) for name, body in _RECIPE.findall(page))
    return tuple(each for each in found if each.places)


def _places(body: str) -> Iterator[Place]:
    for step in _STEP.finditer(body):
        sides = {step["side"]: step["line"]} if step["side"] else {}
        yield Place(step["path"], _dedented(step["text"]), **sides, end_of=step["start"] or "")


def _dedented(text: str) -> str:
    """Without the indentation of the list alone: what is inserted keeps its own."""
    return "".join(line.removeprefix("   ") for line in text.splitlines(keepends=True))
