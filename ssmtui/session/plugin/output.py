"""Read the plugin's output: how the session ended, and the output of the command without the plugin's lines."""

from __future__ import annotations

import re

from ssmtui.model.sessions import SessionEnding, process_exit_code

_KEPT = 16 * 1024
"""Bytes: the agent sends 2,500 characters at most, plus its preface."""
_CARRIAGE_RETURNS = re.compile(r"\r+\n")
# The output of a command may end without a line end.
_EXIT_CODE_AT_END = re.compile(r"EXIT_CODE: (\S+)\s*\Z")
_NOT_PERFORMED = "Cannot perform start session: "


class OutputTail:
    """The last bytes of an output, in memory only."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept = b""

    def read(self, output: bytes) -> None:
        """Add output."""
        self._kept = output[-_KEPT:] if len(output) >= _KEPT else (self._kept + output)[-_KEPT:]

    @property
    def text(self) -> str:
        """Return the kept output with plain newlines instead of the terminal's line ends."""
        return _CARRIAGE_RETURNS.sub("\n", self._kept.decode("utf-8", errors="replace"))


def ending(session_id: str, text: str, status: int) -> SessionEnding:
    """Return how the session ended, from the end of the output and the exit status (negative: a signal)."""
    if status < 0:
        return SessionEnding(session_id, exit_code=128 - status)
    exiting = f"\n\nExiting session with sessionId: {session_id}.\n\n"
    if text.endswith(exiting):
        told = _EXIT_CODE_AT_END.search(text.removesuffix(exiting))
        return SessionEnding(session_id, exit_code=process_exit_code(told[1]) if told else status, over=True)
    closed = f"\n\nSessionId: {session_id} : "
    if closed in text and text.endswith("\n\n"):
        return SessionEnding(session_id, text.rpartition(closed)[2].strip(), status, over=True)
    last = text.rstrip("\n").rpartition("\n")[2]
    if last == f"Session: {session_id} timed out.":
        # ResumeSession gave no token: the session is over.
        return SessionEnding(session_id, last, status, over=True)
    _, begun, rest = text.rpartition(f"\n{_NOT_PERFORMED}")
    if begun and text.endswith("\n"):
        return SessionEnding(session_id, _NOT_PERFORMED + rest.strip(), status)
    return SessionEnding(session_id, exit_code=status)


_EXIT_CODE_BYTES = re.compile(rb"EXIT_CODE: -?[0-9]{0,20}")
_LONGEST = 16 * 1024
"""Bytes that are held back at most: the agent sends 2,500 characters."""


class CommandOutputFilter:
    """Removes the plugin's first and last line from the output, and the exit code before the last line.

    Text that may be the last line waits until more output comes. All other output is returned at once and unchanged.
    """

    def __init__(self, session_id: str) -> None:
        name = session_id.encode()
        self._first: bytes | None = b"\nStarting session with SessionId: " + name + b"\n"
        self._exiting = b"\n\nExiting session with sessionId: " + name + b".\n\n"
        self._told = b"\n\nSessionId: " + name + b" : "
        self._begins = re.compile(rb"EXIT_CODE: |\n\n(?:Exiting session|SessionId)")
        self._held = b""

    def pass_on(self, output: bytes) -> bytes:
        """Return the output that can be written now."""
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
        """Return the output that was held back, unless it is the plugin's last line."""
        held, self._held = self._held, b""
        bare = _without_code(held)
        is_last = bare == self._exiting or (bare.startswith(self._told) and bare.endswith(b"\n\n"))
        if not is_last:
            return held
        code = held.removesuffix(bare)
        return b"" if not code or code[-1:].isdigit() else code

    def _last_line(self, text: bytes) -> int:
        """Return the position at which the last line may begin."""
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
        """Return whether a text can still become the last line."""
        if b"EXIT_CODE: ".startswith(text):
            return True
        bare = _without_code(text)
        return self._exiting.startswith(bare) or self._told.startswith(bare) or bare.startswith(self._told)


def _without_code(text: bytes) -> bytes:
    found = _EXIT_CODE_BYTES.match(text)
    return text[found.end() :] if found else text
