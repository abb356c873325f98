"""A scope: one profile's view of one Region of one account."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class ScopeName:
    """What was asked for, before AWS has said whose account it is. `profile` is None for the default chain."""

    profile: str | None
    region: str


@dataclass(frozen=True, slots=True)
class Scope:
    """An open scope: whose account, which Region, who asks.

    `caller` is the ARN that STS names; `principal` is the IAM ARN that can be simulated (the role behind an assumed
    role session, the user itself), or None where it cannot be (the account root, a federated user). `partition` and
    `dns_suffix` come from botocore.
    """

    name: ScopeName
    account: str
    region: str
    partition: str
    dns_suffix: str
    caller: str
    principal: str | None

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a regional resource of this scope."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def global_arn(self, service: str, resource: str) -> str:
        """The ARN of a resource that has no Region (IAM), of this account."""
        return f"arn:{self.partition}:{service}::{self.account}:{resource}"


class ScopeProblem(Enum):
    """Why a scope is in error."""

    NO_CREDENTIALS = "no credentials"
    EXPIRED_CREDENTIALS = "expired credentials"
    NO_REGION = "no Region"
    UNKNOWN_PROFILE = "unknown profile"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ScopeError:
    """A scope that could not be opened, or whose nodes could not all be listed.

    `advice` says what to do about it. `action` is the IAM action that was refused, if one was.
    """

    name: ScopeName
    problem: ScopeProblem
    message: str
    advice: str
    action: str = ""
