"""Read the kept members of an answer in XML: elements are taken from the tree as soon as they are complete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

PIECE = 50_000
"""Bytes of XML per step: the interpreter runs no other thread during a step."""


class UnusualXml(Exception):
    """An answer that only the SDK reads: it does not have the plain form of AWS's answers, or it is invalid."""


Reader = Callable[[bytes], dict[str, Any]]
"""Returns the members of an answer as the SDK does. Raises UnusualXml."""


def reader_of(shape: Any, moment: Callable[[str], Any]) -> Reader | None:
    """Return the reader of answers with this shape (botocore's); None if only the SDK reads a part of the shape.

    `moment` parses a point in time as the SDK does, with its errors.
    """
    try:
        answer = _part(shape, {**_VALUES, "timestamp": moment}, frozenset())
    except _OnlyForTheSdk:
        return None
    wrapper: str | None = shape.serialization.get("resultWrapper")
    if wrapper is None:
        return lambda xml: _read(xml, answer)
    response = _Structure({wrapper: (wrapper, answer)})
    return lambda xml: _wrapped_in(wrapper, _read(xml, response))


def _wrapped_in(wrapper: str, response: dict[str, dict[str, Any]]) -> dict[str, Any]:
    try:
        return response[wrapper]
    except KeyError as error:
        raise UnusualXml from error


def _read(xml: bytes, answer: _Part) -> Any:
    reading, builder = _Reading(), TreeBuilder()
    # The parser itself shows its tree only at the end. An element around the answer shows it from the beginning.
    around = builder.start("around", {})
    parser = XMLParser(target=builder, encoding="utf-8")  # noqa: S314 - the SDK's own, on the same text
    try:
        for start in range(0, len(xml), PIECE):
            parser.feed(xml[start : start + PIECE])
            for root in around:
                answer.take_complete(root, reading)
        parser.close()
        return answer.read(around[0], reading)
    except (ParseError, OverflowError, RuntimeError, ValueError) as error:  # the last three: invalid values
        raise UnusualXml from error


class _Reading:
    """What is known of one answer: the names of its tags without a namespace, and the values taken from its lists.

    `texts` are its texts, so that equal ones are kept once: a quarter of the memory of a page.
    """

    def __init__(self) -> None:
        self.names = _Names()
        self.texts: dict[str, str] = {}
        self.taken: dict[Element, list[Any]] = {}


class _Names(dict[str, str]):
    def __missing__(self, tag: str) -> str:
        name = self[tag] = tag.rpartition("}")[2]
        return name


class _Part(Protocol):
    """How an element is read."""

    def read(self, element: Element, reading: _Reading) -> Any:
        """Return the value of a complete element."""

    def take_complete(self, element: Element, reading: _Reading) -> None:
        """Read the complete items of the lists in an incomplete element, and remove their elements.

        An instance has a hundred and fifty elements, and a page has a thousand instances.
        """


class _OnlyForTheSdk(Exception):
    """A part of a shape that is not read here."""


_VALUES: Mapping[str, Callable[[str], Any]] = {"string": str, "boolean": "true".__eq__, "integer": int, "long": int}
"""Values by the types of their shapes. They raise ValueError if a text is invalid."""

_FOR_THE_SDK = ("location", "eventheader", "xmlAttribute", "flattened")


def _part(shape: Any, values: Mapping[str, Callable[[str], Any]], around: frozenset[str]) -> _Part:
    if shape.name in around or any(shape.serialization.get(each) for each in _FOR_THE_SDK):
        raise _OnlyForTheSdk
    if shape.type_name in values:
        return _Text(values[shape.type_name])
    within = around | {shape.name}
    if shape.type_name == "list":
        return _List(_part(shape.member, values, within))
    if shape.type_name != "structure" or shape.is_tagged_union or shape.metadata.get("exception"):
        raise _OnlyForTheSdk
    members = shape.members.items()
    return _Structure(
        {told.serialization.get("name", name): (name, _part(told, values, within)) for name, told in members}
    )


class _Text:
    def __init__(self, value: Callable[[str], Any]) -> None:
        self._value = value

    def read(self, element: Element, reading: _Reading) -> Any:
        text = element.text or ""
        return self._value(reading.texts.setdefault(text, text))

    def take_complete(self, element: Element, reading: _Reading) -> None:
        """Take nothing: a text has no items."""


class _List:
    def __init__(self, item: _Part) -> None:
        self._item = item

    def read(self, element: Element, reading: _Reading) -> list[Any]:
        taken = reading.taken.pop(element, [])
        if not taken and not len(element):
            _refuse_text(element)
        return [*taken, *(self._item.read(each, reading) for each in element)]

    def take_complete(self, element: Element, reading: _Reading) -> None:
        if len(element) > 1:
            reading.taken.setdefault(element, []).extend([self._item.read(each, reading) for each in element[:-1]])
            del element[:-1]
        for last in element:
            self._item.take_complete(last, reading)


class _Structure:
    """`members` are the names of the members and their parts, by the names of their elements."""

    def __init__(self, members: Mapping[str, tuple[str, _Part]]) -> None:
        self._members = members

    def read(self, element: Element, reading: _Reading) -> dict[str, Any]:
        if not len(element):
            _refuse_text(element)
        held: dict[str, Any] = {}
        for child in element:
            found = self._members.get(reading.names[child.tag])
            if found is not None:
                member, part = found
                if member in held:
                    raise UnusualXml  # the SDK has rules for repeated members
                held[member] = part.read(child, reading)
        return held

    def take_complete(self, element: Element, reading: _Reading) -> None:
        for last in element[-1:]:
            found = self._members.get(reading.names[last.tag])
            if found is not None:
                found[1].take_complete(last, reading)


def _refuse_text(element: Element) -> None:
    """Refuse a text in the place of child elements: what the SDK makes of it depends on the place."""
    if (element.text or "").strip():
        raise UnusualXml
