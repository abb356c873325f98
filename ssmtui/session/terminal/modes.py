"""What a session left switched on in the person's terminal, and the bytes that switch it off. It reads along only.

By xterm's "Control Sequences", which other terminals follow. A program that ends switches its own modes off; one whose
connection breaks cannot.
"""

from __future__ import annotations

import re

_SEQUENCE = re.compile(
    rb"\x1b(?:"
    rb"\[\?(?P<modes>[0-9;]{1,64})(?P<switch>[hl])"
    rb"|\[(?P<region>[0-9]+;[0-9]+)r"
    rb"|\[(?P<keyboard>[<>])[0-9;]{0,16}u"
    rb"|\[>4(?:;(?P<other_keys>[0-9]))?m"
    rb"|\[(?P<cursor>[0-9]?) q"
    rb"|\[(?P<colours>[0-9;:]{0,64})m"
    rb"|(?P<keypad>[=>])"
    rb"|\((?P<charset>[0-9A-Z])"
    rb"|(?P<reset>c)"
    rb")"
)
_LONGEST = 80
"""Bytes that a sequence above may have."""

# Those that are on in a terminal that nobody has changed: the cursor, and the wrapping of lines.
_ON_BY_DEFAULT = frozenset({7, 25})
# Alternate screen; cursor keys, mouse, focus, paste, synchronised output; cursor and wrapping. The screen comes first:
# what is set for it goes with it.
_WATCHED = (1049, 1047, 47, 1, 9, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 2004, 2026, 7, 25)


class LeftOn:
    """Reads the output of a session along, and knows which modes are not as in a terminal that nobody has changed."""

    def __init__(self) -> None:
        self._rest = b""
        self._keyboards = 0
        self._forget()

    def read(self, output: bytes) -> None:
        """More output. A sequence may be cut anywhere between two pieces."""
        if not self._rest and b"\x1b" not in output:
            return
        text = self._rest + output
        end = 0
        for found in _SEQUENCE.finditer(text):
            self._note(found)
            end = found.end()
        begun = text.rfind(b"\x1b", max(end, len(text) - _LONGEST))
        self._rest = text[begun:] if begun >= 0 else b""

    def undoing(self) -> bytes:
        """What makes the terminal as it should be; empty where nothing was left on."""
        undone = [b"\x1b[<u" * self._keyboards]
        undone += [
            b"\x1b[?%d%c" % (mode, b"h" if mode in _ON_BY_DEFAULT else b"l") for mode in _WATCHED if mode in self._modes
        ]
        if self._region:
            undone.append(b"\x1b7\x1b[r\x1b8")  # it moves the cursor
        if self._keypad:
            undone.append(b"\x1b>")
        if self._charset:
            undone.append(b"\x1b(B")
        if self._other_keys:
            undone.append(b"\x1b[>4m")
        if self._cursor:
            undone.append(b"\x1b[0 q")
        if self._colours:
            undone.append(b"\x1b[0m")
        return b"".join(undone)

    def _note(self, found: re.Match[bytes]) -> None:
        if found["modes"]:
            for word in found["modes"].split(b";"):
                mode = int(word or b"0")
                if (found["switch"] == b"h") is (mode in _ON_BY_DEFAULT):
                    self._modes.discard(mode)
                elif mode in _WATCHED:
                    self._modes.add(mode)
        elif found["reset"]:
            self._forget()
        elif found["keyboard"]:
            self._keyboards = max(self._keyboards + (1 if found["keyboard"] == b">" else -1), 0)
        elif found["keypad"]:
            self._keypad = found["keypad"] == b"="
        elif found["charset"]:
            self._charset = found["charset"] != b"B"
        elif found["region"]:
            self._region = True
        elif found["colours"] is not None:
            self._colours = found["colours"].strip(b"0;:") != b""
        elif found["cursor"] is not None:
            self._cursor = found["cursor"] not in (b"", b"0")
        else:
            self._other_keys = found["other_keys"] not in (None, b"0")

    def _forget(self) -> None:
        self._modes: set[int] = set()
        self._keyboards = 0
        self._keypad = self._charset = self._region = self._cursor = self._colours = self._other_keys = False
