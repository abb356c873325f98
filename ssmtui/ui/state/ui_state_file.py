"""Read and write the file of the UI state, and keep the UI state of the running app."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ssmtui.config.private_files import make_private_folder, read_private
from ssmtui.language import say
from ssmtui.ui.state.ui_state import UiState

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
_MAX_BYTES = 1_000_000


class UiStateFileError(OSError):
    """The file cannot be read, understood or written. The message names it, and what follows."""


@dataclass(frozen=True, slots=True)
class _FileContent:
    ui_state: UiState
    beside: Mapping[str, object]


class UiStateFile:
    """The file in a folder. Any number of processes may change it: each changes what the last one left there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def file(self) -> Path:
        """Where it is."""
        return self._folder / FILE_NAME

    def read(self) -> UiState:
        """What it holds; nothing where there is none.

        Raises:
            HabitsUnusable: it is there, and cannot be read or understood.

        """
        return self._read().ui_state

    def change(self, by: Callable[[UiState], UiState]) -> None:
        """Change what it holds. It is there whole at any moment, and only its owner can read it.

        Raises:
            HabitsUnusable: it was not changed.

        """
        from ssmtui.ui.state.ui_state_json import ui_state_to_json

        try:
            make_private_folder(self._folder)
            with self._alone():
                read = self._read()
                self._replace(ui_state_to_json(by(read.ui_state), read.beside))
        except UiStateFileError:
            raise
        except OSError as error:
            raise UiStateFileError(
                say(
                    "{file} cannot be written ({error}): what you choose lasts until you leave.",
                    file=self.file,
                    error=error.strerror or error,
                )
            ) from error

    def _read(self) -> _FileContent:
        try:
            data = read_private(self.file, last=_MAX_BYTES + 1)
        except FileNotFoundError:
            return _FileContent(UiState(), {})
        except OSError as error:
            raise UiStateFileError(
                say(
                    "{file} cannot be read ({error}): what you choose lasts until you leave.",
                    file=self.file,
                    error=error.strerror or error,
                )
            ) from error
        # What a loss of power may leave of a file that was replaced and had yet to reach the disk.
        return self._understood(data) if data.strip(b"\0") else _FileContent(UiState(), {})

    def _understood(self, data: bytes) -> _FileContent:
        from ssmtui.ui.state.ui_state_json import MalformedUiState, NewerUiState, ui_state_from_json

        try:
            if len(data) > _MAX_BYTES:
                raise MalformedUiState
            return _FileContent(*ui_state_from_json(data.decode()))
        except NewerUiState as error:
            raise UiStateFileError(
                say(
                    "{file} was written by a later ssmtui and is left as it is: what you choose lasts until you leave.",
                    file=self.file,
                )
            ) from error
        except (MalformedUiState, UnicodeDecodeError) as error:
            raise UiStateFileError(
                say(
                    "{file} cannot be understood and is left as it is: what you choose lasts until you leave. "
                    "Remove the file to begin anew.",
                    file=self.file,
                )
            ) from error

    def _replace(self, text: str) -> None:
        from ssmtui.config.private_files import draft_beside

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


class UiStateStore:
    """What was chosen last, here or in an earlier run. Without a file nothing outlasts the run.

    A file that cannot be used takes nothing from the app but its memory: `told` says so once.
    """

    def __init__(self, file: UiStateFile | None = None) -> None:
        self._file = file
        self._trouble = ""
        self._said: set[str] = set()
        self.current = UiState()
        if file is not None:
            try:
                self.current = file.read()
            except UiStateFileError as error:
                self._trouble = str(error)

    def change(self, by: Callable[[UiState], UiState]) -> None:
        """Change them; `by` is called for those of this run, and for those that another run may have left meanwhile."""
        was, self.current = self.current, by(self.current)
        if self._file is None or self.current == was:
            return
        try:
            self._file.change(by)
        except UiStateFileError as error:
            self._trouble = str(error)

    def told(self) -> str:
        """Why what is chosen is not kept, where nobody has been told so; else empty."""
        if not self._trouble or self._trouble in self._said:
            return ""
        self._said.add(self._trouble)
        return self._trouble
