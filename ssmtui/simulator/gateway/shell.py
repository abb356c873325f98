"""Serve a session with a simulated shell. Nothing is ever executed."""

from __future__ import annotations

import asyncio
import codecs
import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from ssmtui.simulator.gateway.channel import Channel, Frame, FrameError, PayloadType, json_in
from ssmtui.simulator.gateway.opening import Opening
from ssmtui.simulator.gateway.session_overrides import SessionEnd

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
class SimulatedHost:
    """The host that the outputs describe."""

    name: str
    node_id: str
    is_windows: bool = False
    user: str = "ssm-user"

    @classmethod
    def of(cls, opening: Opening) -> SimulatedHost:
        """Return the host of a session, with the user that the session has."""
        user = "root" if opening.is_elevated else "ssm-user"
        return cls(opening.node_name, opening.node_id, opening.is_windows, user)

    @property
    def banner(self) -> str:
        """The first line, which says that the host is simulated."""
        return f"simulated shell on {self.name} — nothing here runs on a computer"

    @property
    def prompt(self) -> str:
        """The prompt."""
        return "PS C:\\Windows\\system32> " if self.is_windows else "sh-5.2$ "


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The output of a command, and its exit code; `pause` is its duration in seconds, `leaves` ends the shell.

    `errors` is its standard error.
    """

    text: str = ""
    errors: str = ""
    code: int = 0
    pause: float = 0
    leaves: bool = False


SHELLS: Final = frozenset({"sh", "bash", "zsh", "sudo", "su", "login", "powershell"})
SHELL_BUILTINS: Final = frozenset({"help", "exit", "logout", "exec", "trap", ":", "cd"})
"""Commands that are no programs: only a shell knows them."""


def answer(host: SimulatedHost, words: Sequence[str], size: tuple[int, int] = (24, 80)) -> CommandResult:
    """Return the result of a command; `size` is the window's, rows and columns."""
    if not words:
        return CommandResult()
    answers: Mapping[str, Callable[[list[str]], CommandResult]] = {
        "help": lambda _: CommandResult(f"This shell is simulated. It knows: {_HELP}"),
        "whoami": lambda _: CommandResult("nt authority\\system" if host.is_windows else host.user),
        "hostname": lambda _: CommandResult(host.name),
        "uname": lambda _: CommandResult(f"Simulated {host.name} 0.0.0 {host.node_id}"),
        "stty": lambda _: CommandResult(f"{size[0]} {size[1]}"),
        "echo": lambda rest: CommandResult(" ".join(rest)),
        "sleep": _sleep,
        "true": lambda _: CommandResult(),
        "false": lambda _: CommandResult(code=1),
        "id": lambda rest: CommandResult(host.user if rest == ["-un"] else _ids(host.user)),
        "cd": lambda _: CommandResult(),
        ":": lambda _: CommandResult(),
        "trap": lambda _: CommandResult(),
        "exit": lambda rest: CommandResult(code=_number(rest), leaves=True),
        "exec": _exec,
        "logout": lambda _: CommandResult(leaves=True),
    }
    known = answers.get(words[0])
    if known is None:
        return CommandResult(errors=f"sh: {words[0]}: simulated shell, command not found", code=127)
    return known(list(words[1:]))


def _ids(user: str) -> str:
    number = f"{0 if user == 'root' else 1001}({user})"
    return f"uid={number} gid={number} groups={number}"


def _exec(rest: list[str]) -> CommandResult:
    if not rest or rest[0].rpartition("/")[2] in SHELLS:
        return CommandResult()  # another shell takes its place
    return CommandResult(errors=f"sh: 1: exec: {rest[0]}: not found", code=127, leaves=True)


_SEPARATORS: Final = frozenset({";", "&&", "||"})


def statements(line: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the commands of a line, each with the separator before it; raise ValueError for an open quotation."""
    lexer = shlex.shlex(line.replace("\n", ";"), posix=True, punctuation_chars=";&|")
    lexer.whitespace_split, lexer.commenters = True, ""
    separator, words = ";", list[str]()
    for word in lexer:
        if word not in _SEPARATORS:
            words.append(word)
            continue
        if words:
            yield separator, words
        separator, words = word, []
    if words:
        yield separator, words


def is_skipped(separator: str, code: int) -> bool:
    """Return whether a command is left out after the exit code of the command before it."""
    return (separator == "&&" and code != 0) or (separator == "||" and code == 0)


def _sleep(rest: list[str]) -> CommandResult:
    return CommandResult(pause=float(_number(rest)))


def _number(rest: list[str]) -> int:
    return int(rest[0]) if rest and rest[0].isdigit() and len(rest[0]) < 6 else 0


class Shell:
    """The shell of one session. It has no clock: its caller waits for `pause`, and calls `woken`."""

    def __init__(self, host: SimulatedHost) -> None:
        self._machine = host
        self._line = ""
        self._waiting = ""
        self._escape = ""
        self.size = (24, 80)
        self.pause: float = 0
        self.is_over = False
        self.code = 0

    def start(self) -> str:
        """Return the output before any input."""
        return f"{self._machine.banner}\r\n{self._machine.prompt}"

    def typed(self, text: str) -> str:
        """Return the output for some input."""
        shown = ""
        for key in text:
            if self.is_over:
                break
            if self.pause and key not in _BREAKS:
                # Typed ahead; kept as a terminal does.
                self._waiting += key
            else:
                shown += self._key(key)
        return shown

    def woken(self) -> str:
        """Return the output after a slow command has finished."""
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
        printed = ""
        try:
            commands = tuple(statements(line))
        except ValueError as error:
            return f"sh: Syntax error: {error}\r\n{self._machine.prompt}"
        for separator, words in commands:
            if is_skipped(separator, self.code):
                continue
            done = answer(self._machine, words, self.size)
            self.is_over, self.pause, self.code = done.leaves, done.pause, done.code
            said = done.errors or done.text
            printed += f"{said}\r\n" if said else ""
            if done.leaves:
                return printed or "exit\r\n"
            if done.pause:
                return printed
        return printed + self._machine.prompt


async def serve_shell(opening: Opening, channel: Channel) -> SessionEnd:
    """Serve a shell until the client leaves it. The agent types the shell profile of the preferences first."""
    settings = opening.settings
    await run_shell(opening, channel, settings.windows_profile if opening.is_windows else settings.linux_profile)
    return SessionEnd()


async def run_shell(opening: Opening, channel: Channel, typed: str = "") -> int:
    """Serve a shell, with `typed` as its first input, and return its exit code."""
    shell = Shell(SimulatedHost.of(opening))
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    shown = shell.start() + shell.typed(f"{typed}\n" if typed.strip() else "")
    channel.send(PayloadType.OUTPUT, shown.encode())
    while not shell.is_over:
        shown = await _next(shell, decoder, channel)
        if shown:
            channel.send(PayloadType.OUTPUT, shown.encode())
    return shell.code


async def _next(shell: Shell, decoder: codecs.IncrementalDecoder, channel: Channel) -> str:
    """Return the next output: after input of the client, or after a command has finished."""
    try:
        async with asyncio.timeout(shell.pause or None):
            frame = await channel.input()
    except TimeoutError:
        return shell.woken()
    if frame.payload_type == PayloadType.SIZE:
        _resize(shell, frame)
    if frame.payload_type != PayloadType.OUTPUT:
        return ""
    return shell.typed(decoder.decode(frame.payload))


def _resize(shell: Shell, frame: Frame) -> None:
    with suppress(FrameError, KeyError, TypeError, ValueError):
        size = json_in(frame.payload)
        shell.size = (int(size["rows"]), int(size["cols"]))
