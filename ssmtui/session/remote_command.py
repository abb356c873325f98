"""Commands for a node: the text that SSM Agent runs, and the exit code where the agent does not report it."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Sequence

from ssmtui.model.node import PlatformFamily
from ssmtui.model.sessions import SessionRequest, process_exit_code

# The sequence "end of a command" of FinalTerm and other terminals, with an identifier of our own.
_MARK = r"\033]133;D;%s;aid=ssmtui\007"
_BEGIN, _END = b"\x1b]133;D;", b";aid=ssmtui\x07"
_MARKED = re.compile(re.escape(_BEGIN) + rb"([0-9]{1,3})" + re.escape(_END))
_LONGEST = len(_BEGIN) + 3 + len(_END)


CAN_READ_MARK = sys.platform != "win32"
"""The plugin has the console of Windows for itself: nothing reads its output."""


def terminal_command(words: Sequence[str], platform: PlatformFamily | None, *, marked: bool = CAN_READ_MARK) -> str:
    """Return the text for a command with a terminal on the node.

    SSM Agent gives the text to `sh -c`, or to PowerShell as its arguments, and reports no exit code
    (docs/facts/sessions.md §9). So the line for `sh` writes the exit code itself, as a mark in the output.
    """
    if platform is PlatformFamily.WINDOWS:
        return subprocess.list2cmdline(["-Command", _powershell_line(words)])
    if not marked:
        return _line(words)
    # The outer shell must survive Ctrl-C, which ends the command.
    return f"trap : INT QUIT; {_sh(_line(words))}; {_write_mark()}"


def piped_command(words: Sequence[str], platform: PlatformFamily | None, *, marked: bool = False) -> str:
    """Return the text for a command without a terminal.

    SSM Agent splits the text into words and starts the first as a program; on Windows, they are the arguments of
    PowerShell. A single word of a person is a line for a shell, so a shell is started. `marked`: the agent will not
    report the exit code. If the platform is unknown, the node has `sh`: PowerShell refuses `sh` and runs nothing.
    """
    if platform is PlatformFamily.WINDOWS:
        return shlex.join(["-Command", _powershell_line(words)])
    if marked:
        # The outer shell must survive the command, such as `exit 3`.
        return _sh(f"{_sh(_line(words))}; {_write_mark()}")
    return _sh(words[0]) if len(words) == 1 else shlex.join(words)


def is_marked(request: SessionRequest) -> bool:
    """Return whether the output of a session contains the mark of the exit code."""
    return any(_MARK in value for _, values in request.parameters for value in values)


def _line(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else shlex.join(words)


def _sh(line: str) -> str:
    return f"sh -c {shlex.quote(line)}"


def _write_mark() -> str:
    return f'printf {shlex.quote(_MARK)} "$?"'


_PLAIN_IN_POWERSHELL = re.compile(r"[\w./:\\=+-]+", re.ASCII)


def _powershell_line(words: Sequence[str]) -> str:
    if len(words) == 1:
        return words[0]
    quoted = [each if _PLAIN_IN_POWERSHELL.fullmatch(each) else "'" + each.replace("'", "''") + "'" for each in words]
    # A quoted word alone is a text, not a command.
    return " ".join(quoted if quoted[0] == words[0] else ["&", *quoted])


UNREPORTED = 255
"""The exit code of a command whose end has no mark: the outer shell was ended, or no shell ran."""


class MarkedOutput:
    """Removes the mark from the output of a command and keeps its exit code."""

    def __init__(self) -> None:
        self.exit_code: int | None = None
        self._held = b""

    def pass_on(self, output: bytes) -> bytes:
        """Return the output without the mark. A part that may belong to a mark waits for more output."""
        text = self._held + output
        if (found := _MARKED.search(text)) is not None:
            self.exit_code = process_exit_code(found[1].decode())
            text = text[: found.start()] + text[found.end() :]
        place = text.rfind(b"\x1b")
        place = place if place >= 0 and _may_be_mark(text[place:]) else len(text)
        self._held = text[place:]
        return text[:place]

    def rest(self) -> bytes:
        """Return the output that was held back."""
        held, self._held = self._held, b""
        return held


def _may_be_mark(text: bytes) -> bool:
    return _BEGIN.startswith(text) or (text.startswith(_BEGIN) and len(text) < _LONGEST)
