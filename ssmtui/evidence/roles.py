"""Facts on the way to a role's permissions, that no check asks for by themselves."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.model.identity import Role
from ssmtui.model.permissions import Permissions
from ssmtui.model.policy import Policy


@dataclass(frozen=True, slots=True)
class ProfileRole:
    """The role in the node's instance profile."""

    role: Role


@dataclass(frozen=True, slots=True)
class HybridRole:
    """The service role that a hybrid node was activated with."""

    role: Role


class ProfileCorePermissions(Permissions):
    """What the instance profile's role may do towards ssm and ssmmessages."""

    __slots__ = ()


class HybridCorePermissions(Permissions):
    """The same of the hybrid node's role."""

    __slots__ = ()


class CallerSimulation(Permissions):
    """What IAM's simulation says of the caller and the preferences document."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class SimulationRefused:
    """The caller may not simulate: whatever is said of permissions is ssmtui's own reading of policies."""

    why: str


@dataclass(frozen=True, slots=True)
class RolePolicies:
    """The policies of one role: its own, inline and attached, and the boundary that they cannot go beyond.

    `tags` are what the role's sessions have as `aws:PrincipalTag`; None where sessions may bring tags of their own.
    """

    policies: tuple[Policy, ...]
    boundary: Policy | None
    tags: tuple[tuple[str, str], ...] | None = None


class ProfileRolePolicies(RolePolicies):
    """Those of the role in the instance profile."""

    __slots__ = ()


class HybridRolePolicies(RolePolicies):
    """Those of a hybrid node's role."""

    __slots__ = ()


class HostManagementRolePolicies(RolePolicies):
    """Those of the role that default host management names."""

    __slots__ = ()


class NodeRolePolicies(RolePolicies):
    """Those of the role that the node really uses."""

    __slots__ = ()


class CallerPolicies(RolePolicies):
    """Those of the role behind the caller."""

    __slots__ = ()
