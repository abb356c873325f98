"""Run the command of a session as SSM Agent does: without a shell, or as a line for the node's shell.

Nothing is ever executed: the programs and the shell are simulated.
"""

from __future__ import annotations

import asyncio
import re
from typing import Final

from ssmtui.simulator.gateway.channel import Channel, PayloadType
from ssmtui.simulator.gateway.opening import Opening
from ssmtui.simulator.gateway.session_overrides import SessionEnd, SessionStoppedError
from ssmtui.simulator.gateway.shell import (
    SHELL_BUILTINS,
    SHELLS,
    SimulatedHost,
    answer,
    is_skipped,
    run_shell,
    statements,
)
from ssmtui.simulator.node_state.messages import start_failed

_ERROR: Final = 1
_NOT_FOUND: Final = 127
_SYNTAX: Final = 2
_INTERRUPTED: Final = 130

_SPACES, _ESCAPES, _SINGLE, _DOUBLE = " \t\r\n", "\\", "'", '"'


class CommandLineError(Exception):
    """A command line cannot be split into words; the text is the agent's."""


def split_command(line: str) -> list[str]:
    """Return the words of a command line as the agent splits it.

    [AGENT:vendor/github.com/google/shlex]: quotes and backslashes as in a shell, `#` begins a comment, and nothing else
    has a meaning: no `;`, no `|`, no `$`, no `*`.

    Raises:
        CommandLineError: a quotation or an escape is not complete.

    """
    words: list[str] = []
    word: str | None = None
    quote, letters = "", iter(line)
    for letter in letters:
        if letter in _ESCAPES and quote != _SINGLE:
            escaped = next(letters, None)
            if escaped is None:
                raise CommandLineError("EOF found after escape character")
            word = (word or "") + escaped
        elif quote:
            quote, word = ("", word) if letter == quote else (quote, (word or "") + letter)
        elif letter in (_SINGLE, _DOUBLE):
            quote, word = letter, word or ""
        elif letter in _SPACES:
            words, word = ([*words, word], None) if word is not None else (words, None)
        elif letter == "#" and word is None:
            while next(letters, "\n") != "\n":
                pass
        else:
            word = (word or "") + letter
    if quote:
        raise CommandLineError("EOF found when expecting closing quote")
    return [*words, word] if word is not None else words


async def serve_command(opening: Opening, channel: Channel) -> SessionEnd:
    """Run a command to its end; raise SessionStoppedError if there is none."""
    properties = opening.platform_properties
    line = str(properties.get("commands", ""))
    if not line.strip():
        raise SessionStoppedError(f"Commands cannot be empty for session type {opening.kind}")
    host = SimulatedHost.of(opening)
    if opening.kind == "InteractiveCommands":
        # A pseudo-terminal and `sh -c`, or PowerShell. The agent reports no exit code.
        await _Commands(opening, channel, host, _Output(channel, line_end="\r\n")).line(_for_powershell(line, host))
        return SessionEnd()
    is_separate = str(properties.get("separateOutPutStream", "")).lower() == "true"
    await _run_without_shell(opening, channel, host, line, is_separate=is_separate)
    return SessionEnd()


async def _run_without_shell(
    opening: Opening, channel: Channel, host: SimulatedHost, line: str, *, is_separate: bool
) -> None:
    try:
        words = split_command(line)
    except CommandLineError as error:
        text = start_failed(f"Failed to parse commands input: {error}\n")
        channel.send(PayloadType.STDERR, text.partition("\n")[2].partition("\n")[2].encode())
        raise SessionStoppedError(text) from error
    output = _Output(channel, error_type=PayloadType.STDERR if is_separate else PayloadType.OUTPUT)
    commands = _Commands(opening, channel, host, output)
    if host.is_windows:
        code = await commands.line(" ".join(words[1:] if words[0].lower() == "-command" else words))
    elif words[0] in SHELL_BUILTINS or not commands.has_program(words[0]):
        if is_separate:
            channel.send(PayloadType.EXIT_CODE, f"EXIT_CODE: {_ERROR}".encode())
        # The session ends normally all the same: its text is only in the agent's log.
        channel.send(PayloadType.STDERR, _not_started(words[0]).encode())
        return
    else:
        code = await commands.program(words)
    if is_separate:
        channel.send(PayloadType.EXIT_CODE, f"EXIT_CODE: {code}".encode())


def _not_started(program: str) -> str:
    """Return the error of Go for a program that does not exist: a path is not searched for in $PATH."""
    if "/" in program:
        return f"fork/exec {program}: no such file or directory"
    return f'exec: "{program}": executable file not found in $PATH'


def _for_powershell(line: str, host: SimulatedHost) -> str:
    """Return the line that PowerShell gets from its arguments."""
    option, _, rest = line.partition(" ")
    if not host.is_windows or option.lower() != "-command":
        return line
    return rest[1:-1].replace('\\"', '"') if rest.startswith('"') else rest


class _Output:
    """The streams of a command."""

    def __init__(self, channel: Channel, *, error_type: PayloadType = PayloadType.OUTPUT, line_end: str = "\n") -> None:
        self._channel = channel
        self._error_type = error_type
        self._line_end = line_end

    def write(self, text: str) -> None:
        """Write standard output as it is."""
        if text:
            self._channel.send(PayloadType.OUTPUT, text.replace("\n", self._line_end).encode())

    def error(self, text: str) -> None:
        """Write a line to standard error."""
        self._channel.send(self._error_type, f"{text}{self._line_end}".encode())


_PRINTING: Final = "printf"
_INTERRUPTS: Final = (b"\x03", b"\x1c")
_OCTAL: Final = re.compile(r"\\([0-7]{1,3})")


class _ShellExitedError(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class _Commands:
    """Runs programs and lines of a shell; every method returns an exit code."""

    def __init__(self, opening: Opening, channel: Channel, host: SimulatedHost, output: _Output) -> None:
        self._has_terminal = opening.kind == "InteractiveCommands"
        self._opening = opening
        self._channel = channel
        self._host = host
        self._output = output

    def has_program(self, name: str) -> bool:
        """Return whether a program exists that needs no shell."""
        return name in SHELLS or name == _PRINTING or answer(self._host, [name]).code != _NOT_FOUND

    async def program(self, words: list[str]) -> int:
        """Run a program."""
        name, arguments = words[0], words[1:]
        if name in SHELLS and arguments[:1] == ["-c"]:
            return await self.line(arguments[1] if len(arguments) > 1 else "")
        if name in SHELLS:
            return await run_shell(self._opening, self._channel)
        if name == _PRINTING:
            self._output.write(_printed(arguments))
            return 0
        done = answer(self._host, words)
        if done.pause and await self._interrupted(done.pause):
            # Without a terminal, the agent waits for the interrupted program twice, and reports the second error.
            return _INTERRUPTED if self._has_terminal else _ERROR
        if done.errors:
            self._output.error(done.errors)
        elif done.text or name == "echo":
            self._output.write(f"{done.text}\n")
        return done.code

    async def line(self, line: str) -> int:
        """Run a line of a shell: commands with `;`, `&&` and `||` between them; `$?` is the last exit code."""
        code = 0
        try:
            for separator, words in statements(line):
                if is_skipped(separator, code):
                    continue
                code = await self._statement([str(code) if word == "$?" else word for word in words])
        except _ShellExitedError as left:
            return left.code
        except ValueError as error:
            self._output.error(f"sh: 1: Syntax error: {error}")
            return _SYNTAX
        return code

    async def _statement(self, words: list[str]) -> int:
        if words[0] == "exec":
            raise _ShellExitedError(await self.program(words[1:]))
        done = answer(self._host, words)
        if done.leaves:
            raise _ShellExitedError(done.code)
        return await self.program(words)

    async def _interrupted(self, seconds: float) -> bool:
        """Wait for a slow command; return whether the client interrupted it."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    frame = await self._channel.input()
                    if frame.payload_type == PayloadType.OUTPUT and frame.payload in _INTERRUPTS:
                        return True
        except TimeoutError:
            return False


def _printed(arguments: list[str]) -> str:
    form, values = (arguments[0], iter(arguments[1:])) if arguments else ("", iter(()))
    text = _OCTAL.sub(lambda octal: chr(int(octal[1], 8)), form).replace("\\n", "\n")
    return re.sub("%s", lambda _: next(values, ""), text)
