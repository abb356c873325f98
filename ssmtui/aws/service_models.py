"""Read the SDK's service models, reduced to the needed parts, without a search through all services."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from json import JSONDecoder
from pathlib import Path
from sys import intern
from threading import Lock
from typing import Any

_READ = JSONDecoder()
_GAP = re.compile(r"[\s,:]*")

_IN_PARTS = ("operations", "shapes")
"""The parts of a model that are kept only partly, by name."""

ObjectFactory = Callable[[list[tuple[str, Any]]], dict[str, Any]]
"""Makes a JSON object from its pairs."""

_Entry = Callable[[str, int], int]
"""Receives the name of an entry and the start of its value; returns the end of the value."""


def reduce_model(text: str, operations: Collection[str], new_object: ObjectFactory) -> dict[str, Any]:
    """Return the model with only these operations. `new_object` makes the objects of the kept parts."""
    try:
        return _ModelReader(text, new_object).model(operations)
    except IndexError as error:
        raise json.JSONDecodeError("a model that ends before its end", text, len(text)) from error


def referenced_shapes(part: object) -> Iterator[str]:
    """Yield the names of the shapes that a part of a model refers to."""
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


class _ModelReader:
    def __init__(self, text: str, new_object: ObjectFactory) -> None:
        self._text = text
        self._new_object = new_object
        self._keeping = JSONDecoder(object_pairs_hook=new_object)
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
        return self._new_object([*self._whole.items(), ("operations", kept), ("shapes", shapes)])

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
        """Read the object that starts at this index, and return its end."""
        at = self._beyond_gap(begins + 1)
        while self._text[at] != "}":
            name, at = _READ.raw_decode(self._text, at)
            at = self._beyond_gap(entry(name, self._beyond_gap(at)))
        return at + 1

    def _beyond_gap(self, at: int) -> int:
        gap = _GAP.match(self._text, at)
        return gap.end() if gap else at


_PROSE = frozenset({"documentation", "documentationUrl"})
_UNUSED = frozenset({"examples-1", "waiters-2"})
"""The types of files that the SDK reads for each client and that are prose, or that nobody waits by."""
_OF_OPERATIONS = "service-2"
_ADDITIONS = "service-2.sdk-extras"
"""The type of the files by which botocore adds to a model."""
LATER_MEMBERS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "ec2": {"Subnet": {"NetworkFirewallConnectivityType": "networkFirewallConnectivityType"}}
}
"""Texts that AWS returns and the locked botocore does not know (docs/facts/changes.md), by service and structure."""
_ENDPOINTS = "endpoints"
"""The type of the file with the endpoints of all services, in all partitions."""
_SMALL = 200_000
"""Characters of a model that is kept whole: reading it costs less than to find out which operations are called."""
_FORMS: Mapping[str, Callable[[bytes], bytes]] = {".json": bytes, ".json.gz": gzip.decompress}
"""The formats of a file that is requested without a file name ending."""

Reads = Callable[[], Iterable[tuple[str, str]]]
"""Returns operations by botocore's service and operation."""


@cache
def shared_loader(search_path: str | None, called: Reads = tuple) -> Any:
    """Return the loader that all sessions with the same folders share (`AWS_DATA_PATH`, or None for the SDK's own).

    Large models of services with operations in `called` have only these operations.
    """
    from botocore.loaders import create_loader

    loader = create_loader(search_path)
    loader.file_loader = ModelFiles(called)
    loader.list_available_services = cache(lambda type_name: AvailableServices(loader, type_name))
    return loader


class AvailableServices:
    """The services that have a file of a type. The SDK looks for one of them, and lists them for an error text only.

    Its own list takes the SDK 15 ms for each type: it looks into each of the 400 folders.
    """

    def __init__(self, loader: Any, type_name: str) -> None:
        self._loader = loader
        self._type_name = type_name

    def __contains__(self, service: str) -> bool:
        from botocore.exceptions import DataNotFoundError

        try:
            return bool(self._loader.list_api_versions(service, self._type_name))
        except DataNotFoundError:
            return False

    def __iter__(self) -> Iterator[str]:
        """Return no names: the SDK makes an error text for each service without a file of the type."""
        return iter(())


class ModelFiles:
    """Model files, each read once, even if several threads need it.

    Clients of many Regions are made at the same time.
    """

    def __init__(self, called: Reads = tuple) -> None:
        self._called = called
        self._turn = Lock()
        self._read: dict[str, Any] = {}

    def exists(self, file_path: str) -> bool:
        """Return whether there is a file of that name in any format, and of a type that is used."""
        return Path(file_path).name not in _UNUSED and any(Path(file_path + form).is_file() for form in _FORMS)

    def load_file(self, file_path: str) -> Any:
        """Return the content of the file, or None."""
        with self._turn:
            if file_path not in self._read:
                self._read[file_path] = self._loaded(Path(file_path))
            return self._read[file_path]

    def _loaded(self, path: Path) -> Any:
        later = LATER_MEMBERS.get(path.parent.parent.name) if path.name == _ADDITIONS else None
        if later is not None:
            return {"merge": {"shapes": {name: {"members": _texts(members)} for name, members in later.items()}}}
        text = _text(path)
        if text is None:
            return None
        if path.name == _ENDPOINTS:
            return _with_services_to_decode(json.loads(text))
        if path.name == _OF_OPERATIONS and len(text) > _SMALL:
            operations = {operation for service, operation in self._called() if service == path.parent.parent.name}
            if operations:
                return reduce_model(text, operations, _without_prose)
        read = json.loads(text, object_pairs_hook=_without_prose)
        if path.name == _OF_OPERATIONS and not isinstance(read, dict):
            raise json.JSONDecodeError("a model that is no object", text, 0)
        return read


def _texts(members: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the parts of a model for members that are texts, by their names in answers."""
    return {name: {"shape": "String", "locationName": location} for name, location in members.items()}


class ObjectsToDecode(Mapping[str, Any]):
    """JSON objects by name, each decoded at its first use: a fifth of the memory if few are used."""

    def __init__(self, objects: Mapping[str, Any]) -> None:
        self._texts = {name: json.dumps(each) for name, each in objects.items()}
        self._decoded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._decoded:
            self._decoded.setdefault(name, json.loads(self._texts[name]))
        return self._decoded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


def _with_services_to_decode(endpoints: Mapping[str, Any]) -> dict[str, Any]:
    partitions = [{**each, "services": ObjectsToDecode(each["services"])} for each in endpoints["partitions"]]
    return {**endpoints, "partitions": partitions}


def _text(path: Path) -> str | None:
    for form, unpacked in _FORMS.items():
        try:
            packed = path.with_name(path.name + form).read_bytes()
        except FileNotFoundError:
            continue
        return unpacked(packed).decode()
    return None


def _without_prose(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of a file with empty prose: the SDK requires the members. Members of other types are kept.

    Objects share their names and texts: the parts of a model are decoded one by one.
    """
    return {
        intern(name): value if not isinstance(value, str) else "" if name in _PROSE else intern(value)
        for name, value in pairs
    }
