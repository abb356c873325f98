"""Hold what a user chose: theme, columns, filters, scopes, marked rows and positions; and keep it in a file."""

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
"""Filters that were typed last, of which no more are kept."""

MOST_SCOPES = 200
"""Scopes that were looked at last: more are an organization, which is not asked for name by name."""


@dataclass(frozen=True, slots=True)
class SortOrder:
    """By which column the rows of the fleet are ordered."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class UiState:
    """What was chosen last; None or empty where nothing was.

    `columns` are the keys of the fleet's columns in their order. `filters` are those saved, each with its name, by
    name; `recent_filters` those typed last, the newest first. `scopes` are what was chosen to be looked at.
    """

    theme: str | None = None
    columns: tuple[str, ...] = ()
    order: SortOrder | None = None
    filters: tuple[tuple[str, str], ...] = ()
    recent_filters: tuple[str, ...] = ()
    scopes: tuple[ScopeName, ...] = ()

    def with_filter(self, name: str, text: str) -> UiState:
        """A filter is saved under a name, which may have been another's before."""
        return replace(self, filters=tuple(sorted({**dict(self.filters), name: text}.items())))

    def without_filter(self, name: str) -> UiState:
        """A saved filter is no more."""
        return replace(self, filters=tuple(each for each in self.filters if each[0] != name))

    def after_filtering(self, text: str) -> UiState:
        """A filter was typed."""
        recent = tuple(dict.fromkeys((text, *self.recent_filters)))
        return replace(self, recent_filters=recent[:MOST_RECENT_FILTERS])

    def after_looking_at(self, scopes: tuple[ScopeName, ...]) -> UiState:
        """Scopes were chosen to be looked at."""
        return replace(self, scopes=scopes[:MOST_SCOPES])


@dataclass(frozen=True, slots=True)
class ColumnSelection:
    """All columns in the order in which they would stand, by their keys, and those of them that are shown."""

    order: tuple[str, ...]
    shown: frozenset[str]

    @classmethod
    def of(cls, known: Sequence[str], chosen: Sequence[str]) -> ColumnSelection:
        """As it was chosen, of the columns there are; where nothing was, all of them as they stand by themselves."""
        there = tuple(key for key in dict.fromkeys(chosen) if key in known) or tuple(known)
        return cls((*there, *(key for key in known if key not in there)), frozenset(there))

    @property
    def chosen(self) -> tuple[str, ...]:
        """The keys of those shown, in their order."""
        return tuple(key for key in self.order if key in self.shown)

    def toggled(self, key: str) -> ColumnSelection:
        """A column is shown, or no more; one at least stays."""
        shown = self.shown ^ {key}
        return replace(self, shown=shown) if shown else self

    def moved(self, key: str, by: int) -> ColumnSelection:
        """A column stands so many places further on."""
        others = [each for each in self.order if each != key]
        others.insert(min(max(0, self.order.index(key) + by), len(others)), key)
        return replace(self, order=tuple(others))


K = TypeVar("K", bound=Hashable)


class Marks(Generic[K]):
    """Marked rows by their keys. They stay marked while a filter hides them."""

    def __init__(self) -> None:
        self._marked: dict[K, None] = {}

    def __len__(self) -> int:
        return len(self._marked)

    def __contains__(self, key: object) -> bool:
        return key in self._marked

    def __iter__(self) -> Iterator[K]:
        return iter(tuple(self._marked))

    def toggle(self, keys: Iterable[K]) -> None:
        """Mark what is not marked of these, and the other way round."""
        for key in keys:
            if key in self._marked:
                del self._marked[key]
            else:
                self._marked[key] = None

    def mark_all(self, keys: Iterable[K]) -> None:
        """Mark all of these; where all of them are marked already, none of them."""
        wanted = tuple(keys)
        if all(key in self._marked for key in wanted):
            self.toggle(wanted)
        else:
            self._marked.update(dict.fromkeys(wanted))

    def clear(self) -> None:
        """Mark nothing."""
        self._marked.clear()

    def keep(self, keys: Iterable[K]) -> None:
        """Forget the marks of rows that are there no more."""
        there = set(keys)
        self._marked = {key: None for key in self._marked if key in there}


_MAX_POSITIONS = 200
"""Places that are kept: of more, the one left longest ago is forgotten."""


@dataclass(frozen=True, slots=True)
class ScreenPosition:
    """The rows that the cursors were on, how far down it was scrolled, by the ids of widgets; and the filter."""

    cursors: Mapping[str, Hashable] = field(default_factory=dict)
    scrolled: Mapping[str, int] = field(default_factory=dict)
    filter: str = ""


class ScreenPositions:
    """The places of one run, by what the screen was about."""

    def __init__(self) -> None:
        self._places: dict[Hashable, ScreenPosition] = {}

    def keep(self, about: Hashable, place: ScreenPosition) -> None:
        """Keep where somebody was."""
        self._places.pop(about, None)
        self._places[about] = place
        while len(self._places) > _MAX_POSITIONS:
            del self._places[next(iter(self._places))]

    def of(self, about: Hashable) -> ScreenPosition:
        """Where somebody was; at the beginning, where nobody was before."""
        return self._places.get(about, ScreenPosition())


_log = logging.getLogger(__name__)

SCHEMA = "ssmtui.habits"
VERSION = 1


class MalformedUiState(ValueError):
    """A text that is no UI state."""


class NewerUiState(ValueError):
    """A UI state of a later version, which is not understood."""


def ui_state_from_json(text: str) -> tuple[UiState, Mapping[str, object]]:
    """The UI state in a text, and all members of the text: unknown ones are kept.

    Raises:
        NewerUiState: they are of a later version.
        MalformedUiState: it tells of none.

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
    """Log once what is ignored, and kept in the file."""
    _log.warning("members of the UI state that this version of ssmtui does not know are ignored: %s", names)


def _parsed(text: str) -> dict[str, object]:
    import json

    try:
        told: dict[str, object] = json.loads(text)
    except (ValueError, RecursionError) as error:  # no JSON, too many digits, too deep
        raise MalformedUiState from error
    return told


def ui_state_to_json(ui_state: UiState, beside: Mapping[str, object]) -> str:
    """The text of a UI state; unknown members of the file stay."""
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
            UiStateFileError: it is there, and cannot be read or understood.

        """
        return self._read().ui_state

    def change(self, by: Callable[[UiState], UiState]) -> None:
        """Change what it holds. It is there whole at any moment, and only its owner can read it.

        Raises:
            UiStateFileError: it was not changed.

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
