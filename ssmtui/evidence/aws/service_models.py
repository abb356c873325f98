"""Reduce the SDK's service models and the parsing of answers to the needed parts."""

from __future__ import annotations

import asyncio
import gc
import gzip
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from functools import cache, partial
from json import JSONDecoder
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple
from xml.etree import ElementTree

from ssmtui.evidence.aws.allowed_reads import KEPT_MEMBERS
from ssmtui.evidence.aws.http_session import AnswerTooLarge, UnreadContent
from ssmtui.evidence.aws.kept_xml import Reader, UnusualXml, reader_of
from ssmtui.text.times import moment_at, moment_in

_READ = JSONDecoder()
_GAP = re.compile(r"[\s,:]*")

_IN_PARTS = ("operations", "shapes")
"""The parts of a model that are kept only partly, by name."""

ObjectFactory = Callable[[list[tuple[str, Any]]], dict[str, Any]]
"""Makes a JSON object from its pairs."""

_Entry = Callable[[str, int], int]
"""Receives the name of an entry and the start of its value; returns the end of the value."""


def reduce_model(text: str, operations: Collection[str], made: ObjectFactory) -> dict[str, Any]:
    """Return the model with only these operations. `made` makes the objects of the kept parts."""
    try:
        return _Text(text, made).model(operations)
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
        """Read the object that starts at this index, and return its end."""
        at = self._beyond_gap(begins + 1)
        while self._text[at] != "}":
            name, at = _READ.raw_decode(self._text, at)
            at = self._beyond_gap(entry(name, self._beyond_gap(at)))
        return at + 1

    def _beyond_gap(self, at: int) -> int:
        gap = _GAP.match(self._text, at)
        return gap.end() if gap else at


Operations = frozenset[tuple[str, str]]
"""Operations by botocore's service and operation."""

_PROSE = frozenset({"documentation", "documentationUrl"})
_ALL_PROSE = "examples-1"
_OF_OPERATIONS = "service-2"
_FORMS: Mapping[str, Callable[[bytes], bytes]] = {".json": bytes, ".json.gz": gzip.decompress}
"""The formats of a file that is requested without a file name ending."""


@cache
def shared_loader(search_path: str | None, called: Operations) -> Any:
    """Return the loader that all sessions with the same folders share (`AWS_DATA_PATH`, or None for the SDK's own).

    Services with operations in `called` have only these operations.
    """
    from botocore.loaders import create_loader

    loader = create_loader(search_path)
    loader.file_loader = ModelFiles(called)
    return loader


class ModelFiles:
    """Model files, each read once, even if several threads need it.

    Clients of many Regions are made at the same time.
    """

    def __init__(self, called: Operations = frozenset()) -> None:
        self._called = called
        self._turn = Lock()
        self._read: dict[str, Any] = {}

    def exists(self, file_path: str) -> bool:
        """Return whether there is a file of that name in any format that has more than prose."""
        path = Path(file_path)
        return path.name != _ALL_PROSE and any(Path(file_path + form).is_file() for form in _FORMS)

    def load_file(self, file_path: str) -> Any:
        """Return the content of the file, or None."""
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
    """Return an object of a file with empty prose: the SDK requires the members. Members of other types are kept."""
    return {name: "" if name in _PROSE and isinstance(value, str) else value for name, value in pairs}


LARGE_ANSWER_BYTES = 100_000
"""Size of an answer in bytes that is parsed in another thread: about five milliseconds of work."""

_PIECE = 50_000
"""Bytes of XML per step: the interpreter runs no other thread during a step."""

_AS_A_TREE = "_parse_xml_string_to_dom"
"""The SDK's method that parses XML in one step. It is replaced by parsing in steps, and used only for invalid XML."""

_FROM_XML = "_parse_body_as_xml"
"""The SDK's method that returns the members of an answer in XML. Answers with kept members are read directly."""

_DIRECT = "ec2"
"""The protocol of answers that can be read directly."""

_OF_JSON = frozenset({"json", "rest-json"})
_BESIDE = frozenset({"ResponseMetadata"})
"""The members that the SDK adds to an answer."""

_A_LIST = "_handle_list"
"""The SDK's method that makes a list."""

Loader = Callable[[], Any]
"""Returns botocore's loader of service models, which is known only when a session is used."""


class AnswerParsers:
    """Provides parsers to the SDK, in place of its own factory."""

    def __init__(self, loader: Loader) -> None:
        self._parsers: dict[str, AnswerParser] = {}
        self._shapes = ReducedShapes(loader)

    def create_parser(self, protocol: str) -> AnswerParser:
        """Return the parser of a protocol. The SDK calls this for each answer."""
        if protocol not in self._parsers:
            self._parsers[protocol] = _parser(protocol, self._shapes)
        return self._parsers[protocol]


class ReducedShapes:
    """The shapes of answers, reduced to the kept members. A service's model is loaded with its first answer."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader
        self._trimmed: dict[str, _Reduced] = {}
        self._operations = {next(iter(structures)): operation for operation, structures in KEPT_MEMBERS.items()}

    def of(self, shape: Any, protocol: str) -> Any:
        """Return the reduced shape of an answer; None if it has no shape."""
        operation = self._operations.get(shape.name) if shape is not None else None
        if operation is None:
            return shape
        if shape.name not in self._trimmed:
            self._trimmed[shape.name] = self._trim(*operation)
        reduced = self._trimmed[shape.name]
        return reduced.shape if reduced.protocol == protocol else shape

    def reader(self, shape: Any) -> Reader | None:
        """Return the reader of answers with a reduced shape; None if the SDK's parser reads them."""
        reduced = self._trimmed.get(shape.name) if shape is not None else None
        return reduced.reader if reduced is not None and reduced.shape is shape else None

    def _trim(self, service: str, operation: str) -> _Reduced:
        from botocore.model import ServiceModel

        model = self._loader().load_service_model(service, "service-2")
        shapes = dict(model["shapes"])
        for name, taken in KEPT_MEMBERS[service, operation].items():
            members = {member: told for member, told in shapes[name]["members"].items() if member in taken}
            shapes[name] = {**shapes[name], "members": members}
        trimmed = ServiceModel({**model, "shapes": shapes}, service).operation_model(operation).output_shape
        protocol = str(model["metadata"]["protocol"])
        reader = reader_of(trimmed, parse_aws_timestamp) if protocol == _DIRECT else None
        return _Reduced(protocol, trimmed, reader)


class _Reduced(NamedTuple):
    protocol: str
    shape: Any
    reader: Reader | None


class AnswerParser:
    """Parses the answers of one protocol."""

    def __init__(self, protocol: str, here: Any, aside: Any, shapes: ReducedShapes) -> None:
        self._protocol = protocol
        self._here = here
        self._aside = aside
        self._shapes = shapes

    async def parse(self, response: Mapping[str, Any], shape: Any) -> Any:
        """Return the answer in the form of the SDK's clients.

        Raises:
            AnswerTooLarge: the answer was not read.

        """
        wanted = self._shapes.of(shape, self._protocol)
        body = response["body"]
        if isinstance(body, UnreadContent):
            raise AnswerTooLarge
        if not isinstance(body, bytes) or len(body) < LARGE_ANSWER_BYTES:
            answer = await self._here.parse(response, wanted)
        else:
            with _UNCOLLECTED:
                answer = await asyncio.to_thread(self._aside.parse, response, wanted)
        if self._protocol in _OF_JSON and response["status_code"] < 300 and answer.keys() <= _BESIDE:
            _refuse_broken(body)
        return answer


def _refuse_broken(body: bytes) -> None:
    """Refuse a body that is not a JSON object: the SDK would read it as an answer without members."""
    try:
        held = json.loads(body) if body else {}
    except ValueError:
        held = None
    if not isinstance(held, dict):
        from botocore.parsers import ResponseParserError

        raise ResponseParserError("the answer is no JSON object")


class GarbageCollectionPaused:
    """Pauses garbage collection while it is entered anywhere.

    A large answer has a hundred thousand parts without reference cycles, which are freed without the collector. The
    collector would scan them again and again, and block every event loop meanwhile.
    """

    def __init__(self) -> None:
        self._entered = 0
        self._collecting = False

    def __enter__(self) -> None:
        if not self._entered:
            self._collecting = gc.isenabled()
            gc.disable()
        self._entered += 1

    def __exit__(self, *_: object) -> None:
        self._entered -= 1
        if not self._entered and self._collecting:
            gc.enable()


_UNCOLLECTED = GarbageCollectionPaused()
"""Entered only on the event loop of the evidence thread."""


def parse_aws_timestamp(value: object) -> datetime:
    """Return a point in time from any format of AWS's protocols."""
    try:
        return _moment(value)
    except (TypeError, ValueError, OverflowError, OSError):
        from botocore.utils import parse_timestamp

        told: datetime = parse_timestamp(value)
        return told


def _moment(value: object) -> datetime:
    if isinstance(value, str) and "T" in value:
        return moment_in(value, zone_needed=True)
    return moment_at(float(value))  # type: ignore[arg-type]


def _parser(protocol: str, shapes: ReducedShapes) -> AnswerParser:
    from aiobotocore.parsers import AioResponseParserFactory
    from botocore.parsers import ResponseParserFactory

    here, aside = AioResponseParserFactory(), ResponseParserFactory()
    for each in here, aside:
        each.set_parser_defaults(timestamp_parser=parse_aws_timestamp)
    parser, parser_here = aside.create_parser(protocol), here.create_parser(protocol)
    if protocol == _DIRECT:
        for each in parser, parser_here:
            setattr(each, _FROM_XML, partial(_read_directly, getattr(each, _FROM_XML), shapes))
    if hasattr(parser, _AS_A_TREE):
        setattr(parser, _AS_A_TREE, partial(_read_in_pieces, getattr(parser, _AS_A_TREE)))
        for each in parser, parser_here:
            setattr(each, _A_LIST, partial(_list_of_elements, getattr(each, _A_LIST)))
    return AnswerParser(protocol, parser_here, parser, shapes)


def _read_directly(
    as_the_sdk: Callable[..., Any], shapes: ReducedShapes, response: Mapping[str, Any], shape: Any, **how: bool
) -> Any:
    """Return the members of an answer, with few of its elements in memory. Unusual XML is read by the SDK's parser."""
    read = shapes.reader(shape)
    if read is not None:
        try:
            return read(response["body"])
        except UnusualXml:
            pass
    return as_the_sdk(response, shape, **how)


def _list_of_elements(handle: Callable[[Any, Any], Any], shape: Any, node: Any) -> Any:
    """Return a list from XML.

    The SDK reads a text in its place as an empty list, and a text in it as an empty structure.
    """
    items = node if isinstance(node, list) else (node,) if shape.serialization.get("flattened") else node
    if (items is node and _is_text(node)) or (shape.member.type_name == "structure" and any(map(_is_text, items))):
        from botocore.parsers import ResponseParserError

        raise ResponseParserError(f"a text in the place of {shape.name}, or in it")
    return handle(shape, node)


def _is_text(node: Any) -> bool:
    """Return whether an element has text and no child elements."""
    return not isinstance(node, list) and len(node) == 0 and bool((node.text or "").strip())


def _read_in_pieces(at_once: Callable[[bytes], Any], xml: bytes) -> Any:
    reading = ElementTree.XMLParser(encoding="utf-8")  # noqa: S314 - the SDK's own, on the same text
    try:
        for start in range(0, len(xml), _PIECE):
            reading.feed(xml[start : start + _PIECE])
        return reading.close()
    except ElementTree.ParseError:
        return at_once(xml)  # raises the SDK's own error
