"""Read the parts of a report file, and validate each against the JSON Schema."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import BinaryIO, TypeAlias, cast

from ssmtui.language import say
from ssmtui.model.plan import JSON
from ssmtui.report.model import SCHEMA
from ssmtui.report.reading.json_stream import (
    LARGEST,
    JsonStream,
    NotAReportError,
    TruncatedReportError,
    decoded,
    pieces_of,
)
from ssmtui.report.schema import Schema

ShapeCheck = Callable[[JSON], str]
"""Says what is not as promised; empty where all is."""

_SchemaNode: TypeAlias = Mapping[str, JSON]

LATER_KEYS = frozenset({"role", "generated_at"})
"""Keys of a scope that came later: reports of before are still reports."""

_DEEPEST = 16
"""How deep a value may be nested that the schema does not know."""

_LATER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}\Z")
"""A word that a later version may say in the place of one of a list: it is shown as it is (`marks.py:known_word`)."""

_UNDERSTOOD = frozenset(
    (
        *("$ref", "additionalProperties", "anyOf", "const", "description", "enum", "items", "minLength", "minimum"),
        *("pattern", "properties", "propertyNames", "required", "type"),
    )
)
_TYPES: Mapping[str, Callable[[JSON], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}


@cache
def shape_check_of(part: str) -> ShapeCheck:
    """The check of one part of the report: `report`, which is its head, `scope`, `summary`, `node` or `finding`."""
    schema = cast("_SchemaNode", json.loads(Schema.REPORT.text))
    definitions = cast("_SchemaNode", schema["$defs"])
    return _check(cast("_SchemaNode", definitions[part]), definitions, part)


def _check(word: _SchemaNode, definitions: _SchemaNode, place: str) -> ShapeCheck:
    if unknown := word.keys() - _UNDERSTOOD:
        raise TypeError(f"the schema uses what is not understood here: {', '.join(sorted(unknown))}")
    if "$ref" in word:
        return _check(cast("_SchemaNode", definitions[str(word["$ref"]).rpartition("/")[2]]), definitions, place)
    if "anyOf" in word:
        ways = [_check(each, definitions, place) for each in cast("list[_SchemaNode]", word["anyOf"])]
        return lambda value: "" if any(not way(value) for way in ways) else _not_as_promised(place)
    checks = [*_plain(word, place), *_of_list(word, definitions, place), *_of_object(word, definitions, place)]
    return checks[0] if len(checks) == 1 else _all_of(tuple(checks))


def _all_of(checks: tuple[ShapeCheck, ...]) -> ShapeCheck:
    """All of several checks, in a loop: a generator for each value would take twice as long."""

    def check(value: JSON) -> str:
        for each in checks:
            if told := each(value):
                return told
        return ""

    return check


def _not_as_promised(place: str) -> str:
    return say("{place} is not what the schema promises", place=place)


def _plain(word: _SchemaNode, place: str) -> list[ShapeCheck]:
    fault = _not_as_promised(place)
    checks: list[ShapeCheck] = []
    if "type" in word:
        named = word["type"]
        types = [_TYPES[str(each)] for each in (named if isinstance(named, list) else [named])]
        first, second = types[0], types[-1]
        if len(types) > 2:
            raise TypeError(f"the schema names more types for {place} than are understood here")
        if named == "string":
            checks.append(lambda value: "" if isinstance(value, str) else fault)
        else:
            checks.append(lambda value: "" if first(value) or second(value) else fault)
    if "enum" in word:
        allowed = frozenset(cast("list[str | None]", word["enum"]))
        checks.append(lambda value: "" if isinstance(value, str | None) and _may_stand(value, allowed) else fault)
    if "const" in word:
        only = word["const"]
        checks.append(lambda value: "" if value == only else fault)
    if "pattern" in word:
        matches = re.compile(str(word["pattern"])).search
        checks.append(lambda value: "" if not isinstance(value, str) or matches(value) else fault)
    if "minLength" in word:
        shortest = cast("int", word["minLength"])
        checks.append(lambda value: "" if not isinstance(value, str) or len(value) >= shortest else fault)
    if "minimum" in word:
        least = cast("int", word["minimum"])
        checks.append(lambda value: "" if not isinstance(value, int) or value >= least else fault)
    return checks


def _may_stand(value: str | None, allowed: Collection[str | None]) -> bool:
    return value in allowed or (value is not None and _LATER.match(value) is not None)


def _of_list(word: _SchemaNode, definitions: _SchemaNode, place: str) -> list[ShapeCheck]:
    if "items" not in word:
        return []
    item = _check(cast("_SchemaNode", word["items"]), definitions, f"{place}[]")

    def check(value: JSON) -> str:
        if isinstance(value, list):
            for each in value:
                if told := item(each):
                    return told
        return ""

    return [check]


def _of_object(word: _SchemaNode, definitions: _SchemaNode, place: str) -> list[ShapeCheck]:
    if word.get("type") != "object":
        return []
    if "properties" not in word:
        name = _check(cast("_SchemaNode", word["propertyNames"]), definitions, place)
        every = _check(cast("_SchemaNode", word["additionalProperties"]), definitions, place)
        return [lambda value: next((told for each in _pairs(value) if (told := name(each[0]) or every(each[1]))), "")]
    known = {
        key: _check(each, definitions, f"{place}.{key}")
        for key, each in cast("dict[str, _SchemaNode]", word["properties"]).items()
    }
    needed = [str(key) for key in cast("list[JSON]", word["required"]) if place != "scope" or key not in LATER_KEYS]

    def check(value: JSON) -> str:
        body = cast("dict[str, JSON]", value)
        for key in needed:
            if key not in body:
                return say("{place} has no {key}", place=place, key=key)
        for key, each in body.items():
            told = known[key](each) if key in known else _not_too_deep(each, place)
            if told:
                return told
        return ""

    return [check]


def _pairs(value: JSON) -> list[tuple[str, JSON]]:
    return list(value.items()) if isinstance(value, dict) else []


def _not_too_deep(value: JSON, place: str, depth: int = 0) -> str:
    if depth > _DEEPEST:
        return say("{place} is nested too deeply for a report", place=place)
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((told for each in inner if (told := _not_too_deep(each, place, depth + 1))), "")


REPORT, SCOPE, NODE, FINDING, SUMMARY = "report", "scope", "node", "finding", "summary"

_LISTS = {"scopes": SCOPE, "nodes": NODE, "findings": FINDING}
_HEAD = ("schema", "ssmtui", "generated_at")
_MAY_STAND_THERE = ("redacted",)
_PASSED_OVER = frozenset({"fixed", "unseen"})
"""Lists of what is no part of the report: what another one told."""

_STREAM = re.compile(r'\s*\{\s*"event"\s*:')
_FAMILY = re.compile(r"ssmtui\.report/[1-9]\d{0,3}")


@dataclass(frozen=True, slots=True)
class ReportPart:
    """One object of a report, as promised: which (`report` is what stands at its head), and what it says.

    In a `stream` a later part of the same id replaces the earlier one.
    """

    kind: str
    body: Mapping[str, JSON]
    stream: bool = False


def parts_of(file: BinaryIO) -> Iterator[ReportPart]:
    """The parts, in the order in which they come. What a part says has been held against the schema.

    Raises:
        NotAReport: it is no report, or of no schema that is known here. What was given until then does not count.
        CutOff: it ends before its end. What was given until then does.

    """
    pieces = pieces_of(file)
    begun = ""
    while len(begun) < 200 and (piece := next(pieces, None)) is not None:
        begun += piece
    if not begun.strip():
        raise NotAReportError(say("is empty"))
    if not begun.lstrip().startswith("{"):
        raise NotAReportError(say("is no report of ssmtui check --format json or ndjson"))
    whole = chain((begun,), pieces)
    return _of_stream(whole) if _STREAM.match(begun) else _of_document(whole)


def _of_document(pieces: Iterator[str]) -> Iterator[ReportPart]:
    values, head = JsonStream(pieces), dict[str, JSON]()
    told = False
    try:
        for key in values.keys():  # noqa: SIM118 - no dictionary
            if key in _LISTS:
                _must_be_ours(head)
                yield from (_part(_LISTS[key], item) for item in values.items())
            elif key == SUMMARY:
                yield _part(SUMMARY, values.value())
            elif key in _PASSED_OVER:
                for _ in values.items():
                    pass
            else:
                head[key] = values.value()
            if not told and all(each in head for each in _HEAD):
                told = True
                yield _head({each: head[each] for each in (*_HEAD, *_MAY_STAND_THERE) if each in head})
    except TruncatedReportError:
        _must_be_ours(head)
        raise
    if values.next_sign():
        raise NotAReportError(say("is no JSON: something follows where it should end"))
    _must_be_ours(head)
    if not told:
        raise NotAReportError(say("does not say by which version it was made, and when"))


def _of_stream(pieces: Iterator[str]) -> Iterator[ReportPart]:
    ended = False
    for number, line in enumerate(_lines(pieces), 1):
        if ended:
            raise NotAReportError(say("goes on after its summary"))
        try:
            told = decoded(line)
        except TruncatedReportError:
            if line.endswith("\n"):
                raise NotAReportError(say("is damaged in line {number}", number=number)) from None
            raise
        if not isinstance(told, dict):
            raise NotAReportError(say("is no report: line {number} is no object", number=number))
        kind = told.pop("event", None)
        if kind == REPORT:
            yield _head(told, stream=True)
        elif kind in (SCOPE, NODE, FINDING, SUMMARY):
            yield _part(str(kind), told, stream=True)
        ended = kind == SUMMARY
    if not ended:
        raise TruncatedReportError


def _lines(pieces: Iterator[str]) -> Iterator[str]:
    """The lines that hold something, each with its end."""
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
                say("holds a value of more than {most} million characters", most=LARGEST // 1_000_000)
            )
    if (line := "".join(begun)).strip():
        yield line


def _head(body: dict[str, JSON], *, stream: bool = False) -> ReportPart:
    _must_be_ours(body)  # before its form is looked at: a later schema's may be another
    return _part(REPORT, body, stream=stream)


def _part(kind: str, body: JSON, *, stream: bool = False) -> ReportPart:
    if fault := shape_check_of(kind)(body):
        raise NotAReportError(say("is no report: {fault}", fault=fault))
    return ReportPart(kind, cast("Mapping[str, JSON]", body), stream)


def _must_be_ours(head: Mapping[str, JSON]) -> None:
    schema = head.get("schema")
    if schema == SCHEMA:
        return
    if isinstance(schema, str) and _FAMILY.fullmatch(schema):
        raise NotAReportError(
            say("is a report of a later ssmtui, by the schema {schema}: update ssmtui", schema=schema)
        )
    raise NotAReportError(say("is no report of ssmtui check --format json or ndjson"))
