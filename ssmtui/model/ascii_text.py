"""Text in ASCII, for where nothing else can be shown: a character for a character, as wide as it was."""

from __future__ import annotations

import re
import unicodedata

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
