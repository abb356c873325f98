"""How a session of the plugin ended, by the last of what it wrote: its exit status is 0 whatever happened.

Its sentences: docs/facts/failure-texts.md §1 and docs/facts/failure-texts.md §3.2. What a program on the node writes
can look like one of them: it is believed only at the very end, and only of a plugin that ended by itself.
"""

from __future__ import annotations

import re

from ssmtui.model.session_opening import SessionEnding, process_exit_code

_KEPT = 16 * 1024
"""Bytes: the agent says 2,500 characters at most, and its own preface."""
_CARRIAGE_RETURNS = re.compile(r"\r+\n")
# A command's output need not end with a line's end.
_EXIT_CODE = re.compile(r"EXIT_CODE: (\S+)\s*\Z")
_NOT_PERFORMED = "Cannot perform start session: "


class Tail:
    """The last of an output. It is held in memory, and forgotten with the session."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept = b""

    def read(self, output: bytes) -> None:
        """More output."""
        self._kept = output[-_KEPT:] if len(output) >= _KEPT else (self._kept + output)[-_KEPT:]

    @property
    def text(self) -> str:
        """What is kept, with the line ends that the terminal was sent undone."""
        return _CARRIAGE_RETURNS.sub("\n", self._kept.decode("utf-8", errors="replace"))


def ending(session_id: str, text: str, status: int) -> SessionEnding:
    """How it ended, by the end of what the plugin wrote, and its exit status (negative: the signal that ended it)."""
    if status < 0:
        return SessionEnding(session_id, exit_code=128 - status)
    exiting = f"\n\nExiting session with sessionId: {session_id}.\n\n"
    if text.endswith(exiting):
        told = _EXIT_CODE.search(text.removesuffix(exiting))
        return SessionEnding(session_id, exit_code=process_exit_code(told[1]) if told else status, over=True)
    closed = f"\n\nSessionId: {session_id} : "
    if closed in text and text.endswith("\n\n"):
        return SessionEnding(session_id, text.rpartition(closed)[2].strip(), status, over=True)
    last = text.rstrip("\n").rpartition("\n")[2]
    if last == f"Session: {session_id} timed out.":
        # ResumeSession gave no token: there is no session any more.
        return SessionEnding(session_id, last, status, over=True)
    _, begun, rest = text.rpartition(f"\n{_NOT_PERFORMED}")
    if begun and text.endswith("\n"):
        return SessionEnding(session_id, _NOT_PERFORMED + rest.strip(), status)
    return SessionEnding(session_id, exit_code=status)
