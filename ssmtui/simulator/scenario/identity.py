"""Roles, instance profiles, and the organization above the account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

StatementJSON = Mapping[str, object]
"""A statement of a policy, as JSON has it."""


@dataclass(frozen=True, slots=True)
class InlinePolicy:
    """A policy written into a role."""

    name: str
    statements: tuple[StatementJSON, ...]


@dataclass(frozen=True, slots=True)
class Organization:
    """The organization that the account is a member of: the service control policies of its root and of the account.

    Either level has `FullAWSAccess` besides, as AWS attaches it.
    """

    on_root: tuple[InlinePolicy, ...] = ()
    on_account: tuple[InlinePolicy, ...] = ()


@dataclass(frozen=True, slots=True)
class Role:
    """A role: who may assume it, and what it may do. `boundary` and `managed` are names of policies of AWS.

    `external_id` is what whoever assumes it must say.
    """

    name: str
    trusted: tuple[str, ...] = ("ec2.amazonaws.com",)
    managed: tuple[str, ...] = ()
    inline: tuple[InlinePolicy, ...] = ()
    boundary: str | None = None
    path: str = "/"
    tags: Mapping[str, str] = field(default_factory=dict)
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class InstanceProfile:
    """An instance profile, and the role it holds (None where it is empty)."""

    name: str
    role: str | None
