"""Find the line of each key in a TOML file. Neither tomllib nor tomlkit reports it (python-poetry/tomlkit#55)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ssmtui.config.private_files import open_named
from ssmtui.language import say

LONGEST = 2**20
"""Maximum length of a file, in characters."""
_DEEPEST = 100
"""Maximum number of dots in a key, and of nested brackets."""

_OPENING, _CLOSING = frozenset("[{"), frozenset("]}")
_SIGNS = re.compile(
    r'''"""(?:\\.|[^\\])*?"{3,5}|\'{3}.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|\#[^\n]*|[][{}.,=\n]''', re.DOTALL
)
"""Characters that separate statements, and the texts and comments in which they do not."""

_SAID = re.compile(r"\s*\(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")


@dataclass(frozen=True, slots=True)
class TomlPlace:
    """A line and a column, counted from 1."""

    line: int
    column: int


class InvalidToml(ValueError):
    """The text is not TOML; the message says why, and `place` where."""

    def __init__(self, why: str, place: TomlPlace) -> None:
        super().__init__(why)
        self.place = place


def toml_text(file: Path, *, is_read_once: bool = False) -> str:
    """Return the text of a file. If the file is too long, the text is too, and `parse_toml` refuses it.

    Raises:
        OSError: the file cannot be read.
        UnicodeDecodeError: the file is not text.

    """
    with os.fdopen(open_named(file, is_read_once=is_read_once), encoding="utf-8") as opened:
        return opened.read(LONGEST + 1)


def parse_toml(text: str) -> dict[str, object]:
    """Parse a TOML text.

    Raises:
        InvalidToml: the text is not TOML, or exceeds the limits.

    """
    if len(text) > LONGEST:
        raise InvalidToml(say("the text is too long ({most} characters at most)", most=LONGEST), TomlPlace(1, 1))
    if line := _too_deep(text):
        raise InvalidToml(say("the text is nested too deeply"), TomlPlace(line, 1))
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = _SAID.search(str(error))
        why = _SAID.sub("", str(error))
        if said and said["line"]:
            raise InvalidToml(why, TomlPlace(int(said["line"]), int(said["column"]))) from error
        lines = text.splitlines() or [""]
        raise InvalidToml(why, TomlPlace(len(lines), len(lines[-1]) + 1)) from error
    except ValueError as error:  # Python's own limit for the digits of a number
        raise InvalidToml(say("a number has too many digits"), TomlPlace(1, 1)) from error


def key_places(text: str) -> dict[tuple[str, ...], TomlPlace]:
    """Return where each key and table of a valid TOML text first appears, by path.

    Keys within a value have the place of the value. A statement ends at a line end outside texts and brackets. tomllib
    parses each statement alone, which gives its keys.
    """
    import tomllib

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
    """Yield each statement with the number of its first line, without comments and empty lines."""
    # TOML lines end with LF or CRLF only; other line ends of splitlines may be part of a text.
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
    """Return the number of the line in which keys or brackets nest too deeply; 0 if none does."""
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
    """Yield the paths of all keys, parents first; for an array of tables, those of its last table."""
    for name, value in said.items():
        path = (*above, name)
        yield path
        within = value[-1] if isinstance(value, list) and value else value
        if isinstance(within, Mapping):
            yield from _paths(within, path)
