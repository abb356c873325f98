"""What the schema of the report promises, as a check that says in words what is not kept.

The shipped JSON Schema is the one source. Its few words are understood here, in closures: a hundred thousand nodes are
held against them in the time that parsing them takes. A key that the schema does not know is no fault: it may grow.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import TypeAlias, cast

from ssmtui.language import say
from ssmtui.model.plan import JSON
from ssmtui.report.schema import Schema

Check = Callable[[JSON], str]
"""Says what is not as promised; empty where all is."""

_Word: TypeAlias = Mapping[str, JSON]

GROWN = frozenset({"role", "generated_at"})
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
def shape_of(part: str) -> Check:
    """The check of one part of the report: `report`, which is its head, `scope`, `summary`, `node` or `finding`."""
    schema = cast("_Word", json.loads(Schema.REPORT.text))
    definitions = cast("_Word", schema["$defs"])
    return _check(cast("_Word", definitions[part]), definitions, part)


def _check(word: _Word, definitions: _Word, place: str) -> Check:
    if unknown := word.keys() - _UNDERSTOOD:
        raise TypeError(f"the schema uses what is not understood here: {', '.join(sorted(unknown))}")
    if "$ref" in word:
        return _check(cast("_Word", definitions[str(word["$ref"]).rpartition("/")[2]]), definitions, place)
    if "anyOf" in word:
        ways = [_check(each, definitions, place) for each in cast("list[_Word]", word["anyOf"])]
        return lambda value: "" if any(not way(value) for way in ways) else _not_as_promised(place)
    checks = [*_plain(word, place), *_of_list(word, definitions, place), *_of_object(word, definitions, place)]
    return checks[0] if len(checks) == 1 else _all_of(tuple(checks))


def _all_of(checks: tuple[Check, ...]) -> Check:
    """All of several checks, in a loop: a generator for each value would take twice as long."""

    def check(value: JSON) -> str:
        for each in checks:
            if told := each(value):
                return told
        return ""

    return check


def _not_as_promised(place: str) -> str:
    return say("{place} is not what the schema promises", place=place)


def _plain(word: _Word, place: str) -> list[Check]:
    fault = _not_as_promised(place)
    checks: list[Check] = []
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


def _of_list(word: _Word, definitions: _Word, place: str) -> list[Check]:
    if "items" not in word:
        return []
    item = _check(cast("_Word", word["items"]), definitions, f"{place}[]")

    def check(value: JSON) -> str:
        if isinstance(value, list):
            for each in value:
                if told := item(each):
                    return told
        return ""

    return [check]


def _of_object(word: _Word, definitions: _Word, place: str) -> list[Check]:
    if word.get("type") != "object":
        return []
    if "properties" not in word:
        name = _check(cast("_Word", word["propertyNames"]), definitions, place)
        every = _check(cast("_Word", word["additionalProperties"]), definitions, place)
        return [lambda value: next((told for each in _pairs(value) if (told := name(each[0]) or every(each[1]))), "")]
    known = {
        key: _check(each, definitions, f"{place}.{key}")
        for key, each in cast("dict[str, _Word]", word["properties"]).items()
    }
    needed = [str(key) for key in cast("list[JSON]", word["required"]) if place != "scope" or key not in GROWN]

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
