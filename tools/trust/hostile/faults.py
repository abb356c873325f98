"""What must never be in what is shown or written, whatever text went in."""

from __future__ import annotations

import re
import unicodedata
from base64 import b64decode
from collections.abc import Iterator

from ssmtui.text.printable import printable

_NO_TEXT = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def unseen(text: str) -> list[str]:
    """What of a text a terminal would obey, or would show as nothing; ends of lines apart."""
    return sorted({each for each in text if each != "\n" and unicodedata.category(each) in _NO_TEXT})


def unprintable_lines(text: str) -> list[str]:
    """The lines of a text that are not as `printable` leaves them."""
    return [line for line in text.split("\n") if printable(line) != line]


_ALLOWED = re.compile(
    rb"""\x1b\[[0-9;:?=<>]*[a-zA-Z]              # CSI: Textual's own modes, colours, cursor
    | \x1b\[[?][0-9;]*\$p                        # which modes there are
    | \x1b\[[>=?]?[0-9;]*[ ]?[qupcn]             # what terminal it is
    | \x1b\]52;c;[A-Za-z0-9+/=]*(?:\x07|\x1b\\)  # the clipboard, in base64
    | \x1b\]22;[a-z-]*\x07                      # the pointer's form
    | \x1b\]8;[a-z0-9=:._-]*;[!-~]*(?:\x07|\x1b\\)  # links of pages
    | \x1b_G[!-~]*\x1b\\                         # whether it knows pictures
    | \x1bP\+q[0-9A-Fa-f;]*\x1b\\ | \x1b[=>78MDE]
    """,
    re.VERBOSE,
)
_TEXT_OF_A_CANARY = (b"777m", b"52;c;Y2FuYXJ5", b"]0;canary", b"Pcanary", b"_canary")
_BEHIND_ESC = re.compile(rb"\x1b[^\x1b]{0,24}")


def of_a_terminal(raw: bytes) -> Iterator[str]:
    """What in the bytes that came to a terminal is no sequence of Textual's own, and no text that can be seen."""
    for found in _BEHIND_ESC.finditer(raw):
        for canary in _TEXT_OF_A_CANARY:
            if found.group()[1:].startswith(canary) or found.group()[2:].startswith(canary):
                yield f"{found.group()!r} is a command of a text"
    for found in re.finditer(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)", raw):
        if wrong := [each for each in unseen(b64decode(found.group(1)).decode()) if each < "\xa0"]:
            yield f"{wrong} was copied"
    left = _ALLOWED.sub(b"", raw)
    text = left.decode("utf-8", errors="surrogateescape")
    for character in sorted(set(text) - set("\r\n\x08\t")):
        if unicodedata.category(character) in _NO_TEXT:
            place = text.index(character)
            yield f"{character!r} came to the terminal: {text[max(place - 20, 0) : place + 20]!r}"
