"""The grammar of the filter line: words that all must hold, `field:value`, `field:=value` or a bare text, `!` for not.

What stands behind `=` is all of the value: nothing in it stands for anything else.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Protocol

from ssmtui.language import say
from ssmtui.model.near_names import near_names
from ssmtui.ui.words.value_matching import NoExpression, in_field, somewhere, whole


class Filterable(Protocol):
    """What a filter can see of a row. All texts are casefolded; a field may hold several values, or none.

    `text` is what bare words are looked for in. What is asked for may be worked out then: most is not.
    """

    @property
    def text(self) -> str:
        """What bare words are looked for in: a line each, so that an expression can mean the beginning of one."""

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
    `known` are values that it may have although no row has them now.
    """

    hint: str
    place: int
    by_beginning: bool = field(default=False, kw_only=True)
    known: tuple[str, ...] = field(default=(), kw_only=True)


Fields = Mapping[str, FilterField]
"""The fields there are by their names; `tag:Key=value` comes on top."""

Test = Callable[[Filterable], bool]
"""Whether a row is as a word wants it."""

NONE = "none"
"""The value of a field that has none."""


SAVED = "@"
"""What stands before the name of a saved filter."""

Saved = Mapping[str, str]
"""The filters that were saved, by their names."""

NOTHING_SAVED: Saved = MappingProxyType({})


class FilterFault(ValueError):
    """A text that is no filter; the message says what is wrong with it.

    `wrong` is the word that is, and `meant` what may have been meant instead of it; both may be empty.
    """

    def __init__(self, message: str, wrong: str = "", meant: str = "") -> None:
        super().__init__(message)
        self.wrong = wrong
        self.meant = meant


@dataclass(frozen=True, slots=True)
class Filter:
    """A parsed filter: every test must hold."""

    text: str
    tests: tuple[Test, ...]

    def admits(self, candidate: Filterable) -> bool:
        """Whether a row is to be shown."""
        return all(test(candidate) for test in self.tests)


EVERYTHING = Filter("", ())
"""The filter that leaves nothing out."""


def parse_filter(text: str, fields: Fields, saved: Saved = NOTHING_SAVED) -> Filter:
    """The filter that a text asks for. `@name` in it stands for what was saved under that name.

    Raises:
        FilterFault: it names a field or a saved filter that there is not, or has no regular expression in slashes.

    """
    try:
        return Filter(text.strip(), tuple(_tests(text, _Known(fields, saved))))
    except NoExpression as error:
        raise FilterFault(str(error)) from error


@dataclass(frozen=True, slots=True)
class _Known:
    """What words can name. `within` are the saved filters inside which they stand: none is its own part."""

    fields: Fields
    saved: Saved
    within: frozenset[str] = frozenset()


def _tests(text: str, known: _Known) -> list[Test]:
    return [_test(word, known) for word in words_of(text)]


def words_of(text: str) -> list[str]:
    """The words of a filter, without the marks of their quotations."""
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
        return [*words_of(head), *([tail.strip()] if tail.strip() else [])]


def _test(word: str, known: _Known) -> Test:
    if word.startswith("!"):
        positive = _test(word[1:], known)
        return lambda candidate: not positive(candidate)
    if word.startswith(SAVED):
        return _saved_test(word, known)
    name, colon, value = word.partition(":")
    wanted = name.casefold()
    # An expression may hold colons; a field's name holds no slash.
    if not colon or word.startswith("/"):
        matches = somewhere(word)
        return lambda candidate: matches(candidate.text)
    if wanted == "tag":
        return _tag_test(value)
    if wanted in known.fields:
        return _field_test(wanted, value, by_beginning=known.fields[wanted].by_beginning)
    near = near_names(name, [*known.fields, "tag"])
    if near:
        meant = f"{near[0]}:{value}"
        raise FilterFault(say("no field “{name}”: did you mean {meant}?", name=name, meant=meant), word, meant)
    names = ", ".join(known.fields)
    raise FilterFault(say("there is no field “{name}”: use {fields} or tag", name=name, fields=names))


def _saved_test(word: str, known: _Known) -> Test:
    name = word.removeprefix(SAVED)
    text = known.saved.get(name)
    if text is None or name in known.within:
        near = near_names(name, known.saved.keys() - known.within)
        meant = f"{SAVED}{near[0]}" if near else ""
        told = say("no saved “{name}”: did you mean {meant}?", name=name, meant=meant)
        nothing = say("no filter is saved as “{name}”", name=name)
        raise FilterFault(told if near else nothing, word, meant)
    tests = _tests(text, replace(known, within=known.within | {name}))
    return lambda candidate: all(test(candidate) for test in tests)


def _anything(_candidate: Filterable) -> bool:
    return True


def _field_test(name: str, value: str, *, by_beginning: bool) -> Test:
    if not value:
        return _anything
    if value.casefold() == NONE:
        return lambda candidate: not candidate.fields.get(name, ())
    matches = in_field(value, by_beginning=by_beginning)
    return lambda candidate: any(matches(each) for each in candidate.fields.get(name, ()))


def _tag_test(word: str) -> Test:
    key, equals, value = word.partition("=")
    if not key:
        return _anything
    key_matches = whole(key)
    if not equals or not value:
        return lambda candidate: any(key_matches(each) for each in candidate.tags)
    value_matches = whole(value)
    return lambda candidate: any(key_matches(each) and value_matches(held) for each, held in candidate.tags.items())
