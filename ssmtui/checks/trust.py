"""Trust policies: which services may take a role."""

from __future__ import annotations

from ssmtui.model.identity import Role, RoleSource
from ssmtui.model.policy_reading import AuthorizationRequest, Truth, read_policies
from ssmtui.model.scope import Scope


def trusted_services(source: RoleSource, scope: Scope) -> tuple[str, ...]:
    """The names by which a trust policy may mean the service that hands out the role.

    EC2 has its own name in China, beside the usual one (docs/facts/permissions.md §7).
    """
    if source is RoleSource.INSTANCE_PROFILE:
        return tuple(dict.fromkeys(("ec2.amazonaws.com", f"ec2.{scope.dns_suffix}")))
    return ("ssm.amazonaws.com",)


def trusts(role: Role, services: tuple[str, ...], scope: Scope) -> Truth:
    """Whether the role's trust policy lets one of the services take it."""
    context = {"aws:SourceAccount": (scope.account,), "aws:SecureTransport": ("true",)}
    return read_policies((role.trust,), AuthorizationRequest("sts:AssumeRole", role.arn, services, context)).permits
