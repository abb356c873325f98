"""Roles, instance profiles and default host management: who a node is to AWS."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from ssmtui.model.policy import Policy


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
