"""Test the app on a terminal: signals, closed windows, and sessions ended by Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from time import monotonic

from tests.session.emulator import Emulator
from tools.trust.interruption.home import PATIENCE, Home

_MODE = re.compile(rb"\x1b\[\?(\d+)([hl])")
_OF_A_SHELL = {7, 25}

_ENDING = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)
_PASSING = (signal.SIGCONT, signal.SIGSTOP, signal.SIGTSTP, signal.SIGWINCH)

_PIECES = (
    *(b"\xe9", b"\xff\xfe", b"caf\xe9", b"\x1b[1114112u", b"\x1b[99999999999u", b"\x1b[55296u", b"\x1b[97:65;2u"),
    *(b"\x1b[48;30;120;0;0t", b"\x1b[48;0;0;0;0t", b"\x1b[48;30;120;600;1200t", b"\x1b[<0;5;5M\x1b[<0;5;5m"),
    *(b"\x1b[<0;999999999;5M", b"\x1b[", b"\x1b[9", b"\x1bO", b"\x1b]0;", b"\x00", b"\x9b", b"\xc2\x9b31m"),
    *(b"\x1b[200~half\x1b[201~", b"\x1b[200~\x1bqqqq\x1b[201~", b"\x1b[?2026;2$y", b"\x1b[12;40R", b"\x1b[I\x1b[O"),
)
"""Inputs that no keyboard sends, or only parts of keys."""

_MANY = (b"a", b"\x1b", b"\xe9", b"[", b"\x00", "é".encode(), b" ", b"\x1b[A", b"\x1b[1114112u")


def signals(home: Home, chance: Random) -> Iterator[str]:
    """Send signals in any order: the app ends as the signal asks, and restores the terminal."""
    home.aws.load("healthy-small")
    terminal = started(home)
    try:
        terminal.read_for(chance.random() * 3 * chance.choice((0.1, 1)))
        sent = [chance.choice(_PASSING) for _ in range(chance.randrange(3))] + [chance.choice(_ENDING)]
        sent += [chance.choice((*_ENDING, signal.SIGCONT)) for _ in range(chance.randrange(3))]
        for each in sent:
            terminal.send(each)
            terminal.read_for(chance.random() * chance.choice((0, 0.3)))
        terminal.send(signal.SIGCONT)
        yield from left_sane(terminal, f"after {[each.name for each in sent]}", {129, 130, 143})
    finally:
        terminal.close()


def closed(home: Home, chance: Random) -> Iterator[str]:
    """Close the window: the process ends soon after."""
    home.aws.load("healthy-small")
    terminal = started(home)
    try:
        terminal.read_for(chance.random() * 2)
        terminal.take_away()
        code = terminal.process.wait(60)
        if code not in {129, -signal.SIGHUP}:
            yield f"a closed window ended it by {code}"
    finally:
        terminal.close()


def keys(home: Home, chance: Random) -> Iterator[str]:
    """Send any input, and paste 40,000 characters of a kind: Ctrl-C still works afterwards."""
    home.aws.load("healthy-small")
    terminal = started(home)
    try:
        many = chance.choice(_MANY)
        terminal.type(b"".join(chance.choice(_PIECES) for _ in range(chance.randrange(1, 30))))
        terminal.read_for(0.3)
        for piece in (b"\x1b[200~", *[many * 1_000] * 40, b"\x1b[201~"):
            terminal.type(piece)
            terminal.read_for(0.0)
        terminal.read_for(0.5)
        if chance.random() < 0.5:
            terminal.type(b"\x1b[200~never ended")
            terminal.read_for(1.3)
        for _ in range(20):
            if terminal.process.poll() is None:
                terminal.type(chance.choice((b"\x03", b"\x1b[99;5u")))
                terminal.read_for(1.0)
        yield from left_sane(terminal, f"after 40,000 of {many!r}", {130})
    finally:
        terminal.close()


def stopped(home: Home, chance: Random) -> Iterator[str]:
    """Suspend and resume several times: the shell's terminal works meanwhile, and keys work afterwards."""
    home.aws.load("healthy-small")
    terminal = started(home)
    try:
        for _ in range(chance.randrange(1, 4)):
            terminal.shown = b""
            terminal.type(b"\x1a")
            terminal.wait_for(b"\x1b[?1049l")
            os.waitpid(terminal.process.pid, os.WUNTRACED)
            if not terminal.is_sane:
                yield "a stopped app leaves the shell a terminal that is not as it was"
            # Output from before the stop does not show that the app has its terminal back.
            terminal.shown = b""
            terminal.send(signal.SIGCONT)
            terminal.wait_for(b"web-1")
        terminal.type(b"q")
        yield from left_sane(terminal, "after Ctrl-Z and q", {0})
    finally:
        terminal.close()


def started(home: Home, *words: str) -> Emulator:
    """Return the app on a terminal, after it shows a node."""
    return shown([sys.executable, "-m", "ssmtui", *words], home, home.environment)


def shown(words: Sequence[str], home: Home, environment: Mapping[str, str]) -> Emulator:
    """Return a program on a terminal in a home, after it shows a node."""
    there = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', str(home.folder)]
    terminal = Emulator([*there, *words], environment, (30, 120))
    # The machine may be busy with the other trials.
    terminal.patience = PATIENCE
    try:
        terminal.wait_for(b"web-1")
    except BaseException:
        terminal.close()
        raise
    return terminal


def left_sane(terminal: Emulator, when: str, codes: set[int]) -> Iterator[str]:
    try:
        code = terminal.end()
    except AssertionError:
        yield f"{when} it hangs"
        return
    if code not in codes:
        yield f"{when} it exits with {code}"
    on: set[int] = set()
    for number, what in _MODE.findall(terminal.shown):
        (on.add if what == b"h" else on.discard)(int(number))
    # If the beginning of the output was dropped, modes that are off were turned off, and default modes are unknown.
    if not terminal.is_sane or on - _OF_A_SHELL:
        yield f"{when} the terminal is not as it was: modes {sorted(on)}, attributes kept: {terminal.is_sane}"
    if b"Traceback" in terminal.shown or b"internal error" in terminal.shown.rpartition(b"\x1b[?1049l")[2]:
        yield f"{when} it tells a defect: {terminal.shown[-300:]!r}"


_BETWEEN = 0.3


def session_left(home: Home, chance: Random) -> Iterator[str]:
    """Press Ctrl-C until the process ends: with 130, and without an open session."""
    home.aws.load("healthy-small")
    words = [sys.executable, "-m", "ssmtui", "connect", "web-1", "--builtin"]
    process = subprocess.Popen(
        words,
        env=home.environment,
        cwd=Path(__file__).parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    )
    try:
        if process.stdin is None or process.stdout is None or process.stderr is None:
            return
        process.stderr.readline()
        if chance.random() < 0.5:
            process.stdout.read(1)  # it has started
        os.set_blocking(process.stdin.fileno(), False)
        kilobytes = chance.choice((0, 1, 100, 4_000))
        for _ in range(kilobytes):
            with suppress(BlockingIOError):
                process.stdin.write(chance.choice((b"echo\n" * 200, b"x" * 1_000)))
        until = monotonic() + PATIENCE
        while process.poll() is None and monotonic() < until:
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_BETWEEN)
        if process.poll() != 130:
            yield f"Ctrl-C after {kilobytes} kB typed ends it by {process.poll()}"
        if home.aws.active_sessions:
            yield f"after {kilobytes} kB typed and Ctrl-C a session is left open"
    finally:
        process.kill()
        process.communicate()
