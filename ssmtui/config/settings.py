"""The settings of a run, each with where it came from, and what of them holds for one profile or account alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TypeVar, cast

from ssmtui.config.declared import ACCOUNT, EXTERNAL_ID, ORGANIZATION, PROFILE, READ_ONLY, REGION, ROLE_ARN
from ssmtui.config.file import OfSome
from ssmtui.config.setting import Layer, Origin, Setting, Table, Told
from ssmtui.model.name_patterns import is_pattern
from ssmtui.model.other_accounts import OtherAccounts

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

    told: Mapping[str, Told[object]] = field(default_factory=dict)
    some: Mapping[Table, Sequence[OfSome]] = field(default_factory=dict)
    home_profiles: tuple[str, ...] = (DEFAULT_PROFILE,)
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __getitem__(self, setting: Setting[T]) -> T:
        return self.how(setting).value

    def how(self, setting: Setting[T]) -> Told[T]:
        """A setting's value with where it came from."""
        said = self.told.get(setting.name)
        return cast("Told[T]", said) if said is not None else Told(setting.default, Origin(Layer.DEFAULT))

    def says(self, setting: Setting[object]) -> bool:
        """Whether anybody said anything of a setting, be it for some profile or account alone."""
        alone = (each for table in self.some.values() for each in table)
        return setting.name in self.told or any(setting.name in each.told for each in alone)

    def having(self, setting: Setting[T], value: T) -> Settings:
        """The same with one setting another, as if by its option."""
        return replace(self, told={**self.told, setting.name: Told(value, Origin(Layer.OPTION, setting.option))})

    def alone(self, setting: Setting[T], profile: str | None, account: str = "") -> Told[T]:
        """A setting as it holds for a profile (None: that in use where none is named) in an account.

        An option and a variable outrank the file. In it, the account's table outranks the profile's, a table by the
        very name those by a pattern, which count in the file's order, and all outrank the top of the file. What stays
        on for a profile does so for those whose role is taken with it.
        """
        general = self.how(setting)
        names = (profile,) if profile is not None else self.home_profiles
        if setting.stays_on:
            names = tuple(chain(names, *(self.sources.get(name, ()) for name in names)))
        found = [*self._said(Table.ACCOUNTS, setting, (account,)), *self._said(Table.PROFILES, setting, names)]
        if setting.stays_on:
            on = (each for each in found if each.value is True)
            return general if general.value is True else cast("Told[T]", next(on, general))
        if general.origin.layer in (Layer.OPTION, Layer.ENVIRONMENT) or not found:
            return general
        return cast("Told[T]", found[0])

    def in_force(self, setting: Setting[T]) -> Told[T]:
        """A setting as it holds for whatever is looked at: where that is of one profile or all agree, as for these."""
        told = [self.alone(setting, profile) for profile in self[PROFILE] or (None,)]
        if setting.stays_on:
            return next((each for each in told if each.value is True), told[0])
        return told[0] if all(each.value == told[0].value for each in told) else self.how(setting)

    def _said(self, table: Table, setting: Setting[object], names: Sequence[str]) -> list[Told[object]]:
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
