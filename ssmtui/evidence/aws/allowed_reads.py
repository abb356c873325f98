"""The allow-list of read operations, and which answers hold sensitive data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from ssmtui.model.access_denied import LOOKUP_ACTION

CREDENTIAL_OPERATIONS = frozenset(
    {
        ("sts", "AssumeRole"),
        ("sts", "AssumeRoleWithWebIdentity"),
        ("sso", "GetRoleCredentials"),
        ("sso-oidc", "CreateToken"),
        ("signin", "CreateOAuth2Token"),
    }
)
"""The operations that the SDK itself calls to obtain credentials. Readers cannot call them."""

_OTHER_ACTIONS: Mapping[tuple[str, str], str] = {
    ("iam-toolbox", "GetRequestAuthorizationDetails"): LOOKUP_ACTION,
    ("s3", "GetBucketEncryption"): "s3:GetEncryptionConfiguration",
    ("s3", "HeadBucket"): "s3:ListBucket",
    ("s3", "ListBuckets"): "s3:ListAllMyBuckets",
}
"""The IAM actions whose names differ from their operations
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html)."""

_READING = re.compile(r"(Describe|Get|Head|List|Lookup|Simulate)[A-Z][A-Za-z0-9]*")
_KEPT_SECRET = re.compile(r"Credential|Object|Parameter|Password|Secret|Token")
"""Words in the names of operations that return secrets or data: these cannot be declared."""

DRY_RUNS = frozenset({("kms", "GenerateDataKey")})
"""Operations that readers can call only with DryRun: AWS checks the permission, does nothing, and returns an error."""

_DECLARED: dict[tuple[str, str], str] = {}

DECLARED_READS: Mapping[tuple[str, str], str] = MappingProxyType(_DECLARED)
"""The IAM action of each read that an imported module declared, by botocore's service and operation."""

_TAKEN: dict[tuple[str, str], Mapping[str, frozenset[str]]] = {}

KEPT_MEMBERS: Mapping[tuple[str, str], Mapping[str, frozenset[str]]] = MappingProxyType(_TAKEN)
"""The members that are kept in large answers, by botocore's names of their structures."""


_BY_ANSWER: dict[str, tuple[str, str]] = {}


class NotAReadOperation(Exception):
    """An operation that is not a declared read: a bug in ssmtui, refused before anything is sent."""

    def __init__(self, service: str, operation: str) -> None:
        super().__init__(f"{service}:{operation} is not one of ssmtui's reads")


def declare_reads(*operations: str) -> tuple[str, ...]:
    """Allow operations, each as `service:Operation` in botocore's names, and return the IAM actions that they need.

    Raises:
        NotAReadOperation: according to its name, an operation writes, or returns secrets or data, and is no dry run.

    """
    for each in operations:
        service, _, operation = each.partition(":")
        if (service, operation) in DRY_RUNS:
            pass
        elif not _READING.fullmatch(operation) or _KEPT_SECRET.search(operation):
            raise NotAReadOperation(service, operation)
        _DECLARED[service, operation] = _OTHER_ACTIONS.get((service, operation), each)
    return tuple(dict.fromkeys(action_of(*each.split(":")) for each in operations))


def is_dry_run(body: object) -> bool:
    """Return whether the body of a request, in JSON, says that it is a dry run."""
    if not isinstance(body, str | bytes | bytearray):
        return False
    try:
        asked = json.loads(body)
    except ValueError:
        return False
    return isinstance(asked, dict) and asked.get("DryRun") is True


def keep_members(operation: str, structures: Mapping[str, Iterable[str]]) -> None:
    """Keep only these members of the structures in an operation's answers; the answer itself comes first.

    Other structures stay complete.
    """
    service, _, name = operation.partition(":")
    _BY_ANSWER[next(iter(structures))] = service, name
    _TAKEN[service, name] = {structure: frozenset(members) for structure, members in structures.items()}


def kept_operation(structure: str) -> tuple[str, str] | None:
    """Return the operation with this answer, if only some members of it are kept.

    Readers declare it when they are imported, which can be after the first answer.
    """
    return _BY_ANSWER.get(structure)


def action_of(service: str, operation: str) -> str:
    """Return the IAM action that an operation needs.

    Raises:
        NotAReadOperation: the operation is not declared.

    """
    try:
        return _DECLARED[service, operation]
    except KeyError:
        raise NotAReadOperation(service, operation) from None


_JUDGED: dict[tuple[str, str], str] = {}

_NO_SECRETS = frozenset({"AccountName", "Email", "IPAddress", "SSEKMSKeyId"})
"""Shapes that AWS marks as sensitive, but that are not secrets: names, addresses and IDs."""


def find_sensitive_part(operation: Any) -> str:
    """Return the shape in an operation's answer that is a secret or a stream of data; empty if there is none.

    `operation` is botocore's model. AWS marks each sensitive shape, for example a password.
    """
    name = (operation.service_model.service_name, operation.name)
    if name not in _JUDGED:
        _JUDGED[name] = _given_away(operation)
    return _JUDGED[name]


def _given_away(operation: Any) -> str:
    if operation.has_streaming_output or operation.has_event_stream_output:
        return str(operation.output_shape.name)
    return next(_sensitive(operation.output_shape, set()), "")


def _sensitive(shape: Any, seen: set[str]) -> Iterator[str]:
    if shape is None or shape.name in seen:
        return
    seen.add(shape.name)
    if shape.metadata.get("sensitive") and shape.name not in _NO_SECRETS:
        yield shape.name
    match shape.type_name:
        case "structure":
            for member in shape.members.values():
                yield from _sensitive(member, seen)
        case "list":
            yield from _sensitive(shape.member, seen)
        case "map":
            yield from _sensitive(shape.key, seen)
            yield from _sensitive(shape.value, seen)
