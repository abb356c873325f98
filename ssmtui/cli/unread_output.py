"""Standard output that nobody reads any more (`ssmtui causes | head`): what is printed goes nowhere, and nothing fails.

A command goes on to its end and to its own exit code: a file beside it is written, a change is made or is not.
"""

from __future__ import annotations

import io
import os
import stat
import sys
from typing import Any


class _Outlet(io.FileIO):
    """A pipe that may be closed at its other end."""

    unread = False

    def write(self, data: Any, /) -> int:  # noqa: ANN401 - what a buffer is has no name before Python 3.12
        try:
            return super().write(data)
        except BrokenPipeError:
            self.unread = True
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            return super().write(data)


def outlive_readers() -> None:
    """Have printing outlive whoever reads it, where standard output is a pipe."""
    try:
        number = sys.stdout.fileno()
        mode = os.fstat(number).st_mode
    except (OSError, ValueError):  # there is none, or it is none of the system's
        return
    if isinstance(sys.stdout, io.TextIOWrapper) and (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        sys.stdout.flush()
        outlet = io.BufferedWriter(_Outlet(number, "wb", closefd=False))
        sys.stdout = io.TextIOWrapper(outlet, encoding=sys.stdout.encoding, errors=sys.stdout.errors)


def is_read() -> bool:
    """Whether anybody may read what is printed on standard output."""
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return not (isinstance(raw, _Outlet) and raw.unread)
