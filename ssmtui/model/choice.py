"""Choices that a person makes: what a fix needs before it has a plan, and which connections AWS is asked about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Candidate:
    """One value that could be chosen.

    `about` says what it is, in a few words, and `why_not` why it will not do; both may be empty. `also` are other ways
    to name it (a key's alias or id). `remedy` is what would make it do, as text to copy (a policy statement).
    """

    value: str
    about: str = ""
    why_not: str = ""
    also: tuple[str, ...] = ()
    remedy: str = ""

    def is_named(self, text: str) -> bool:
        """Whether the text means this one."""
        return text == self.value or text in self.also


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that a fix needs. `name` is what `--set NAME=VALUE` calls it, `meaning` says it to people.

    `candidates` are what was found in the account. `free` says that another value may be given, which the fix then
    judges itself; `optional` that none need be. `note` is a sentence to know before (what could not be listed).
    """

    name: str
    meaning: str
    candidates: tuple[Candidate, ...] = ()
    free: bool = False
    optional: bool = False
    note: str = ""

    def candidate(self, text: str) -> Candidate | None:
        """The candidate that a text means."""
        return next((each for each in self.candidates if each.is_named(text)), None)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person has chosen, by name: a fact like any other, which a fix asks for by a parameter of this type."""

    values: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What was chosen for."""
        return tuple(name for name, _ in self.values)

    def get(self, name: str) -> str | None:
        """The value chosen for a name; None where nothing was chosen."""
        return dict(self.values).get(name)


NOTHING_CHOSEN = Choices()


class ConnectionOption(Enum):
    """`--connection`; the values are what is typed."""

    ALL = "all"
    SUSPECT = "suspect"
    NONE = "none"
