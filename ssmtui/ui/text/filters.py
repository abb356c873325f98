"""Describe the columns of tables, and parse and match the filters of their rows."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import translate
from types import MappingProxyType
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from ssmtui.language import say
from ssmtui.text.names import similar_names
from ssmtui.text.printable import printable
from ssmtui.ui.text.styled_text import Cell, plain_text

if TYPE_CHECKING:
    from ssmtui.ui.text.fleet import Fleet


Matcher = Callable[[str], bool]
"""A function that says whether a casefolded text matches."""

FUZZY_PREFIX = "~"
"""The prefix of letters that a word must have in this order, with any others between them."""

_NESTED_QUANTIFIER = re.compile(r"\((?:[^()\\]|\\.)*[+*}](?:[^()\\]|\\.)*\)\s*[+*{]")
"""`(a+)+`: on a text without a match, its time doubles with every character, and the screen would hang."""


class InvalidRegex(ValueError):
    """A regular expression that cannot be used; the message gives the reason."""


def is_literal(value: str) -> bool:
    """Return whether a value is literal text: no pattern, and no complete or incomplete regular expression."""
    return bool(value) and not _is_pattern(value) and not value.startswith(("/", "=", FUZZY_PREFIX))


def match_anywhere(value: str) -> Matcher:
    """Return a matcher for a value anywhere in a text."""
    if (expression := _regex_source(value)) is not None:
        return _match_regex(expression)
    if value.startswith(FUZZY_PREFIX):
        return _match_fuzzy(value)
    wanted = value.casefold()
    if _is_pattern(wanted):
        return _match_all(f"*{wanted}*")
    return lambda held: wanted in held


def match_field(value: str, *, by_beginning: bool) -> Matcher:
    """Return a matcher for a field: anywhere, or at the start if that is enough; after `=`, the complete value."""
    if (expression := _regex_source(value)) is not None:
        return _match_regex(expression)
    if value.startswith(FUZZY_PREFIX):
        return _match_fuzzy(value)
    wanted = value.casefold()
    if wanted.startswith("="):
        exactly = wanted[1:]
        return lambda held: held == exactly
    if _is_pattern(wanted):
        return _match_all(wanted)
    if by_beginning:
        return lambda held: held.startswith(wanted)
    return lambda held: wanted in held


def match_whole(value: str) -> Matcher:
    """Return a matcher for a complete text, such as a tag's key. `/…/` with both slashes is a regular expression."""
    if value.endswith("/") and (expression := _regex_source(value)) is not None:
        return _match_regex(expression)
    if value.startswith(FUZZY_PREFIX):
        return _match_fuzzy(value)
    return _match_all(value.casefold())


def _is_pattern(value: str) -> bool:
    return "*" in value or "?" in value


def _match_all(value: str) -> Matcher:
    # `[` is a literal here: names contain it. For a class of characters, users write a regular expression.
    expression = re.compile(translate(value.replace("[", "[[]")))
    return lambda held: expression.match(held) is not None


def _regex_source(value: str) -> str | None:
    """Return the regular expression in a value; its closing slash can still be missing."""
    if len(value) < 2 or not value.startswith("/"):
        return None
    return value[1:-1] if value.endswith("/") else value[1:]


def _match_fuzzy(value: str) -> Matcher:
    """Return a matcher for letters in this order within one word: `~wp1` matches `web-prod-1`.

    Sentences, such as the titles of causes, have nearly all letters in every order: only one word can match.
    """
    letters = value.removeprefix(FUZZY_PREFIX).casefold()
    return lambda held: any(_has_in_order(word, letters) for word in held.split()) if letters else True


def _has_in_order(word: str, letters: str) -> bool:
    place = 0
    for letter in letters:
        place = word.find(letter, place) + 1
        if not place:
            return False
    return True


def _match_regex(expression: str) -> Matcher:
    if _NESTED_QUANTIFIER.search(expression):
        raise InvalidRegex(
            say("/{expression}/ repeats a repetition: the search can take too long", expression=expression)
        )
    try:
        compiled = re.compile(expression, re.IGNORECASE | re.MULTILINE)
    except re.error as error:
        sentence = say("/{expression}/ is not a valid regular expression: {why}", expression=expression, why=error.msg)
        raise InvalidRegex(sentence) from error
    return lambda held: compiled.search(held) is not None


class FilterableRow(Protocol):
    """The part of a row that a filter reads. All texts are casefolded; a field can hold several values, or none.

    Bare words are searched in `text`. Values can be computed on access: most are never read.
    """

    @property
    def text(self) -> str:
        """The text in which bare words are searched: one line per value, so that `^` can match a value's start."""

    @property
    def fields(self) -> Mapping[str, tuple[str, ...]]:
        """The values by field name."""

    @property
    def tags(self) -> Mapping[str, str]:
        """The tag values by key."""


@dataclass(frozen=True, slots=True)
class FilterValues:
    """The filter values of a row, all computed (see `FilterableRow`)."""

    text: str
    fields: Mapping[str, tuple[str, ...]]
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FilterField:
    """A field, with a hint about its values and its place in the help.

    If it has few values, their beginning is enough (`by_beginning`), so that the list narrows while the user types.
    `known` holds possible values that no row has now.
    """

    hint: str
    place: int
    by_beginning: bool = field(default=False, kw_only=True)
    known: tuple[str, ...] = field(default=(), kw_only=True)


Fields = Mapping[str, FilterField]
"""The fields by name; `tag:Key=value` is always possible in addition."""

RowTest = Callable[[FilterableRow], bool]
"""A function that says whether a row matches a word."""

NO_VALUE = "none"
"""The value of an empty field."""


SAVED_PREFIX = "@"
"""The prefix of the name of a saved filter."""

SavedFilters = Mapping[str, str]
"""The saved filters by name."""

NO_SAVED_FILTERS: SavedFilters = MappingProxyType({})


class FilterError(ValueError):
    """The text is not a valid filter; the message gives the reason.

    `wrong` is the invalid word, and `meant` a suggestion for it; both can be empty.
    """

    def __init__(self, message: str, wrong: str = "", meant: str = "") -> None:
        super().__init__(message)
        self.wrong = wrong
        self.meant = meant


@dataclass(frozen=True, slots=True)
class Filter:
    """A parsed filter: all tests must match."""

    text: str
    tests: tuple[RowTest, ...]

    def admits(self, candidate: FilterableRow) -> bool:
        """Return whether the row matches."""
        for test in self.tests:  # noqa: SIM110 - a loop takes half the time of `all`, for every row at every key
            if not test(candidate):
                return False
        return True


NO_FILTER = Filter("", ())
"""The filter that admits every row."""


def parse_filter(text: str, fields: Fields, saved: SavedFilters = NO_SAVED_FILTERS) -> Filter:
    """Return the filter in a text. `@name` is replaced with the filter saved under that name.

    Raises:
        FilterError: an unknown field or saved filter, or an invalid regular expression in slashes.

    """
    try:
        return Filter(text.strip(), tuple(_tests(text, _ParseContext(fields, saved))))
    except InvalidRegex as error:
        raise FilterError(str(error)) from error


@dataclass(frozen=True, slots=True)
class _ParseContext:
    """The names that words can use. `within` holds the saved filters being expanded: no filter can contain itself."""

    fields: Fields
    saved: SavedFilters
    within: frozenset[str] = frozenset()


def _tests(text: str, known: _ParseContext) -> list[RowTest]:
    return [_test(word, known) for word in words_of(text)]


def words_of(text: str) -> list[str]:
    """Return the words of a filter, without quotation marks."""
    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    lexer.escape = ""
    lexer.quotes = '"'
    try:
        return [word for word in lexer if word != "!"]
    except ValueError:
        # An unfinished quotation: everything after the mark is one word.
        head, _, tail = text.rpartition('"')
        return [*words_of(head), *([tail.strip()] if tail.strip() else [])]


def _test(word: str, known: _ParseContext) -> RowTest:
    if word.startswith("!"):
        positive = _test(word[1:], known)
        return lambda candidate: not positive(candidate)
    if word.startswith(SAVED_PREFIX):
        return _saved_test(word, known)
    name, colon, value = word.partition(":")
    wanted = name.casefold()
    # An expression can contain colons; a field's name contains no slash.
    if not colon or word.startswith("/"):
        matches = match_anywhere(word)
        return lambda candidate: matches(candidate.text)
    if wanted == "tag":
        return _tag_test(value)
    if wanted in known.fields:
        return _field_test(wanted, value, by_beginning=known.fields[wanted].by_beginning)
    near = similar_names(name, [*known.fields, "tag"])
    if near:
        meant = f"{near[0]}:{value}"
        raise FilterError(say("no field “{name}”: did you mean {meant}?", name=name, meant=meant), word, meant)
    names = ", ".join(known.fields)
    raise FilterError(say("there is no field “{name}”: use {fields} or tag", name=name, fields=names))


def _saved_test(word: str, known: _ParseContext) -> RowTest:
    name = word.removeprefix(SAVED_PREFIX)
    text = known.saved.get(name)
    if text is None or name in known.within:
        near = similar_names(name, known.saved.keys() - known.within)
        meant = f"{SAVED_PREFIX}{near[0]}" if near else ""
        told = say("no saved filter “{name}”: did you mean {meant}?", name=name, meant=meant)
        nothing = say("no filter is saved as “{name}”", name=name)
        raise FilterError(told if near else nothing, word, meant)
    tests = _tests(text, replace(known, within=known.within | {name}))
    return lambda candidate: all(test(candidate) for test in tests)


def _any_row(_candidate: FilterableRow) -> bool:
    return True


def _field_test(name: str, value: str, *, by_beginning: bool) -> RowTest:
    if not value:
        return _any_row
    if value.casefold() == NO_VALUE:
        return lambda candidate: not candidate.fields.get(name, ())
    matches = match_field(value, by_beginning=by_beginning)
    return lambda candidate: any(matches(each) for each in candidate.fields.get(name, ()))


def _tag_test(word: str) -> RowTest:
    key, equals, value = word.partition("=")
    if not key:
        return _any_row
    key_matches = match_whole(key)
    if not equals or not value:
        return lambda candidate: any(key_matches(each) for each in candidate.tags)
    value_matches = match_whole(value)
    return lambda candidate: any(key_matches(each) and value_matches(held) for each, held in candidate.tags.items())


_MAX_VALUES = 2_000
"""The most values in which to look for a similar one: with more values, the user can look at the rows."""


@dataclass(frozen=True, slots=True)
class UnmatchedWord:
    """A word that no row matches; `meant` is the suggestion, empty if no value is similar."""

    word: str
    meant: str

    @property
    def is_negated(self) -> bool:
        """Whether the word is negated: then every row is shown, as if the word were missing."""
        return self.word.startswith("!")

    def mended(self, text: str) -> str:
        """Return the filter with the suggestion; empty if there is none, or the word is in quotes."""
        return text.replace(self.word, self.meant, 1) if self.meant and self.word in text else ""


def find_unmatched_word(text: str, fields: Fields, rows: Iterable[FilterableRow]) -> UnmatchedWord | None:
    """Return the first word whose value no row has or can have; None if there is none.

    Patterns and regular expressions are skipped: they are not typing errors. A bare word is returned if it matches as a
    fuzzy word.
    """
    words = words_of(text)
    seen = list(rows) if words else []
    found = (_check_word(word, fields, seen) for word in words) if seen else ()
    return next((each for each in found if each is not None), None)


def _check_word(word: str, fields: Fields, rows: list[FilterableRow]) -> UnmatchedWord | None:
    positive = word.lstrip("!")
    name, colon, value = positive.partition(":")
    field = name.casefold()
    if positive.startswith(("/", "@")):
        return None
    if not colon:
        return _check_bare_word(word, positive, rows)
    if field == "tag":
        meant = _suggested_tag(value, rows)
    elif field in fields:
        meant = _suggested_value(field, value, fields, rows)
    else:
        return None
    if meant is None:
        return None
    return UnmatchedWord(word, f"{word.removesuffix(value)}{meant}" if meant else "")


def _check_bare_word(word: str, positive: str, rows: list[FilterableRow]) -> UnmatchedWord | None:
    wanted, fuzzy = positive.casefold(), _match_fuzzy(positive)
    if not is_literal(positive):
        return None
    is_near = False
    for text in (row.text for row in rows):
        if wanted in text:
            return None
        is_near = is_near or fuzzy(text)
    return UnmatchedWord(word, f"{word.removesuffix(positive)}{FUZZY_PREFIX}{positive}") if is_near else None


def _suggested_value(name: str, value: str, fields: Fields, rows: list[FilterableRow]) -> str | None:
    """Return a value similar to an unknown one; empty if none is similar, None if the value exists."""
    if not is_literal(value) or value.casefold() == NO_VALUE:
        return None
    matches = match_field(value, by_beginning=fields[name].by_beginning)
    values = {known.casefold() for known in fields[name].known}
    if any(map(matches, values)):
        return None
    for row in rows:
        held = row.fields.get(name, ())
        if any(map(matches, held)):
            return None
        values.update(held)
    return _nearest(value, values)


def _suggested_tag(value: str, rows: list[FilterableRow]) -> str | None:
    key, equals, wanted = value.partition("=")
    if not is_literal(key):
        return None
    named = match_whole(key)
    keys = {each for row in rows for each in row.tags}
    if not any(map(named, keys)):
        near = _nearest(key, keys)
        return near and f"{near}{equals}{wanted}"
    if not is_literal(wanted):
        return None
    held = {value for row in rows for each, value in row.tags.items() if named(each)}
    if any(map(match_whole(wanted), held)):
        return None
    near = _nearest(wanted, held)
    return near and f"{key}={near}"


def _nearest(word: str, values: set[str]) -> str:
    """Return the nearest value; empty if none is near, there are too many, or it cannot be typed as one word."""
    near = similar_names(word, values) if len(values) <= _MAX_VALUES else ()
    return next((each for each in near if not any(mark in each for mark in ' "')), "")


_MAX_NAME_LENGTH = 40


def why_invalid_name(name: str) -> str:
    """Return why a filter cannot be saved under a name; empty if it can."""
    if not name:
        return say("a name must have at least one character")
    if len(name) > _MAX_NAME_LENGTH:
        return say("a name can have at most {most} characters", most=_MAX_NAME_LENGTH)
    if not all(each.isalnum() or each in "-_." for each in name):
        return say("a name must be one word of letters, digits, and - _ .")
    return ""


Rank = tuple[object, ...]
"""A sort key of rows; ranks of one column can be compared."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of `least` to `most` cells; of two columns, the one with the lower `rank` is kept longer.

    `most` is None if the column takes all remaining room. A `whole` column is left out instead of cut; a `spare` column
    is shown only if no other column is cut for it. `heading` replaces the label above the column. A `literal` label is
    the same in every language.
    """

    key: str
    label: str
    least: int
    most: int | None
    rank: int
    numeric: bool = False
    whole: bool = False
    spare: bool = False
    heading: str = ""
    literal: bool = False

    @property
    def name(self) -> str:
        """The label, in the current language."""
        return printable(self.label) if self.literal else say(self.label)

    @property
    def title(self) -> str:
        """The heading, in the current language."""
        return say(self.heading) if self.heading else self.name


R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class RowField(FilterField, Generic[R]):
    """A field with its values in a row: one, several, or none; empty values do not count."""

    values: Callable[[R], Sequence[str]]


@dataclass(frozen=True, slots=True)
class RowColumn(Generic[R]):
    """A column of rows R. Its key is also the name of its `field`; without a field, filters do not see the column.

    `order` gives rows without a value the last rank. `width` is the width of a row's text in cells, for columns that
    grow with their texts; `judged` means that a verdict changes the column. `among` returns the column for the open
    scopes: None if its values would all be equal. `sort_key` is the key that sorts by the column, and `sort_help` its
    description. An `optional` column is shown only if the user has chosen it, and has no such key.
    """

    column: Column
    cell: Callable[[R], Cell]
    order: Callable[[R], Rank]
    width: Callable[[R], int] | None = None
    field: RowField[R] | None = None
    among: Callable[[Fleet, Column], Column | None] = lambda _fleet, column: column
    judged: bool = False
    sort_key: str = ""
    sort_help: str = ""
    optional: bool = False


def columns_for(fleet: Fleet, columns: Iterable[RowColumn[R]]) -> tuple[Column, ...]:
    """Return the columns to show, as a table lays them out."""
    return tuple(column for each in columns if (column := each.among(fleet, each.column)))


def cells_of(row: R, columns: Iterable[RowColumn[R]]) -> Mapping[str, Cell]:
    """Return the cells of a row."""
    return {each.column.key: each.cell(row) for each in columns}


def widths_of(row: R, columns: Iterable[RowColumn[R]]) -> Mapping[str, int]:
    """Return the text widths of a row, for the columns that grow with their texts."""
    return {each.column.key: each.width(row) for each in columns if each.width}


def max_widths(rows: Sequence[R], columns: Iterable[RowColumn[R]]) -> Mapping[str, int]:
    """Return the largest text widths of some rows, for the columns that grow with their texts."""
    return {each.column.key: max(map(each.width, rows)) for each in columns if each.width} if rows else {}


def fields_of(columns: Iterable[RowColumn[R]]) -> Mapping[str, RowField[R]]:
    """Return the fields by which rows can be filtered."""
    return {each.column.key: each.field for each in columns if each.field}


def accounts_differ(fleet: Fleet) -> bool:
    """Return whether the nodes are in several accounts."""
    return len({scope.account for scope in fleet.state.scopes.values()}) > 1


def regions_differ(fleet: Fleet) -> bool:
    """Return whether the nodes are in several Regions, or a Region could not be read."""
    return len(_regions(fleet)) > 1


def _regions(fleet: Fleet) -> set[str]:
    return {name.region for name in (*fleet.state.scopes, *fleet.state.errors)}


def where_accounts_differ(fleet: Fleet, column: Column) -> Column | None:
    """Return a column of accounts, if there are several."""
    return column if accounts_differ(fleet) else None


def where_regions_differ(fleet: Fleet, column: Column) -> Column | None:
    """Return a column of Regions, if there are several: at least as wide as the longest name."""
    return replace(column, least=max(map(len, _regions(fleet)))) if regions_differ(fleet) else None


def text_rank(text: str) -> Rank:
    """Return the rank of a text: ignoring case, and last if it is empty."""
    return (text == "", text.casefold())


K = TypeVar("K")


def fields_of_columns(columns: Iterable[Column]) -> Fields:
    """Return the fields by which rows can be filtered: the keys of the columns that have a heading."""
    return {
        column.key: FilterField(column.label, place) for place, column in enumerate(columns, start=1) if column.label
    }


def filter_rows(wanted: Filter, keys: Iterable[K], cells_of: Callable[[K], Mapping[str, Cell]]) -> Sequence[K]:
    """Return the rows whose cells match a filter, in order."""
    if not wanted.tests:
        return list(keys)
    return [key for key in keys if wanted.admits(_filter_values(cells_of(key)))]


def _filter_values(cells: Mapping[str, Cell]) -> FilterValues:
    texts = {key: plain_text(cell).strip().casefold() for key, cell in cells.items()}
    return FilterValues("\n".join(texts.values()), {key: (text,) if text else () for key, text in texts.items()}, {})
