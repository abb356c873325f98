"""Parse AWS's answers as the SDK does, except where a fleet of thousands would make it slow."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from xml.etree import ElementTree

from ssmtui.evidence.aws.allowed_reads import KEPT_MEMBERS
from ssmtui.evidence.aws.http_session import AnswerTooLarge, UnreadContent
from ssmtui.text.times import moment_at, moment_in

LARGE_ANSWER_BYTES = 100_000
"""Bytes of an answer that is taken apart aside: some five milliseconds of work."""

_PIECE = 50_000
"""Bytes of XML that are read at a time: the interpreter turns to nobody else meanwhile."""

_AS_A_TREE = "_parse_xml_string_to_dom"
"""The SDK's step that reads XML. It reads it at once: so it is done before by ours, and its own left for bad XML."""

_OF_JSON = frozenset({"json", "rest-json"})
_BESIDE = frozenset({"ResponseMetadata"})
"""What the SDK adds to an answer."""

_A_LIST = "_handle_list"
"""The SDK's step that makes a list."""

Loader = Callable[[], Any]
"""Gives botocore's loader of service models: which it is, is known only when a session is used."""


class AnswerParsers:
    """What the SDK asks for a parser, in the place of its own factory."""

    def __init__(self, loader: Loader) -> None:
        self._parsers: dict[str, AnswerParser] = {}
        self._shapes = ReducedShapes(loader)

    def create_parser(self, protocol: str) -> AnswerParser:
        """The parser of one protocol. The SDK asks for it at every answer, and goes by the name."""
        if protocol not in self._parsers:
            self._parsers[protocol] = _parser(protocol, self._shapes)
        return self._parsers[protocol]


class ReducedShapes:
    """The shapes of answers without what is not taken of them. A service's model is asked for with its first answer."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader
        self._trimmed: dict[str, Any] = {}
        self._operations = {next(iter(structures)): operation for operation, structures in KEPT_MEMBERS.items()}

    def of(self, shape: Any, protocol: str) -> Any:
        """What is made of an answer of this shape; None where it has none."""
        operation = self._operations.get(shape.name) if shape is not None else None
        if operation is None:
            return shape
        if shape.name not in self._trimmed:
            self._trimmed[shape.name] = self._trim(*operation)
        own, trimmed = self._trimmed[shape.name]
        return trimmed if own == protocol else shape

    def _trim(self, service: str, operation: str) -> tuple[str, Any]:
        from botocore.model import ServiceModel

        model = self._loader().load_service_model(service, "service-2")
        shapes = dict(model["shapes"])
        for name, taken in KEPT_MEMBERS[service, operation].items():
            members = {member: told for member, told in shapes[name]["members"].items() if member in taken}
            shapes[name] = {**shapes[name], "members": members}
        trimmed = ServiceModel({**model, "shapes": shapes}, service).operation_model(operation).output_shape
        return str(model["metadata"]["protocol"]), trimmed


class AnswerParser:
    """Makes values of the answers of one protocol."""

    def __init__(self, protocol: str, here: Any, aside: Any, shapes: ReducedShapes) -> None:
        self._protocol = protocol
        self._here = here
        self._aside = aside
        self._shapes = shapes

    async def parse(self, response: Mapping[str, Any], shape: Any) -> Any:
        """The answer as the SDK's clients give it.

        Raises:
            AnswerTooBig: it was not read.

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
    """Refuse what is no JSON object: the SDK takes it for an answer without members."""
    try:
        held = json.loads(body) if body else {}
    except ValueError:
        held = None
    if not isinstance(held, dict):
        from botocore.parsers import ResponseParserError

        raise ResponseParserError("the answer is no JSON object")


class GarbageCollectionPaused:
    """While it is entered, by whoever, Python looks for no garbage.

    A big answer has a hundred thousand parts that hold each other in no circle, and go when they are done with. The
    collector would go over all of them again and again meanwhile, and every loop stands still for that.
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
"""Entered on the evidence thread's loop alone."""


def parse_aws_timestamp(value: object) -> datetime:
    """A point in time, in any form that AWS's protocols know."""
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
    if hasattr(parser, _AS_A_TREE):
        setattr(parser, _AS_A_TREE, partial(_read_in_pieces, getattr(parser, _AS_A_TREE)))
        for each in parser, parser_here:
            setattr(each, _A_LIST, partial(_list_of_elements, getattr(each, _A_LIST)))
    return AnswerParser(protocol, parser_here, parser, shapes)


def _list_of_elements(handle: Callable[[Any, Any], Any], shape: Any, node: Any) -> Any:
    """A list of XML. A text in its place is to the SDK a list of nothing, and a text in it a structure of nothing."""
    items = node if isinstance(node, list) else (node,) if shape.serialization.get("flattened") else node
    if (items is node and _is_text(node)) or (shape.member.type_name == "structure" and any(map(_is_text, items))):
        from botocore.parsers import ResponseParserError

        raise ResponseParserError(f"a text in the place of {shape.name}, or in it")
    return handle(shape, node)


def _is_text(node: Any) -> bool:
    """Whether an element has a text and no element within."""
    return not isinstance(node, list) and len(node) == 0 and bool((node.text or "").strip())


def _read_in_pieces(at_once: Callable[[bytes], Any], xml: bytes) -> Any:
    reading = ElementTree.XMLParser(encoding="utf-8")  # noqa: S314 - the SDK's own, on the same text
    try:
        for start in range(0, len(xml), _PIECE):
            reading.feed(xml[start : start + _PIECE])
        return reading.close()
    except ElementTree.ParseError:
        return at_once(xml)  # which says it in the SDK's own way
