"""One setting: what is said of it once, and where a value of it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, TypeVar

from ssmtui.config.kinds import Kind

T_co = TypeVar("T_co", covariant=True)


class Table(Enum):
    """Below which tables of the configuration file a setting may stand for some alone; the value is the table."""

    PROFILES = "profiles"
    ACCOUNTS = "accounts"


@dataclass(frozen=True, slots=True, eq=False)
class Setting(Generic[T_co]):
    """A setting, declared once.

    `name` is its key in the file; `sentence` says what it does, for the documentation. `option` is that of the command
    line, empty where there is none. `aws` are AWS's own variables that choose where nothing else is said: the value is
    the default then, and means what the AWS CLI would use. `tables` are those that it may stand below for a profile or
    an account alone. `example` is a value as TOML writes it. Of a switch that `stays_on`, whoever says true is obeyed,
    whatever else is said. What `is_private` is not shown.
    """

    name: str
    kind: Kind[T_co]
    default: T_co
    sentence: str
    example: str
    option: str = ""
    aws: tuple[str, ...] = ()
    tables: frozenset[Table] = frozenset()
    stays_on: bool = False
    is_private: bool = False

    @property
    def variable(self) -> str:
        """The environment variable that gives it."""
        return f"SSMTUI_{self.name.upper()}"


class Layer(Enum):
    """Who says what a setting is; a later one outranks those before it."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"
    OPTION = "option"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from. `name` is the variable, the option, or the place in the file; empty for the default.

    `below` has the places of a table's entries, where they stand in a file.
    """

    layer: Layer
    name: str = ""
    below: Mapping[str, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Told(Generic[T_co]):
    """A value and where it came from; `shown` is what AWS's own variable says, where one of these chooses."""

    value: T_co
    origin: Origin
    shown: str = ""
