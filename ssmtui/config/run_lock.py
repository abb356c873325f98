"""The lock that shows that a run of ssmtui is alive, or is making a change."""

from __future__ import annotations

import errno
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
_NAME = re.compile(r"[0-9A-Za-z.-]{1,64}")
_HELD = frozenset({errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK})
"""The error numbers for a lock that somebody has. If the disk supports no locks, the number is another one."""


class AlreadyRunning(OSError):
    """Another run has the lock."""


class RunLock:
    """A lock that shows that something is in progress: a run or a change, by its ID."""

    def __init__(self, path: Path, file: int) -> None:
        self._path = path
        self._file = file

    @classmethod
    def claim(cls, folder: Path, name: str) -> RunLock:
        """Take the lock.

        Raises:
            AlreadyRunning: another run has the lock.
            OSError: the file cannot be created or locked.

        """
        if not can_be_claimed(name):
            raise OSError(errno.EINVAL, name)
        path = folder / _FOLDER / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        while True:
            file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
            try:
                _lock(file)
            except OSError as error:
                if error.errno in _HELD:
                    os.close(file)
                    raise AlreadyRunning(error.errno, str(error)) from error
                _end(path, file)
                raise
            if _is_at(path, file):
                return cls(path, file)
            # The previous owner removed the file after it was opened here: a lock on it would show nothing.
            os.close(file)

    def close(self) -> None:
        """Release the lock."""
        _end(self._path, self._file)


def can_be_claimed(name: str) -> bool:
    """Return whether a lock can have this name. Names from files that others can write may be invalid."""
    return _NAME.fullmatch(name) is not None


def _end(path: Path, file: int) -> None:
    """Remove the file while it is locked, so that no other run's file is removed; then release the lock."""
    with suppress(OSError):
        path.unlink()
    os.close(file)
    if sys.platform == "win32":
        # Windows does not remove an open file.
        with suppress(OSError):
            path.unlink()


def _is_at(path: Path, file: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file))
    except FileNotFoundError:
        return False


def killed_runs(folder: Path) -> frozenset[str]:
    """Return the runs that ended without releasing their lock."""
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


def is_run_alive(folder: Path, name: str) -> bool:
    """Return whether a run or change is still in progress. If that is unknown, return True."""
    if not can_be_claimed(name):
        return True
    path = folder / _FOLDER / name
    try:
        file = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        _lock(file)
    except OSError:
        os.close(file)
        return True
    _end(path, file)
    return False
