"""A command run on a terminal of a given width, and what it shows there."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.cells import cell_len

_SEQUENCE = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x1b\x07]*(?:\x07|\x1b\\))")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a command left on a terminal: the bytes as text, and how it ended."""

    returncode: int
    raw: str

    @property
    def lines(self) -> list[str]:
        """The lines without colours and links."""
        return [line.rstrip("\r") for line in _SEQUENCE.sub("", self.raw).split("\n")]

    def wider_than(self, width: int) -> list[str]:
        """The lines that a terminal of that width would wrap, but for words that are wider by themselves."""
        return [line for line in self.lines if cell_len(line) > width and len(line.split()) > 1]


def on_terminal(
    *line: str, environment: Mapping[str, str], folder: Path, width: int = 80, errors: bool = False
) -> Shown:
    """Run `ssmtui` with standard output, or standard error alone, on a terminal."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    out, err = (subprocess.PIPE, theirs) if errors else (theirs, subprocess.PIPE)
    with subprocess.Popen(
        [sys.executable, "-m", "ssmtui", *line],
        env={"TERM": "xterm", **environment},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=err,
    ) as process:
        os.close(theirs)
        told = bytearray()
        while piece := _read(ours):
            told += piece
        os.close(ours)
        process.communicate()
    return Shown(process.returncode, told.decode(errors="replace"))


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other side is closed: Linux says so by an error
        return b""
