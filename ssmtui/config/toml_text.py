"""Find the line of each key in a TOML file. Neither tomllib nor tomlkit tells it (python-poetry/tomlkit#55)."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ssmtui.config.private_files import open_named
from ssmtui.language import say

LONGEST = 2**20
"""Characters of a file that are read."""
_DEEPEST = 100
"""Dots of one key, and brackets in one another."""

_OPENING, _CLOSING = frozenset("[{"), frozenset("]}")
_SIGNS = re.compile(
    r'''"""(?:\\.|[^\\])*?"{3,5}|\'{3}.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|\#[^\n]*|[][{}.,=\n]''', re.DOTALL
)
"""What parts statements, with the texts and comments within which it parts nothing."""

_SAID = re.compile(r"\s*\(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")


@dataclass(frozen=True, slots=True)
class TomlPlace:
    """A line and a column, the first being 1."""

    line: int
    column: int


class InvalidToml(ValueError):
    """A text that is no TOML; the message says why, and `place` where."""

    def __init__(self, why: str, place: TomlPlace) -> None:
        super().__init__(why)
        self.place = place


def toml_text(file: Path, *, is_read_once: bool = False) -> str:
    """What is in a file; of one that has no end, or hardly one, so much that `parsed` says that it is too long.

    Raises:
        OSError: it cannot be read.
        UnicodeDecodeError: it is no text.

    """
    with os.fdopen(open_named(file, is_read_once=is_read_once), encoding="utf-8") as opened:
        return opened.read(LONGEST + 1)


def parse_toml(text: str) -> dict[str, object]:
    """What a text says.

    Raises:
        BrokenToml: it is no TOML, or beyond all measure.

    """
    if len(text) > LONGEST:
        raise InvalidToml(say("it is longer than ssmtui reads ({most} characters)", most=LONGEST), TomlPlace(1, 1))
    if line := _too_deep(text):
        raise InvalidToml(say("it nests deeper than ssmtui reads"), TomlPlace(line, 1))
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = _SAID.search(str(error))
        why = _SAID.sub("", str(error))
        if said and said["line"]:
            raise InvalidToml(why, TomlPlace(int(said["line"]), int(said["column"]))) from error
        lines = text.splitlines() or [""]
        raise InvalidToml(why, TomlPlace(len(lines), len(lines[-1]) + 1)) from error
    except ValueError as error:  # Python's own, of a number that it would take too long to read
        raise InvalidToml(say("a number in it has too many digits"), TomlPlace(1, 1)) from error


def key_places(text: str) -> dict[tuple[str, ...], TomlPlace]:
    """Where each key, and each table, of a TOML text is first named, by its path.

    Keys within a value stand where it does. The text is valid TOML. A statement ends with a line that ends within no
    text and no bracket; what tomllib makes of it alone says which keys it names.
    """
    found: dict[tuple[str, ...], TomlPlace] = {}
    table: tuple[str, ...] = ()
    for number, statement in _statements(text):
        said = tomllib.loads(statement)
        place = TomlPlace(number, len(statement) - len(statement.lstrip()) + 1)
        if statement.lstrip().startswith("["):
            *_, table = _paths(said)
            named = [table[: depth + 1] for depth in range(len(table))]
        else:
            named = [(*table, *each) for each in _paths(said)]
        for each in named:
            found.setdefault(each, place)
    return found


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Each statement with the number of its first line; comments and empty lines are left out."""
    # Lines of TOML end with LF or CRLF alone: others, which splitlines knows, may stand within a text.
    text = text.replace("\r\n", "\n")
    begin, number, depth = 0, 1, 0
    for sign in (*_SIGNS.finditer(text), None):
        told = sign.group() if sign else "\n"
        depth += (told in _OPENING) - (told in _CLOSING)
        if told != "\n" or depth > 0:
            continue
        statement = text[begin : sign.start() if sign else len(text)]
        if statement.strip() and not statement.lstrip().startswith("#"):
            yield number, statement
        number += statement.count("\n") + 1
        begin = sign.end() if sign else begin


def _too_deep(text: str) -> int:
    """The number of the line in which keys or brackets nest deeper than is read; 0 where none do."""
    depth, dots, number = 0, 0, 1
    for sign in _SIGNS.finditer(text):
        told = sign.group()
        depth = max(depth + (told in _OPENING) - (told in _CLOSING), 0)
        dots = dots + 1 if told == "." else dots if told[0] in "\"'" else 0
        if max(depth, dots) > _DEEPEST:
            return number
        number += told.count("\n")
    return 0


def _paths(said: Mapping[str, object], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of all keys, those above before those below; of an array of tables, as of its last."""
    for name, value in said.items():
        path = (*above, name)
        yield path
        within = value[-1] if isinstance(value, list) and value else value
        if isinstance(within, Mapping):
            yield from _paths(within, path)
