"""One value of a JSON text replaced or added, and not a byte besides."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ssmtui.fixes.preferences.editing import CannotEdit, Literal
from ssmtui.language import say

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True, slots=True)
class _Member:
    key: str
    key_start: int
    key_end: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Object:
    start: int
    members: tuple[_Member, ...]

    def member(self, key: str) -> _Member | None:
        """The last one counts, as it does for whoever reads JSON."""
        return next((each for each in reversed(self.members) if each.key == key), None)


def with_json_value(text: str, path: Sequence[str], literal: Literal) -> str:
    """The text with the value at `path` written as `literal` says; objects on the way are made where they are absent.

    Raises:
        CannotEdit: something on the way is no object.

    """
    found = _object_at(text, _past_space(text, 0))
    for name in path[:-1]:
        member = found.member(name)
        if member is None:
            return _inserted(text, found, name, _nested(path[path.index(name) + 1 :], literal))
        found = _object_at(text, member.start)
    member = found.member(path[-1])
    if member is None:
        return _inserted(text, found, path[-1], literal(None))
    return text[: member.start] + literal(text[member.start : member.end]) + text[member.end :]


def _object_at(text: str, start: int) -> _Object:
    if text[start : start + 1] != "{":
        raise CannotEdit(say("it has a single value where settings belong"))
    members: list[_Member] = []
    at = _past_space(text, start + 1)
    while text[at] != "}":
        key, key_end = _DECODER.raw_decode(text, at)
        value_start = _past_space(text, _past_space(text, key_end) + 1)
        _, end = _DECODER.raw_decode(text, value_start)
        members.append(_Member(key, at, key_end, value_start, end))
        at = _past_space(text, end)
        if text[at] == ",":
            at = _past_space(text, at + 1)
    return _Object(start, tuple(members))


def _inserted(text: str, into: _Object, name: str, value: str) -> str:
    if not into.members:
        place = into.start + 1
        return f"{text[:place]}{json.dumps(name)}: {value}{text[place:]}"
    last = into.members[-1]
    if len(into.members) > 1:
        gap = text[into.members[-2].end : last.key_start]
    else:
        gap = "," + text[into.start + 1 : last.key_start]
    colon = text[last.key_end : last.start]
    return f"{text[: last.end]}{gap}{json.dumps(name)}{colon}{value}{text[last.end :]}"


def _nested(path: Sequence[str], literal: Literal) -> str:
    if not path:
        return literal(None)
    return f"{{{json.dumps(path[0])}: {_nested(path[1:], literal)}}}"


def _past_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at
