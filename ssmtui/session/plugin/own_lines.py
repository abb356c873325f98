"""What the plugin writes around a command's output taken away, so that a script reads that output and nothing else."""

from __future__ import annotations

import re

_EXIT_CODE = re.compile(rb"EXIT_CODE: -?[0-9]{0,20}")
_LONGEST = 16 * 1024
"""Bytes that are held back at most: the agent says 2,500 characters."""


class OutputAlone:
    """Takes away the first line that the plugin writes, and the last, with the exit code before it.

    What may be its last line is held back until more comes; all else is passed on at once, and untouched.
    """

    def __init__(self, session_id: str) -> None:
        name = session_id.encode()
        self._first: bytes | None = b"\nStarting session with SessionId: " + name + b"\n"
        self._exiting = b"\n\nExiting session with sessionId: " + name + b".\n\n"
        self._told = b"\n\nSessionId: " + name + b" : "
        self._begins = re.compile(rb"EXIT_CODE: |\n\n(?:Exiting session|SessionId)")
        self._held = b""

    def pass_on(self, output: bytes) -> bytes:
        """What is passed on now."""
        text = self._held + output
        if self._first is not None:
            if len(text) < len(self._first) and self._first.startswith(text):
                self._held = text
                return b""
            text, self._first = text.removeprefix(self._first), None
        place = self._last_line(text)
        self._held = text[place:]
        return text[:place]

    def rest(self) -> bytes:
        """What is passed on at the end: what was held back, where it is no last line."""
        held, self._held = self._held, b""
        bare = _without_code(held)
        is_last = bare == self._exiting or (bare.startswith(self._told) and bare.endswith(b"\n\n"))
        return b"" if is_last else held

    def _last_line(self, text: bytes) -> int:
        """Where the last line may begin."""
        start = max(len(text) - _LONGEST, 0)
        for found in self._begins.finditer(text, start):
            if self._may_be_last(text[found.start() :]):
                return found.start()
        longest = len(self._exiting) + len(b"EXIT_CODE: -") + 20
        for place in range(max(len(text) - longest, 0), len(text)):
            if text[place] in b"E\n" and self._may_be_last(text[place:]):
                return place
        return len(text)

    def _may_be_last(self, text: bytes) -> bool:
        """Whether a text may yet become the last line."""
        if b"EXIT_CODE: ".startswith(text):
            return True
        bare = _without_code(text)
        return self._exiting.startswith(bare) or self._told.startswith(bare) or bare.startswith(self._told)


def _without_code(text: bytes) -> bytes:
    found = _EXIT_CODE.match(text)
    return text[found.end() :] if found else text
