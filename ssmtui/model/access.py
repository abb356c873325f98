"""By whose credentials scopes can be opened, and in which Regions."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.model.scope import ScopeName


@dataclass(frozen=True, slots=True)
class Access:
    """A profile's credentials, or those of a role that is taken with them (None: the default chain's own).

    `account` is empty where neither AWS nor a file has told it, `home` is the Region that the profile names, if any.
    `regions` are those that are enabled for the account; those of its partition, where AWS has not told which are.
    """

    profile: str | None
    role: str | None
    account: str
    home: str
    regions: tuple[str, ...]

    @property
    def scopes(self) -> tuple[ScopeName, ...]:
        """What can be looked at with it."""
        return tuple(ScopeName(self.profile, region, self.role) for region in self.regions)
