"""Files that a command writes: the log, and reports. They are tested before the work, and complete or absent."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ssmtui.cli.errors import UsageError
from ssmtui.cli.printing import print_message
from ssmtui.config.private_files import draft_beside, open_file
from ssmtui.language import say
from ssmtui.text.printable import printable_lines

_MODE = 0o666
"""The mode of a new file before the umask."""


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A report file. It is written to `draft` until it is complete; `draft` is None if a draft is not possible.

    Anything except a regular file (a pipe, a device) is written directly, because a replacement would destroy it. A
    `shared` file has other writers: the report is appended.
    """

    file: Path
    draft: Path | None
    shared: bool = False

    def write(self, text: str) -> None:
        """Write the complete report.

        Raises:
            UsageError: the file cannot be written.

        """
        self.write_all((text,))

    def write_all(self, pieces: Iterable[str]) -> None:
        """Write the complete report from pieces.

        Raises:
            UsageError: the file cannot be written.

        """
        try:
            with (self.draft or self.file).open(
                "a" if self.shared else "w", encoding="utf-8", errors="replace"
            ) as written:
                written.writelines(pieces)
            if self.draft is not None:
                self.draft.chmod(_mode_of(self.file))
                self.draft.replace(self.file)
        except OSError as error:
            raise _cannot_write(self.file, error) from error

    def write_private(self, write: Callable[[BinaryIO], None]) -> None:
        """Let a function write a complete file that only its owner can read.

        Raises:
            UsageError: the file cannot be written.

        """
        try:
            with (self.draft or self.file).open("wb") as written:
                write(written)
            if self.draft is not None:
                self.draft.replace(self.file)
        except OSError as error:
            raise _cannot_write(self.file, error) from error


@contextmanager
def open_output_file(file: Path | None, *, shared: bool = False) -> Iterator[OutputFile | None]:
    """Yield the file for a report; None for standard output.

    A `shared` file is appended to.

    Raises:
        UsageError: the file cannot be written. This is reported before the work starts.

    """
    if file is None:
        yield None
        return
    with ExitStack() as stack:
        try:
            real = file.resolve(strict=False)
            is_in_place = shared or (real.exists() and not real.is_file())
            draft = None if is_in_place else stack.enter_context(draft_beside(real))
            if draft is None and (real.is_dir() or not os.access(real if real.exists() else real.parent, os.W_OK)):
                raise UsageError(say("the report cannot be written to {file}", file=file))
        except OSError as error:
            raise _cannot_write(file, error) from error
        yield OutputFile(real, draft, shared)


def _mode_of(file: Path) -> int:
    """Return the mode of the report's file: the existing mode, else that of a new file under the umask."""
    if file.exists():
        return file.stat().st_mode & 0o7777
    umask = os.umask(0o077)
    os.umask(umask)
    return _MODE & ~umask


def _cannot_write(file: Path, error: OSError) -> UsageError:
    return UsageError(say("the report cannot be written to {file}: {error}", file=file, error=error.strerror or error))


def log_to(file: Path | None) -> None:
    """Log to an owner-only file. botocore's own debug log is left out, because it contains signatures and bodies.

    Raises:
        UsageError: the file cannot be opened.

    """
    if file is None:
        return
    try:
        handler = _LogFileHandler(_opened(file))
    except OSError as error:
        raise UsageError(say("the log file cannot be written: {error}", error=error)) from error
    handler.setFormatter(_PrintableFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger = logging.getLogger("ssmtui")
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)


def _opened(file: Path) -> int:
    """Open an owner-only file, even if the existing file was readable by others. Open a device as it is."""
    if os.path.exists(file) and not os.path.isfile(file):  # noqa: PTH110, PTH113 - of any length
        return os.open(file, os.O_WRONLY | os.O_APPEND | getattr(os, "O_NONBLOCK", 0))
    return open_file(file.resolve(), os.O_WRONLY | os.O_APPEND | os.O_CREAT)


class _PrintableFormatter(logging.Formatter):
    """Makes log entries printable: logs are read on terminals and contain texts from AWS."""

    def format(self, record: logging.LogRecord) -> str:
        return "\n".join(printable_lines(super().format(record)))


class _LogFileHandler(logging.Handler):
    """Writes entries to an open file descriptor, and closes it.

    An entry without room is dropped. Python's own handler would print a traceback over the screen.
    """

    def __init__(self, opened: int) -> None:
        super().__init__()
        self._opened: int | None = opened
        self._trouble = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Write an entry."""
        if self._opened is None:
            return
        data = f"{self.format(record)}\n".encode(errors="backslashreplace")
        try:
            if os.write(self._opened, data) < len(data):
                self._trouble = self._trouble or say("the disk is full")
        except OSError as error:
            self._trouble = self._trouble or str(error.strerror or error)

    def close(self) -> None:
        """Close the file, and report whether entries were dropped."""
        self.acquire()
        try:
            opened, self._opened = self._opened, None
        finally:
            self.release()
        if opened is not None:
            os.close(opened)
            if self._trouble:
                print_message(say("the log file is incomplete: {error}", error=self._trouble))
        super().close()
