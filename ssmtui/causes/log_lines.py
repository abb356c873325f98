"""The lines of a paste as the entries of a log: what stands before a message taken off, and what goes on with it.

A message that goes over several lines comes with the header of syslog or journald on each of them, or with the whole of
what the agent writes before a message. Another time, level or component begins another entry: what one entry says is no
part of what the entry before it was about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_MARGIN = r"[ \t]*(?:(?:#{1,6}|//|[*•-]|→)[ \t]+)*(?:\d{1,6}[ \t]+(?=\d{2,4}-\d\d-\d\d))?"
_DATE = r"\d{2,4}[-/]\d\d?[-/]\d{1,4}[T ]\d\d?:\d\d:\d\d"
_STAMP = rf"{_DATE}(?:[.,]\d{{1,9}})?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?"
_PROGRAM = r"[\w.@/-]{1,100}(?:\[\d{1,9}\])?:"
_RECORD = rf"(?:[A-Z][a-z]{{2}} [ \d]\d \d\d:\d\d:\d\d|{_STAMP}) (?:[\w.:*-]{{1,255}} )?{_PROGRAM}(?:[ \t]|$)"
_LEVEL = r"(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERRO?R?|CRIT(?:ICAL)?|FATAL|PANIC)"
_LOGGER = r"(?:[ \t]*-[ \t]+[\w.]{1,100}){0,3}[ \t]*-[ \t]+"
_PREFIX = re.compile(
    rf"(?P<margin>{_MARGIN})"
    rf"(?P<record>(?:{_RECORD}|{_PROGRAM} (?={_DATE}))[ \t]*)?"
    rf"(?P<stamp>[`>\"']{{0,3}}\[?{_STAMP}\]?:?(?=[ \t]|$)[ \t]*)?"
    rf"(?P<level>(?:{_LOGGER})?\[?\b{_LEVEL}\b\]?(?![-\w]):?[ \t]*)?"
    r"(?P<components>(?:\[[^\]\n]{1,200}\][ \t]*){0,12})"
)
_TAB = re.compile(r"#011")
_LINE_GOES_ON = re.compile(r"[ \t]\\$")


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of a log in one line. `head` is what tells its level and component, and `body` what it says."""

    head: str
    body: str


@dataclass(frozen=True, slots=True)
class _Line:
    begins: tuple[str, str, str]
    """Who wrote it, when, and what stands before the message; all empty for a line with none of that."""

    head: str
    body: str


def entries(lines: Iterable[str], width: int) -> Iterator[Entry]:
    """The messages that these lines are, in their order; lines without anything of a log are one message.

    A line of that width was broken by a terminal: what the next one says goes on within a word of it.
    """
    head, body = "", list[str]()
    before: tuple[str, str, str] | None = None
    for text in lines:
        line = _read(text)
        if before is None:
            head, before = line.head, line.begins
        elif _is_another(line.begins, before):
            yield Entry(head, "".join(body))
            head, body, before = line.head, [], line.begins
        elif any(line.begins):
            before = line.begins
        body.append(line.body if len(text) == width else f"{line.body}\n")
    if body:
        yield Entry(head, "".join(body))


def _is_another(begins: tuple[str, str, str], before: tuple[str, str, str]) -> bool:
    writer, *rest = begins
    if any(rest):
        return begins != before
    return bool(writer) and writer != before[0]


def _read(line: str) -> _Line:
    found = _PREFIX.match(line)
    record, stamp, level = ((found and found[name]) or "" for name in ("record", "stamp", "level"))
    if not found or not (record or stamp or level):
        return _Line(("", "", ""), "", _LINE_GOES_ON.sub("", line))
    writer = record.rsplit(" ", 2)[-2] if record else ""
    head = level + found["components"]
    body = line[found.end() :]
    return _Line((writer, stamp, head), head, _LINE_GOES_ON.sub("", _TAB.sub("\t", body)))
