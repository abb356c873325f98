"""The SDK's service models, read once for all sessions and reduced to the operations that are called."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from json import JSONDecoder
from pathlib import Path
from threading import Lock
from typing import Any

_READ = JSONDecoder()
_GAP = re.compile(r"[\s,:]*")

_IN_PARTS = ("operations", "shapes")
"""What a model holds of which only some is kept, by name."""

ObjectFactory = Callable[[list[tuple[str, Any]]], dict[str, Any]]
"""Makes a JSON object of its pairs."""

_Entry = Callable[[str, int], int]
"""Is told the name of an entry and where its value begins; says where it ends."""


def reduce_model(text: str, operations: Collection[str], made: ObjectFactory) -> dict[str, Any]:
    """The model with these operations alone. `made` makes the objects of what is kept."""
    try:
        return _Text(text, made).model(operations)
    except IndexError as error:
        raise json.JSONDecodeError("a model that ends before its end", text, len(text)) from error


def referenced_shapes(part: object) -> Iterator[str]:
    """The names of the shapes that a part of a model refers to."""
    match part:
        case Mapping():
            for name, value in part.items():
                if name == "shape" and isinstance(value, str):
                    yield value
                else:
                    yield from referenced_shapes(value)
        case list():
            for each in part:
                yield from referenced_shapes(each)


class _Text:
    def __init__(self, text: str, made: ObjectFactory) -> None:
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
        wanted = [*referenced_shapes(kept), *self._errors]
        while wanted:
            name = wanted.pop()
            if name not in shapes and name in self._places["shapes"]:
                shapes[name] = self._kept("shapes", name)
                wanted += referenced_shapes(shapes[name])
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


Operations = frozenset[tuple[str, str]]
"""By botocore's service and operation."""

_PROSE = frozenset({"documentation", "documentationUrl"})
_ALL_PROSE = "examples-1"
_OF_OPERATIONS = "service-2"
_FORMS: Mapping[str, Callable[[bytes], bytes]] = {".json": bytes, ".json.gz": gzip.decompress}
"""How a file is kept that is asked for by its name without an ending."""


@cache
def shared_loader(search_path: str | None, called: Operations) -> Any:
    """The loader of all sessions that look in the same places (`AWS_DATA_PATH`, or the SDK's own where it is None).

    Of a service of which some operations are `called` they know no others.
    """
    from botocore.loaders import create_loader

    loader = create_loader(search_path)
    loader.file_loader = ModelFiles(called)
    return loader


class ModelFiles:
    """Files of models, each read once, whoever asks for it meanwhile: clients of many Regions are made at once."""

    def __init__(self, called: Operations = frozenset()) -> None:
        self._called = called
        self._turn = Lock()
        self._read: dict[str, Any] = {}

    def exists(self, file_path: str) -> bool:
        """Whether there is a file of that name, in one form or another, that is not all prose."""
        path = Path(file_path)
        return path.name != _ALL_PROSE and any(Path(file_path + form).is_file() for form in _FORMS)

    def load_file(self, file_path: str) -> Any:
        """What is in it; None where there is none."""
        with self._turn:
            if file_path not in self._read:
                self._read[file_path] = self._loaded(Path(file_path))
            return self._read[file_path]

    def _loaded(self, path: Path) -> Any:
        text = _text(path)
        if text is None:
            return None
        operations = {operation for service, operation in self._called if service == path.parent.parent.name}
        if path.name == _OF_OPERATIONS and operations:
            return reduce_model(text, operations, _without_prose)
        return json.loads(text, object_pairs_hook=_without_prose)


def _text(path: Path) -> str | None:
    for form, unpacked in _FORMS.items():
        try:
            packed = path.with_name(path.name + form).read_bytes()
        except FileNotFoundError:
            continue
        return unpacked(packed).decode()
    return None


def _without_prose(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of a file: its prose is empty, as the SDK asks for it in places; a member of such a name is none."""
    return {name: "" if name in _PROSE and isinstance(value, str) else value for name, value in pairs}
