"""Text in ASCII, for where nothing else can be shown: a character for a character, as wide as it was."""

from __future__ import annotations

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

_BOX = {"━": "-", "─": "-", "═": "-", "│": "|", "┃": "|", "║": "|"}


def ascii_text(text: str) -> str:
    """A text with what is no ASCII replaced: by a sign alike, a letter without its accent, else by question marks."""
    return (
        text if text.isascii() else "".join(character if character < "\x80" else _one(character) for character in text)
    )


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
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn", "Me"):
        return ""
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    if len(plain) == 1 and plain.isprintable():
        return plain
    # Python 3.11 calls full width what this version of Unicode has given to nobody; terminals do not.
    is_given = unicodedata.category(character) != "Cn"
    return "??" if is_given and unicodedata.east_asian_width(character) in "WF" else "?"
