"""The settings of a run. The command line comes before the environment, the file and the defaults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TypeVar, cast

from ssmtui.config.declared_settings import (
    ACCOUNT,
    CLIENT,
    EXTERNAL_ID,
    ORGANIZATION,
    PROFILE,
    READ_ONLY,
    REGION,
    ROLE_ARN,
    SETTINGS,
    unknown_setting_error,
)
from ssmtui.config.file import ConfigError, FileSettings, PartialSettings
from ssmtui.config.setting_types import (
    InvalidValueError,
    Setting,
    SettingLayer,
    SettingOrigin,
    SettingTable,
    SettingValue,
)
from ssmtui.model.scope_request import OtherAccounts
from ssmtui.model.session_client import SessionClient
from ssmtui.text.names import is_pattern, similar_names

T = TypeVar("T")

DEFAULT_PROFILE = "default"
"""The profile whose credentials are used if none is named and no variables contain credentials."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a run, as in `settings[THEME]`. No profiles and no Regions mean what the AWS CLI would use here.

    `told` has the values that are set, by setting name; `some` the file's settings for some profiles and accounts only.
    `home_profiles` are the profiles whose credentials are used if none is named. `sources` are the source profiles of
    profiles that assume a role.
    """

    told: Mapping[str, SettingValue[object]] = field(default_factory=dict)
    some: Mapping[SettingTable, Sequence[PartialSettings]] = field(default_factory=dict)
    home_profiles: tuple[str, ...] = (DEFAULT_PROFILE,)
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __getitem__(self, setting: Setting[T]) -> T:
        return self.how(setting).value

    def how(self, setting: Setting[T]) -> SettingValue[T]:
        """Return a setting's value with its origin."""
        said = self.told.get(setting.name)
        return (
            cast("SettingValue[T]", said)
            if said is not None
            else SettingValue(setting.default, SettingOrigin(SettingLayer.DEFAULT))
        )

    def says(self, setting: Setting[object]) -> bool:
        """Return whether a setting is set anywhere, also for one profile or account only."""
        return bool(self.everywhere(setting))

    def everywhere(self, setting: Setting[T]) -> tuple[SettingValue[T], ...]:
        """Return every value of a setting that is set: for the whole run, and for one profile or account only."""
        layers = (self.told, *(each.told for table in self.some.values() for each in table))
        return tuple(cast("SettingValue[T]", each[setting.name]) for each in layers if setting.name in each)

    def having(self, setting: Setting[T], value: T) -> Settings:
        """Return the settings with another value for one setting, as if by its option."""
        return replace(
            self,
            told={**self.told, setting.name: SettingValue(value, SettingOrigin(SettingLayer.OPTION, setting.option))},
        )

    def alone(self, setting: Setting[T], profile: str | None, account: str = "") -> SettingValue[T]:
        """Return a setting for a profile (None: the one in use if none is named) in an account.

        An option or a variable takes precedence over the file. In the file, the account's table comes before the
        profile's, a table with the exact name before those with a pattern, which count in the file's order, and all
        come before the top of the file. A setting that stays on for a profile also stays on for the profiles that
        assume a role with it.
        """
        general = self.how(setting)
        names = (profile,) if profile is not None else self.home_profiles
        if setting.stays_on:
            names = tuple(chain(names, *(self.sources.get(name, ()) for name in names)))
        found = [
            *self._said(SettingTable.ACCOUNTS, setting, (account,)),
            *self._said(SettingTable.PROFILES, setting, names),
        ]
        if setting.stays_on:
            on = (each for each in found if each.value is True)
            return general if general.value is True else cast("SettingValue[T]", next(on, general))
        if general.origin.layer in (SettingLayer.OPTION, SettingLayer.ENVIRONMENT) or not found:
            return general
        return cast("SettingValue[T]", found[0])

    def in_force(self, setting: Setting[T]) -> SettingValue[T]:
        """Return a setting for the whole run: the value of its profiles if they agree, else the general value."""
        told = [self.alone(setting, profile) for profile in self[PROFILE] or (None,)]
        if setting.stays_on:
            return next((each for each in told if each.value is True), told[0])
        return told[0] if all(each.value == told[0].value for each in told) else self.how(setting)

    def _said(self, table: SettingTable, setting: Setting[object], names: Sequence[str]) -> list[SettingValue[object]]:
        """Return the values in tables that match one of the names, exact matches first."""
        matching = [each for each in self.some.get(table, ()) if each.is_of(names)]
        matching.sort(key=lambda each: each.name not in names)
        return [each.told[setting.name] for each in matching if setting.name in each.told]

    def is_read_only(self, profile: str | None) -> bool:
        """Return whether a profile is read-only; None is the one in use if none is named."""
        return self.alone(READ_ONLY, profile).value

    @property
    def regions_of(self) -> Mapping[str | None, tuple[str, ...]]:
        """Return the Regions of each profile; none means the Region that the AWS CLI would use."""
        return {profile: self.alone(REGION, profile).value for profile in self[PROFILE] or (None,)}

    @property
    def names_regions(self) -> bool:
        """Return whether Regions are set."""
        return any(self.regions_of.values())

    @property
    def read_only(self) -> bool:
        """Return whether the whole run is read-only: one of its profiles is."""
        return self.in_force(READ_ONLY).value

    @property
    def others(self) -> OtherAccounts:
        """Return the other accounts of the run."""
        return OtherAccounts(self[ROLE_ARN], self[ORGANIZATION] or None, self[ACCOUNT], self[EXTERNAL_ID])

    @property
    def client(self) -> SessionClient | None:
        """Return the client for all sessions; None if each kind of session uses its default."""
        name = self[CLIENT]
        return SessionClient(name) if name is not None else None

    @property
    def is_one_scope(self) -> bool:
        """Return whether the run is about one account and one Region, as far as the settings say."""
        regions = self.in_force(REGION).value
        several = any(each == "all" or is_pattern(each) for each in regions)
        return len(self[PROFILE]) <= 1 and len(regions) <= 1 and not several and self.others.is_one


_OUR_OWN = "SSMTUI_"
CONFIG_VARIABLE = "SSMTUI_CONFIG"
"""The variable that names the configuration file, without `--config`."""
_OTHERWISE_READ = frozenset({CONFIG_VARIABLE})

_LAYER = Mapping[str, SettingValue[object]]


def settings_of(
    file: FileSettings, environment: Mapping[str, str], options: Mapping[Setting[object], object]
) -> Settings:
    """Return the settings of a run.

    Raises:
        ConfigError: a variable or an option has an invalid value; the message names it.

    """
    home = tuple(filter(None, (environment.get(name) for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"))))
    layers = _whose_accounts([file.told, settings_by_environment(environment), settings_by_options(options)])
    told = {name: each for layer in layers for name, each in layer.items()}
    for setting in SETTINGS:
        on = [layer[setting.name] for layer in layers if setting.name in layer and layer[setting.name].value is True]
        if setting.stays_on and on:
            told[setting.name] = on[-1]
    return Settings(told, file.some, home or (DEFAULT_PROFILE,))


def settings_by_environment(environment: Mapping[str, str]) -> dict[str, SettingValue[object]]:
    """Return the settings of the environment. An empty variable counts as not set.

    A misspelt `SSMTUI_READONLY` must not be ignored, so a variable that resembles a setting is an error. Others are
    ignored.
    """
    names = {each.variable: each for each in SETTINGS}
    for variable in sorted(environment.keys() - names.keys() - _OTHERWISE_READ):
        name = variable.removeprefix(_OUR_OWN).lower()
        if variable.startswith(_OUR_OWN) and similar_names(name, (each.name for each in SETTINGS)):
            raise ConfigError(f"{variable}: {unknown_setting_error(name)}")
    told: dict[str, SettingValue[object]] = {}
    for variable, setting in names.items():
        if environment.get(variable):
            value = _checked(setting, variable, setting.kind.parse(environment[variable]))
            told[setting.name] = SettingValue(value, SettingOrigin(SettingLayer.ENVIRONMENT, variable))
        elif by_aws := next((each for each in setting.aws if each in environment), ""):
            told[setting.name] = SettingValue(
                setting.default, SettingOrigin(SettingLayer.ENVIRONMENT, by_aws), environment[by_aws]
            )
    return told


def settings_by_options(options: Mapping[Setting[object], object]) -> dict[str, SettingValue[object]]:
    """Return the settings of the command line. An option that is not given is None, false or ()."""
    return {
        setting.name: SettingValue(
            _checked(setting, setting.option, value), SettingOrigin(SettingLayer.OPTION, setting.option)
        )
        for setting, value in options.items()
        if value is not None and value is not False and value != ()
    }


def _checked(setting: Setting[object], name: str, value: object) -> object:
    try:
        return setting.kind.read(name, value)
    except InvalidValueError as wrong:
        sentence = str(wrong)
        raise ConfigError(sentence if name in sentence else f"{name}: {sentence}") from wrong


def _whose_accounts(layers: list[_LAYER]) -> list[_LAYER]:
    """Drop account settings of lower layers: a layer that names roles or an organization means only these."""
    whose = {ROLE_ARN.name, ORGANIZATION.name}
    deciding = max((at for at, layer in enumerate(layers) if whose & layer.keys()), default=0)
    below = whose | {ACCOUNT.name}
    return [
        {name: each for name, each in layer.items() if at >= deciding or name not in below}
        for at, layer in enumerate(layers)
    ]
