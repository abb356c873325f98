"""Who may take a role, as fixes ask it: of a candidate to be chosen, and of the role that they repair."""

from __future__ import annotations

from ssmtui.model.identity import Role, RoleSource
from ssmtui.model.policy_reading import AuthorizationRequest, PolicyReading, read_policies
from ssmtui.model.scope import Scope

TAKE = "sts:AssumeRole"
SYSTEMS_MANAGER = "ssm.amazonaws.com"


def service_of(source: RoleSource, scope: Scope) -> str:
    """The service that hands out the role. In China EC2 has a name of its own (docs/facts/permissions.md §7)."""
    return f"ec2.{scope.dns_suffix}" if source is RoleSource.INSTANCE_PROFILE else SYSTEMS_MANAGER


def trust_in(role: Role, service: str, scope: Scope) -> PolicyReading:
    """What the trust policy says to a service of this account."""
    context = {"aws:SourceAccount": (scope.account,)}
    return read_policies((role.trust,), AuthorizationRequest(TAKE, role.arn, (service,), context))
