"""Roles, instance profiles, default host management, grants of fixes, and Run As."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from ssmtui.iam_policy.document import Policy


@dataclass(frozen=True, slots=True)
class Role:
    """An IAM role with the policy that says who may take it."""

    arn: str
    name: str
    trust: Policy

    @property
    def account(self) -> str:
        """The account in the role's ARN."""
        return self.arn.split(":")[4]


@dataclass(frozen=True, slots=True)
class InstanceProfile:
    """An instance profile; EC2 allows it at most one role, so `role_arn` is None where it holds none."""

    arn: str
    name: str
    role_arn: str | None


@dataclass(frozen=True, slots=True)
class AttachedProfile:
    """An instance profile with the role in it, as one answer of iam:GetInstanceProfile holds both."""

    profile: InstanceProfile
    role: Role | None


@dataclass(frozen=True, slots=True)
class AccountProfiles:
    """The instance profiles of the account with their roles, by name: what can be given to an instance."""

    profiles: tuple[AttachedProfile, ...]


@dataclass(frozen=True, slots=True)
class AccountRoles:
    """The roles of the account, by name."""

    roles: tuple[Role, ...]


class RoleSource(Enum):
    """Where a node gets its role from."""

    INSTANCE_PROFILE = "instance profile"
    HYBRID_ACTIVATION = "hybrid activation"
    HOST_MANAGEMENT = "default host management"


@dataclass(frozen=True, slots=True)
class NodeRole:
    """The role that a node really uses, and where it has it from."""

    role: Role
    source: RoleSource


@dataclass(frozen=True, slots=True)
class HostManagement:
    """Default Host Management Configuration of a Region. `role_name` (with its path) is None where it is off.

    `changed` is when the setting was last changed, where AWS says it.
    """

    setting_arn: str
    role_name: str | None
    changed: datetime | None = None


@dataclass(frozen=True, slots=True)
class HostManagementRole:
    """The role that the setting names, where host management is on."""

    role: Role


@dataclass(frozen=True, slots=True)
class OrganizationId:
    """The id of the organization that the account is a member of: `o-…`."""

    id: str


@dataclass(frozen=True, slots=True)
class RoleTags:
    """The tags of a role, as names with values."""

    tags: tuple[tuple[str, str], ...]


OWN_PREFIX = "ssmtui-"
"""What the names of the inline policies that ssmtui writes begin with."""


@dataclass(frozen=True, slots=True)
class OwnGrants:
    """The inline policies of a node's role that ssmtui wrote: their names, and documents as `json_text`."""

    role_arn: str
    documents: tuple[tuple[str, str], ...]

    def document(self, name: str) -> str | None:
        """The text of the policy of that name."""
        return dict(self.documents).get(name)


@dataclass(frozen=True, slots=True)
class AttachedPolicies:
    """The managed policies that are attached to a node's role, by their ARNs in order."""

    role_arn: str
    policy_arns: tuple[str, ...]


_SERVICE_LINKED = ":role/aws-service-role/"
_RESERVED = ":role/aws-reserved/"
# IAM Identity Center, referencing permission sets: AWSReservedSSO_<permission set>_<16 hexadecimal digits>.
_PERMISSION_SET = re.compile(
    r"(?::role/(?:[^:]*/)?|:assumed-role/)AWSReservedSSO_(?P<name>[^/]+?)(?:_[0-9a-f]{16})?(?:/[^/]*)?$"
)


def permission_set_name(arn: str) -> str | None:
    """The permission set that IAM Identity Center made a role of, by the ARN of the role or of a session of it."""
    found = _PERMISSION_SET.search(arn)
    return found["name"] if found is not None else None


def linked_service(role_arn: str) -> str | None:
    """The service that a service-linked role belongs to; empty where its path does not say."""
    _, linked, rest = role_arn.partition(_SERVICE_LINKED)
    return rest.rpartition("/")[0] if linked else None


def is_reserved(role_arn: str) -> bool:
    """Whether IAM refuses every change of the role that is not its keeper's own (UnmodifiableEntity)."""
    return _SERVICE_LINKED in role_arn or _RESERVED in role_arn or permission_set_name(role_arn) is not None


RUN_AS_TAG = "SSMSessionRunAs"
"""The tag on an IAM user or role that overrides the preferences (User Guide, session-preferences-run-as)."""


@dataclass(frozen=True, slots=True)
class RunAsSetting:
    """Run As is on. `default_user` is empty where the preferences name nobody."""

    default_user: str


@dataclass(frozen=True, slots=True)
class RunAsTag:
    """The user that a tag on the caller names, and the call that told it."""

    user: str
    source: str
