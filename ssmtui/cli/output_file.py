"""A report's file: tried before the work, and whole or not there at all after it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ssmtui.cli.errors import UsageError
from ssmtui.config.private_files import draft_beside
from ssmtui.language import say

_MODE = 0o666
"""What a program asks for of a new file; the umask takes from it."""


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A file that a report goes to. `draft` is where it is written until it is whole; None where it cannot be drafted.

    What is no regular file (a pipe, a device) is written where it is: to replace it would destroy it. A file that
    others write to as well is `shared`: the report is put behind what stands there.
    """

    file: Path
    draft: Path | None
    shared: bool = False

    def write(self, text: str) -> None:
        """Write the report, whole.

        Raises:
            UsageError: it cannot be written.

        """
        self.write_all((text,))

    def write_all(self, pieces: Iterable[str]) -> None:
        """Write a report that comes in pieces, whole.

        Raises:
            UsageError: it cannot be written.

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
        """Have somebody write what only the owner of the file may read, whole.

        Raises:
            UsageError: it cannot be written.

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
    """The file that a report will be written to; None where it goes to standard output.

    One that is `shared` is written to behind what others have written there.

    Raises:
        UsageError: it cannot be written, which is said before the work whose result it would hold.

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
    """The mode that the report's file gets: the one it had, else what the umask leaves of a new file's."""
    if file.exists():
        return file.stat().st_mode & 0o7777
    umask = os.umask(0o077)
    os.umask(umask)
    return _MODE & ~umask


def _cannot_write(file: Path, error: OSError) -> UsageError:
    return UsageError(say("the report cannot be written to {file}: {error}", file=file, error=error.strerror or error))
