"""The organization that an account belongs to: the policies that it sets on the account, level by level.

moto knows organizations, but not one that our account is a member of: its own number is always the management
account's, on which no such policy has any effect.
"""

from __future__ import annotations

from dataclasses import dataclass

Level = tuple[tuple[str, str], ...]
"""The policies of one level, by name and document: what the root, an organizational unit or the account carries."""


@dataclass(frozen=True, slots=True)
class ControlPolicies:
    """Service control policies and resource control policies, from the root down to the account.

    `organization` is the organization's id, empty where the account is in none.
    """

    service: tuple[Level, ...] = ()
    resource: tuple[Level, ...] = ()
    organization: str = ""


_policies: dict[str, ControlPolicies] = {}


def join(account: str, policies: ControlPolicies) -> None:
    """Make an account a member of an organization that sets these policies on it."""
    _policies[account] = policies


def policies_on(account: str) -> ControlPolicies:
    """What is set on an account; nothing on one that is in no organization."""
    return _policies.get(account, ControlPolicies())


def forget() -> None:
    """Let every account out of its organization."""
    _policies.clear()
