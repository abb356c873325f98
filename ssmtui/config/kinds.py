"""What kinds of values settings have: how each is read from TOML, from a variable's text, and what is wrong with it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Generic, TypeVar

from ssmtui.language import marked, say
from ssmtui.model.near_names import near_names
from ssmtui.model.plain_text import printable

T_co = TypeVar("T_co", covariant=True)


class WrongValue(ValueError):
    """A value that a setting cannot have; the message is a sentence that names the setting.

    `below` is the key within a table that is meant, where one is.
    """

    def __init__(self, sentence: str, below: str = "") -> None:
        super().__init__(sentence)
        self.below = below


@dataclass(frozen=True, slots=True)
class Kind(Generic[T_co]):
    """A kind of value.

    `words` tells it in the documentation. `read` takes the name that the value was given by and what TOML says, and
    raises `WrongValue`; `parse` makes what TOML would say of a variable's text.
    """

    words: str
    read: Callable[[str, object], T_co]
    parse: Callable[[str], object] = str


Check = Callable[[str], str]
"""What is wrong with one text, in a sentence; empty where nothing is."""


def _nothing_wrong(_text: str) -> str:
    return ""


def text(why_not: Check = _nothing_wrong) -> Kind[str | None]:
    """One text; None where it was not given."""

    def read(name: str, value: object) -> str:
        if not isinstance(value, str):
            raise WrongValue(say("{name} is a text", name=name))
        return _checked(value, why_not)

    return Kind(marked("a text"), read)


def texts(why_not: Check = _nothing_wrong) -> Kind[tuple[str, ...]]:
    """A text or a list of them; in a variable they stand between commas."""

    def read(name: str, value: object) -> tuple[str, ...]:
        values = value if isinstance(value, list | tuple) else [value]
        given = [each for each in values if isinstance(each, str)]
        if len(given) < len(values):
            raise WrongValue(say("{name} is a text, or a list of texts", name=name))
        return tuple(_checked(each, why_not) for each in given)

    return Kind(marked("a text, or a list of texts"), read, _between_commas)


def switch() -> Kind[bool]:
    """True or false; in a variable also 1 and 0, yes and no, on and off."""

    def read(name: str, value: object) -> bool:
        if not isinstance(value, bool):
            raise WrongValue(say("{name} is true or false", name=name))
        return value

    return Kind(marked("true or false"), read, _as_switch)


def one_of(*names: str) -> Kind[str | None]:
    """One of some words; None where it was not given."""

    def read(name: str, value: object) -> str:
        if isinstance(value, str) and value in names:
            return value
        near = near_names(value, names) if isinstance(value, str) else ()
        sentence = say("{name} is one of {names}", name=name, names=", ".join(names))
        raise WrongValue(sentence + (". " + say("Did you mean {names}?", names=near[0]) if near else ""))

    return Kind(", ".join(f"`{each}`" for each in names), read)


def seconds(most: float) -> Kind[float]:
    """A number of seconds, more than 0."""

    def read(name: str, value: object) -> float:
        number = _number(value)
        if not 0 < number <= most:
            raise WrongValue(
                say("{name} is a number of seconds, more than 0 and at most {most:g}", name=name, most=most)
            )
        return number

    return Kind(marked("a number of seconds"), read, _as_number)


def pause(least: float, most: float) -> Kind[timedelta | None]:
    """A number of seconds between two times that something is done; 0, which is None, for never."""

    def read(name: str, value: object) -> timedelta | None:
        number = _number(value)
        if not (number == 0 or least <= number <= most):
            raise WrongValue(
                say(
                    "{name} is a number of seconds from {least:g} to {most:g}, or 0 for never",
                    name=name,
                    least=least,
                    most=most,
                )
            )
        return timedelta(seconds=number) if number else None

    return Kind(marked("a number of seconds, or 0 for never"), read, _as_number)


def path() -> Kind[Path | None]:
    """A file, `~` being the home folder; None where it was not given."""

    def read(name: str, value: object) -> Path:
        if isinstance(value, Path):
            return value
        if not isinstance(value, str) or not value or "\0" in value:
            raise WrongValue(say("{name} is the path of a file", name=name))
        try:
            return Path(value).expanduser()
        except RuntimeError as error:  # `~someone` who is not there
            raise WrongValue(say("{name} is the path of a file", name=name)) from error

    return Kind(marked("the path of a file"), read)


def table() -> Kind[Mapping[str, str]]:
    """Texts by name, a table of TOML's; in a variable `name=text` between commas, which may also stand in a text."""

    def read(name: str, value: object) -> Mapping[str, str]:
        if not isinstance(value, Mapping):
            raise WrongValue(say("{name} is a table of texts", name=name))
        for key, each in value.items():
            if not isinstance(each, str):
                raise WrongValue(say("{name} is a text", name=printable(f"{name}.{key}")), below=key)
        return dict(value)

    return Kind(marked("a table of texts"), read, _as_table)


def _checked(value: str, why_not: Check) -> str:
    if why := why_not(value):
        raise WrongValue(why)
    return value


def _number(value: object) -> float:
    """The number that a value is; not a number, where it is none."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan


def _between_commas(value: str) -> Sequence[str]:
    return [each.strip() for each in value.split(",") if each.strip()]


def _as_switch(value: str) -> object:
    word = value.strip().casefold()
    if word in ("true", "1", "yes", "on"):
        return True
    return False if word in ("false", "0", "no", "off") else value


def _as_number(value: str) -> object:
    try:
        return float(value)
    except ValueError:
        return value


def _as_table(value: str) -> object:
    told: dict[str, str] = {}
    name = ""
    for part in _between_commas(value):
        before, equals, text = part.partition("=")
        if equals:
            name, told[before.strip()] = before.strip(), text.strip()
        elif name:
            told[name] += f",{part}"
        else:
            return value
    return told


def shown(value: object) -> str:
    """A value as TOML writes it, for documents and `ssmtui info`."""
    match value:
        case bool():
            return "true" if value else "false"
        case timedelta():
            return f"{value.total_seconds():g}"
        case int() | float():
            return f"{value:g}"
        case str() | Path():
            return '"' + printable(str(value)).replace("\\", "\\\\").replace('"', '\\"') + '"'
        case Mapping():
            return "{ " + ", ".join(f"{shown(name)} = {shown(each)}" for name, each in value.items()) + " }"
        case Sequence():
            return "[" + ", ".join(shown(each) for each in value) + "]"
        case _:
            return ""


def as_json(value: object) -> object:
    """A value as JSON has it."""
    match value:
        case timedelta():
            return value.total_seconds()
        case Path():
            return str(value)
        case Mapping():
            return {name: as_json(each) for name, each in value.items()}
        case str():
            return value
        case Sequence():
            return [as_json(each) for each in value]
        case _:
            return value
