"""Facts on the way to a role's permissions that no check needs directly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ssmtui.iam_policy.document import Policy
from ssmtui.model.identity import Role
from ssmtui.model.permissions import EvaluationResult, Permissions


@dataclass(frozen=True, slots=True)
class ProfileRole:
    """The role in the node's instance profile."""

    role: Role


@dataclass(frozen=True, slots=True)
class HybridRole:
    """The service role that a hybrid node was activated with."""

    role: Role


@dataclass(frozen=True, slots=True)
class SimulatedCore(Permissions):
    """IAM's answers about a role towards ssm and ssmmessages: on `*`, and about registering each node by its ARN."""

    registering: Mapping[str, EvaluationResult]


class ProfileCoreSimulated(SimulatedCore):
    """Those about the role in an instance profile, and the instances that have the profile."""

    __slots__ = ()


class HybridCoreSimulated(SimulatedCore):
    """Those about the role of hybrid nodes."""

    __slots__ = ()


class HostManagementSimulated(SimulatedCore):
    """Those about the role of default host management, and the instances that have no profile."""

    __slots__ = ()


class ProfileCorePermissions(Permissions):
    """What the instance profile's role may do towards ssm and ssmmessages, for the node."""

    __slots__ = ()


class HybridCorePermissions(Permissions):
    """The same of the hybrid node's role."""

    __slots__ = ()


class HostManagementCorePermissions(Permissions):
    """The same of the role of default host management."""

    __slots__ = ()


class SimulatedKey(Permissions):
    """IAM's answers about a node's role and the session key."""

    __slots__ = ()


class SimulatedBucket(Permissions):
    """IAM's answers about a node's role and the log bucket."""

    __slots__ = ()


class SimulatedLogGroup(Permissions):
    """IAM's answers about a node's role and the log group."""

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


class NodeRoleStatements(RolePolicies):
    """The same, read where IAM lacked condition keys, to see whether these bear on what it was asked."""

    __slots__ = ()


class CallerStatements(RolePolicies):
    """Those of the role behind the caller, read for the same."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class KeysLacked:
    """Condition keys that IAM lacked to say what a principal may: those of all that its policies say of anything."""

    keys: tuple[str, ...]


class KeysLackedOfNodeRole(KeysLacked):
    """Those of the role that the node really uses."""

    __slots__ = ()


class KeysLackedOfCaller(KeysLacked):
    """Those of who opens sessions."""

    __slots__ = ()


class CallerPolicies(RolePolicies):
    """Those of the role behind the caller."""

    __slots__ = ()
