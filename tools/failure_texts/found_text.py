"""A text that a program can print, as its source has it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

INNER = "%w"
"""The hole for another error. All other holes are as in the source."""


class Severity(Enum):
    """How a text reaches a person."""

    RETURNED = "returned"
    INFO = "log info"
    WARNING = "log warning"
    ERROR = "log error"
    PRINTED = "printed"
    EXCEPTION = "exception"


@dataclass(frozen=True, slots=True)
class FoundText:
    """A text with its file. `frame` is what the callers print around it, with `%w` in its place; empty if nothing."""

    file: str
    severity: Severity
    text: str
    frame: str = ""
