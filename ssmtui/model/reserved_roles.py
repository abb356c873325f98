"""Roles that nobody in the account can change: those linked to a service, and those of IAM Identity Center."""

from __future__ import annotations

import re

_SERVICE_LINKED = ":role/aws-service-role/"
_RESERVED = ":role/aws-reserved/"
# IAM Identity Center, referencing permission sets: AWSReservedSSO_<permission set>_<16 hexadecimal digits>.
_PERMISSION_SET = re.compile(
    r"(?::role/(?:[^:]*/)?|:assumed-role/)AWSReservedSSO_(?P<name>[^/]+?)(?:_[0-9a-f]{16})?(?:/[^/]*)?$"
)


def permission_set_of(arn: str) -> str | None:
    """The permission set that IAM Identity Center made a role of, by the ARN of the role or of a session of it."""
    found = _PERMISSION_SET.search(arn)
    return found["name"] if found is not None else None


def linked_service_of(role_arn: str) -> str | None:
    """The service that a service-linked role belongs to; empty where its path does not say."""
    _, linked, rest = role_arn.partition(_SERVICE_LINKED)
    return rest.rpartition("/")[0] if linked else None


def is_reserved(role_arn: str) -> bool:
    """Whether IAM refuses every change of the role that is not its keeper's own (UnmodifiableEntity)."""
    return _SERVICE_LINKED in role_arn or _RESERVED in role_arn or permission_set_of(role_arn) is not None
