"""Text from AWS made fit to print: it may hold anything, and must neither move a cursor nor end a line."""

from __future__ import annotations

import unicodedata

_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def printable(text: str) -> str:
    r"""The text with every control, format and surrogate character shown as an escape (`\x1b`, `\u202e`).

    Bidirectional overrides count: with them a name could pretend to be another one.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def printable_lines(text: str) -> list[str]:
    """The lines of a text, each fit to print; tabs become spaces."""
    return [printable(line) for line in text.expandtabs(4).splitlines()]


def pasteable(text: str) -> str:
    r"""The text as it may be pasted: every control character but the ends of lines shown as an escape.

    A terminal takes what is pasted for keys. Characters that merely look like nothing stay: they may be part of a
    policy or a command.
    """
    return "\n".join("".join(map(_harmless, line)) for line in text.expandtabs(4).split("\n"))


def _harmless(character: str) -> str:
    return _shown(character) if unicodedata.category(character) == "Cc" else character


def _shown(character: str) -> str:
    if unicodedata.category(character) not in _UNPRINTABLE:
        return character
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
