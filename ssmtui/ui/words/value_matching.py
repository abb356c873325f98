"""How a value is looked for: as it stands, by `*` and `?`, or as a regular expression, which stands in slashes."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import translate

from ssmtui.language import say

Matches = Callable[[str], bool]
"""Whether a text, casefolded, is what is looked for."""

_REPEATED_REPETITION = re.compile(r"\((?:[^()\\]|\\.)*[+*}](?:[^()\\]|\\.)*\)\s*[+*{]")
"""`(a+)+`: on a text that it does not match its time doubles with every character, and the screen would stand still."""


class NoExpression(ValueError):
    """A regular expression that cannot be used; the message says why."""


def is_plain(value: str) -> bool:
    """Whether a value stands for itself, and is none that is being typed."""
    return bool(value) and not _is_pattern(value) and not value.startswith(("/", "="))


def somewhere(value: str) -> Matches:
    """A value anywhere in a text."""
    if (expression := _between_slashes(value)) is not None:
        return _searched(expression)
    wanted = value.casefold()
    if _is_pattern(wanted):
        return _whole(f"*{wanted}*")
    return lambda held: wanted in held


def in_field(value: str, *, by_beginning: bool) -> Matches:
    """A value of a field: anywhere in it, or at its beginning where that is enough; all of it after `=`."""
    if (expression := _between_slashes(value)) is not None:
        return _searched(expression)
    wanted = value.casefold()
    if wanted.startswith("="):
        exactly = wanted[1:]
        return lambda held: held == exactly
    if _is_pattern(wanted):
        return _whole(wanted)
    if by_beginning:
        return lambda held: held.startswith(wanted)
    return lambda held: wanted in held


def whole(value: str) -> Matches:
    """All of a text, such as a tag's key. What begins with a slash is an expression where it ends with one, too."""
    if value.endswith("/") and (expression := _between_slashes(value)) is not None:
        return _searched(expression)
    return _whole(value.casefold())


def _is_pattern(value: str) -> bool:
    return "*" in value or "?" in value


def _whole(value: str) -> Matches:
    # `[` is an ordinary character here: names hold it, and who means a class writes an expression.
    expression = re.compile(translate(value.replace("[", "[[]")))
    return lambda held: expression.match(held) is not None


def _between_slashes(value: str) -> str | None:
    """The expression that stands there; the slash at its end may be missing still."""
    if len(value) < 2 or not value.startswith("/"):
        return None
    return value[1:-1] if value.endswith("/") else value[1:]


def _searched(expression: str) -> Matches:
    if _REPEATED_REPETITION.search(expression):
        raise NoExpression(say("/{expression}/ repeats a repetition, which may take for ever", expression=expression))
    try:
        compiled = re.compile(expression, re.IGNORECASE | re.MULTILINE)
    except re.error as error:
        sentence = say("/{expression}/ is no regular expression: {why}", expression=expression, why=error.msg)
        raise NoExpression(sentence) from error
    return lambda held: compiled.search(held) is not None
