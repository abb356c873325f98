"""Text from AWS made fit to print: it may hold anything, and must neither move a cursor nor end a line."""

from __future__ import annotations

import re
import unicodedata

_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_NO_TEXT = frozenset({"Cc", "Cs"})

_NEVER_SEEN = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\ufe00-\ufe0d\uffa0\U000e0100-\U000e01ef"
"""Letters and marks that nothing shows (Default_Ignorable_Code_Point), but for those that choose an emoji's form."""

_USER_OF_URL = re.compile(r"(?<=//)[^\s\"']*@")
"""What comes before the host; an @ of a path is taken for its end, since nothing of a password may be shown."""

_HIDDEN = re.compile(f"[{_NEVER_SEEN}]")
_OWN = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[\w=.:-]*;[!-~]*(?:\x1b\\|\x07)")
"""What ssmtui itself writes into a line: colours, and links of its own pages (OSC 8)."""


def printable(text: str) -> str:
    r"""The text with every control, format, unseen and surrogate character shown as an escape (`\x1b`, `\u202e`).

    Bidirectional overrides count: with them a name could pretend to be another one. So do letters that nobody sees.
    """
    if text.isprintable() and (text.isascii() or not _HIDDEN.search(text)):
        return text
    return "".join(_shown(character) for character in text)


def printable_painted(line: str) -> str:
    """A line that has ssmtui's own colours and links, all else in it fit to print: the last door before a terminal."""
    if line.isprintable():
        return printable(line)
    pieces, end = [], 0
    for own in _OWN.finditer(line):
        pieces += [printable(line[end : own.start()]), own.group()]
        end = own.end()
    return "".join((*pieces, printable(line[end:])))


def printable_lines(text: str) -> list[str]:
    """The lines of a text, each fit to print; tabs become spaces."""
    return [printable(line) for line in text.expandtabs(4).splitlines()]


def pasteable(text: str) -> str:
    r"""The text as it may be pasted: every control character but the ends of lines shown as an escape.

    A terminal takes what is pasted for keys, and half a character (a surrogate) is no text. Characters that merely look
    like nothing stay: they may be part of a policy or a command.
    """
    return "\n".join("".join(map(_harmless, line)) for line in text.expandtabs(4).split("\n"))


def _harmless(character: str) -> str:
    return _shown(character) if unicodedata.category(character) in _NO_TEXT else character


def _shown(character: str) -> str:
    if unicodedata.category(character) not in _UNPRINTABLE and not _HIDDEN.match(character):
        return character
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def without_password(text: str) -> str:
    """Return a text without the user and the password of the URLs in it."""
    return _USER_OF_URL.sub("…@", text)
