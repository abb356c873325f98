"""Run external programs for the person: a web browser, and the AWS CLI to log in."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Final

from ssmtui import processes
from ssmtui.model.workstation import without_secrets
from ssmtui.session.terminal_signals import ENDING, raise_again, signals_handled

_OPEN: Final = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"


def open_in_browser(url: str, environment: Mapping[str, str]) -> bool:
    """Whether a browser took it. Blocks for as long as starting one takes."""
    told = processes.run(
        processes.python("-I", "-c", _OPEN, url),
        without_secrets(environment),
        stdin=subprocess.DEVNULL,
        # The screen is somebody's: not a word of the browser may land on it.
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return told.returncode == 0


_ELSEWHERE = {"sso": ("--use-device-code", "--no-browser"), "login": ("--remote",)}
"""How each login is made with a browser on another device, where this computer has none
(https://docs.aws.amazon.com/cli/latest/reference/sso/login.html, …/reference/login/index.html)."""


def with_other_device(words: Sequence[str]) -> tuple[str, ...]:
    """The same login, with a browser that is not on this computer."""
    return (*words, *_ELSEWHERE.get(words[1], ()))


def program_on_path(words: Sequence[str], environment: Mapping[str, str]) -> str | None:
    """Where the program of a command is; None where it is not on PATH."""
    return processes.find_program(words[0], environment)


def run_login(words: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a login to its end, in the terminal; its exit code, below zero where a signal ended it.

    Raises:
        OSError: it cannot be run.
        EndedBySignal: this process was asked to end; or what its own handler of that signal raises.

    """
    program = program_on_path(words, environment)
    if program is None:
        raise FileNotFoundError(words[0])
    given = without_secrets(environment)
    asked: list[signal.Signals] = []
    started: list[subprocess.Popen[bytes]] = []

    def take(number: signal.Signals) -> None:
        # The keys of a shared terminal have sent the program the same.
        if number in ENDING:
            asked.append(number)
            for each in started:
                each.terminate()

    sys.stdout.flush()
    with _as_it_was(), signals_handled(take), processes.start([program, *words[1:]], given) as process:
        started.append(process)
        code = process.wait()
    if asked:
        raise_again(asked[0])
    return code


@contextmanager
def _as_it_was() -> Iterator[None]:
    """A terminal that the program has set is afterwards as it was."""
    if sys.platform == "win32":
        yield
        return
    from ssmtui.session.terminal import attributes_of, is_terminal, set_attributes  # noqa: PLC0415 - not on Windows

    before = attributes_of(0) if is_terminal(0) else None
    try:
        yield
    finally:
        if before is not None:
            with suppress(OSError):
                set_attributes(0, before)
