"""Types of settings: how a value is read from TOML or a variable, and its origin."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Generic, TypeVar

from ssmtui.config.own_commands import OwnCommand, OwnCommandError, read_own_command
from ssmtui.language import say, translatable
from ssmtui.text.names import similar_names
from ssmtui.text.printable import printable

T_co = TypeVar("T_co", covariant=True)


class InvalidValueError(ValueError):
    """A value that is invalid for its setting; the message is a sentence that names the setting.

    `below` is the path of the wrong key within a table, if any.
    """

    def __init__(self, sentence: str, below: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.below = below


@dataclass(frozen=True, slots=True)
class Kind(Generic[T_co]):
    """A type of value.

    `words` describes it in the documentation. `read` gets the name that gave the value and the TOML value; it raises
    `InvalidValueError`. `parse` converts the text of a variable to the TOML value.
    """

    words: str
    read: Callable[[str, object], T_co]
    parse: Callable[[str], object] = str


ValueCheck = Callable[[str], str]
"""Returns what is wrong with a text, in a sentence; empty if it is valid."""


def _nothing_wrong(_text: str) -> str:
    return ""


def text(why_not: ValueCheck = _nothing_wrong) -> Kind[str | None]:
    """Return the type of a text; None if it is not set."""

    def read(name: str, value: object) -> str:
        if not isinstance(value, str):
            raise InvalidValueError(say("{name} must be a text", name=name))
        return _checked(value, why_not)

    return Kind(translatable("a text"), read)


def texts(why_not: ValueCheck = _nothing_wrong) -> Kind[tuple[str, ...]]:
    """Return the type of a text or a list of texts; comma-separated in a variable."""

    def read(name: str, value: object) -> tuple[str, ...]:
        values = value if isinstance(value, list | tuple) else [value]
        given = [each for each in values if isinstance(each, str)]
        if len(given) < len(values):
            raise InvalidValueError(say("{name} must be a text or a list of texts", name=name))
        return tuple(_checked(each, why_not) for each in given)

    return Kind(translatable("a text, or a list of texts"), read, _between_commas)


def switch() -> Kind[bool]:
    """Return the type of true or false; in a variable also 1 and 0, yes and no, on and off."""

    def read(name: str, value: object) -> bool:
        if not isinstance(value, bool):
            raise InvalidValueError(say("{name} must be true or false", name=name))
        return value

    return Kind(translatable("true or false"), read, _as_switch)


def one_of(*names: str) -> Kind[str | None]:
    """Return the type of a word among these; None if it is not set."""

    def read(name: str, value: object) -> str:
        if isinstance(value, str) and value in names:
            return value
        near = similar_names(value, names) if isinstance(value, str) else ()
        sentence = say("{name} must be one of {names}", name=name, names=", ".join(names))
        raise InvalidValueError(sentence + (". " + say("Did you mean {names}?", names=near[0]) if near else ""))

    return Kind(", ".join(f"`{each}`" for each in names), read)


def seconds(most: float) -> Kind[float]:
    """Return the type of a number of seconds, greater than 0."""

    def read(name: str, value: object) -> float:
        number = _number(value)
        if not 0 < number <= most:
            raise InvalidValueError(
                say("{name} must be a number of seconds greater than 0 and at most {most:g}", name=name, most=most)
            )
        return number

    return Kind(translatable("a number of seconds"), read, _as_number)


def pause(least: float, most: float) -> Kind[timedelta | None]:
    """Return the type of a number of seconds between two repetitions; 0, which is None, for never."""

    def read(name: str, value: object) -> timedelta | None:
        number = _number(value)
        if not (number == 0 or least <= number <= most):
            raise InvalidValueError(
                say(
                    "{name} must be a number of seconds from {least:g} to {most:g}, or 0 for never",
                    name=name,
                    least=least,
                    most=most,
                )
            )
        return timedelta(seconds=number) if number else None

    return Kind(translatable("a number of seconds, or 0 for never"), read, _as_number)


def path() -> Kind[Path | None]:
    """Return the type of a file; `~` is the home folder. None if it is not set."""

    def read(name: str, value: object) -> Path:
        if isinstance(value, Path):
            return value
        if not isinstance(value, str) or not value or "\0" in value:
            raise InvalidValueError(say("{name} must be the path of a file", name=name))
        try:
            return Path(value).expanduser()
        except RuntimeError as error:  # `~someone` does not exist
            raise InvalidValueError(say("{name} must be the path of a file", name=name)) from error

    return Kind(translatable("the path of a file"), read)


def table() -> Kind[Mapping[str, str]]:
    """Return the type of a TOML table of texts; in a variable `name=text,…`. A text may contain commas."""

    def read(name: str, value: object) -> Mapping[str, str]:
        if not isinstance(value, Mapping):
            raise InvalidValueError(say("{name} must be a table of texts", name=name))
        for key, each in value.items():
            if not isinstance(each, str):
                raise InvalidValueError(say("{name} must be a text", name=printable(f"{name}.{key}")), below=(key,))
        return dict(value)

    return Kind(translatable("a table of texts"), read, _as_table)


def own_commands() -> Kind[Mapping[str, OwnCommand]]:
    """Return the type of the tables of own commands; in a variable an inline table, as in TOML."""

    def read(name: str, value: object) -> Mapping[str, OwnCommand]:
        if not isinstance(value, Mapping):
            raise InvalidValueError(say("[{table}.NAME] must be a table", table=name))
        found = {}
        for key, each in value.items():
            try:
                found[key] = read_own_command(key, each)
            except OwnCommandError as error:
                place = (key, error.member) if error.member else (key,)
                raise InvalidValueError(f"{printable('.'.join((name, *place)))}: {error}", below=place) from error
        return found

    return Kind(translatable("tables of commands"), read, _as_inline_table)


def _checked(value: str, why_not: ValueCheck) -> str:
    if why := why_not(value):
        raise InvalidValueError(why)
    return value


def _number(value: object) -> float:
    """Return a value as a number; NaN if it is not a number."""
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


def _as_inline_table(value: str) -> object:
    import tomllib

    try:
        return tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return value


def format_toml_value(value: object) -> str:
    """Return a value as TOML, for documents and `ssmtui info`."""
    match value:
        case bool():
            return "true" if value else "false"
        case timedelta():
            return f"{value.total_seconds():g}"
        case int() | float():
            return f"{value:g}"
        case str() | Path():
            return '"' + printable(str(value)).replace("\\", "\\\\").replace('"', '\\"') + '"'
        case OwnCommand():
            return format_toml_value(_as_table_of(value))
        case Mapping():
            return (
                "{ "
                + ", ".join(f"{format_toml_value(name)} = {format_toml_value(each)}" for name, each in value.items())
                + " }"
            )
        case Sequence():
            return "[" + ", ".join(format_toml_value(each) for each in value) + "]"
        case _:
            return ""


def _as_table_of(command: OwnCommand) -> Mapping[str, object]:
    told: dict[str, object] = {"key": command.key, "command": command.words, "description": command.description}
    told |= {"background": command.background, "read_only": command.read_only}
    return {name: each for name, each in told.items() if each}


def as_json(value: object) -> object:
    """Return a value as JSON."""
    match value:
        case timedelta():
            return value.total_seconds()
        case Path():
            return str(value)
        case OwnCommand():
            return as_json(_as_table_of(value))
        case Mapping():
            return {name: as_json(each) for name, each in value.items()}
        case str():
            return value
        case Sequence():
            return [as_json(each) for each in value]
        case _:
            return value


class SettingTable(Enum):
    """The tables of the configuration file for some profiles or accounts only; the value is the table's name."""

    PROFILES = "profiles"
    ACCOUNTS = "accounts"


@dataclass(frozen=True, slots=True, eq=False)
class Setting(Generic[T_co]):
    """The declaration of a setting.

    `name` is its key in the file; `sentence` documents it. `option` is its command line option, empty if there is none.
    `aws` are AWS's own variables: if one is set and nothing else is, the value is the default, which means what the AWS
    CLI would use. `tables` are the tables in which it can be set for a profile or an account only. `example` is a TOML
    value. If any layer sets a switch that `stays_on` to true, it is true. The value of a setting that `is_private` is
    not shown.
    """

    name: str
    kind: Kind[T_co]
    default: T_co
    sentence: str
    example: str
    option: str = ""
    aws: tuple[str, ...] = ()
    tables: frozenset[SettingTable] = frozenset()
    stays_on: bool = False
    is_private: bool = False

    @property
    def variable(self) -> str:
        """Return its environment variable."""
        return f"SSMTUI_{self.name.upper()}"


class SettingLayer(Enum):
    """The source of a setting's value; a later one takes precedence."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"
    OPTION = "option"


@dataclass(frozen=True, slots=True)
class SettingOrigin:
    """The origin of a value. `name` is the variable, the option, or the place in the file; empty for the default.

    `below` has the places of a table's entries in a file.
    """

    layer: SettingLayer
    name: str = ""
    below: Mapping[str, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class SettingValue(Generic[T_co]):
    """A value and its origin; `shown` is the value of AWS's own variable, if that decides."""

    value: T_co
    origin: SettingOrigin
    shown: str = ""
