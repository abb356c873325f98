"""A merged report as text, node by node: the bytes that `ssmtui check` would write of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum

from ssmtui.model.plan import JSON
from ssmtui.report.merging.merge import Merged
from ssmtui.report.reading.parts import FINDING, NODE, REPORT, SCOPE, SUMMARY


class MergedFormat(Enum):
    """How a merged report is written; the value is what the command line takes."""

    JSON = "json"
    NDJSON = "ndjson"


def written(merged: Merged, as_: MergedFormat) -> Iterator[str]:
    """The text in pieces, the last line with its end."""
    return _WRITERS[as_](merged)


def _document(merged: Merged) -> Iterator[str]:
    yield "{\n"
    for key, value in merged.head.items():
        yield f"  {json.dumps(key)}: {_dumped(value)},\n"
    yield from _list("scopes", merged.scopes)
    yield f",\n  {json.dumps(SUMMARY)}: {_indented(merged.summary, 2)},\n"
    yield from _list("nodes", merged.nodes)
    yield ",\n"
    yield from _list("findings", merged.findings)
    yield "\n}\n"


def _list(key: str, items: Iterable[Mapping[str, JSON]]) -> Iterator[str]:
    yield f"  {json.dumps(key)}: ["
    between = ""
    for item in items:
        yield f"{between}\n    {_indented(item, 4)}"
        between = ","
    yield "\n  ]" if between else "]"


def _stream(merged: Merged) -> Iterator[str]:
    for row in merged.scopes:
        yield _line(SCOPE, row)
    for finding in merged.findings:
        yield _line(FINDING, finding)
    for node in merged.nodes:
        yield _line(NODE, node)
    yield _line(REPORT, merged.head)
    yield _line(SUMMARY, merged.summary)


def _line(kind: str, body: Mapping[str, JSON]) -> str:
    return f"{_dumped({'event': kind, **body})}\n"


def _dumped(value: JSON) -> str:
    return json.dumps(value, ensure_ascii=False)


def _indented(value: JSON, by: int) -> str:
    """As it stands in the whole document. In JSON a line ends between values only, and never inside a text."""
    return json.dumps(value, ensure_ascii=False, indent=2).replace("\n", "\n" + " " * by)


_WRITERS: Mapping[MergedFormat, Callable[[Merged], Iterator[str]]] = {
    MergedFormat.JSON: _document,
    MergedFormat.NDJSON: _stream,
}
