"""The grammar of the filter line: words that all must hold, `field:value`, `field:=value` or a bare text, `!` for not.

What stands behind `=` is all of the value: nothing in it stands for anything else.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import translate
from typing import Protocol

from ssmtui.language import say


class Filterable(Protocol):
    """What a filter can see of a row. All texts are casefolded; a field may hold several values, or none.

    `text` is what bare words are looked for in. What is asked for may be worked out then: most is not.
    """

    @property
    def text(self) -> str:
        """What bare words are looked for in."""

    @property
    def fields(self) -> Mapping[str, tuple[str, ...]]:
        """The values by the names of their fields."""

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags by their keys."""


@dataclass(frozen=True, slots=True)
class FilteredRow:
    """What a filter can see of a row, all of it worked out (see `Filterable`)."""

    text: str
    fields: Mapping[str, tuple[str, ...]]
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FilterField:
    """A field: a hint at what it holds, and its place among the others in the help.

    Where it has few values its beginning is enough (`by_beginning`), so that the list narrows while the word is typed.
    """

    hint: str
    place: int
    by_beginning: bool = field(default=False, kw_only=True)


Fields = Mapping[str, FilterField]
"""The fields there are by their names; `tag:Key=value` comes on top."""

NONE = "none"
"""The value of a field that has none."""


class FilterFault(ValueError):
    """A text that is no filter; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A parsed filter: every test must hold."""

    text: str
    tests: tuple[Callable[[Filterable], bool], ...]

    def admits(self, candidate: Filterable) -> bool:
        """Whether a row is to be shown."""
        return all(test(candidate) for test in self.tests)


EVERYTHING = Filter("", ())
"""The filter that leaves nothing out."""


def parse_filter(text: str, fields: Fields) -> Filter:
    """The filter that a text asks for.

    Raises:
        FilterFault: it names a field that there is not.

    """
    return Filter(text.strip(), tuple(_test(word, fields) for word in _words(text)))


def _words(text: str) -> list[str]:
    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    lexer.escape = ""
    lexer.quotes = '"'
    try:
        return [word for word in lexer if word != "!"]
    except ValueError:
        # A quotation that is still being typed: what stands behind the mark counts as one word.
        head, _, tail = text.rpartition('"')
        return [*_words(head), *([tail.strip()] if tail.strip() else [])]


def _test(word: str, fields: Fields) -> Callable[[Filterable], bool]:
    if word.startswith("!"):
        positive = _test(word[1:], fields)
        return lambda candidate: not positive(candidate)
    name, colon, value = word.partition(":")
    wanted = name.casefold()
    if not colon:
        return _text_test(word.casefold())
    if wanted == "tag":
        return _tag_test(value)
    if wanted in fields:
        return _field_test(wanted, value.casefold(), by_beginning=fields[wanted].by_beginning)
    raise FilterFault(say("there is no field “{name}”: use {fields} or tag", name=name, fields=", ".join(fields)))


def _anything(_candidate: Filterable) -> bool:
    return True


def _text_test(value: str) -> Callable[[Filterable], bool]:
    if _is_pattern(value):
        matches = _pattern(f"*{value}*")
        return lambda candidate: matches(candidate.text)
    return lambda candidate: value in candidate.text


def _field_test(name: str, value: str, *, by_beginning: bool) -> Callable[[Filterable], bool]:
    if not value:
        return _anything
    if value == NONE:
        return lambda candidate: not candidate.fields.get(name, ())
    matches = _value_test(value, by_beginning=by_beginning)
    return lambda candidate: any(matches(each) for each in candidate.fields.get(name, ()))


def _value_test(value: str, *, by_beginning: bool) -> Callable[[str], bool]:
    if value.startswith("="):
        exactly = value[1:]
        return lambda held: held == exactly
    if _is_pattern(value):
        return _pattern(value)
    if by_beginning:
        return lambda held: held.startswith(value)
    return lambda held: value in held


def _tag_test(word: str) -> Callable[[Filterable], bool]:
    key, equals, value = word.casefold().partition("=")
    if not key:
        return _anything
    key_matches = _pattern(key)
    if not equals or not value:
        return lambda candidate: any(key_matches(each) for each in candidate.tags)
    value_matches = _pattern(value)
    return lambda candidate: any(key_matches(each) and value_matches(held) for each, held in candidate.tags.items())


def _is_pattern(value: str) -> bool:
    return "*" in value or "?" in value


def _pattern(value: str) -> Callable[[str], bool]:
    # `[` is an ordinary character here: names hold it, and nobody types character classes into a filter.
    expression = re.compile(translate(value.replace("[", "[[]")))
    return lambda held: expression.match(held) is not None
