"""The settings of a run: command line, environment, file and defaults, in this order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TypeVar, cast

from ssmtui.config.declared_settings import (
    ACCOUNT,
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
from ssmtui.model.scope import OtherAccounts
from ssmtui.text.names import is_pattern, similar_names

T = TypeVar("T")

DEFAULT_PROFILE = "default"
"""The profile whose credentials are used where none is named (unless variables hold some)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run goes by: `settings[THEME]`. No profiles and no Regions mean: what the AWS CLI would use here.

    `told` has what somebody said, by the names of settings; `some` what the file says of some profiles and accounts
    alone. `home_profiles` are those whose credentials are used where none is named; `sources` are, of profiles whose
    role is taken, those that it is taken with.
    """

    told: Mapping[str, SettingValue[object]] = field(default_factory=dict)
    some: Mapping[SettingTable, Sequence[PartialSettings]] = field(default_factory=dict)
    home_profiles: tuple[str, ...] = (DEFAULT_PROFILE,)
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __getitem__(self, setting: Setting[T]) -> T:
        return self.how(setting).value

    def how(self, setting: Setting[T]) -> SettingValue[T]:
        """A setting's value with where it came from."""
        said = self.told.get(setting.name)
        return (
            cast("SettingValue[T]", said)
            if said is not None
            else SettingValue(setting.default, SettingOrigin(SettingLayer.DEFAULT))
        )

    def says(self, setting: Setting[object]) -> bool:
        """Whether anybody said anything of a setting, be it for some profile or account alone."""
        alone = (each for table in self.some.values() for each in table)
        return setting.name in self.told or any(setting.name in each.told for each in alone)

    def having(self, setting: Setting[T], value: T) -> Settings:
        """The same with one setting another, as if by its option."""
        return replace(
            self,
            told={**self.told, setting.name: SettingValue(value, SettingOrigin(SettingLayer.OPTION, setting.option))},
        )

    def alone(self, setting: Setting[T], profile: str | None, account: str = "") -> SettingValue[T]:
        """A setting as it holds for a profile (None: that in use where none is named) in an account.

        An option and a variable outrank the file. In it, the account's table outranks the profile's, a table by the
        very name those by a pattern, which count in the file's order, and all outrank the top of the file. What stays
        on for a profile does so for those whose role is taken with it.
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
        """A setting as it holds for whatever is looked at: where that is of one profile or all agree, as for these."""
        told = [self.alone(setting, profile) for profile in self[PROFILE] or (None,)]
        if setting.stays_on:
            return next((each for each in told if each.value is True), told[0])
        return told[0] if all(each.value == told[0].value for each in told) else self.how(setting)

    def _said(self, table: SettingTable, setting: Setting[object], names: Sequence[str]) -> list[SettingValue[object]]:
        """What tables say that are of one of the names, those by the very name first."""
        matching = [each for each in self.some.get(table, ()) if each.is_of(names)]
        matching.sort(key=lambda each: each.name not in names)
        return [each.told[setting.name] for each in matching if setting.name in each.told]

    def is_read_only(self, profile: str | None) -> bool:
        """Whether nothing may be written by a profile's credentials; None is the one in use where none is named."""
        return self.alone(READ_ONLY, profile).value

    @property
    def regions_of(self) -> Mapping[str | None, tuple[str, ...]]:
        """The Regions that are looked at, of each profile; none: the one that the AWS CLI would use."""
        return {profile: self.alone(REGION, profile).value for profile in self[PROFILE] or (None,)}

    @property
    def names_regions(self) -> bool:
        """Whether somebody named Regions."""
        return any(self.regions_of.values())

    @property
    def read_only(self) -> bool:
        """Whether nothing may be written at all: some profile that is looked at is read-only."""
        return self.in_force(READ_ONLY).value

    @property
    def others(self) -> OtherAccounts:
        """The accounts that are looked at besides one's own."""
        return OtherAccounts(self[ROLE_ARN], self[ORGANIZATION] or None, self[ACCOUNT], self[EXTERNAL_ID])

    @property
    def is_one_scope(self) -> bool:
        """Whether it is one account and one Region that is looked at, as far as words tell."""
        regions = self.in_force(REGION).value
        several = any(each == "all" or is_pattern(each) for each in regions)
        return len(self[PROFILE]) <= 1 and len(regions) <= 1 and not several and self.others.is_one


_OUR_OWN = "SSMTUI_"
CONFIG_VARIABLE = "SSMTUI_CONFIG"
"""Names the configuration file, where `--config` does not."""
_OTHERWISE_READ = frozenset({CONFIG_VARIABLE})

_LAYER = Mapping[str, SettingValue[object]]


def settings_of(
    file: FileSettings, environment: Mapping[str, str], options: Mapping[Setting[object], object]
) -> Settings:
    """The settings of a run.

    Raises:
        ConfigError: a variable or an option says what it cannot say; the message names it.

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
    """What the environment says. An empty variable says nothing.

    A misspelt `SSMTUI_READONLY` must not pass for one that was left out; variables like no setting are somebody else's.
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
    """What the command line says; options that were left out are None, false or empty, but for an empty text."""
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
    """Whoever names roles or an organization means these alone, and not accounts that a lower layer names."""
    whose = {ROLE_ARN.name, ORGANIZATION.name}
    deciding = max((at for at, layer in enumerate(layers) if whose & layer.keys()), default=0)
    below = whose | {ACCOUNT.name}
    return [
        {name: each for name, each in layer.items() if at >= deciding or name not in below}
        for at, layer in enumerate(layers)
    ]
