"""Make text safe to print, also on ASCII-only terminals, and refuse text that a request cannot contain."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from ssmtui.language import say

_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_NO_TEXT = frozenset({"Cc", "Cs"})

_NEVER_SEEN = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\ufe00-\ufe0d\uffa0\U000e0100-\U000e01ef"
"""Letters and marks that are invisible (Default_Ignorable_Code_Point), except emoji variation selectors."""

_USER_OF_URL = re.compile(r"(?<=//)[^\s\"']*@")
"""The user before the host. An @ in a path counts as its end, so that no part of a password is shown."""

_HIDDEN = re.compile(f"[{_NEVER_SEEN}]")
_OWN = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[\w=.:-]*;[!-~]*(?:\x1b\\|\x07)")
"""Sequences that ssmtui itself writes: colours, and links to its own pages (OSC 8)."""


def printable(text: str) -> str:
    r"""Return the text with control, format, invisible and surrogate characters as escapes (`\x1b`, `\u202e`).

    This includes bidirectional overrides and invisible letters, with which a name could look like another one.
    """
    if text.isprintable() and (text.isascii() or not _HIDDEN.search(text)):
        return text
    return "".join(_shown(character) for character in text)


def printable_styled(line: str) -> str:
    """Return a line with ssmtui's own colours and links, and everything else printable. The last step before output."""
    if line.isprintable():
        return printable(line)
    pieces, end = [], 0
    for own in _OWN.finditer(line):
        pieces += [printable(line[end : own.start()]), own.group()]
        end = own.end()
    return "".join((*pieces, printable(line[end:])))


def printable_lines(text: str) -> list[str]:
    """Return the lines of a text, each printable; tabs become spaces."""
    return [printable(line) for line in text.expandtabs(4).splitlines()]


def pasteable(text: str) -> str:
    r"""Return the text safe to paste, with control characters except line ends as escapes.

    A terminal treats pasted text as keys, and surrogates are not text. Invisible letters stay: they may be part of a
    policy or a command.
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
    "◐": "(",
    "◇": "%",
    "■": "#",
    "□": "[",
    "◆": "*",
    "Δ": "&",
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
    "🔒": "= ",
    "§": "#",
    "±": "=",
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
"""The ASCII replacements. Verdicts stay different from each other, and only the unknown verdict is a question mark."""

_JOINED = re.compile("(?<=.)\u200d.|[\U0001f3fb-\U0001f3ff]", re.DOTALL)
"""A joiner with the joined character, and skin colours."""

_SHOWN_AS_EMOJI = re.compile("([\u00a9\u00ae\u2600-\u26ff\u2702-\u27bf])\ufe0f")

_BOX = {"━": "-", "─": "-", "═": "-", "│": "|", "┃": "|", "║": "|"}


_NO_ROOM = ((0x1160, 0x11FF), (0xD7B0, 0xD7FF), (0x3164, 0x3164), (0xFFA0, 0xFFA0))
"""Vowels and ends of Korean syllables, which have no width of their own, and their fillers."""

_WIDE_LATER = ((0x2630, 0x2637), (0x268A, 0x268F), (0x4DC0, 0x4DFF), (0x1D300, 0x1D376))
"""Characters that are wide since Unicode 16, which terminals know and Python 3.13 does not."""


def ascii_text(text: str) -> str:
    """Return a text as ASCII: similar characters, letters without accents, else question marks."""
    if text.isascii():
        return text
    # Characters joined to an emoji (a family) have no width of their own; a character shown as an emoji is wide.
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
    # Python 3.11 treats code points without a character as wide; terminals do not.
    is_given = unicodedata.category(character) != "Cn"
    is_wide = (is_given and unicodedata.east_asian_width(character) in "WF") or _within(code, _WIDE_LATER)
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    if len(plain) == 1 and plain.isprintable():
        return f"{plain} " if is_wide else plain
    return "??" if is_wide else "?"


class NotSendable(ValueError):
    """A parameter of a request contains half a character (a surrogate). The message names the parameter."""


def refuse_half_characters(parameters: Mapping[str, object]) -> None:
    """Refuse request parameters that cannot be encoded, before anything is sent.

    Raises:
        NotSendable: a parameter contains half a character.

    """
    for name, value in parameters.items():
        if _has_half_character(value):
            raise NotSendable(
                say("{parameter} contains an invalid character (half of a surrogate pair)", parameter=name)
            )


def _has_half_character(value: object) -> bool:
    if isinstance(value, str):
        return not value.isascii() and any("\ud800" <= each <= "\udfff" for each in value)
    if isinstance(value, Mapping):
        return any(_has_half_character(name) or _has_half_character(each) for name, each in value.items())
    return isinstance(value, list | tuple) and any(map(_has_half_character, value))
