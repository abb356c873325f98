"""The settings that a command line asks for: the configuration is read, and profiles are those that patterns name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

from ssmtui.cli.refusals import CouldNotTell, UsageError
from ssmtui.cli.spoken_language import language_asked_for
from ssmtui.cli.streams import use_signs
from ssmtui.cli.unknown_words import did_you_mean
from ssmtui.config.declared import LANG, PROFILE, READ_ONLY, SETTINGS, SIGNS
from ssmtui.config.file import ConfigError, OfSome, read_config
from ssmtui.config.folders import folders
from ssmtui.config.layers import CONFIG_VARIABLE, settings_of
from ssmtui.config.setting import Table
from ssmtui.config.settings import DEFAULT_PROFILE, Settings
from ssmtui.language import say
from ssmtui.model.name_patterns import is_pattern, named_by
from ssmtui.model.plain_text import printable

_SEVERAL = {"profile": "profiles", "region": "regions", "role_arn": "roles", "account": "accounts"}
"""How click's parameters are called whose settings are called otherwise: options that are repeated."""

_WILD = "*?[]!"


def run_settings(common: Mapping[str, object]) -> Settings:
    """The settings by the options that a command has, as click names them. Errors in them are usage errors."""
    settings = asked_settings(common)
    named = _profiles_named_by(settings[PROFILE])
    return _guarded(settings if named == settings[PROFILE] else settings.having(PROFILE, named))


def asked_settings(common: Mapping[str, object]) -> Settings:
    """The same with profiles as they are asked for: patterns stand."""
    options = {each: common.get(_SEVERAL.get(each.name, each.name)) for each in SETTINGS if each.option}
    options[LANG] = language_asked_for()
    try:
        settings = settings_of(read_config(_named_file(common)), os.environ, options)
    except ConfigError as error:
        raise UsageError(str(error)) from error
    use_signs(settings[SIGNS])
    return settings


def config_file(common: Mapping[str, object]) -> Path:
    """The configuration file, which need not be there where nobody named it."""
    return _named_file(common) or folders().config_file


def _named_file(common: Mapping[str, object]) -> Path | None:
    named = os.environ.get(CONFIG_VARIABLE)
    return cast("Path | None", common.get("config_file")) or (Path(named) if named else None)


def _guarded(settings: Settings) -> Settings:
    """The settings that know which profiles lend their keys to others, where some profile is read-only."""
    guards = [each for each in settings.some.get(Table.PROFILES, ()) if READ_ONLY.name in each.told]
    if not guards:
        return settings
    from ssmtui.evidence.wire.profiles import read_profiles

    profiles = read_profiles(os.environ)
    for guard in guards:
        _refuse_misspelt(guard, settings, tuple(profiles.by_name))
    return replace(settings, sources={name: profiles.sources_of(name) for name in profiles.by_name})


def _refuse_misspelt(guard: OfSome, settings: Settings, known: tuple[str, ...]) -> None:
    """Refuse a read-only table that is about no profile, where one may have been meant that has no table of its own."""
    told = guard.told[READ_ONLY.name]
    in_use = (*known, *settings.home_profiles, *settings[PROFILE], DEFAULT_PROFILE)
    if told.value is not True or guard.is_of(in_use):
        return
    named = {each.name for each in settings.some[Table.PROFILES]}
    meant = did_you_mean(guard.name.strip(_WILD), [name for name in known if name not in named])
    if meant:
        sentence = say("there is no AWS profile {name} that could be read-only.", name=printable(guard.name))
        raise UsageError(f"{told.origin.name}: {sentence}{meant}")


def _profiles_named_by(words: tuple[str, ...]) -> tuple[str, ...]:
    """The profiles that words stand for. One that none is called like is refused here, with the near ones."""
    if not any(map(is_pattern, words)):
        return words
    from ssmtui.evidence.wire.profiles import read_profiles

    known = tuple(read_profiles(os.environ).by_name)
    found = named_by(words, known)
    if none := next((word for word in words if not found[word]), None):
        sentence = say("there is no profile that is called like {word}.", word=printable(none))
        raise CouldNotTell(sentence + did_you_mean(none.strip("*?"), known))
    return tuple(dict.fromkeys(name for word in words for name in found[word]))
