"""Roles, instance profiles, default host management, policies from fixes, and Run As."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from ssmtui.iam_policy.document import Policy
from ssmtui.model.fact import Unreadable


@dataclass(frozen=True, slots=True)
class Role:
    """An IAM role with its trust policy."""

    arn: str
    name: str
    trust: Policy

    @property
    def account(self) -> str:
        """Return the account in the role's ARN."""
        return self.arn.split(":")[4]


@dataclass(frozen=True, slots=True)
class InstanceProfile:
    """An instance profile. EC2 allows at most one role in it; `role_arn` is None if it has none."""

    arn: str
    name: str
    role_arn: str | None


@dataclass(frozen=True, slots=True)
class AttachedProfile:
    """An instance profile with its role, from one answer of iam:GetInstanceProfile."""

    profile: InstanceProfile
    role: Role | None


@dataclass(frozen=True, slots=True)
class UnreadableProfile:
    """An instance profile of the account whose role could not be read. It exists, but cannot be chosen."""

    name: str
    unreadable: Unreadable


@dataclass(frozen=True, slots=True)
class AccountProfiles:
    """The instance profiles of the account with their roles, by name: the profiles that an instance can get."""

    profiles: tuple[AttachedProfile, ...]
    unreadable: tuple[UnreadableProfile, ...] = ()


@dataclass(frozen=True, slots=True)
class UnreadableRole:
    """A role of the account whose trust policy could not be read. It exists, but cannot be chosen."""

    name: str
    unreadable: Unreadable


@dataclass(frozen=True, slots=True)
class AccountRoles:
    """The roles of the account, by name."""

    roles: tuple[Role, ...]
    unreadable: tuple[UnreadableRole, ...] = ()


class RoleSource(Enum):
    """The source of a node's role."""

    INSTANCE_PROFILE = "instance profile"
    HYBRID_ACTIVATION = "hybrid activation"
    HOST_MANAGEMENT = "default host management"


@dataclass(frozen=True, slots=True)
class NodeRole:
    """The role that a node uses, and its source."""

    role: Role
    source: RoleSource


HOST_MANAGEMENT_SETTING = "/ssm/managed-instance/default-ec2-instance-management-role"
"""The service setting with the Region's role of default host management (docs/facts/nodes.md §7)."""

HOST_MANAGEMENT_OFF = "$None"
"""The value of this setting if default host management is off."""


@dataclass(frozen=True, slots=True)
class HostManagement:
    """Default Host Management Configuration of a Region. `role_name` (with its path) is None if it is off.

    `changed` is when the setting was last changed, if AWS says it.
    """

    setting_arn: str
    role_name: str | None
    changed: datetime | None = None


class UsedHostManagement(HostManagement):
    """The same for a node that may use it, because its profile has no role that is known to work."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class HostManagementRole:
    """The role in the setting, if host management is on."""

    role: Role

    @property
    def service_managed(self) -> bool:
        """Return whether Systems Manager created the role in IAM's reserved path (SERVICE_MANAGED)."""
        return is_reserved(self.role.arn)


@dataclass(frozen=True, slots=True)
class OrganizationId:
    """The ID of the account's organization: `o-…`.

    `management_account` and `feature_set` (`ALL` or `CONSOLIDATED_BILLING`) are empty in older snapshots.
    """

    id: str
    management_account: str = ""
    feature_set: str = ""

    def has_control_policies_for(self, account: str) -> bool:
        """Return whether service control policies can apply to an account (docs/facts/permissions.md §4)."""
        return account != self.management_account and self.feature_set != "CONSOLIDATED_BILLING"


@dataclass(frozen=True, slots=True)
class RoleTags:
    """The tags of a role, by name."""

    tags: tuple[tuple[str, str], ...]


OWN_PREFIX = "ssmtui-"
"""The prefix of the names of the inline policies that ssmtui writes."""


@dataclass(frozen=True, slots=True)
class OwnGrants:
    """The inline policies of a node role that ssmtui wrote: their names, and their documents as `json_text`."""

    role_arn: str
    documents: tuple[tuple[str, str], ...]

    def document(self, name: str) -> str | None:
        """Return the text of the policy with that name."""
        return dict(self.documents).get(name)


@dataclass(frozen=True, slots=True)
class AttachedPolicies:
    """The managed policies attached to a node role, as sorted ARNs."""

    role_arn: str
    policy_arns: tuple[str, ...]


_SERVICE_LINKED = ":role/aws-service-role/"
_RESERVED = ":role/aws-reserved/"
IDENTITY_CENTER = "sso.amazonaws.com"
"""The service of the roles of permission sets, by the path of these roles."""
# IAM Identity Center, referencing permission sets: AWSReservedSSO_<permission set>_<16 hexadecimal digits>.
_PERMISSION_SET = re.compile(
    r"(?::role/(?:[^:]*/)?|:assumed-role/)AWSReservedSSO_(?P<name>[^/]+?)(?:_[0-9a-f]{16})?(?:/[^/]*)?$"
)


def permission_set_name(arn: str) -> str | None:
    """Return the permission set of an IAM Identity Center role, from the ARN of the role or its session."""
    found = _PERMISSION_SET.search(arn)
    return found["name"] if found is not None else None


def linked_service(role_arn: str) -> str | None:
    """Return the service of a service-linked role; empty if the path does not name it."""
    _, linked, rest = role_arn.partition(_SERVICE_LINKED)
    return rest.rpartition("/")[0] if linked else None


def keeping_service(role_arn: str) -> str | None:
    """Return the only service that can change the role; empty if the path does not name it; None if the account can."""
    if permission_set_name(role_arn) is not None:
        return IDENTITY_CENTER
    if (linked := linked_service(role_arn)) is not None:
        return linked
    _, reserved, rest = role_arn.partition(_RESERVED)
    return rest.rpartition("/")[0].partition("/")[0] if reserved else None


def is_reserved(role_arn: str) -> bool:
    """Return whether IAM refuses all changes of the role except by its owning service (UnmodifiableEntity)."""
    return keeping_service(role_arn) is not None


RUN_AS_TAG = "SSMSessionRunAs"
"""The tag on an IAM user or role that overrides the preferences (User Guide, session-preferences-run-as)."""


@dataclass(frozen=True, slots=True)
class RunAsSetting:
    """Run As is on. `default_user` is empty if the preferences have no user."""

    default_user: str


@dataclass(frozen=True, slots=True)
class RunAsTag:
    """The user in a tag of the caller, and the call that returned it."""

    user: str
    source: str
