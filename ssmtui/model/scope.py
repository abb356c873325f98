"""Scopes (a profile in a Region), credentials that open or change them, and other accounts."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from enum import Enum

DOCUMENT_NAME = "SSM-SessionManagerRunShell"
"""The document that holds a Region's session preferences (Systems Manager User Guide, session-manager-schema)."""


@dataclass(frozen=True, slots=True)
class ScopeName:
    """A requested scope, before AWS has returned its account. `profile` is None for the default chain.

    `role` is the ARN of the role to assume with the profile's credentials, or None.
    """

    profile: str | None
    region: str
    role: str | None = None

    @property
    def order(self) -> tuple[str, str, str]:
        """Return the sort key of scopes: a profile's own scopes come before those of its roles."""
        return self.profile or "", self.role or "", self.region

    @property
    def role_account(self) -> str:
        """Return the account of the role; empty without a role, or for a role in all accounts of an organization."""
        account = self.role.split(":")[4] if self.role else ""
        return account if account.isdecimal() else ""

    @property
    def options(self) -> tuple[str, ...]:
        """Return the options that make ssmtui use this scope; the external ID of a role is not stored."""
        named = {"--region": self.region, "--profile": self.profile, "--role-arn": self.role}
        return tuple(word for option, value in named.items() if value for word in (option, value))

    def in_region(self, region: str) -> ScopeName:
        """Return the same credentials in another Region."""
        return replace(self, region=region)


@dataclass(frozen=True, slots=True)
class OtherPrincipal:
    """The principal for whom the caller's link is checked instead of the user (`--for`).

    `arn` is the given ARN, `principal` the ARN of its IAM role or user.
    """

    arn: str
    principal: str

    @property
    def session(self) -> str | None:
        """Return the name of the session in the ARN, or None for a role or a user."""
        return self.arn.rpartition("/")[2] if ":assumed-role/" in self.arn else None


@dataclass(frozen=True, slots=True)
class Scope:
    """An open scope: the account, the Region, the caller.

    `caller` is the ARN from STS; `principal` is the IAM ARN that can be simulated (the role of an assumed role session,
    or the user itself), or None if it cannot (the account root, a federated user). `partition` and `dns_suffix` come
    from botocore. `judged` is the other principal of the caller's link, if given; `document` is the Session document to
    check instead of the Region's preferences, by name or ARN. `has_long_term_key`: the caller signs with the access key
    of a user, not with temporary credentials.
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
    has_long_term_key: bool = False

    @property
    def judged_arn(self) -> str:
        """Return the ARN of the caller in findings: the given ARN, else the IAM principal of the user."""
        return self.judged.arn if self.judged is not None else self.principal or self.caller

    @property
    def judged_principal(self) -> str | None:
        """Return the IAM principal whose permissions are checked in the caller's link."""
        return self.judged.principal if self.judged is not None else self.principal

    @property
    def session_document(self) -> str:
        """Return the name or ARN of the document that opens sessions."""
        return self.document or DOCUMENT_NAME

    @property
    def session_document_arn(self) -> str:
        """Return the ARN of the document.

        AWS's documents have no account (User Guide, getting-started-enable-ssh-connections).
        """
        name = self.session_document
        if name.startswith("arn:"):
            return name
        if name.startswith("AWS-"):
            return f"arn:{self.partition}:ssm:{self.region}::document/{name}"
        return self.arn("ssm", f"document/{name}")

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a regional resource of this scope."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"


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
"""AWS does not accept the credentials any more, or there are none: earlier results stay as they are."""


@dataclass(frozen=True, slots=True)
class ScopeError:
    """A scope that could not be opened, or whose nodes could not all be listed.

    `advice` says what to do. `action` is the refused IAM action, if any. `cause` is the slug of the cause with the
    resolution, and `command` what to type; each can be empty.
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
        """Return the words of the login command; empty if a login would not help."""
        words = tuple(shlex.split(self.command))
        return words if words[1:3] == ("sso", "login") or words[1:2] == ("login",) else ()


@dataclass(frozen=True, slots=True)
class Access:
    """A profile's credentials, or those of a role that is assumed with them (None: the default chain).

    `account` is empty if neither AWS nor a file has given it, `home` is the Region of the profile, if any. `regions`
    are the enabled Regions of the account; if AWS has not returned them, all Regions of its partition.
    """

    profile: str | None
    role: str | None
    account: str
    home: str
    regions: tuple[str, ...]

    @property
    def scopes(self) -> tuple[ScopeName, ...]:
        """Return the scopes that can be opened with the credentials."""
        return tuple(ScopeName(self.profile, region, self.role) for region in self.regions)


@dataclass(frozen=True, slots=True, repr=False)
class SharedCredentials:
    """A profile's current credentials. They are never written anywhere, not even by their own `repr`."""

    access_key: str
    secret_key: str
    token: str | None


class CredentialsUnavailable(Exception):
    """No credentials are available any more; the message is a sentence."""


class LenderEnded(CredentialsUnavailable):
    """The lender has ended because the process is ending: credentials that it gave before remain valid."""
