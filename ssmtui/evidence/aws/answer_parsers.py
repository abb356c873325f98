"""Reduce the SDK's parsing of answers to the needed parts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from xml.etree import ElementTree

from ssmtui.evidence.aws.allowed_reads import KEPT_MEMBERS, kept_operation
from ssmtui.evidence.aws.garbage_collection import GarbageCollectionPaused
from ssmtui.evidence.aws.http_session import AnswerTooLarge, UnreadContent
from ssmtui.evidence.aws.kept_xml import PIECE, Reader, UnusualXml, reader_of
from ssmtui.text.times import moment_at, moment_in

LARGE_ANSWER_BYTES = 100_000
"""Size of an answer in bytes that is parsed in another thread: about five milliseconds of work."""

_AS_A_TREE = "_parse_xml_string_to_dom"
"""The SDK's method that parses XML in one step. It is replaced by parsing in steps, and used only for invalid XML."""

_FROM_XML = "_parse_body_as_xml"
"""The SDK's method that returns the members of an answer in XML. Answers with kept members are read directly."""

_DIRECT = frozenset({"ec2", "query"})
"""The protocols of answers that can be read directly."""

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

    def of(self, shape: Any, protocol: str) -> Any:
        """Return the reduced shape of an answer; None if it has no shape."""
        operation = kept_operation(shape.name) if shape is not None else None
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
        reader = reader_of(trimmed, parse_aws_timestamp) if protocol in _DIRECT else None
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
    if protocol in _DIRECT:
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
        for start in range(0, len(xml), PIECE):
            reading.feed(xml[start : start + PIECE])
        return reading.close()
    except ElementTree.ParseError:
        return at_once(xml)  # raises the SDK's own error
