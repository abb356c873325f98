"""Files that only their owner can read, created safely."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from ssmtui.language import say

OWNER_ONLY = 0o600
_OTHERS = 0o077
_WRITES = os.O_WRONLY | os.O_RDWR
_ROOT = 0
_OPENED = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its owner can look into.

    Raises:
        OSError: it cannot be made, or belongs to another user.

    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if why := _why_not_ours(folder.stat().st_uid):
        raise OSError(why)
    folder.chmod(0o700)


def open_private(file: Path, flags: int) -> int:
    """Open a file of our own by `os`'s flags; others can neither read it nor write to it afterwards.

    Raises:
        OSError: it cannot be opened, is no file, belongs to another user, or others can replace it.

    """
    opened = open_file(file, flags)
    try:
        folder = file.parent.stat()
        why = _why_not_ours(os.fstat(opened).st_uid) or _why_replaceable(folder, file.parent)
        if why:
            raise OSError(why)
    except BaseException:
        os.close(opened)
        raise
    return opened


def open_file(file: Path, flags: int) -> int:
    """Open a file by `os`'s flags, whoever it belongs to; one that is written to is taken from others who may use it.

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


def open_named(file: Path, *, is_read_once: bool = False) -> int:
    """Open a file that the person wrote and named, for reading; /dev/null is an empty one. No pipe is waited for.

    What the shell has opened already (`<(…)`, /dev/stdin) is as good where it `is_read_once`.

    Raises:
        OSError: it cannot be opened, or is no file; the message says so in a sentence's words, without its name.

    """
    try:
        if file == Path(os.devnull) or (is_read_once and str(file).startswith(_OPENED)):
            return os.open(file, os.O_RDONLY)
        return open_file(file, os.O_RDONLY)
    except ValueError as error:  # a NUL
        raise OSError(say("its name cannot be one of a file")) from error
    except OSError as error:
        raise OSError(_why_not_readable(file, error)) from error


def names_something(file: Path) -> bool:
    """Return whether anything has this name: a link whose target is missing counts, as its name or that of a folder.

    Raises:
        OSError: that cannot be told, for example because a folder is closed to this user.

    """
    try:
        file.lstat()
    except NotADirectoryError:
        return False
    except FileNotFoundError:
        return any(each.is_symlink() and not os.path.exists(each) for each in file.parents)  # noqa: PTH110 - of any length
    return True


def _why_not_readable(file: Path, error: OSError) -> str:
    try:
        told = file.lstat()
    except OSError:
        told = None
    if told is not None and isinstance(error, FileNotFoundError):
        return say("it is a link to a file that does not exist")
    if isinstance(error, IsADirectoryError) or (told is not None and stat.S_ISDIR(told.st_mode)):
        return say("it is a folder")
    return str(error.strerror or error)


def _why_not_ours(owner: int) -> str:
    if sys.platform == "win32" or owner == os.geteuid():
        return ""
    return say("it belongs to another user")


def _why_replaceable(told: os.stat_result, folder: Path) -> str:
    """Why others could put another file in the place of one in a folder; empty if they cannot."""
    if sys.platform == "win32":
        return ""
    if told.st_uid not in (os.geteuid(), _ROOT):
        return say("its folder belongs to another user")
    if told.st_mode & stat.S_IWOTH and not told.st_mode & stat.S_ISVTX:
        return say("every user can write to its folder ({command} closes it)", command=f"chmod go-w {folder}")
    return ""


def read_private(file: Path, last: int | None = None) -> bytes:
    """What is in a file; of a longer one the `last` bytes.

    Raises:
        OSError: it cannot be read, is no file, or is not ours alone.

    """
    with os.fdopen(open_private(file, os.O_RDONLY), "rb") as opened:
        if last is not None:
            opened.seek(max(0, os.fstat(opened.fileno()).st_size - last))
        return opened.read()
