"""Whether a run of ssmtui still lives: it holds a lock on a file for as long as it does, however it ends.

A process's number is given to another one in time; a lock is let go of by the system with the process that holds it.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


_FOLDER = "running"
_RUN = re.compile(r"[0-9a-f-]{1,64}")


class Running:
    """The lock that says that a run lives."""

    def __init__(self, path: Path, file: int) -> None:
        self._path = path
        self._file = file

    @classmethod
    def claim(cls, folder: Path, run: str) -> Running:
        """Say from now on that a run lives.

        Raises:
            OSError: it cannot be said there.

        """
        path = folder / _FOLDER / run
        path.parent.mkdir(mode=0o700, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            _lock(file)
        except OSError:
            os.close(file)
            raise
        return cls(path, file)

    def close(self) -> None:
        """Say it no more."""
        os.close(self._file)
        with suppress(OSError):
            self._path.unlink()


def killed_runs(folder: Path) -> frozenset[str]:
    """Return the runs that were claimed, are over, and did not say so."""
    try:
        with os.scandir(folder / _FOLDER) as found:
            names = [each.name for each in found if _RUN.fullmatch(each.name)]
    except OSError:
        return frozenset()
    return frozenset(name for name in names if _is_unlocked(folder / _FOLDER / name))


def _is_unlocked(path: Path) -> bool:
    try:
        file = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return False
    try:
        _lock(file)
    except OSError:
        return False
    finally:
        os.close(file)
    return True


def is_running(folder: Path, run: str) -> bool:
    """Whether a run that was claimed lives. One that cannot be told of is taken to live."""
    if not _RUN.fullmatch(run):
        return True
    path = folder / _FOLDER / run
    try:
        file = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        _lock(file)
    except OSError:
        return True
    finally:
        os.close(file)
    with suppress(OSError):
        path.unlink()
    return False
