"""The keys of an account in a Region, as far as they are told: what can be chosen from."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.model.policy import Policy
from ssmtui.model.storage import Key


@dataclass(frozen=True, slots=True)
class AccountKey:
    """One key and its aliases (`alias/sessions`). `of_aws` says that AWS manages it, and with it its policy."""

    key: Key
    aliases: tuple[str, ...]
    of_aws: bool

    @property
    def name(self) -> str:
        """What people call it: its first alias, else its id."""
        return self.aliases[0] if self.aliases else self.key.arn.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class AccountKeys:
    """The keys, those with an alias first. `unlooked` counts those that were not described: refused, or too many."""

    keys: tuple[AccountKey, ...]
    unlooked: int


@dataclass(frozen=True, slots=True)
class AccountKeyPolicies:
    """The policies of the keys that can encrypt, by the key's ARN; one that may not be read is missing."""

    policies: tuple[tuple[str, Policy], ...]

    def of(self, key_arn: str) -> Policy | None:
        """The policy of a key; None where it could not be read."""
        return next((policy for arn, policy in self.policies if arn == key_arn), None)


@dataclass(frozen=True, slots=True)
class KeyTags:
    """The tags of the session key, sorted by their names."""

    key_arn: str
    tags: tuple[tuple[str, str], ...]
