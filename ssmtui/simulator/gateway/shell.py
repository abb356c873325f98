"""A shell to look at: a line editor with a handful of answers. Nothing is ever executed, here or anywhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

_INTERRUPT, _END, _SUSPEND, _QUIT = "\x03", "\x04", "\x1a", "\x1c"
_ENTER: Final = frozenset("\r\n")
_ERASE: Final = frozenset("\x08\x7f")
_CARETS: Final = {_INTERRUPT: "^C", _SUSPEND: "^Z", _QUIT: "^\\"}
_BREAKS: Final = frozenset({_INTERRUPT, _QUIT})
_ESCAPE: Final = "\x1b"
_FINAL: Final = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|O.|[^\[O])")
_CLEAR_LINE: Final = "\x15"
_HELP: Final = "help, whoami, hostname, uname -a, stty size, echo, sleep SECONDS, true, false, exit"
_LONGEST_LINE: Final = 4096


@dataclass(frozen=True, slots=True)
class Machine:
    """What the answers are about."""

    name: str
    node_id: str
    is_windows: bool = False

    @property
    def banner(self) -> str:
        """The first line, which says what this is."""
        return f"simulated shell on {self.name} — nothing here runs on a computer"

    @property
    def prompt(self) -> str:
        """What stands before each line."""
        return "PS C:\\Windows\\system32> " if self.is_windows else "sh-5.2$ "


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command prints, and the code it ends with; `pause` are seconds that it takes, `leaves` ends the shell."""

    text: str = ""
    code: int = 0
    pause: float = 0
    leaves: bool = False


def answer(machine: Machine, command: str, size: tuple[int, int] = (24, 80)) -> Answer:
    """What a command line does; `size` is the window's, rows and columns."""
    words = command.split()
    if not words:
        return Answer()
    answers: Mapping[str, Callable[[list[str]], Answer]] = {
        "help": lambda _: Answer(f"This shell is simulated. It knows: {_HELP}"),
        "whoami": lambda _: Answer("nt authority\\system" if machine.is_windows else "ssm-user"),
        "hostname": lambda _: Answer(machine.name),
        "uname": lambda _: Answer(f"Simulated {machine.name} 0.0.0 {machine.node_id}"),
        "stty": lambda _: Answer(f"{size[0]} {size[1]}"),
        "echo": lambda rest: Answer(" ".join(rest)),
        "sleep": _sleep,
        "true": lambda _: Answer(),
        "false": lambda _: Answer(code=1),
        "exit": lambda rest: Answer(code=_number(rest), leaves=True),
        "logout": lambda _: Answer(leaves=True),
    }
    known = answers.get(words[0])
    if known is None:
        return Answer(f"sh: {words[0]}: simulated shell, command not found", 127)
    return known(words[1:])


def _sleep(rest: list[str]) -> Answer:
    return Answer(pause=float(_number(rest)))


def _number(rest: list[str]) -> int:
    return int(rest[0]) if rest and rest[0].isdigit() and len(rest[0]) < 6 else 0


class Shell:
    """The shell of one session. It knows no clock: whoever runs it waits for `pause`, and says `woken`."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._line = ""
        self._waiting = ""
        self._escape = ""
        self.size = (24, 80)
        self.pause: float = 0
        self.is_over = False

    def start(self) -> str:
        """What is there before anything is typed."""
        return f"{self._machine.banner}\r\n{self._machine.prompt}"

    def typed(self, text: str) -> str:
        """What appears when that is typed."""
        shown = ""
        for key in text:
            if self.is_over:
                break
            if self.pause and key not in _BREAKS:
                # Typed ahead, as a terminal keeps it.
                self._waiting += key
            else:
                shown += self._key(key)
        return shown

    def woken(self) -> str:
        """What appears when a command that took its time is done."""
        self.pause = 0
        waiting, self._waiting = self._waiting, ""
        return self._machine.prompt + self.typed(waiting)

    def _key(self, key: str) -> str:
        if self._escape or key == _ESCAPE:
            # Arrows and function keys: ESC, [ or O, and parameters up to a final letter (ECMA-48).
            self._escape = "" if _FINAL.fullmatch(self._escape + key) else self._escape + key
            return ""
        if key in _CARETS:
            self._line, self._waiting = "", ""
            self.pause = 0
            return f"{_CARETS[key]}\r\n{self._machine.prompt}"
        if key in _ENTER:
            line, self._line = self._line, ""
            return "\r\n" + self._done(line)
        if key in _ERASE:
            if not self._line:
                return ""
            self._line = self._line[:-1]
            return "\b \b"
        if key == _CLEAR_LINE:
            erased, self._line = len(self._line), ""
            return "\b \b" * erased
        if key == _END:
            self.is_over = not self._line
            return "exit\r\n" if self.is_over else ""
        if key == "\t" or not key.isprintable() or len(self._line) >= _LONGEST_LINE:
            return ""
        self._line += key
        return key

    def _done(self, line: str) -> str:
        done = answer(self._machine, line, self.size)
        self.is_over, self.pause = done.leaves, done.pause
        if done.leaves:
            return "exit\r\n"
        printed = f"{done.text}\r\n" if done.text else ""
        return printed if done.pause else printed + self._machine.prompt
