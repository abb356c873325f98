"""The lines of a paste as the entries of a log: what stands before a message taken off, and what goes on with it.

A message that goes over several lines comes with the header of syslog or journald on each of them, or with the whole of
what the agent writes before a message. Another time, level or component begins another entry: what one entry says is no
part of what the entry before it was about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_MARGIN = r"[ \t]*(?:(?:#{1,6}|//|[*•-]|→)[ \t]+)*(?:\d{1,6}[ \t]+(?=\d{2,4}-\d\d-\d\d))?"
_DATE = r"\d{2,4}[-/]\d\d?[-/]\d{1,4}[T ]\d\d?:\d\d:\d\d"
_STAMP = rf"{_DATE}(?:[.,]\d{{1,9}})?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?"
_PROGRAM = r"[\w.@/-]{1,100}(?:\[\d{1,9}\])?:"
_AGENT = r"[\w.-]{0,100}agent(?:\[\d{1,9}\])?:"
_RECORD = rf"(?:[A-Z][a-z]{{2}} [ \d]\d \d\d:\d\d:\d\d|{_STAMP}) (?:[\w.:*-]{{1,255}} )?{_PROGRAM}(?:[ \t]|$)"
_LEVEL = r"(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERRO?R?|CRIT(?:ICAL)?|FATAL|PANIC)"
_LOGGER = r"(?:[ \t]*-[ \t]+[\w.]{1,100}){0,3}[ \t]*-[ \t]+"
_PREFIX = re.compile(
    rf"(?P<margin>{_MARGIN})"
    rf"(?P<record>(?:{_RECORD}|{_AGENT} (?={_DATE}))[ \t]*)?"
    rf"(?P<stamp>[`>\"']{{0,3}}\[?{_STAMP}\]?:?(?=[ \t]|$)[ \t]*)?"
    rf"(?P<level>(?:{_LOGGER})?\[?\b{_LEVEL}\b\]?(?![-\w]):?[ \t]*)?"
    r"(?P<components>(?:\[[^\]\n]{1,200}\][ \t]*){0,12})"
)
# A word processor fills lines anew, so that what stood at the start of one may stand within another, and be broken.
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_ISO = r"\d{4}[-/]\d\d[-/]\d\d[T\s]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:\d\d)?"
_REFILLED_PROGRAM = r"(?:[\w.@/-]|(?<=-)\s){1,100}(?:\[\d{1,9}\])?:"
_SAID_BEFORE = rf"\s{_LEVEL}(?!\w)(?:\s\[[^\]]{{1,200}}\]){{0,12}}"
_REFILLED = re.compile(
    rf"(?<!\S)(?:(?:{_MONTH}\s{{1,2}}\d\d?\s\d\d:\d\d:\d\d|{_ISO})\s[\w.:*-]{{1,255}}\s{_REFILLED_PROGRAM}"
    rf"(?:\s{_ISO}(?:{_SAID_BEFORE})?(?!\S))?|{_ISO}{_SAID_BEFORE})"
)
_BROKEN_AT_A_HYPHEN = re.compile(r"(?<=\w)- (?=\w)")
_BEFORE = re.compile(rf"{_MARGIN}(?:\d{{1,6}}[ \t]+)?(?:{_AGENT} )?[`>\"'\[]{{0,3}}")
_LONGEST_BEFORE = 120
_TAB = re.compile(r"#011")
_SOFT_BREAK = "\x1f"
_NARROWEST = 40
"""A terminal narrower than this is not thought of."""
_LINE_GOES_ON = re.compile(r"[ \t]\\$")


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One message of a log in one line. `head` is what tells its level and component, and `body` what it says."""

    head: str
    body: str


@dataclass(frozen=True, slots=True)
class _Line:
    begins: tuple[str, str, str]
    """Who wrote it, when, and what stands before the message; all empty for a line with none of that."""

    head: str
    body: str


def entries(text: str) -> Iterator[LogEntry]:
    """The messages of a text, in their order; lines without anything of a log are one message."""
    head, body = "", list[str]()
    before: tuple[str, str, str] | None = None
    whole = _REFILLED.sub(_at_a_start, _with_soft_breaks(text.expandtabs(8).splitlines()))
    for line in map(_read, whole.replace(_SOFT_BREAK, "").splitlines()):
        if before is None:
            head, before = line.head, line.begins
        elif _is_another(line.begins, before):
            yield LogEntry(head, "\n".join(body))
            head, body, before = line.head, [], line.begins
        elif any(line.begins):
            before = line.begins
        body.append(line.body)
    if body:
        yield LogEntry(head, "\n".join(body))


def _at_a_start(found: re.Match[str]) -> str:
    """What begins an entry, in one line and at the start of it."""
    start = found.start()
    before = found.string[max(start - _LONGEST_BEFORE, 0) : start]
    line = before.rpartition("\n")[2]
    is_start = (len(before) < _LONGEST_BEFORE or "\n" in before) and _BEFORE.fullmatch(line)
    return ("" if is_start else "\n") + _BROKEN_AT_A_HYPHEN.sub("-", " ".join(found[0].split()))


def _with_soft_breaks(lines: Sequence[str]) -> str:
    """The lines as one text; where a terminal broke them, which it does within an ARN, too, there is a soft break."""
    width = _width_of_the_terminal(lines)
    text = list[str]()
    for number, line in enumerate(lines):
        if number:
            broken = len(lines[number - 1]) == width and not any(_read(line).begins)
            text.append(_SOFT_BREAK if broken else "\n")
        text.append(line)
    return "".join(text)


def _width_of_the_terminal(lines: Sequence[str]) -> int:
    """The width at which a terminal broke these lines; -1 where none did."""
    width = max(map(len, lines), default=0)
    full = sum(len(line) == width for line in lines)
    return -1 if width < _NARROWEST or (full < 2 and width % 10) else width


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
