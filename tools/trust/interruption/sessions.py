"""Sessions without the plugin, left by Ctrl-C while nobody reads what they say or while they take no more input."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from time import monotonic

from tools.trust.interruption.home import PATIENCE, Home

_BETWEEN = 0.3


def session_left(home: Home, chance: Random) -> Iterator[str]:
    """Ctrl-C is pressed until it ends: by 130, and no session is left open."""
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
