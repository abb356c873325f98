"""The reads that ssmtui makes: those that readers declare, each of which reads by its very name, and no others.

What is not declared cannot be called, and what does not read cannot be declared: the module that tried could not be
imported. What an answer gives away besides is judged by AWS's own model of it, in `sensitive`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ssmtui.model.authorization import LOOK_UP

CREDENTIAL_OPERATIONS = frozenset(
    {
        ("sts", "AssumeRole"),
        ("sts", "AssumeRoleWithWebIdentity"),
        ("sso", "GetRoleCredentials"),
        ("sso-oidc", "CreateToken"),
        ("signin", "CreateOAuth2Token"),
    }
)
"""What the SDK itself calls to come by credentials; no reader can."""

_OTHER_ACTIONS: Mapping[tuple[str, str], str] = {
    ("iam-toolbox", "GetRequestAuthorizationDetails"): LOOK_UP,
    ("s3", "GetBucketEncryption"): "s3:GetEncryptionConfiguration",
    ("s3", "HeadBucket"): "s3:ListBucket",
    ("s3", "ListBuckets"): "s3:ListAllMyBuckets",
}
"""The IAM actions that are not called as their operation is
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html)."""

_READING = re.compile(r"(Describe|Get|Head|List|Lookup|Simulate)[A-Z][A-Za-z0-9]*")
_KEPT_SECRET = re.compile(r"Credential|Object|Parameter|Password|Secret|Token")
"""What stands in the names of reads whose answer is a secret, or somebody's data: none of these is ever asked for."""

_DECLARED: dict[tuple[str, str], str] = {}

DECLARED: Mapping[tuple[str, str], str] = MappingProxyType(_DECLARED)
"""Every read declared by the modules imported until now, by botocore's service and operation, with its IAM action."""

_TAKEN: dict[tuple[str, str], Mapping[str, frozenset[str]]] = {}

TAKEN: Mapping[tuple[str, str], Mapping[str, frozenset[str]]] = MappingProxyType(_TAKEN)
"""Of big answers what is taken: the members of their structures, by botocore's names of these. The rest is dropped."""


class NotARead(Exception):
    """An operation that may not be called. Never AWS's doing: a defect in ssmtui, refused before anything is sent."""

    def __init__(self, service: str, operation: str) -> None:
        super().__init__(f"{service}:{operation} is not one of ssmtui's reads")


def declare(*operations: str) -> tuple[str, ...]:
    """Let operations be called, each `service:Operation` by botocore's names; gives the IAM actions that they take.

    Raises:
        NotARead: by its name one of them changes something, or reads what is nobody's business.

    """
    for each in operations:
        service, _, operation = each.partition(":")
        if not _READING.fullmatch(operation) or _KEPT_SECRET.search(operation):
            raise NotARead(service, operation)
        _DECLARED[service, operation] = _OTHER_ACTIONS.get((service, operation), each)
    return tuple(dict.fromkeys(action_of(*each.split(":")) for each in operations))


def take(operation: str, structures: Mapping[str, Iterable[str]]) -> None:
    """Have no more made of an operation's answers than these members of these structures, the answer's own first.

    Structures that are not named stay whole.
    """
    service, _, name = operation.partition(":")
    _TAKEN[service, name] = {structure: frozenset(members) for structure, members in structures.items()}


def action_of(service: str, operation: str) -> str:
    """The IAM action that an operation needs.

    Raises:
        NotARead: the operation is not declared.

    """
    try:
        return _DECLARED[service, operation]
    except KeyError:
        raise NotARead(service, operation) from None
