"""Where in a TOML file a key stands: tomllib does not tell, and tomlkit does not either (python-poetry/tomlkit#55)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_SAID = re.compile(r"\s*\(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")


@dataclass(frozen=True, slots=True)
class Place:
    """A line and a column, the first being 1."""

    line: int
    column: int


class BrokenToml(ValueError):
    """A text that is no TOML; the message says why, and `place` where."""

    def __init__(self, why: str, place: Place) -> None:
        super().__init__(why)
        self.place = place


def parsed(text: str) -> dict[str, object]:
    """What a text says.

    Raises:
        BrokenToml: it is no TOML.

    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = _SAID.search(str(error))
        why = _SAID.sub("", str(error))
        if said and said["line"]:
            raise BrokenToml(why, Place(int(said["line"]), int(said["column"]))) from error
        lines = text.splitlines() or [""]
        raise BrokenToml(why, Place(len(lines), len(lines[-1]) + 1)) from error


def places(text: str) -> dict[tuple[str, ...], Place]:
    """Where each key, and each table, of a TOML text is first named, by its path.

    Keys within a value stand where it does. The text is valid TOML. Statements end with lines, and no beginning of one
    is a statement: so each is as many lines as tomllib needs to take them, and what it makes of them alone says which
    keys they name.
    """
    found: dict[tuple[str, ...], Place] = {}
    table: tuple[str, ...] = ()
    for number, statement in _statements(text):
        said = tomllib.loads(statement)
        place = Place(number, len(statement) - len(statement.lstrip()) + 1)
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
    taken: list[str] = []
    # Lines of TOML end with LF or CRLF alone: others, which splitlines knows, may stand within a text.
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        taken.append(line)
        statement = "\n".join(taken)
        try:
            said = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        if said:
            yield number - len(taken) + 1, statement
        taken = []


def _paths(said: Mapping[str, object], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of all keys, those above before those below; of an array of tables, as of its last."""
    for name, value in said.items():
        path = (*above, name)
        yield path
        within = value[-1] if isinstance(value, list) and value else value
        if isinstance(within, Mapping):
            yield from _paths(within, path)
