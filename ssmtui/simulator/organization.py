"""The organization that an account belongs to: the policies that it sets on the account, level by level.

moto knows organizations, but not one that our account is a member of: its own number is always the management
account's, on which no such policy has any effect.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

FULL_ACCESS: Final = "FullAWSAccess"
"""The policy of AWS that every level carries unless somebody took it away."""

Level = tuple[tuple[str, str], ...]
"""The policies of one level, by name and document: what the root, an organizational unit or the account carries."""


MANAGEMENT_ACCOUNT: Final = "999999999999"
ORGANIZATION_ID: Final = "o-simulated01"


@dataclass(frozen=True, slots=True)
class ControlPolicies:
    """Service control policies and resource control policies, from the root down to the account.

    `organization` is the organization's id, empty where the account is in none.
    """

    service: tuple[Level, ...] = ()
    resource: tuple[Level, ...] = ()
    organization: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the organization, by its number; `state` as ListAccounts tells it."""

    id: str
    name: str
    state: str = "ACTIVE"


_policies: dict[str, ControlPolicies] = {}
_accounts: list[Account] = []
_administrators: set[str] = set()


def set_accounts(members: Iterable[Account], administrators: Iterable[str]) -> None:
    """Let the organization have these accounts, and tell them to its delegated administrators."""
    _accounts.extend(members)
    _administrators.update(administrators)


def accounts() -> tuple[Account, ...]:
    """The accounts of the organization."""
    return tuple(_accounts)


def can_list_accounts(account: str) -> bool:
    """Whether an account may ask for the others."""
    return account == MANAGEMENT_ACCOUNT or account in _administrators


def set_control_policies(account: str, policies: ControlPolicies) -> None:
    """Make an account a member of an organization that sets these policies on it."""
    _policies[account] = policies


def control_policies_of(account: str) -> ControlPolicies:
    """What is set on an account; nothing on one that is in no organization."""
    return _policies.get(account, ControlPolicies())


def policy_arn(partition: str, kind: str, name: str) -> str:
    """The ARN of a policy of the organization; `kind` is `service_control_policy` or `resource_control_policy`.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html
    """
    if name == FULL_ACCESS:
        return f"arn:{partition}:organizations::aws:policy/{kind}/p-{FULL_ACCESS}"
    id_ = hashlib.sha256(name.encode()).hexdigest()[:10]
    return f"arn:{partition}:organizations::{MANAGEMENT_ACCOUNT}:policy/{ORGANIZATION_ID}/{kind}/p-{id_}"


def forget_organization() -> None:
    """Let every account out of its organization."""
    _policies.clear()
    _accounts.clear()
    _administrators.clear()
