"""Scopes (a profile in a Region), credentials that open them or are shared with writers, other accounts."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, replace
from enum import Enum

from ssmtui.language import say
from ssmtui.text.printable import printable

DOCUMENT_NAME = "SSM-SessionManagerRunShell"
"""The document that holds a Region's session preferences (Systems Manager User Guide, session-manager-schema)."""


@dataclass(frozen=True, slots=True)
class ScopeName:
    """What was asked for, before AWS has said whose account it is. `profile` is None for the default chain.

    `role` is the ARN of the role that is taken with the profile's credentials, None where they are used as they are.
    """

    profile: str | None
    region: str
    role: str | None = None

    @property
    def order(self) -> tuple[str, str, str]:
        """What scopes are sorted by: a profile's own come before those of its roles."""
        return self.profile or "", self.role or "", self.region

    @property
    def role_account(self) -> str:
        """The account of the role; empty where there is none, or where it stands for those of an organization."""
        account = self.role.split(":")[4] if self.role else ""
        return account if account.isdecimal() else ""

    @property
    def options(self) -> tuple[str, ...]:
        """The options by which ssmtui is asked for it; the external id that a role may want is not kept."""
        named = {"--region": self.region, "--profile": self.profile, "--role-arn": self.role}
        return tuple(word for option, value in named.items() if value for word in (option, value))

    def in_region(self, region: str) -> ScopeName:
        """The same credentials in another Region."""
        return replace(self, region=region)


@dataclass(frozen=True, slots=True)
class OtherPrincipal:
    """Whom the caller's link is judged for, where that is not who asks (`--for`).

    `arn` is the ARN as it was given, `principal` that of the IAM role or user behind it.
    """

    arn: str
    principal: str

    @property
    def session(self) -> str | None:
        """The name of the session that the ARN names; None where it names a role or a user."""
        return self.arn.rpartition("/")[2] if ":assumed-role/" in self.arn else None


@dataclass(frozen=True, slots=True)
class Scope:
    """An open scope: whose account, which Region, who asks.

    `caller` is the ARN that STS names; `principal` is the IAM ARN that can be simulated (the role behind an assumed
    role session, the user itself), or None where it cannot be (the account root, a federated user). `partition` and
    `dns_suffix` come from botocore. `judged` is whom the caller's link is judged for instead, where somebody is named;
    `document` the Session document that sessions are judged by instead of the Region's preferences, by name or ARN.
    """

    name: ScopeName
    account: str
    region: str
    partition: str
    dns_suffix: str
    caller: str
    principal: str | None
    judged: OtherPrincipal | None = None
    document: str | None = None

    @property
    def judged_arn(self) -> str:
        """The ARN by which findings name the caller: the one given, else that of the IAM principal who asks."""
        return self.judged.arn if self.judged is not None else self.principal or self.caller

    @property
    def judged_principal(self) -> str | None:
        """The IAM principal whose permissions are the caller's link."""
        return self.judged.principal if self.judged is not None else self.principal

    @property
    def session_document(self) -> str:
        """What names the document by which sessions are opened."""
        return self.document or DOCUMENT_NAME

    @property
    def session_document_arn(self) -> str:
        """Its ARN; AWS's own documents belong to no account (User Guide, getting-started-enable-ssh-connections)."""
        name = self.session_document
        if name.startswith("arn:"):
            return name
        if name.startswith("AWS-"):
            return f"arn:{self.partition}:ssm:{self.region}::document/{name}"
        return self.arn("ssm", f"document/{name}")

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a regional resource of this scope."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"


DEFAULT_TIMEOUT = 120.0
"""Seconds that a scope is given to be read in, where nothing else is asked for (`--timeout`, docs/interface.md §2)."""


class ScopeProblem(Enum):
    """Why a scope is in error."""

    NO_CREDENTIALS = "no credentials"
    EXPIRED_CREDENTIALS = "expired credentials"
    NO_REGION = "no Region"
    UNKNOWN_PROFILE = "unknown profile"
    REFUSED = "refused"
    ROLE_NOT_TAKEN = "role not taken"
    UNREACHABLE = "unreachable"
    SILENT = "silent"
    THROTTLED = "throttled"
    FAILED = "failed"
    REPORTED = "reported"


CREDENTIAL_PROBLEMS = frozenset({ScopeProblem.EXPIRED_CREDENTIALS, ScopeProblem.NO_CREDENTIALS})
"""AWS takes the credentials no more, or there are none: what was read by them stands as it was."""


@dataclass(frozen=True, slots=True)
class ScopeError:
    """A scope that could not be opened, or whose nodes could not all be listed.

    `advice` says what to do about it. `action` is the IAM action that was refused, if one was. `cause` is the slug of
    the cause whose resolution says more, and `command` what to type; each may be empty.
    """

    name: ScopeName
    problem: ScopeProblem
    message: str
    advice: str
    action: str = ""
    cause: str = ""
    command: str = ""

    @property
    def login(self) -> tuple[str, ...]:
        """The words of the command that logs in again; none where that would not help."""
        words = tuple(shlex.split(self.command))
        return words if words[1:3] == ("sso", "login") or words[1:2] == ("login",) else ()


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


@dataclass(frozen=True, slots=True, repr=False)
class SharedCredentials:
    """A profile's credentials as they are now. They are never written anywhere, not even by their own `repr`."""

    access_key: str
    secret_key: str
    token: str | None


class CredentialsUnavailable(Exception):
    """There are no credentials to lend any more, and why in a sentence."""


class LenderEnded(CredentialsUnavailable):
    """Whoever lends has ended, because the process is told to: those that were lent before are good still."""


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


def find_account_mistake(others: OtherAccounts) -> str:
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
