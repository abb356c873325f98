"""Write a file to a draft until it is complete, and remove the drafts of writers that were killed."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from pathlib import Path
from zlib import crc32


class _Lock(Enum):
    """Whose the lock of a file is."""

    OURS = "ours"
    SOMEBODYS = "somebody's"
    UNKNOWN = "unknown"


if sys.platform == "win32":

    def _lock(_file: int) -> _Lock:
        return _Lock.UNKNOWN

    def _mark() -> str:
        return ".ssmtui-"

else:
    import fcntl

    def _lock(file: int) -> _Lock:
        """Lock it as long as it is open, where nobody has."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return _Lock.SOMEBODYS
        except OSError:
            return _Lock.UNKNOWN
        return _Lock.OURS

    def _mark() -> str:
        return f".ssmtui-{crc32(os.uname().nodename.encode()):08x}-"


_LONGEST_STEM = 120
"""Bytes of the file's name in its draft's: names are no longer than 255."""


@contextmanager
def draft_beside(file: Path) -> Iterator[Path]:
    """A new file in the same folder, for its owner alone; at the end it is gone, or has taken the place of the other.

    Raises:
        OSError: none can be made.

    """
    _take_away_what_was_left(file.parent)
    opened, draft = _made_beside(file)
    try:
        if sys.platform == "win32":  # what is open is not renamed there
            os.close(opened)
        yield draft
    finally:
        draft.unlink(missing_ok=True)
        if sys.platform != "win32":
            os.close(opened)


def _made_beside(file: Path) -> tuple[int, Path]:
    stem = os.fsencode(file.name)[:_LONGEST_STEM].decode(errors="ignore")
    while True:
        opened, name = tempfile.mkstemp(dir=file.parent, prefix=f".{stem}{_mark()}")
        lock = _lock(opened)
        if lock is _Lock.UNKNOWN or (lock is _Lock.OURS and _is_at(opened, Path(name))):
            return opened, Path(name)
        # Somebody who looks for what was left has seen it before it was locked, and takes it away.
        os.close(opened)


def _take_away_what_was_left(folder: Path) -> None:
    if sys.platform == "win32":
        return
    with suppress(OSError), os.scandir(folder) as found:
        for entry in found:
            if entry.name.startswith(".") and _mark() in entry.name and entry.is_file(follow_symlinks=False):
                with suppress(OSError):
                    _take_away(Path(entry.path))


def _take_away(draft: Path) -> None:
    opened = os.open(draft, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        told = os.fstat(opened)
        is_ours = stat.S_ISREG(told.st_mode) and told.st_uid == os.geteuid()
        if is_ours and _lock(opened) is _Lock.OURS and _is_at(opened, draft):
            draft.unlink()
    finally:
        os.close(opened)


def _is_at(opened: int, place: Path) -> bool:
    """Whether an open file is still what is found at a place."""
    try:
        return os.path.samestat(os.fstat(opened), place.lstat())
    except FileNotFoundError:
        return False
