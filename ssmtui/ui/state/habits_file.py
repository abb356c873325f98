"""The file of habits: read whole, replaced whole, and left alone where it is not understood."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ssmtui.config.own_files import make_own_folder, read_own
from ssmtui.language import say
from ssmtui.ui.state.habits import Habits

if sys.platform == "win32":
    import msvcrt

    def _wait_for(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_LOCK, 1)

else:
    import fcntl

    def _wait_for(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)


FILE_NAME = "habits.json"
_LOCK_NAME = "habits.lock"
_MOST_BYTES = 1_000_000


class HabitsUnusable(OSError):
    """The file cannot be read, understood or written. The message names it, and what follows."""


@dataclass(frozen=True, slots=True)
class _Read:
    habits: Habits
    beside: Mapping[str, object]


class HabitsFile:
    """The file in a folder. Any number of processes may change it: each changes what the last one left there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def file(self) -> Path:
        """Where it is."""
        return self._folder / FILE_NAME

    def read(self) -> Habits:
        """What it holds; nothing where there is none.

        Raises:
            HabitsUnusable: it is there, and cannot be read or understood.

        """
        return self._read().habits

    def change(self, by: Callable[[Habits], Habits]) -> None:
        """Change what it holds. It is there whole at any moment, and only its owner can read it.

        Raises:
            HabitsUnusable: it was not changed.

        """
        from ssmtui.ui.state.habits_text import text_of

        try:
            make_own_folder(self._folder)
            with self._alone():
                read = self._read()
                self._replace(text_of(by(read.habits), read.beside))
        except HabitsUnusable:
            raise
        except OSError as error:
            raise HabitsUnusable(
                say(
                    "{file} cannot be written ({error}): what you choose lasts until you leave.",
                    file=self.file,
                    error=error.strerror or error,
                )
            ) from error

    def _read(self) -> _Read:
        try:
            data = read_own(self.file, last=_MOST_BYTES + 1)
        except FileNotFoundError:
            return _Read(Habits(), {})
        except OSError as error:
            raise HabitsUnusable(
                say(
                    "{file} cannot be read ({error}): what you choose lasts until you leave.",
                    file=self.file,
                    error=error.strerror or error,
                )
            ) from error
        # What a loss of power may leave of a file that was replaced and had yet to reach the disk.
        return self._understood(data) if data.strip(b"\0") else _Read(Habits(), {})

    def _understood(self, data: bytes) -> _Read:
        from ssmtui.ui.state.habits_text import HabitsMalformed, HabitsNewer, habits_of

        try:
            if len(data) > _MOST_BYTES:
                raise HabitsMalformed
            return _Read(*habits_of(data.decode()))
        except HabitsNewer as error:
            raise HabitsUnusable(
                say(
                    "{file} was written by a later ssmtui and is left as it is: what you choose lasts until you leave.",
                    file=self.file,
                )
            ) from error
        except (HabitsMalformed, UnicodeDecodeError) as error:
            raise HabitsUnusable(
                say(
                    "{file} cannot be understood and is left as it is: what you choose lasts until you leave. "
                    "Remove the file to begin anew.",
                    file=self.file,
                )
            ) from error

    def _replace(self, text: str) -> None:
        from ssmtui.config.drafts import draft_beside

        # Owner-only from the first. Not forced to the disk: a key waits for this.
        with draft_beside(self.file) as draft:
            draft.write_text(text, encoding="utf-8", errors="replace")
            draft.replace(self.file)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep others from changing it meanwhile; where the disk knows no locks, the last one has its way."""
        lock = os.open(self._folder / _LOCK_NAME, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            with suppress(OSError):
                _wait_for(lock)
            yield
        finally:
            os.close(lock)
