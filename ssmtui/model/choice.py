"""Choices of a person: values that a fix needs before it has a plan, and which connections are read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that can be chosen.

    `about` is a short description, and `why_not` says why the value cannot be used; both can be empty. `also` are other
    names of the value (a key's alias or ID). `remedy` is a text to copy that would make it usable (a policy statement).
    """

    value: str
    about: str = ""
    why_not: str = ""
    also: tuple[str, ...] = ()
    remedy: str = ""

    def is_named(self, text: str) -> bool:
        """Return whether the text is a name of this candidate."""
        return text == self.value or text in self.also


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that a fix needs. `name` is its name in `--set NAME=VALUE`, `meaning` its name for people.

    `candidates` were found in the account. `free`: other values are allowed, which the fix checks itself; `optional`:
    no value is needed. `note` is a sentence to show before the choice (what could not be listed).
    """

    name: str
    meaning: str
    candidates: tuple[Candidate, ...] = ()
    free: bool = False
    optional: bool = False
    note: str = ""

    def candidate(self, text: str) -> Candidate | None:
        """Return the candidate with this name."""
        return next((each for each in self.candidates if each.is_named(text)), None)


@dataclass(frozen=True, slots=True)
class Choices:
    """The chosen values, by name: a fact that a fix gets with a parameter of this type."""

    values: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names that have a value."""
        return tuple(name for name, _ in self.values)

    def get(self, name: str) -> str | None:
        """Return the value chosen for a name, or None."""
        return dict(self.values).get(name)


NOTHING_CHOSEN = Choices()


class ConnectionOption(Enum):
    """The values of the option `--connection`."""

    ALL = "all"
    SUSPECT = "suspect"
    NONE = "none"
