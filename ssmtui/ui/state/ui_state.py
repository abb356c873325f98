"""Hold what a user chose: theme, columns, filters, scopes, marked rows and positions; and save it in a file."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Generic, TypeVar

from ssmtui.config.private_files import make_private_folder, read_private
from ssmtui.language import say
from ssmtui.model.scope import ScopeName

MOST_RECENT_FILTERS = 20
"""The number of recent filters to save."""

MOST_SCOPES = 200
"""The number of recent scopes to save. More scopes mean an organization, which is not opened by listing names."""


@dataclass(frozen=True, slots=True)
class SortOrder:
    """The column that sorts the rows of the fleet."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class UiState:
    """The user's last choices; None or empty if nothing was chosen.

    `columns` holds the keys of the fleet's columns in order. `filters` holds the saved filters by name;
    `recent_filters` the typed filters, the newest first. `scopes` holds the chosen scopes.
    """

    theme: str | None = None
    columns: tuple[str, ...] = ()
    order: SortOrder | None = None
    filters: tuple[tuple[str, str], ...] = ()
    recent_filters: tuple[str, ...] = ()
    scopes: tuple[ScopeName, ...] = ()

    def with_filter(self, name: str, text: str) -> UiState:
        """Return the state with a filter saved under a name, which can replace another filter."""
        return replace(self, filters=tuple(sorted({**dict(self.filters), name: text}.items())))

    def without_filter(self, name: str) -> UiState:
        """Return the state without a saved filter."""
        return replace(self, filters=tuple(each for each in self.filters if each[0] != name))

    def after_filtering(self, text: str) -> UiState:
        """Return the state after a filter was typed."""
        recent = tuple(dict.fromkeys((text, *self.recent_filters)))
        return replace(self, recent_filters=recent[:MOST_RECENT_FILTERS])

    def after_looking_at(self, scopes: tuple[ScopeName, ...]) -> UiState:
        """Return the state after scopes were chosen."""
        return replace(self, scopes=scopes[:MOST_SCOPES])


@dataclass(frozen=True, slots=True)
class ColumnSelection:
    """The keys of all columns in their order, and which of them are shown."""

    order: tuple[str, ...]
    shown: frozenset[str]

    @classmethod
    def of(cls, known: Sequence[str], chosen: Sequence[str], default: Sequence[str]) -> ColumnSelection:
        """Return the chosen columns among the known columns; if none were chosen, the default columns."""
        there = tuple(key for key in dict.fromkeys(chosen) if key in known) or tuple(default)
        return cls((*there, *(key for key in known if key not in there)), frozenset(there))

    @property
    def chosen(self) -> tuple[str, ...]:
        """The keys of the shown columns, in order."""
        return tuple(key for key in self.order if key in self.shown)

    def toggled(self, key: str) -> ColumnSelection:
        """Return the selection with a column shown or hidden; at least one column stays."""
        shown = self.shown ^ {key}
        return replace(self, shown=shown) if shown else self

    def moved(self, key: str, by: int) -> ColumnSelection:
        """Return the selection with a column moved by this many places."""
        others = [each for each in self.order if each != key]
        others.insert(min(max(0, self.order.index(key) + by), len(others)), key)
        return replace(self, order=tuple(others))


K = TypeVar("K", bound=Hashable)


class Marks(Generic[K]):
    """Marked rows by key. They stay marked while a filter hides them."""

    def __init__(self) -> None:
        self._marked: dict[K, None] = {}

    def __len__(self) -> int:
        return len(self._marked)

    def __contains__(self, key: object) -> bool:
        return key in self._marked

    def __iter__(self) -> Iterator[K]:
        return iter(tuple(self._marked))

    def toggle(self, keys: Iterable[K]) -> None:
        """Invert the marks of these rows."""
        for key in keys:
            if key in self._marked:
                del self._marked[key]
            else:
                self._marked[key] = None

    def mark_all(self, keys: Iterable[K]) -> None:
        """Mark all these rows; if all are marked already, unmark them."""
        wanted = tuple(keys)
        if all(key in self._marked for key in wanted):
            self.toggle(wanted)
        else:
            self._marked.update(dict.fromkeys(wanted))

    def replace(self, keys: Iterable[K]) -> None:
        """Mark these rows, and no others."""
        self._marked = dict.fromkeys(keys)

    def clear(self) -> None:
        """Remove all marks."""
        self._marked.clear()

    def keep(self, keys: Iterable[K]) -> None:
        """Remove the marks of rows that no longer exist."""
        there = set(keys)
        self._marked = {key: None for key in self._marked if key in there}


_MAX_POSITIONS = 200
"""The most positions to store; the oldest is forgotten first."""


@dataclass(frozen=True, slots=True)
class ScreenPosition:
    """The rows under the cursors and the scroll offsets, by widget id; and the filter."""

    cursors: Mapping[str, Hashable] = field(default_factory=dict)
    scrolled: Mapping[str, int] = field(default_factory=dict)
    filter: str = ""


class ScreenPositions:
    """The positions of one run, by the subject of the screen."""

    def __init__(self) -> None:
        self._places: dict[Hashable, ScreenPosition] = {}

    def keep(self, about: Hashable, place: ScreenPosition) -> None:
        """Store the position of a screen."""
        self._places.pop(about, None)
        self._places[about] = place
        while len(self._places) > _MAX_POSITIONS:
            del self._places[next(iter(self._places))]

    def of(self, about: Hashable) -> ScreenPosition:
        """Return the position of a screen; the start position if there is none."""
        return self._places.get(about, ScreenPosition())


_log = logging.getLogger(__name__)

SCHEMA = "ssmtui.habits"
VERSION = 1


class MalformedUiState(ValueError):
    """The text is not a UI state."""


class NewerUiState(ValueError):
    """The UI state was written by a later version, and cannot be read."""


def ui_state_from_json(text: str) -> tuple[UiState, Mapping[str, object]]:
    """Return the UI state in a text, and all members of the text, including unknown ones.

    Raises:
        NewerUiState: a later version wrote the text.
        MalformedUiState: the text is not a UI state.

    """
    try:
        told = _parsed(text)
        name, _, version = str(told["schema"]).partition("/")
        if name != SCHEMA or not version.isdecimal():
            raise MalformedUiState
        if int(version) > VERSION:
            raise NewerUiState
        if unknown := told.keys() - {"schema", *(each.name for each in fields(UiState))}:
            _log_unknown_members(tuple(sorted(unknown)))
        return _ui_state(told), told
    except (KeyError, TypeError, AttributeError) as error:
        raise MalformedUiState from error


@cache
def _log_unknown_members(names: tuple[str, ...]) -> None:
    """Log the unknown members once; they are ignored, but stay in the file."""
    _log.warning("members of the UI state that this version of ssmtui does not know are ignored: %s", names)


def _parsed(text: str) -> dict[str, object]:
    import json

    try:
        told: dict[str, object] = json.loads(text)
    except (ValueError, RecursionError) as error:  # not JSON, too many digits, or nested too deeply
        raise MalformedUiState from error
    return told


def ui_state_to_json(ui_state: UiState, beside: Mapping[str, object]) -> str:
    """Return the JSON text of a UI state; unknown members of the file stay."""
    import json

    members = {**asdict(ui_state), "filters": dict(ui_state.filters)}
    return json.dumps({**beside, "schema": f"{SCHEMA}/{VERSION}", **members}, indent=2, ensure_ascii=False) + "\n"


def _ui_state(told: Mapping[str, object]) -> UiState:
    order = told.get("order")
    filters = told.get("filters") or {}
    if not isinstance(filters, dict) or not (order is None or isinstance(order, dict)):
        raise MalformedUiState
    return UiState(
        theme=_text_or_none(told.get("theme")),
        columns=_texts(told.get("columns")),
        order=SortOrder(_text(order["column"]), descending=order.get("descending") is True) if order else None,
        filters=tuple(sorted((_text(name), _text(text)) for name, text in filters.items())),
        recent_filters=_texts(told.get("recent_filters")),
        scopes=tuple(_scope(each) for each in _list(told.get("scopes"))),
    )


def _scope(told: object) -> ScopeName:
    if not isinstance(told, dict):
        raise MalformedUiState
    return ScopeName(_text_or_none(told.get("profile")), _text(told["region"]), _text_or_none(told.get("role")))


def _list(told: object) -> list[object]:
    if not isinstance(told, list | None):
        raise MalformedUiState
    return told or []


def _texts(told: object) -> tuple[str, ...]:
    return tuple(_text(each) for each in _list(told))


def _text(told: object) -> str:
    if not isinstance(told, str):
        raise MalformedUiState
    return told


def _text_or_none(told: object) -> str | None:
    return None if told is None else _text(told)


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
    """The file cannot be read, parsed or written. The message names the file and the consequence."""


@dataclass(frozen=True, slots=True)
class _FileContent:
    ui_state: UiState
    beside: Mapping[str, object]


class UiStateFile:
    """The UI state file in a folder. Several processes can change it: each applies its change to the latest content."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def file(self) -> Path:
        """The path of the file."""
        return self._folder / FILE_NAME

    def read(self) -> UiState:
        """Return the content of the file; the default if there is no file.

        Raises:
            UiStateFileError: the file exists, but cannot be read or parsed.

        """
        return self._read().ui_state

    def change(self, by: Callable[[UiState], UiState]) -> None:
        """Change the content. The file is complete at any moment, and only its owner can read it.

        Raises:
            UiStateFileError: the file was not changed.

        """
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
                    "{file} cannot be written ({error}): your choices are lost when you quit.",
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
                    "{file} cannot be read ({error}): your choices are lost when you quit.",
                    file=self.file,
                    error=error.strerror or error,
                )
            ) from error
        # A power failure can leave an empty file if the replaced file had not reached the disk.
        return self._understood(data) if data.strip(b"\0") else _FileContent(UiState(), {})

    def _understood(self, data: bytes) -> _FileContent:
        try:
            if len(data) > _MAX_BYTES:
                raise MalformedUiState
            return _FileContent(*ui_state_from_json(data.decode()))
        except NewerUiState as error:
            raise UiStateFileError(
                say(
                    "{file} belongs to a newer version of ssmtui and is not changed: your choices are lost when you "
                    "quit.",
                    file=self.file,
                )
            ) from error
        except (MalformedUiState, UnicodeDecodeError) as error:
            raise UiStateFileError(
                say(
                    "{file} is not valid and is not changed: your choices are lost when you quit. To start again, "
                    "remove the file.",
                    file=self.file,
                )
            ) from error

    def _replace(self, text: str) -> None:
        from ssmtui.config.private_files import draft_beside

        # Owner-only from the start. No fsync: a key waits for this write.
        with draft_beside(self.file) as draft:
            draft.write_text(text, encoding="utf-8", errors="replace")
            draft.replace(self.file)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Lock out other processes; if the disk has no locks, the last writer wins."""
        lock = os.open(self._folder / _LOCK_NAME, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            with suppress(OSError):
                _wait_for(lock)
            yield
        finally:
            os.close(lock)


class UiStateStore:
    """The user's choices from this run or an earlier one. Without a file, they last until the end of the run.

    If the file cannot be used, only the saving fails: `told` reports it once.
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
        """Change the choices; `by` is applied to those of this run and to those that another run has saved."""
        was, self.current = self.current, by(self.current)
        if self._file is None or self.current == was:
            return
        try:
            self._file.change(by)
        except UiStateFileError as error:
            self._trouble = str(error)

    def told(self) -> str:
        """Return why the choices are not saved, if that was not reported yet; else empty."""
        if not self._trouble or self._trouble in self._said:
            return ""
        self._said.add(self._trouble)
        return self._trouble
