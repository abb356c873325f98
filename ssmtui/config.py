"""Settings, their precedence (command line, environment, file, default) and where ssmtui keeps its files."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from platformdirs import PlatformDirs

from ssmtui.language import say
from ssmtui.model.name_patterns import is_pattern
from ssmtui.model.near_names import near_names
from ssmtui.model.other_accounts import OWN_ACCOUNTS, OtherAccounts, why_not
from ssmtui.model.plain_text import printable
from ssmtui.model.scope import TIME_GIVEN

DEFAULT_PROFILE = "default"
"""The profile whose credentials are used where none is named (unless variables hold some)."""

_KEYS = frozenset(
    {
        "account",
        "external_id",
        "organization",
        "profile",
        "profiles",
        "read_only",
        "refresh",
        "region",
        "role_arn",
        "theme",
        "timeout",
    }
)
_PROFILE_KEYS = frozenset({"read_only"})

_DIRS = PlatformDirs("ssmtui", appauthor=False)


MOST_SECONDS = 86_400.0
"""The longest time that a Region can be given: a day."""

LEAST_PAUSE = 10.0
"""The shortest time between two looks that nobody asks for, in seconds: others need the account's quotas, too."""


class ConfigError(ValueError):
    """A configuration file that cannot be used; the message names the file and what is wrong in it."""


@dataclass(frozen=True, slots=True)
class Folders:
    """Where ssmtui keeps what it writes."""

    config_file: Path
    state: Path
    cache: Path
    log_file: Path

    @property
    def journal(self) -> Path:
        """The folder of the journal of changes."""
        return self.state / "journal"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run goes by. Empty `profiles` and `regions` mean: what the AWS CLI would use here."""

    profiles: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    endpoint_url: str | None = None
    read_only: bool = False
    theme: str | None = None
    log_file: Path | None = None
    timeout: float = TIME_GIVEN
    refresh: timedelta | None = None
    read_only_profiles: frozenset[str] = frozenset()
    others: OtherAccounts = OWN_ACCOUNTS
    home_profiles: tuple[str, ...] = (DEFAULT_PROFILE,)

    @property
    def is_one_scope(self) -> bool:
        """Whether it is one account and one Region that is looked at, as far as words tell."""
        several = any(each == "all" or is_pattern(each) for each in self.regions)
        return len(self.profiles) <= 1 and len(self.regions) <= 1 and not several and self.others.is_one

    def is_read_only(self, profile: str | None) -> bool:
        """Whether nothing may be written by a profile's credentials; None is the one in use where none is named."""
        used = self.home_profiles if profile is None else (profile,)
        return self.read_only or bool(self.read_only_profiles.intersection(used))


@dataclass(frozen=True, slots=True)
class FileSettings:
    """What a configuration file says."""

    profiles: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    read_only: bool = False
    read_only_profiles: frozenset[str] = frozenset()
    theme: str | None = None
    timeout: float | None = None
    refresh: timedelta | None = None
    others: OtherAccounts = OWN_ACCOUNTS


def folders() -> Folders:
    """The platform's folders (XDG on Linux)."""
    return Folders(
        config_file=_DIRS.user_config_path / "config.toml",
        state=_DIRS.user_state_path,
        cache=_DIRS.user_cache_path,
        log_file=_DIRS.user_log_path / "ssmtui.log",
    )


def read_config(path: Path | None) -> FileSettings:
    """What the configuration file says; the default one need not exist, a named one must.

    Raises:
        ConfigError: the file is not there, is no TOML, or says something that it cannot say.

    """
    file = path or folders().config_file
    if path is None and not file.is_file():
        return FileSettings()
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file}: {error}") from error
    _only_known(file, raw, _KEYS)
    return FileSettings(
        profiles=_texts(file, raw, "profile"),
        regions=_texts(file, raw, "region"),
        read_only=_switch(file, raw, "read_only"),
        read_only_profiles=_read_only_profiles(file, raw),
        theme=next(iter(_texts(file, raw, "theme")), None),
        timeout=_seconds(file, raw, "timeout"),
        refresh=_refresh(file, raw),
        others=_others(file, raw),
    )


def settings_of(
    file: FileSettings,
    *,
    profiles: tuple[str, ...],
    regions: tuple[str, ...],
    endpoint_url: str | None,
    read_only: bool,
    log_file: Path | None,
    timeout: float | None = None,
    others: OtherAccounts = OWN_ACCOUNTS,
    environment: Mapping[str, str] = os.environ,
    named_by: Callable[[tuple[str, ...]], tuple[str, ...]] = tuple,
) -> Settings:
    """The settings of a run: what the command line says, else the environment, else the file.

    `named_by` gives the profiles that words stand for, some of which may be patterns.
    """
    by_environment = "AWS_PROFILE" in environment or "AWS_DEFAULT_PROFILE" in environment
    chosen = named_by(profiles or (() if by_environment else file.profiles))
    home = tuple(filter(None, (environment.get("AWS_PROFILE"), environment.get("AWS_DEFAULT_PROFILE"))))
    home = home or (DEFAULT_PROFILE,)
    by_environment = "AWS_REGION" in environment or "AWS_DEFAULT_REGION" in environment
    return Settings(
        profiles=chosen,
        regions=regions or (() if by_environment else file.regions),
        endpoint_url=endpoint_url,
        read_only=read_only or file.read_only or bool(file.read_only_profiles.intersection(chosen or home)),
        theme=file.theme,
        log_file=log_file,
        read_only_profiles=file.read_only_profiles,
        home_profiles=home,
        timeout=timeout or file.timeout or TIME_GIVEN,
        refresh=file.refresh,
        others=_chosen_others(others, file.others),
    )


def _chosen_others(asked: OtherAccounts, file: OtherAccounts) -> OtherAccounts:
    """Whoever names accounts on the command line means these; an empty name of an organization's role means none."""
    by_line = asked.roles or asked.organization is not None
    of_file = replace(file, accounts=asked.accounts or file.accounts)
    chosen = asked if by_line else of_file
    return replace(chosen, organization=chosen.organization or None, external_id=asked.external_id or file.external_id)


def _texts(file: Path, raw: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = raw.get(name, [])
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(each, str) for each in values):
        raise ConfigError(say("{file}: {name} is a text, or a list of texts", file=file, name=name))
    return tuple(str(each) for each in values)


def _others(file: Path, raw: Mapping[str, object]) -> OtherAccounts:
    others = OtherAccounts(
        roles=_texts(file, raw, "role_arn"),
        organization=next(iter(_texts(file, raw, "organization")), None),
        accounts=_texts(file, raw, "account"),
        external_id=next(iter(_texts(file, raw, "external_id")), None),
    )
    why = why_not(others)
    if why:
        raise ConfigError(f"{file}: {why}")
    return others


def _seconds(file: Path, raw: Mapping[str, object], name: str) -> float | None:
    value = raw.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not is_time(value):
        raise ConfigError(
            say(
                "{file}: {name} is a number of seconds, more than 0 and at most {most:g}",
                file=file,
                name=name,
                most=MOST_SECONDS,
            )
        )
    return float(value)


def _refresh(file: Path, raw: Mapping[str, object]) -> timedelta | None:
    """The pause between two looks that nobody asks for; None where there are to be none."""
    value = raw.get("refresh", 0)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not (value == 0 or LEAST_PAUSE <= float(str(value)) <= MOST_SECONDS):
        raise ConfigError(
            say(
                "{file}: refresh is a number of seconds from {least:g} to {most:g}, or 0 for never",
                file=file,
                least=LEAST_PAUSE,
                most=MOST_SECONDS,
            )
        )
    return timedelta(seconds=float(str(value))) if value else None


def is_time(seconds: float) -> bool:
    """Whether a Region can be given so many seconds."""
    return 0 < seconds <= MOST_SECONDS


def _switch(file: Path, raw: Mapping[str, object], name: str) -> bool:
    value = raw.get(name, False)
    if not isinstance(value, bool):
        raise ConfigError(say("{file}: {name} is true or false", file=file, name=name))
    return value


def _read_only_profiles(file: Path, raw: Mapping[str, object]) -> frozenset[str]:
    profiles = raw.get("profiles", {})
    if not isinstance(profiles, dict) or not all(isinstance(each, dict) for each in profiles.values()):
        raise ConfigError(say("{file}: [profiles.NAME] is a table", file=file))
    for name, table in profiles.items():
        _only_known(file, table, _PROFILE_KEYS, f"profiles.{name}.")
    return frozenset(name for name, table in profiles.items() if _switch(file, table, "read_only"))


def _only_known(file: Path, table: Mapping[str, object], known: frozenset[str], under: str = "") -> None:
    """Refuse what is no setting: a misspelt `read_only` must not pass for one that was left out."""
    for name in sorted(table.keys() - known):
        near = near_names(name, known)
        sentence = say("{file}: there is no setting {name}.", file=file, name=printable(f"{under}{name}"))
        raise ConfigError(sentence + (" " + say("Did you mean {names}?", names=near[0]) if near else ""))
