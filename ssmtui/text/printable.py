"""Make text safe to print, also where a terminal has only ASCII, and refuse text that no request can carry."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from ssmtui.language import say

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


def printable_styled(line: str) -> str:
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


_SIGNS = {
    "✖": "X",
    "▲": "!",
    "●": "+",
    "○": "o",
    "◌": "o",
    "■": "#",
    "◆": "*",
    "Δ": "^",
    "•": "*",
    "·": ".",
    "…": "~",
    "–": "-",
    "—": "-",
    "→": ">",
    "←": "<",
    "›": ">",
    "‹": "<",
    "↑": "^",
    "↓": "v",
    "⏎": "<",
    "⌫": "<",
    "✅": "+ ",
    "❌": "X ",
    "❔": "? ",
    "⚠": "!",
    "⏹": "#",
    "§": "#",
    "±": "+",
    "«": '"',
    "»": '"',
    "“": '"',
    "”": '"',
    "„": '"',
    "‟": '"',
    "″": '"',
    "’": "'",
    "‘": "'",
    "‚": "'",
    "‛": "'",
    "′": "'",
    "œ": "o",
    "Œ": "O",
    "æ": "a",
    "ß": "s",
    "ø": "o",
    "\u00a0": " ",
    "\u202f": " ",
    "\u2800": " ",
    "▔": "-",
    "▁": "_",
    "▏": "|",
    "▕": "|",
    "▎": "|",
    "▊": "|",
}
"""What stands for what: no two verdicts are alike, and none is the question mark of what is unknown but that one."""

_JOINED = re.compile("(?<=.)\u200d.|[\U0001f3fb-\U0001f3ff]", re.DOTALL)
"""A joiner and what it joins, and the colours of a skin."""

_SHOWN_AS_EMOJI = re.compile("([\u00a9\u00ae\u2600-\u26ff\u2702-\u27bf])\ufe0f")

_BOX = {"━": "-", "─": "-", "═": "-", "│": "|", "┃": "|", "║": "|"}


_NO_ROOM = ((0x1160, 0x11FF), (0xD7B0, 0xD7FF), (0x3164, 0x3164), (0xFFA0, 0xFFA0))
"""Vowels and ends of Korean syllables, which stand in the room of the first letter, and what fills for them."""

_WIDE_LATER = ((0x2630, 0x2637), (0x268A, 0x268F), (0x4DC0, 0x4DFF), (0x1D300, 0x1D376))
"""What Unicode 16 has made wide: terminals know, and Python 3.13 does not."""


def ascii_text(text: str) -> str:
    """A text with what is no ASCII replaced: by a sign alike, a letter without its accent, else by question marks."""
    if text.isascii():
        return text
    # What is joined to an emoji (a family) takes no room of its own; what is to be one for once is as wide as one.
    joined = _SHOWN_AS_EMOJI.sub(r"\1 ", _JOINED.sub("", text))
    return "".join(character if character < "\x80" else _one(character) for character in joined)


def _within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in ranges)


def _one(character: str) -> str:
    known = _SIGNS.get(character) or _BOX.get(character)
    if known:
        return known
    code = ord(character)
    if 0x2500 <= code <= 0x257F:  # corners and crossings
        return "+"
    if 0x2580 <= code <= 0x259F:  # blocks, of bars and charts
        return "#"
    if 0x2801 <= code <= 0x28FF:  # dots, of charts
        return ":" if (code - 0x2800).bit_count() > 2 else "."
    if _within(code, _NO_ROOM):
        return ""
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn", "Me"):
        return ""
    # Python 3.11 calls full width what this version of Unicode has given to nobody; terminals do not.
    is_given = unicodedata.category(character) != "Cn"
    is_wide = (is_given and unicodedata.east_asian_width(character) in "WF") or _within(code, _WIDE_LATER)
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    if len(plain) == 1 and plain.isprintable():
        return f"{plain} " if is_wide else plain
    return "??" if is_wide else "?"


class NotSendable(ValueError):
    """A parameter of a request holds half a character. Its text names the parameter."""


def refuse_half_characters(parameters: Mapping[str, object]) -> None:
    """Refuse the parameters of a request that cannot be encoded, before anything is sent.

    Raises:
        NotSendable: one of them holds half a character.

    """
    for name, value in parameters.items():
        if _has_half_character(value):
            raise NotSendable(say("{parameter} holds half a character, which no request can send", parameter=name))


def _has_half_character(value: object) -> bool:
    if isinstance(value, str):
        return not value.isascii() and any("\ud800" <= each <= "\udfff" for each in value)
    if isinstance(value, Mapping):
        return any(_has_half_character(name) or _has_half_character(each) for name, each in value.items())
    return isinstance(value, list | tuple) and any(map(_has_half_character, value))
