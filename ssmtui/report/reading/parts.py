"""A report taken apart: the same parts, whether it is one document (`json`) or a stream of objects (`ndjson`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO, cast

from ssmtui.language import say
from ssmtui.model.plan import JSON
from ssmtui.report.document import SCHEMA
from ssmtui.report.reading.refusals import CutOff, NotAReport
from ssmtui.report.reading.shape import shape_of
from ssmtui.report.reading.text import pieces_of
from ssmtui.report.reading.values import LARGEST, Values, decoded

REPORT, SCOPE, NODE, FINDING, SUMMARY = "report", "scope", "node", "finding", "summary"

_LISTS = {"scopes": SCOPE, "nodes": NODE, "findings": FINDING}
_HEAD = ("schema", "ssmtui", "generated_at")
_MAY_STAND_THERE = ("redacted",)
_PASSED_OVER = frozenset({"fixed", "unseen"})
"""Lists of what is no part of the report: what another one told."""

_STREAM = re.compile(r'\s*\{\s*"event"\s*:')
_FAMILY = re.compile(r"ssmtui\.report/[1-9]\d{0,3}")


@dataclass(frozen=True, slots=True)
class Part:
    """One object of a report, as promised: which (`report` is what stands at its head), and what it says.

    In a `stream` a later part of the same id replaces the earlier one.
    """

    kind: str
    body: Mapping[str, JSON]
    stream: bool = False


def parts_of(file: BinaryIO) -> Iterator[Part]:
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
        raise NotAReport(say("is empty"))
    if not begun.lstrip().startswith("{"):
        raise NotAReport(say("is no report of ssmtui check --format json or ndjson"))
    whole = chain((begun,), pieces)
    return _of_stream(whole) if _STREAM.match(begun) else _of_document(whole)


def _of_document(pieces: Iterator[str]) -> Iterator[Part]:
    values, head = Values(pieces), dict[str, JSON]()
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
    except CutOff:
        _must_be_ours(head)
        raise
    if values.next_sign():
        raise NotAReport(say("is no JSON: something follows where it should end"))
    _must_be_ours(head)
    if not told:
        raise NotAReport(say("does not say by which version it was made, and when"))


def _of_stream(pieces: Iterator[str]) -> Iterator[Part]:
    ended = False
    for number, line in enumerate(_lines(pieces), 1):
        if ended:
            raise NotAReport(say("goes on after its summary"))
        try:
            told = decoded(line)
        except CutOff:
            if line.endswith("\n"):
                raise NotAReport(say("is damaged in line {number}", number=number)) from None
            raise
        if not isinstance(told, dict):
            raise NotAReport(say("is no report: line {number} is no object", number=number))
        kind = told.pop("event", None)
        if kind == REPORT:
            yield _head(told, stream=True)
        elif kind in (SCOPE, NODE, FINDING, SUMMARY):
            yield _part(str(kind), told, stream=True)
        ended = kind == SUMMARY
    if not ended:
        raise CutOff


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
            raise NotAReport(say("holds a value of more than {most} million characters", most=LARGEST // 1_000_000))
    if (line := "".join(begun)).strip():
        yield line


def _head(body: dict[str, JSON], *, stream: bool = False) -> Part:
    _must_be_ours(body)  # before its form is looked at: a later schema's may be another
    return _part(REPORT, body, stream=stream)


def _part(kind: str, body: JSON, *, stream: bool = False) -> Part:
    if fault := shape_of(kind)(body):
        raise NotAReport(say("is no report: {fault}", fault=fault))
    return Part(kind, cast("Mapping[str, JSON]", body), stream)


def _must_be_ours(head: Mapping[str, JSON]) -> None:
    schema = head.get("schema")
    if schema == SCHEMA:
        return
    if isinstance(schema, str) and _FAMILY.fullmatch(schema):
        raise NotAReport(say("is a report of a later ssmtui, by the schema {schema}: update ssmtui", schema=schema))
    raise NotAReport(say("is no report of ssmtui check --format json or ndjson"))
