"""A case: the policies, the request, what AWS documents as the answer, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

StatementJSON = Mapping[str, object]

ACCOUNT = "123456789012"
OTHER_ACCOUNT = "444455556666"
REGION = "eu-west-3"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/web"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/web/i-0123456789abcdef0"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"

IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
ORGANIZATIONS = "https://docs.aws.amazon.com/organizations/latest/userguide/"
KMS = "https://docs.aws.amazon.com/kms/latest/developerguide/"
ENDPOINTS = "https://docs.aws.amazon.com/vpc/latest/privatelink/"


class Expected(Enum):
    """The answer that AWS documents; `CANNOT_TELL` where it hangs on a key that is not known."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"
    CANNOT_TELL = "cannot tell"


ALLOWED, EXPLICIT, IMPLICIT = Expected.ALLOWED, Expected.EXPLICIT_DENY, Expected.IMPLICIT_DENY
CANNOT_TELL = Expected.CANNOT_TELL

Values = str | Sequence[str]


@dataclass(frozen=True)
class OnResource:
    """A policy that stands on the resource, and whose the resource is. A key's `governs` what its account may do."""

    statements: tuple[StatementJSON, ...]
    governs: bool = False
    granted: tuple[str, ...] = ()
    account: str = ACCOUNT


@dataclass(frozen=True)
class Case:
    """One request by the role `ROLE`, in its session `SESSION`.

    `context` holds the keys of the request; what is not in it the request does not have. Where the answer cannot be
    told, `unknown` names the keys that nobody knows, and `settled` what is right for some of their values (None: the
    request lacks the key): the proof that the doubt is one.
    """

    name: str
    source: str
    expected: Expected
    identity: tuple[StatementJSON, ...] = ()
    action: str = "s3:GetObject"
    resource: str = "arn:aws:s3:::amzn-s3-demo-bucket/file"
    context: Mapping[str, Values] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    settled: tuple[tuple[Values | None, Expected], ...] = ()
    version: str | None = "2012-10-17"
    boundary: tuple[StatementJSON, ...] | None = None
    organization: tuple[tuple[StatementJSON, ...], ...] = ()
    endpoint: tuple[StatementJSON, ...] | None = None
    on_resource: OnResource | None = None

    def document(self, statements: Sequence[StatementJSON]) -> dict[str, object]:
        """A policy document of statements, in the case's version of the language."""
        version = {} if self.version is None else {"Version": self.version}
        return {**version, "Statement": list(statements)}


def allow(action: object = "*", resource: object = "*", **more: object) -> StatementJSON:
    """A statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: object = "*", resource: object = "*", **more: object) -> StatementJSON:
    """A statement that denies."""
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def where(operator: str, key: str, values: object) -> dict[str, object]:
    """The Condition element of one condition."""
    return {"Condition": {operator: {key: values}}}
