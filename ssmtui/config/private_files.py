"""The folders of ssmtui's files, and owner-only files that are created safely and written completely."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from zlib import crc32

from platformdirs import PlatformDirs

from ssmtui.language import say

OWNER_ONLY = 0o600
_OTHERS = 0o077
_WRITES = os.O_WRONLY | os.O_RDWR
_ROOT = 0
_OPENED = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")


def make_private_folder(folder: Path) -> None:
    """Create a folder that only its owner can read.

    Raises:
        OSError: the folder cannot be created, or belongs to another user.

    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if why := _why_not_ours(folder.stat().st_uid):
        raise OSError(why)
    folder.chmod(0o700)


def open_private(file: Path, flags: int) -> int:
    """Open one of ssmtui's own files with `os` flags, and make it owner-only.

    Raises:
        OSError: the file cannot be opened, is not a regular file, belongs to another user, or others can replace it.

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


def append_line(file: int, line: str) -> None:
    """Append a line to an open file with one write: lines of several processes never mix. Sync it to the disk.

    First, complete a line that a killed process left incomplete.

    Raises:
        OSError: The disk is full; the file is as before.

    """
    size = os.fstat(file).st_size
    os.lseek(file, max(size - 1, 0), os.SEEK_SET)
    torn = size > 0 and os.read(file, 1) != b"\n"
    data = f"{chr(10) if torn else ''}{line}\n".encode()
    written = os.write(file, data)
    if written != len(data):
        if os.fstat(file).st_size == size + written:
            os.ftruncate(file, size)
        raise OSError("the disk is full")
    os.fsync(file)


def open_file(file: Path, flags: int) -> int:
    """Open a file of any owner with `os` flags. Opening it for writing removes the permissions of others.

    Raises:
        OSError: the file cannot be opened, or is not a regular file.

    """
    writes = bool(flags & _WRITES)
    # A link's target is read but never written to.
    flags |= getattr(os, "O_NONBLOCK", 0) | (getattr(os, "O_NOFOLLOW", 0) if writes else 0)
    opened = os.open(file, flags, OWNER_ONLY)
    try:
        mode = os.fstat(opened).st_mode
        if not stat.S_ISREG(mode):
            raise OSError(say("this is not a file"))
        if writes and mode & _OTHERS:
            file.chmod(OWNER_ONLY)
    except BaseException:
        os.close(opened)
        raise
    return opened


def open_named(file: Path, *, is_read_once: bool = False) -> int:
    """Open a file that the person named, for reading. /dev/null is an empty file. Opening never waits for a pipe.

    With `is_read_once`, files that the shell has already opened are accepted (`<(…)`, /dev/stdin).

    Raises:
        OSError: the file cannot be opened, or is not a regular file; the message is text for the person without the
        name.

    """
    try:
        if file == Path(os.devnull) or (is_read_once and str(file).startswith(_OPENED)):
            return os.open(file, os.O_RDONLY)
        return open_file(file, os.O_RDONLY)
    except ValueError as error:  # a NUL in the name
        raise OSError(say("this is not a valid file name")) from error
    except OSError as error:
        raise OSError(_why_not_readable(file, error)) from error


def names_something(file: Path) -> bool:
    """Return whether anything has this name. A link whose target is missing counts, also as one of the folders.

    Raises:
        OSError: this is unknown, for example because this user is not allowed to read a folder.

    """
    try:
        file.lstat()
    except NotADirectoryError:
        return False
    except FileNotFoundError:
        return any(each.is_symlink() and not os.path.exists(each) for each in file.parents)  # noqa: PTH110 - any length
    return True


def _why_not_readable(file: Path, error: OSError) -> str:
    try:
        told = file.lstat()
    except OSError:
        told = None
    if told is not None and isinstance(error, FileNotFoundError):
        return say("this is a link to a file that does not exist")
    if isinstance(error, IsADirectoryError) or (told is not None and stat.S_ISDIR(told.st_mode)):
        return say("this is a folder")
    return str(error.strerror or error)


def _why_not_ours(owner: int) -> str:
    if sys.platform == "win32" or owner == os.geteuid():
        return ""
    return say("the file belongs to another user")


def _why_replaceable(told: os.stat_result, folder: Path) -> str:
    """Return why others could replace a file in a folder; empty if they cannot."""
    if sys.platform == "win32":
        return ""
    if told.st_uid not in (os.geteuid(), _ROOT):
        return say("the folder belongs to another user")
    if told.st_mode & stat.S_IWOTH and not told.st_mode & stat.S_ISVTX:
        return say("every user can write to the folder; to fix this, run {command}", command=f"chmod go-w {folder}")
    return ""


def read_private(file: Path, last: int | None = None) -> bytes:
    """Return the content of a file, or only its `last` bytes.

    Raises:
        OSError: the file cannot be read, is not a regular file, or others have access.

    """
    with os.fdopen(open_private(file, os.O_RDONLY), "rb") as opened:
        if last is not None:
            opened.seek(max(0, os.fstat(opened.fileno()).st_size - last))
        return opened.read()


_DIRS = PlatformDirs("ssmtui", appauthor=False)


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of ssmtui's files."""

    config_file: Path
    state: Path
    cache: Path

    @property
    def themes(self) -> Path:
        """Return the folder of the person's own themes, one TOML file each."""
        return self.config_file.parent / "themes"

    @property
    def journal(self) -> Path:
        """Return the folder of the journal of changes."""
        return self.state / "journal"


def folders() -> Folders:
    """Return the folders of this computer, without creating them."""
    return Folders(
        config_file=_DIRS.user_config_path / "config.toml",
        state=_DIRS.user_state_path,
        cache=_DIRS.user_cache_path,
    )


class _Lock(Enum):
    """The owner of a file's lock."""

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
        """Lock a file while it is open, if nobody else has locked it."""
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
"""Bytes of the file's name in the name of its draft: names have 255 bytes at most."""


@contextmanager
def draft_beside(file: Path) -> Iterator[Path]:
    """Create an owner-only draft file in the same folder. At the end it is removed, unless it replaced the other file.

    Raises:
        OSError: the draft cannot be created.

    """
    _take_away_what_was_left(file.parent)
    opened, draft = _made_beside(file)
    try:
        if sys.platform == "win32":  # an open file cannot be renamed there
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
        # Another process that removes leftovers saw the file before it was locked, and removes it.
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
    """Return whether an open file is still the file at this path."""
    try:
        return os.path.samestat(os.fstat(opened), place.lstat())
    except FileNotFoundError:
        return False
