"""The report as JSON: convert its parts with cattrs, and read a report file part by part."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Annotated, BinaryIO, NoReturn, TypeVar, cast, get_args, get_origin

from ssmtui.language import say
from ssmtui.model.plan import JSON
from ssmtui.report.model import (
    SCHEMA,
    Matching,
    ReportFinding,
    ReportHead,
    ReportNode,
    ReportPart,
    ReportScope,
    ReportSummary,
)

if TYPE_CHECKING:
    from cattrs import Converter
    from cattrs.dispatch import StructureHook


class NotAReportError(ValueError):
    """The text is not a report, or has no schema that this version reads: nothing of it counts.

    The message says why.
    """


class TruncatedReportError(ValueError):
    """The report ends too early: the parts before the end are right, the missing parts are unknown."""


_AT_ONCE = 1 << 16
"""Bytes per read."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""The byte order marks of a file, with their encodings: a redirection in PowerShell writes UTF-16."""


def pieces_of(file: BinaryIO) -> Iterator[str]:
    """Yield the text, decoded piece by piece.

    Raises:
        NotAReportError: the file is not text.
        TruncatedReportError: the file ends in the middle of a character.

    """
    read = file.read(_AT_ONCE)
    mark, encoding = next(((mark, name) for mark, name in _MARKS if read.startswith(mark)), (b"", "utf-8"))
    decoder = codecs.getincrementaldecoder(encoding)()
    read = read[len(mark) :]
    while read:
        try:
            yield decoder.decode(read)
        except UnicodeDecodeError as error:
            raise NotAReportError(say("is not UTF-8 text")) from error
        read = file.read(_AT_ONCE)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise TruncatedReportError from error


LARGEST = 64 * 1024 * 1024
"""Maximum number of characters in a value: a finding with a million nodes has a third of that."""

_BLANK = re.compile(r"[ \t\r\n]*")
_CLOSED = frozenset('}]"')
_MAY_GO_ON = re.compile(r"[0-9.eE+-]{0,32}\Z")
"""The text after a number at the end of the buffer, if the number can continue."""

_UNSURE = 16
"""An error this near to the end of the buffer can be a word, a number or an escape that is not complete yet."""


def _no_number(word: str) -> NoReturn:
    raise NotAReportError(say("is not JSON: {word} is not a number", word=word))


_DECODER = json.JSONDecoder(parse_constant=_no_number)


def decoded(text: str) -> JSON:
    """Return one complete value.

    Raises:
        NotAReportError: the text is not a JSON value.
        TruncatedReportError: the text is the beginning of a JSON value.

    """
    values = JsonStream(iter((text,)))
    value = values.value()
    if values.next_sign():
        raise NotAReportError(say("is not JSON: data follows the end"))
    return value


class JsonStream:
    """The values of a text, in order. Each method can raise `NotAReportError` or `TruncatedReportError`."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._held = ""
        self._place = 0
        self._ended = False

    def next_sign(self) -> str:
        """Return the next character that is not white space, without consuming it; empty at the end."""
        while True:
            self._place = self._after_blanks()
            if self._place < len(self._held):
                return self._held[self._place]
            if not self._more():
                return ""

    def take(self, sign: str) -> None:
        """Consume this character."""
        found = self.next_sign()
        if not found:
            raise TruncatedReportError
        if found != sign:
            raise NotAReportError(say("is not JSON: found {found} instead of {sign}", found=found, sign=sign))
        self._place += 1

    def value(self) -> JSON:
        """Consume and return the next value."""
        if not self.next_sign():
            raise TruncatedReportError
        while True:
            try:
                value, end = _DECODER.raw_decode(self._held, self._place)
            except RecursionError as error:
                raise NotAReportError(say("has too many nested levels for a report")) from error
            except json.JSONDecodeError as error:
                if not self._may_go_on(error):
                    raise NotAReportError(say("is not JSON: {what}", what=f"{error.msg}")) from error
                if not self._double():
                    raise TruncatedReportError from error
                continue
            except NotAReportError:
                raise
            except ValueError as error:  # a number with more digits than Python reads
                raise NotAReportError(say("contains a number that is too long")) from error
            if self._held[end - 1] in _CLOSED or not _MAY_GO_ON.match(self._held, end) or not self._more():
                self._place = end
                return cast("JSON", value)

    def items(self) -> Iterator[JSON]:
        """Consume an array, item by item."""
        self.take("[")
        while self.next_sign() != "]":
            yield self.value()
            if self.next_sign() == ",":
                self.take(",")
                if self.next_sign() == "]":
                    raise NotAReportError(say("is not JSON: {what}", what="Illegal trailing comma"))
            elif self.next_sign() != "]":
                break
        self.take("]")

    def keys(self) -> Iterator[str]:
        """Consume an object, key by key. The caller consumes the value of each key before the next key."""
        self.take("{")
        while self.next_sign() != "}":
            key = self.value()
            if not isinstance(key, str):
                raise NotAReportError(say("is not JSON: a key is not a string"))
            self.take(":")
            yield key
            if self.next_sign() != ",":
                break
            self.take(",")
        self.take("}")

    def _after_blanks(self) -> int:
        found = _BLANK.match(self._held, self._place)
        return found.end() if found is not None else self._place

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        """Return whether the value can be incomplete: it reaches the end of the buffer."""
        return error.msg.startswith("Unterminated string") or error.pos >= len(self._held) - _UNSURE

    def _more(self) -> bool:
        """Read another piece, and drop the consumed text. Return whether there was a piece."""
        piece = next(self._pieces, None) if not self._ended else None
        if piece is None:
            self._ended = True
            return False
        self._held = self._held[self._place :] + piece
        self._place = 0
        return True

    def _double(self) -> bool:
        """Double the buffer, so that a long value is not parsed again at each piece. Return whether there was more."""
        wanted = 2 * (len(self._held) - self._place)
        pieces: list[str] = []
        come = len(self._held) - self._place
        while come < wanted and (piece := next(self._pieces, None)) is not None:
            pieces.append(piece)
            come += len(piece)
        if come > LARGEST:
            raise NotAReportError(
                say("contains a value of more than {most} million characters", most=LARGEST // 1_000_000)
            )
        self._held = "".join((self._held[self._place :], *pieces))
        self._place = 0
        return bool(pieces)


class MalformedPart(ValueError):
    """A part of a report that does not match the schema. The message says where."""


Part = TypeVar("Part", bound=ReportPart)


def part_to_json(part: ReportPart) -> dict[str, JSON]:
    """Return a part as its JSON object, its members in the order of the schema."""
    told: dict[str, JSON] = _converter().unstructure(part)
    return told


def part_from_json(kind: type[Part], raw: JSON) -> Part:
    """Return the part from a JSON object; missing members get their defaults, unknown members are ignored.

    Raises:
        MalformedPart: a member without a default is missing, or has a wrong type.

    """
    try:
        return _converter().structure(raw, kind)
    except (TypeError, ValueError, KeyError):
        raise MalformedPart(_fault(kind, raw)) from None


@cache
def _converter(*, names_fault: bool = False) -> Converter:
    """Return the converter: strict about types and patterns. Only with `names_fault`, it says where an error is."""
    from cattrs import Converter, override  # noqa: PLC0415 - only who writes or reads a report waits for it
    from cattrs.cols import is_mapping  # noqa: PLC0415 - the same
    from cattrs.gen import make_dict_unstructure_fn  # noqa: PLC0415 - the same

    converter = Converter(detailed_validation=names_fault)
    for plain in (str, bool, int):
        converter.register_structure_hook(plain, _exact)
    converter.register_structure_hook_factory(_is_pattern, _pattern)
    converter.register_structure_hook_factory(_is_row, _row)
    converter.register_structure_hook_factory(is_mapping, _mapping)
    converter.register_structure_hook_factory(is_dataclass, _object)
    unset = override(omit_if_default=True)
    for kind in _PARTS:
        converter.register_unstructure_hook(
            kind,
            make_dict_unstructure_fn(
                *(kind, converter),
                baseline=unset,
                muted=unset,
                counted=unset,
                restricted=unset,
                source_type=unset,
                operator=unset,
            ),
        )
    # cattrs writes optional members after the others: this member goes before the time.
    head = make_dict_unstructure_fn(ReportHead, converter)
    converter.register_unstructure_hook(
        ReportHead, lambda told: {name: value for name, value in head(told).items() if name != "redacted" or value}
    )
    return converter


def _exact(raw: object, kind: type) -> object:
    """Return a text, a boolean or a count unchanged."""
    if type(raw) is not kind or (isinstance(raw, int) and raw < 0):
        raise TypeError
    return raw


def _is_pattern(kind: object) -> bool:
    return get_origin(kind) is Annotated and isinstance(get_args(kind)[1], Matching)


def _pattern(kind: object, _converter: Converter) -> StructureHook:
    matches = re.compile(get_args(kind)[1].pattern).search

    def read(raw: object, _: object) -> object:
        if not isinstance(raw, str) or not matches(raw):
            raise TypeError
        return raw

    return read


def _is_row(kind: object) -> bool:
    return get_origin(kind) is tuple


def _row(kind: type, converter: Converter) -> StructureHook:
    from cattrs.cols import homogenous_tuple_structure_factory  # noqa: PLC0415 - see _converter

    each = homogenous_tuple_structure_factory(kind, converter)

    def read(raw: object, kind: type) -> object:
        if not isinstance(raw, list):
            raise TypeError
        return each(raw, kind)

    return read


def _mapping(kind: type, converter: Converter) -> StructureHook:
    of_key, of_value = get_args(kind)
    key, value = converter.get_structure_hook(of_key), converter.get_structure_hook(of_value)

    def read(raw: object, _: type) -> object:
        if not isinstance(raw, dict):
            raise TypeError
        return {key(name, of_key): value(told, of_value) for name, told in raw.items()}

    return read


def _object(kind: type, converter: Converter) -> StructureHook:
    from cattrs.gen import make_dict_structure_fn  # noqa: PLC0415 - see _converter

    members: StructureHook = make_dict_structure_fn(kind, converter)

    def read(raw: object, kind: type) -> object:
        if not isinstance(raw, dict):
            raise TypeError
        return members(raw, kind)

    return read


def _fault(kind: type, raw: JSON) -> str:
    """Return where an object does not match the schema: `finding.evidence[].source …`."""
    from cattrs import AttributeValidationNote, BaseValidationError  # noqa: PLC0415 - see _converter

    place = _PARTS[kind]
    try:
        _converter(names_fault=True).structure(raw, kind)
    except (BaseValidationError, TypeError) as error:
        fault: BaseException = error
        while isinstance(fault, BaseValidationError):
            lacking = (each for each in fault.exceptions if isinstance(each, KeyError))
            fault = next(lacking, fault.exceptions[0])
            note = fault.__notes__[0]
            name = note.name if isinstance(note, AttributeValidationNote) else ""
            if isinstance(fault, KeyError):
                return say("{place} has no {key}", place=place, key=name)
            place += f".{name}" if name else "[]"
    return say("{place} does not match the schema", place=place)


_PARTS: Mapping[type, str] = {
    ReportHead: "report",
    ReportScope: "scope",
    ReportNode: "node",
    ReportFinding: "finding",
    ReportSummary: "summary",
}
"""The name of each part in a stream."""

_MEMBERS = {kind: frozenset(each.name for each in fields(kind)) for kind in _PARTS}
_BY_NAME: Mapping[str, type[ReportPart]] = {name: kind for kind, name in _PARTS.items()}
_LISTS: Mapping[str, type[ReportPart]] = {"scopes": ReportScope, "nodes": ReportNode, "findings": ReportFinding}
_HEAD = ("schema", "ssmtui", "generated_at")
_PASSED_OVER = frozenset({"fixed", "unseen"})
"""Lists that are not part of the report: findings of the baseline."""

_STREAM = re.compile(r'\s*\{\s*"event"\s*:')
_FAMILY = re.compile(r"ssmtui\.report/[1-9]\d{0,3}")


@dataclass(frozen=True, slots=True)
class ReadPart:
    """A part of a report file, and the members that this version does not know.

    In a `stream`, a later part with the same ID replaces the earlier part.
    """

    part: ReportPart
    unknown: Collection[str] = ()
    stream: bool = False


def parts_of(file: BinaryIO) -> Iterator[ReadPart]:
    """Yield the parts of a report file, in order.

    Raises:
        NotAReportError: the file is not a report, or has an unknown schema. The parts before the error do not count.
        TruncatedReportError: the file ends too early. The parts before the error count.

    """
    pieces = pieces_of(file)
    begun = ""
    while len(begun) < 200 and (piece := next(pieces, None)) is not None:
        begun += piece
    if not begun.strip():
        raise NotAReportError(say("is empty"))
    if not begun.lstrip().startswith("{"):
        raise NotAReportError(say("is not a report of ssmtui check --format json or ndjson"))
    whole = chain((begun,), pieces)
    return _of_stream(whole) if _STREAM.match(begun) else _of_document(whole)


def _of_document(pieces: Iterator[str]) -> Iterator[ReadPart]:
    values, head = JsonStream(pieces), dict[str, JSON]()
    told = False
    try:
        for key in values.keys():  # noqa: SIM118 - no dictionary
            if key in _LISTS:
                _must_be_ours(head)
                yield from (_part(_LISTS[key], item) for item in values.items())
            elif key == _PARTS[ReportSummary]:
                yield _part(ReportSummary, values.value())
            elif key in _PASSED_OVER:
                for _ in values.items():
                    pass
            else:
                head[key] = values.value()
            if not told and all(each in head for each in _HEAD):
                told = True
                yield _head({each: head[each] for each in (*_HEAD, "redacted") if each in head})
    except TruncatedReportError:
        _must_be_ours(head)
        raise
    if values.next_sign():
        raise NotAReportError(say("is not JSON: data follows the end"))
    _must_be_ours(head)
    if not told:
        raise NotAReportError(say("does not contain its version and its time"))


def _of_stream(pieces: Iterator[str]) -> Iterator[ReadPart]:
    ended = False
    for number, line in enumerate(_lines(pieces), 1):
        if ended:
            raise NotAReportError(say("has data after its summary"))
        try:
            told = decoded(line)
        except TruncatedReportError:
            if line.endswith("\n"):
                raise NotAReportError(say("is damaged in line {number}", number=number)) from None
            raise
        if not isinstance(told, dict):
            raise NotAReportError(say("is not a report: line {number} is not an object", number=number))
        kind = _BY_NAME.get(str(told.pop("event", None)))
        if kind is ReportHead:
            yield _head(told, stream=True)
        elif kind is not None:
            yield _part(kind, told, stream=True)
        ended = kind is ReportSummary
    if not ended:
        raise TruncatedReportError


def _lines(pieces: Iterator[str]) -> Iterator[str]:
    """Yield the non-empty lines, each with its line break."""
    begun: list[str] = []
    length = 0
    for piece in pieces:
        *ended, rest = piece.split("\n")
        for each in ended:
            line = "".join((*begun, each))
            begun, length = [], 0
            if line.strip():
                yield f"{line}\n"
        begun.append(rest)
        length += len(rest)
        if length > LARGEST:
            raise NotAReportError(
                say("contains a value of more than {most} million characters", most=LARGEST // 1_000_000)
            )
    if (line := "".join(begun)).strip():
        yield line


def _head(body: dict[str, JSON], *, stream: bool = False) -> ReadPart:
    _must_be_ours(body)  # before its form is checked: a later schema can have another form
    return _part(ReportHead, body, stream=stream)


def _part(kind: type[ReportPart], body: JSON, *, stream: bool = False) -> ReadPart:
    try:
        part = part_from_json(kind, body)
    except MalformedPart as malformed:
        raise NotAReportError(say("is not a report: {fault}", fault=malformed)) from None
    return ReadPart(part, body.keys() - _MEMBERS[kind] if isinstance(body, dict) else (), stream)


def _must_be_ours(head: Mapping[str, JSON]) -> None:
    schema = head.get("schema")
    if schema == SCHEMA:
        return
    if isinstance(schema, str) and _FAMILY.fullmatch(schema):
        raise NotAReportError(
            say("is a report of a newer version of ssmtui (schema {schema}): update ssmtui", schema=schema)
        )
    raise NotAReportError(say("is not a report of ssmtui check --format json or ndjson"))
