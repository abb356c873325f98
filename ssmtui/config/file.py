"""Read the configuration file, report each mistake with its line, and write an example file."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from ssmtui.config.declared_settings import SETTINGS, setting_named, unknown_setting_error
from ssmtui.config.private_files import folders, names_something
from ssmtui.config.setting_types import (
    InvalidValueError,
    Setting,
    SettingLayer,
    SettingOrigin,
    SettingTable,
    SettingValue,
)
from ssmtui.config.toml_text import InvalidToml, TomlPlace, key_places, parse_toml, toml_text
from ssmtui.language import say, translatable
from ssmtui.model.scope_request import OtherAccounts, find_account_mistake


class ConfigError(ValueError):
    """The configuration cannot be used; the message has one line per mistake, with its place."""


@dataclass(frozen=True, slots=True)
class PartialSettings:
    """The settings for some profiles or accounts only: those with this name, which may be a pattern."""

    name: str
    told: Mapping[str, SettingValue[object]]

    def is_of(self, names: Iterable[str]) -> bool:
        """Return whether the settings apply to one of these names."""
        return any(name == self.name or fnmatchcase(name, self.name) for name in names)


@dataclass(frozen=True, slots=True)
class FileSettings:
    """The content of a configuration file: settings by name, and settings for some profiles and accounts only."""

    told: Mapping[str, SettingValue[object]] = field(default_factory=dict)
    some: Mapping[SettingTable, Sequence[PartialSettings]] = field(default_factory=dict)


def read_config(path: Path | None) -> FileSettings:
    """Read the configuration file. The default file may be missing; a named file must exist.

    Raises:
        ConfigError: the file is missing, is not TOML, or has invalid settings.

    """
    file = path or folders().config_file
    try:
        # An existing file may set `read_only`. If it cannot be read, nothing is done that it could forbid.
        if path is None and not names_something(file):
            return FileSettings()
        text = toml_text(file)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        sentence = say("The configuration file {file} cannot be read: {error}.", file=file, error=why)
        raise ConfigError(sentence) from error
    try:
        said = parse_toml(text)
    except InvalidToml as error:
        raise ConfigError(f"{_told_place(file, error.place)}: {error}") from error
    reading = _Reading(file, key_places(text))
    settings = FileSettings(reading.settings(said), {table: reading.some(said, table) for table in SettingTable})
    if reading.mistakes:
        in_order = sorted(reading.mistakes, key=lambda each: (each[0].line, each[0].column))
        raise ConfigError("\n".join(f"{_told_place(file, place)}: {why}" for place, why in in_order))
    return settings


def _told_place(file: Path, place: TomlPlace) -> str:
    """Return a place in the format of compilers, so that editors and terminals can open it."""
    return f"{file}:{place.line}:{place.column}"


class _Reading:
    """Reads one file and collects its mistakes, so that all are reported together."""

    def __init__(self, file: Path, where: Mapping[tuple[str, ...], TomlPlace]) -> None:
        self.file = file
        self.where = where
        self.mistakes: list[tuple[TomlPlace, str]] = []

    def settings(self, said: Mapping[str, object]) -> dict[str, SettingValue[object]]:
        """Return the settings at the top of the file."""
        tables = {table.value for table in SettingTable}
        known = (*(each.name for each in SETTINGS), *tables)
        return dict(self._told({name: said[name] for name in said if name not in tables}, (), known))

    def some(self, said: Mapping[str, object], table: SettingTable) -> tuple[PartialSettings, ...]:
        """Return the settings for some only, from `[profiles.NAME]` or `[accounts.ID]`, in the file's order."""
        below = said.get(table.value, {})
        if not isinstance(below, Mapping):
            self._mistake((table.value,), say("[{table}.NAME] must be a table", table=table.value))
            return ()
        known = tuple(each.name for each in SETTINGS if table in each.tables)
        found: list[PartialSettings] = []
        for name, each in below.items():
            if table is SettingTable.ACCOUNTS and (why := find_account_mistake(OtherAccounts(accounts=(name,)))):
                self._mistake((table.value, name), why)
            elif isinstance(each, Mapping):
                found.append(PartialSettings(name, dict(self._told(each, (table.value, name), known))))
            else:
                self._mistake((table.value, name), say("[{table}.NAME] must be a table", table=table.value))
        return tuple(found)

    def _told(
        self, said: Mapping[str, object], above: tuple[str, ...], known: tuple[str, ...]
    ) -> Iterator[tuple[str, SettingValue[object]]]:
        """Yield the settings of a table. An unknown key is a mistake: a misspelt `read_only` must not be ignored."""
        under = "".join(f"{each}." for each in above)
        for name, value in said.items():
            setting = setting_named(name) if name in known else None
            if isinstance(value, Mapping) and f"{name}s" in known:
                self._mistake((*above, name), say("[{table}.NAME] must be [{table}s.NAME]", table=name))
            elif setting is None:
                self._mistake((*above, name), unknown_setting_error(name, under, known))
            elif (read := self._value(setting, (*above, name), value)) is not None:
                yield name, read

    def _value(self, setting: Setting[object], path: tuple[str, ...], value: object) -> SettingValue[object] | None:
        place = self._place(path)
        try:
            read = setting.kind.read(".".join(path), value)
        except InvalidValueError as wrong:
            self._mistake((*path, *wrong.below), str(wrong))
            return None
        entries = value if isinstance(value, Mapping) else ()
        below = {each: _told_place(self.file, self._place((*path, each))) for each in entries}
        return SettingValue(read, SettingOrigin(SettingLayer.FILE, _told_place(self.file, place), below))

    def _place(self, path: tuple[str, ...]) -> TomlPlace:
        """Return the place of a key, else of its nearest parent that is named."""
        named = (path[:depth] for depth in range(len(path), 0, -1))
        return next((self.where[each] for each in named if each in self.where), TomlPlace(1, 1))

    def _mistake(self, path: tuple[str, ...], sentence: str) -> None:
        self.mistakes.append((self._place(path), sentence))


_WIDTH = 78

_TABLES = {
    SettingTable.PROFILES: (
        "[profiles.prod]",
        translatable("For one profile, or for all matching profiles: [profiles.'prod-*']."),
    ),
    SettingTable.ACCOUNTS: ("[accounts.123456789012]", translatable("For one account.")),
}


def example_lines() -> Iterator[str]:
    """Return the lines of the example, a configuration file in which everything is a comment."""
    yield from _comment(say("Configuration of ssmtui. Lines without # are in effect; the others are examples."))
    yield from _comment(say("An environment variable overrides this file. A command-line option overrides both."))
    for setting in SETTINGS:
        yield ""
        yield from _comment(say(setting.sentence))
        yield _said(setting)
    for table, (head, words) in _TABLES.items():
        alone = [each for each in SETTINGS if table in each.tables]
        if alone:
            yield ""
            yield from _comment(say(words))
            yield f"# {head}"
            yield from map(_said, alone)


def _said(setting: Setting[object]) -> str:
    return f"# {setting.name} = {setting.example}"


def _comment(sentence: str) -> Iterator[str]:
    # Two marks separate text from settings that can be uncommented.
    yield from textwrap.wrap(
        sentence, _WIDTH, initial_indent="## ", subsequent_indent="## ", break_long_words=False, break_on_hyphens=False
    )
