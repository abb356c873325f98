"""A service's model as far as some of its operations reach: their shapes and all errors. The rest is never made.

A model is one JSON text. It is gone through shape by shape, each forgotten at once but for where it stands, so that
there is never more of it than one shape at a time, and what is kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from json import JSONDecoder
from typing import Any

_READ = JSONDecoder()
_GAP = re.compile(r"[\s,:]*")

_IN_PARTS = ("operations", "shapes")
"""What a model holds of which only some is kept, by name."""

MadeOf = Callable[[list[tuple[str, Any]]], dict[str, Any]]
"""Makes a JSON object of its pairs."""

_Entry = Callable[[str, int], int]
"""Is told the name of an entry and where its value begins; says where it ends."""


def cut_model(text: str, operations: Collection[str], made: MadeOf) -> dict[str, Any]:
    """The model with these operations alone. `made` makes the objects of what is kept."""
    try:
        return _Text(text, made).model(operations)
    except IndexError as error:
        raise json.JSONDecodeError("a model that ends before its end", text, len(text)) from error


def shapes_named(part: object) -> Iterator[str]:
    """The names of the shapes that a part of a model refers to."""
    match part:
        case Mapping():
            for name, value in part.items():
                if name == "shape" and isinstance(value, str):
                    yield value
                else:
                    yield from shapes_named(value)
        case list():
            for each in part:
                yield from shapes_named(each)


class _Text:
    def __init__(self, text: str, made: MadeOf) -> None:
        self._text = text
        self._made = made
        self._keeping = JSONDecoder(object_pairs_hook=made)
        self._whole: dict[str, Any] = {}
        self._places: dict[str, dict[str, int]] = {part: {} for part in _IN_PARTS}
        self._errors: list[str] = []
        self._go_through(self._beyond_gap(0), self._part)

    def model(self, operations: Collection[str]) -> dict[str, Any]:
        kept = {name: self._kept("operations", name) for name in self._places["operations"] if name in operations}
        shapes: dict[str, Any] = {}
        wanted = [*shapes_named(kept), *self._errors]
        while wanted:
            name = wanted.pop()
            if name not in shapes and name in self._places["shapes"]:
                shapes[name] = self._kept("shapes", name)
                wanted += shapes_named(shapes[name])
        return self._made([*self._whole.items(), ("operations", kept), ("shapes", shapes)])

    def _kept(self, part: str, name: str) -> object:
        return self._keeping.raw_decode(self._text, self._places[part][name])[0]

    def _part(self, name: str, begins: int) -> int:
        if name in _IN_PARTS:
            return self._go_through(begins, lambda each, there: self._noted(name, each, there))
        self._whole[name], ends = self._keeping.raw_decode(self._text, begins)
        return ends

    def _noted(self, part: str, name: str, begins: int) -> int:
        self._places[part][name] = begins
        value, ends = _READ.raw_decode(self._text, begins)
        if part == "shapes" and value.get("exception"):
            self._errors.append(name)
        return ends

    def _go_through(self, begins: int, entry: _Entry) -> int:
        """Go through the object that begins there, and say where it ends."""
        at = self._beyond_gap(begins + 1)
        while self._text[at] != "}":
            name, at = _READ.raw_decode(self._text, at)
            at = self._beyond_gap(entry(name, self._beyond_gap(at)))
        return at + 1

    def _beyond_gap(self, at: int) -> int:
        gap = _GAP.match(self._text, at)
        return gap.end() if gap else at
