"""What a person requests of scopes: the roles to assume with each profile, and the time limit."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ssmtui.language import say
from ssmtui.text.printable import printable

DEFAULT_TIMEOUT = 120.0
"""The default time limit for reading a scope, in seconds (`--timeout`, docs/interface.md §2)."""

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]{1,512}", re.ASCII)
_ROLE_NAME = re.compile(r"(?:[\w+=,.@-]+/){0,8}[\w+=,.@-]{1,64}", re.ASCII)
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)
"""The characters that STS accepts (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html)."""


@dataclass(frozen=True, slots=True)
class OtherAccounts:
    """The roles to assume with each profile's credentials.

    `roles` are ARNs; if there are any, the profile's own account is not read. `organization` is the name (with path) of
    a role to assume in each active account of the organization, except for the profile's own; `accounts` limits these
    accounts, and then the organization is not asked for its accounts. `external_id` is the ID that the owners of the
    roles require.
    """

    roles: tuple[str, ...] = ()
    organization: str | None = None
    accounts: tuple[str, ...] = ()
    external_id: str | None = None

    @property
    def is_one(self) -> bool:
        """Return whether there is at most one account for each profile."""
        return len(self.roles) <= 1 and self.organization is None

    def role_in(self, partition: str, account: str) -> str:
        """Return the ARN of the organization's role in an account."""
        return f"arn:{partition}:iam::{account}:role/{self.organization}"


OWN_ACCOUNTS = OtherAccounts()
"""Only the accounts of the profiles."""


def find_account_mistake(others: OtherAccounts) -> str:
    """Return what is wrong with the requested accounts, in a sentence; empty if nothing."""
    if wrong := next((each for each in others.roles if not _ROLE.fullmatch(each)), ""):
        return say("{text} is not the ARN of a role (arn:aws:iam::ACCOUNT:role/NAME)", text=printable(wrong))
    if others.organization and not _ROLE_NAME.fullmatch(others.organization):
        return say(
            "for an organization, name a role that its accounts have, such as OrganizationAccountAccessRole, not "
            "{text}",
            text=printable(others.organization),
        )
    if wrong := next((each for each in others.accounts if not _ACCOUNT.fullmatch(each)), ""):
        return say("{text} is not a 12-digit account ID", text=printable(wrong))
    if others.external_id is not None and not _EXTERNAL_ID.fullmatch(others.external_id):
        return say("{text} is not an external ID", text=printable(others.external_id))
    return ""
