"""Logging in with the AWS CLI: it is given the terminal, its keys are its own, and the terminal is as it was then."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from ssmtui import processes
from ssmtui.model.secret_variables import without_secrets
from ssmtui.session.terminal.signals import ENDING, raise_again, signals_taken

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
    with _as_it_was(), signals_taken(take), processes.start([program, *words[1:]], given) as process:
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
    from ssmtui.session.terminal.attributes import attributes_of, give, is_terminal  # noqa: PLC0415 - not on Windows

    before = attributes_of(0) if is_terminal(0) else None
    try:
        yield
    finally:
        if before is not None:
            with suppress(OSError):
                give(0, before)
