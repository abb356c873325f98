"""Which accounts are looked at besides one's own: by the roles that are named, or by one in each of an organization."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ssmtui.language import say
from ssmtui.model.plain_text import printable

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]{1,512}", re.ASCII)
_ROLE_NAME = re.compile(r"(?:[\w+=,.@-]+/){0,8}[\w+=,.@-]{1,64}", re.ASCII)
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)
"""What STS takes (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html)."""


@dataclass(frozen=True, slots=True)
class OtherAccounts:
    """Roles that are taken with each profile's credentials.

    `roles` are ARNs; with any, the profile's own account is not looked at. `organization` is the name of a role, with
    its path if it has one, that is taken in each active account of the organization but the profile's own; `accounts`
    are those of them that are looked at, and then the organization is not asked for its accounts. `external_id` is
    what owners of the roles have agreed with who takes them.
    """

    roles: tuple[str, ...] = ()
    organization: str | None = None
    accounts: tuple[str, ...] = ()
    external_id: str | None = None

    @property
    def is_one(self) -> bool:
        """Whether there is no more than one account for each profile."""
        return len(self.roles) <= 1 and self.organization is None

    def role_in(self, partition: str, account: str) -> str:
        """The ARN of the organization's role in an account."""
        return f"arn:{partition}:iam::{account}:role/{self.organization}"


OWN_ACCOUNTS = OtherAccounts()
"""None but those of the profiles."""


def why_not(others: OtherAccounts) -> str:
    """What is wrong in the accounts that are asked for, in a sentence; empty where nothing is."""
    if wrong := next((each for each in others.roles if not _ROLE.fullmatch(each)), ""):
        return say("{text} is not the ARN of a role (arn:aws:iam::ACCOUNT:role/NAME)", text=printable(wrong))
    if others.organization and not _ROLE_NAME.fullmatch(others.organization):
        return say(
            "an organization is named by a role that its accounts have, such as OrganizationAccountAccessRole, and not "
            "by {text}",
            text=printable(others.organization),
        )
    if wrong := next((each for each in others.accounts if not _ACCOUNT.fullmatch(each)), ""):
        return say("{text} is not the twelve digits of an account", text=printable(wrong))
    if others.external_id is not None and not _EXTERNAL_ID.fullmatch(others.external_id):
        return say("{text} is no external id", text=printable(others.external_id))
    return ""
