"""The configuration file: what it says, and each mistake in it by its line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from ssmtui.config.declared import SETTINGS, no_such_setting, setting_named
from ssmtui.config.folders import folders
from ssmtui.config.kinds import WrongValue
from ssmtui.config.own_files import names_something
from ssmtui.config.setting import Layer, Origin, Setting, Table, Told
from ssmtui.config.toml_places import BrokenToml, Place, parsed, places, toml_text
from ssmtui.language import say
from ssmtui.model.other_accounts import OtherAccounts, why_not


class ConfigError(ValueError):
    """A configuration that cannot be used; the message says where each mistake is and what it is, one a line."""


@dataclass(frozen=True, slots=True)
class OfSome:
    """What a table says of some profiles, or accounts, alone: those of its name, which may be a pattern."""

    name: str
    told: Mapping[str, Told[object]]

    def is_of(self, names: Iterable[str]) -> bool:
        """Whether it is about one of these."""
        return any(name == self.name or fnmatchcase(name, self.name) for name in names)


@dataclass(frozen=True, slots=True)
class FileSettings:
    """What a configuration file says: by the names of settings, and of some profiles and accounts alone."""

    told: Mapping[str, Told[object]] = field(default_factory=dict)
    some: Mapping[Table, Sequence[OfSome]] = field(default_factory=dict)


def read_config(path: Path | None) -> FileSettings:
    """What the configuration file says; the default one need not exist, a named one must.

    Raises:
        ConfigError: the file is not there, is no TOML, or says something that it cannot say.

    """
    file = path or folders().config_file
    try:
        # One that is there in any form may say `read_only`: nothing is done that it may forbid.
        if path is None and not names_something(file):
            return FileSettings()
        text = toml_text(file)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        sentence = say("The configuration file {file} cannot be read: {error}.", file=file, error=why)
        raise ConfigError(sentence) from error
    try:
        said = parsed(text)
    except BrokenToml as error:
        raise ConfigError(f"{_told_place(file, error.place)}: {error}") from error
    reading = _Reading(file, places(text))
    settings = FileSettings(reading.settings(said), {table: reading.some(said, table) for table in Table})
    if reading.mistakes:
        in_order = sorted(reading.mistakes, key=lambda each: (each[0].line, each[0].column))
        raise ConfigError("\n".join(f"{_told_place(file, place)}: {why}" for place, why in in_order))
    return settings


def _told_place(file: Path, place: Place) -> str:
    """As compilers say it, so that editors and terminals open it there."""
    return f"{file}:{place.line}:{place.column}"


class _Reading:
    """One file being read: its mistakes are gathered, so that all are told at once."""

    def __init__(self, file: Path, where: Mapping[tuple[str, ...], Place]) -> None:
        self.file = file
        self.where = where
        self.mistakes: list[tuple[Place, str]] = []

    def settings(self, said: Mapping[str, object]) -> dict[str, Told[object]]:
        """Those of the file's top."""
        tables = {table.value for table in Table}
        known = (*(each.name for each in SETTINGS), *tables)
        return dict(self._told({name: said[name] for name in said if name not in tables}, (), known))

    def some(self, said: Mapping[str, object], table: Table) -> tuple[OfSome, ...]:
        """What is said of some alone, below `[profiles.NAME]` or `[accounts.ID]`, in the file's order."""
        below = said.get(table.value, {})
        if not isinstance(below, Mapping):
            self._mistake((table.value,), say("[{table}.NAME] is a table", table=table.value))
            return ()
        known = tuple(each.name for each in SETTINGS if table in each.tables)
        found: list[OfSome] = []
        for name, each in below.items():
            if table is Table.ACCOUNTS and (why := why_not(OtherAccounts(accounts=(name,)))):
                self._mistake((table.value, name), why)
            elif isinstance(each, Mapping):
                found.append(OfSome(name, dict(self._told(each, (table.value, name), known))))
            else:
                self._mistake((table.value, name), say("[{table}.NAME] is a table", table=table.value))
        return tuple(found)

    def _told(
        self, said: Mapping[str, object], above: tuple[str, ...], known: tuple[str, ...]
    ) -> Iterator[tuple[str, Told[object]]]:
        """What is no setting is a mistake: a misspelt `read_only` must not pass for one that was left out."""
        under = "".join(f"{each}." for each in above)
        for name, value in said.items():
            setting = setting_named(name) if name in known else None
            if isinstance(value, Mapping) and f"{name}s" in known:
                self._mistake((*above, name), say("[{table}.NAME] is called [{table}s.NAME]", table=name))
            elif setting is None:
                self._mistake((*above, name), no_such_setting(name, under, known))
            elif (read := self._value(setting, (*above, name), value)) is not None:
                yield name, read

    def _value(self, setting: Setting[object], path: tuple[str, ...], value: object) -> Told[object] | None:
        place = self._place(path)
        try:
            read = setting.kind.read(".".join(path), value)
        except WrongValue as wrong:
            self._mistake((*path, wrong.below) if wrong.below else path, str(wrong))
            return None
        entries = value if isinstance(value, Mapping) else ()
        below = {each: _told_place(self.file, self._place((*path, each))) for each in entries}
        return Told(read, Origin(Layer.FILE, _told_place(self.file, place), below))

    def _place(self, path: tuple[str, ...]) -> Place:
        """That of a key, else of the nearest above it that is named."""
        named = (path[:depth] for depth in range(len(path), 0, -1))
        return next((self.where[each] for each in named if each in self.where), Place(1, 1))

    def _mistake(self, path: tuple[str, ...], sentence: str) -> None:
        self.mistakes.append((self._place(path), sentence))
