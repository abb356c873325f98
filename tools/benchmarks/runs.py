"""Run a program in its own process, and return its cost as the operating system reports it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Run:
    """The cost of a run: seconds of wall time and CPU (user and system), and peak resident memory in bytes."""

    code: int
    wall: float
    cpu: float
    memory: int
    said: str = ""


def run(
    command: Sequence[str], variables: Mapping[str, str], output: Path | None = None, *, stdin_open: bool = False
) -> Run:
    """Run a program with these variables, without the surrounding AWS variables; write standard output to a file.

    With `stdin_open`, standard input does not end before the program.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    errors = Path(os.devnull) if output is None else output.with_suffix(".err")
    with (output or Path(os.devnull)).open("wb") as out, errors.open("wb") as err:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command,
            env=kept | dict(variables),
            stdin=subprocess.PIPE if stdin_open else subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        if process.stdin is not None:
            process.stdin.close()
        process.returncode = os.waitstatus_to_exitcode(status)
    said = "" if output is None else errors.read_text(errors="replace")
    return Run(process.returncode, wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, said)
