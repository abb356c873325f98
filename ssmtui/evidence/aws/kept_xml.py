"""Read the kept members of an answer in XML while it is parsed, without a tree of all its elements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from xml.parsers.expat import ExpatError, ParserCreate, XMLParserType


class UnusualXml(Exception):
    """An answer that is not read here: it does not have the plain form of AWS's answers, or it is invalid."""


Reader = Callable[[bytes], dict[str, Any]]
"""Returns the members of an answer as the SDK does. Raises UnusualXml."""


def reader_of(shape: Any, moment: Callable[[str], datetime]) -> Reader | None:
    """Return the reader of answers with this shape (botocore's); None if only the SDK reads a part of the shape.

    `moment` parses a point in time as the SDK does, with its errors.
    """
    try:
        answer = _part(None, shape, _VALUES | {"timestamp": moment}, frozenset())
    except _OnlyForTheSdk:
        return None
    wrapper: str | None = shape.serialization.get("resultWrapper")
    if wrapper is None:
        return lambda xml: _read(xml, answer)
    response = _Part(None, dict, {wrapper: answer._replace(member=wrapper)}.get)
    return lambda xml: _wrapped_in(wrapper, _read(xml, response))


def _wrapped_in(wrapper: str, response: dict[str, dict[str, Any]]) -> dict[str, Any]:
    try:
        return response[wrapper]
    except KeyError as error:
        raise UnusualXml from error


class _OnlyForTheSdk(Exception):
    """A part of a shape that is not read here."""


def _nothing(_name: str) -> None:
    return None


class _Part(NamedTuple):
    """How an element is read.

    `member` is its name in the enclosing structure; None in a list. `new` makes an empty structure or list, and `child`
    finds the part of a child element by name. A text has only `value`.
    """

    member: str | None
    new: Callable[[], Any] | None = None
    child: _Child = _nothing
    value: Callable[[str], Any] = str


_Child = Callable[[str], _Part | None]

_VALUES: dict[str, Callable[[str], Any]] = {"string": str, "boolean": "true".__eq__, "integer": int, "long": int}
"""Values by the types of their shapes. They raise ValueError if a text is invalid."""

_PIECE = 64 * 1024
"""Bytes of XML per step: the parser copies what it is given."""

_FOR_THE_SDK = ("location", "eventheader", "xmlAttribute", "flattened")


def _part(member: str | None, shape: Any, values: Mapping[str, Callable[[str], Any]], around: frozenset[str]) -> _Part:
    if shape.name in around or any(shape.serialization.get(each) for each in _FOR_THE_SDK):
        raise _OnlyForTheSdk
    if shape.type_name in values:
        return _Part(member, value=values[shape.type_name])
    within = around | {shape.name}
    if shape.type_name == "list":
        item = _part(None, shape.member, values, within)
        return _Part(member, list, lambda _name: item)
    if shape.type_name != "structure" or shape.is_tagged_union or shape.metadata.get("exception"):
        raise _OnlyForTheSdk
    members = {
        told.serialization.get("name", name): _part(name, told, values, within) for name, told in shape.members.items()
    }
    return _Part(member, dict, members.get)


def _read(xml: bytes, answer: _Part) -> dict[str, Any]:
    names: dict[str, str] = {}
    parser = ParserCreate("utf-8", intern=names)
    parser.buffer_text = True
    parser.CommentHandler = parser.ProcessingInstructionHandler = parser.StartDoctypeDeclHandler = _refuse
    whole = _collect(parser, answer)
    try:
        for start in range(0, len(xml), _PIECE):
            parser.Parse(xml[start : start + _PIECE])
        parser.Parse(b"", True)  # noqa: FBT003 - it takes no keywords
    except (ExpatError, OverflowError, RuntimeError, ValueError) as error:  # the last three: invalid values
        raise UnusualXml from error
    if any(":" in name for name in names):  # of elements and attributes: only the SDK's parser knows namespaces
        raise UnusualXml
    return whole.pop()  # the handlers refer to the list and to each other: they live until garbage is collected


def _refuse(*_: object) -> None:
    raise UnusualXml


def _collect(parser: XMLParserType, answer: _Part) -> list[dict[str, Any]]:
    """Make the parser put the members of the answer into the returned list.

    The SDK has rules for what AWS does not send: repeated members, text beside elements, elements in texts. None of
    that is read here.
    """
    whole: list[dict[str, Any]] = []
    texts: list[str] = []
    around: list[tuple[_Child, Any, str | None, str]] = []
    child: _Child = lambda _name: answer  # noqa: E731
    held: Any = whole
    member: str | None = None
    text: _Part | None = None
    element = skipped = ""

    # Functions that share variables are a fifth faster than methods, and they are called a million times.
    def start(name: str, _attributes: object) -> None:
        nonlocal child, held, member, element, skipped, text
        if text is not None:
            raise UnusualXml
        part = child(name)
        if part is None:
            skipped = name
            parser.StartElementHandler = parser.CharacterDataHandler = None
            parser.EndElementHandler = end_of_skipped
            return
        if texts and not "".join(texts).isspace():
            raise UnusualXml
        texts.clear()
        if part.new is None:
            text = part
            return
        around.append((child, held, member, element))
        member, child, element, held = part.member, part.child, name, part.new()

    def end_of_skipped(name: str) -> None:
        # If the skipped element contains one of its name, `end` then gets a name that it does not expect.
        if name == skipped:
            parser.StartElementHandler, parser.CharacterDataHandler = start, texts.append
            parser.EndElementHandler = end

    def end(name: str) -> None:
        nonlocal child, held, member, element, text
        if text is not None:
            ended, value = text.member, text.value("".join(texts))
            text = None
        elif name != element or (texts and not "".join(texts).isspace()):
            raise UnusualXml
        else:
            ended, value = member, held
            child, held, member, element = around.pop()
        texts.clear()
        if ended is None:
            held.append(value)
        elif ended in held:
            raise UnusualXml
        else:
            held[ended] = value

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, texts.append
    return whole
