"""Run external programs for the person: a web browser, the AWS CLI to log in, and the clipboard."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from ssmtui import processes
from ssmtui.session.terminal_signals import ENDING, raise_again, signals_handled

_OPEN: Final = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"


def open_in_browser(url: str, environment: Mapping[str, str]) -> bool:
    """Open a URL in a browser and return whether a browser started. Blocks until then."""
    from ssmtui.model.workstation import without_secrets

    told = processes.run(
        processes.python("-I", "-c", _OPEN, url),
        without_secrets(environment),
        stdin=subprocess.DEVNULL,
        # The app owns the screen: the browser must not write to it.
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return told.returncode == 0


_OVER_SSH: Final = ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT")
"""Variables that are set if the person sits at another computer."""


def is_over_ssh(environment: Mapping[str, str]) -> bool:
    """Return whether the person sits at another computer than the one that runs ssmtui."""
    return any(environment.get(name) for name in _OVER_SSH)


@dataclass(frozen=True, slots=True)
class _ClipboardProgram:
    """A program that copies its standard input to a clipboard.

    `variable` must be set for the program to work; empty if the program needs none. `is_local`: the clipboard is that
    of the computer that runs ssmtui, which is the wrong one over SSH.
    """

    words: tuple[str, ...]
    variable: str = ""
    is_local: bool = True
    encoding: str = "utf-8"


_CLIPBOARD_PROGRAMS: Final = (
    _ClipboardProgram(("pbcopy",)),
    _ClipboardProgram(("wl-copy",), "WAYLAND_DISPLAY"),
    _ClipboardProgram(("xclip", "-selection", "clipboard"), "DISPLAY", is_local=False),  # ssh -X forwards it
    _ClipboardProgram(("clip.exe",), encoding="utf-16-le"),
    _ClipboardProgram(("tmux", "load-buffer", "-w", "-"), "TMUX", is_local=False),
)
CLIPBOARD_SECONDS: Final = 2.0


def copy_with_programs(text: str, environment: Mapping[str, str], seconds: float = CLIPBOARD_SECONDS) -> bool:
    """Copy a text with each clipboard program on PATH, and return whether one confirmed it by exit code 0. Blocks.

    A program gets the text on its standard input, and at most `seconds`.
    """
    from ssmtui.model.workstation import without_secrets

    away = is_over_ssh(environment)
    usable = (
        each
        for each in _CLIPBOARD_PROGRAMS
        if (not each.variable or environment.get(each.variable)) and not (each.is_local and away)
    )
    given = without_secrets(environment)
    copied = [_copies(each, text, given, seconds) for each in usable]  # all of them: each is another clipboard
    return any(copied)


def _copies(program: _ClipboardProgram, text: str, environment: Mapping[str, str], seconds: float) -> bool:
    if processes.find_program(program.words[0], environment) is None:
        return False
    data = text.encode(program.encoding, errors="replace")
    try:
        process = processes.start(
            program.words,
            environment,
            stdin=subprocess.PIPE,
            # The program can leave a child behind that holds the clipboard: the child must not hold the terminal.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    with process:
        try:
            process.communicate(data, timeout=seconds)
        except (subprocess.TimeoutExpired, OSError):
            process.kill()
            return False
    return process.returncode == 0


_ELSEWHERE = {"sso": ("--use-device-code", "--no-browser"), "login": ("--remote",)}
"""Arguments of each login for a browser on another device

(https://docs.aws.amazon.com/cli/latest/reference/sso/login.html, …/reference/login/index.html).
"""


def with_other_device(words: Sequence[str]) -> tuple[str, ...]:
    """Return the login command that uses a browser on another device."""
    return (*words, *_ELSEWHERE.get(words[1], ()))


def program_on_path(words: Sequence[str], environment: Mapping[str, str]) -> str | None:
    """Return the path of a command's program; None if it is not on PATH."""
    return processes.find_program(words[0], environment)


def run_login(words: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a login in the terminal, without secrets in its environment; return and raise as `run_in_terminal` does."""
    from ssmtui.model.workstation import without_secrets

    return run_in_terminal(words, without_secrets(environment))


def run_in_terminal(words: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a program in the terminal and return its exit code, negative if a signal ended it.

    Raises:
        OSError: the program cannot be run.
        EndedBySignal: a signal asked this process to end. A handler that was set before may raise something else.

    """
    asked: list[signal.Signals] = []
    started: list[subprocess.Popen[bytes]] = []

    def take(number: signal.Signals) -> None:
        # The keys of a shared terminal send the same signal to the program.
        if number in ENDING:
            asked.append(number)
            for each in started:
                each.terminate()

    sys.stdout.flush()
    with _as_it_was(), signals_handled(take), processes.start(words, environment) as process:
        started.append(process)
        code = process.wait()
    if asked:
        raise_again(asked[0])
    return code


MAX_OUTPUT: Final = 200_000
"""The most bytes of a background program's output that are kept."""


async def run_in_background(
    words: Sequence[str], environment: Mapping[str, str], most: int = MAX_OUTPUT
) -> tuple[int, str]:
    """Run a program without a terminal; return its exit code and its output. It is ended if its output is too long.

    If the caller is cancelled, the program is ended. Raises OSError if the program cannot be run.
    """
    process = await processes.start_on_loop(
        words,
        environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    output = bytearray()
    try:
        while process.stdout is not None and len(output) < most and (more := await process.stdout.read(most)):
            output += more
        if len(output) >= most:
            process.kill()
        return await process.wait(), output[:most].decode(errors="replace")
    finally:
        if process.returncode is None:
            process.kill()


@contextmanager
def _as_it_was() -> Iterator[None]:
    """Restore the terminal's attributes after the program has ended."""
    if sys.platform == "win32":
        yield
        return
    from ssmtui.session.terminal import attributes_of, is_terminal, set_attributes

    before = attributes_of(0) if is_terminal(0) else None
    try:
        yield
    finally:
        if before is not None:
            with suppress(OSError):
                set_attributes(0, before)
