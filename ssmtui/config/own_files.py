"""Files of our own, in our folders: for their owner alone, however an older one was made, and always true files.

A pipe in a file's place would keep who opens it waiting for somebody who may never come.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ssmtui.language import say

OWNER_ONLY = 0o600
_OTHERS = 0o077
_WRITES = os.O_WRONLY | os.O_RDWR


def make_own_folder(folder: Path) -> None:
    """Make a folder that only its owner can look into.

    Raises:
        OSError: it cannot be made.

    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)


def open_own(file: Path, flags: int) -> int:
    """Open a file by `os`'s flags; one that is written to is taken from others who may read or write it.

    Raises:
        OSError: it cannot be opened, or is no file.

    """
    writes = bool(flags & _WRITES)
    # What a link leads to is read, and never written to.
    flags |= getattr(os, "O_NONBLOCK", 0) | (getattr(os, "O_NOFOLLOW", 0) if writes else 0)
    opened = os.open(file, flags, OWNER_ONLY)
    try:
        mode = os.fstat(opened).st_mode
        if not stat.S_ISREG(mode):
            raise OSError(say("it is no file"))
        if writes and mode & _OTHERS:
            file.chmod(OWNER_ONLY)
    except BaseException:
        os.close(opened)
        raise
    return opened


def read_own(file: Path, last: int | None = None) -> bytes:
    """What is in a file; of a longer one the `last` bytes.

    Raises:
        OSError: it cannot be read, or is no file.

    """
    with os.fdopen(open_own(file, os.O_RDONLY), "rb") as opened:
        if last is not None:
            opened.seek(max(0, os.fstat(opened.fileno()).st_size - last))
        return opened.read()
