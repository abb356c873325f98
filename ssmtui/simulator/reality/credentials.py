"""The role whose credentials a node's agent works with, or what keeps it from having any."""

from __future__ import annotations

from dataclasses import dataclass, replace

from moto.ec2.models.instances import Instance
from moto.iam.models import InstanceProfile, Role, iam_backends
from moto.utilities.utils import get_partition

from ssmtui.simulator.authorisation import Need, Policies, Policy, Principal, permission, policies_of, principal_of
from ssmtui.simulator.authorisation.actions import node_arn
from ssmtui.simulator.authorisation.collect import find_role, trusts
from ssmtui.simulator.reality import request_keys
from ssmtui.simulator.state import hidden

HOST_MANAGEMENT_SETTING = "/ssm/managed-instance/default-ec2-instance-management-role"
_HOST_MANAGEMENT_OFF = {"", "$None"}
# https://docs.aws.amazon.com/systems-manager/latest/userguide/fleet-manager-default-host-management-configuration.html
_HOST_MANAGEMENT_SINCE = (3, 2, 582, 0)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the agent works with: a role that works, or `obstacle`, the slug of the cause why there is none.

    A role beside an obstacle is the one that was tried.
    """

    role: Role | None
    obstacle: str | None = None


@dataclass(frozen=True, slots=True)
class NodeIdentity:
    """A role as a node holds it, with everything that role's policies say."""

    principal: Principal
    policies: Policies
    region: str
    node_id: str

    @classmethod
    def of(cls, role: Role, node_id: str, region: str) -> NodeIdentity:
        """The session that a node has of a role."""
        session = f"arn:{get_partition(region)}:sts::{role.account_id}:assumed-role/{role.name}/{node_id}"
        principal = principal_of(session)
        return cls(principal, policies_of(principal), region, node_id)

    def may(self, action: str, resource: str = "*") -> bool:
        """Whether the node may do that, key and bucket policies included."""
        service = action.partition(":")[0]
        keys = request_keys.of_node(self.principal.account, self.region, self.node_id, service)
        return permission(self.principal, Need(action, resource), self.region, self.policies, keys).allowed

    def may_through_s3(self, action: str, resource: str) -> bool:
        """Whether S3 may do that in the node's name."""
        keys = request_keys.through_s3(self.region)
        return permission(self.principal, Need(action, resource), self.region, self.policies, keys).allowed

    def may_report(self) -> bool:
        """Whether the node may register and report itself, which is judged on its own ARN."""
        return self.may("ssm:UpdateInstanceInformation", node_arn(self.node_id, self.principal.account, self.region))

    def through(self, endpoint_policy: Policy | None) -> NodeIdentity:
        """The same identity, its calls passing a VPC endpoint with that policy."""
        return replace(self, policies=replace(self.policies, endpoint=endpoint_policy))


def of_instance(account: str, region: str, instance: Instance, agent_version: str) -> Credentials:
    """An instance's credentials: of its profile where that works, else of default host management."""
    if instance.metadata_options.http_endpoint == "disabled":
        return Credentials(None, "imds-disabled")
    of_profile = _of_profile(account, region, instance)
    if of_profile is not None and of_profile.obstacle is None:
        return of_profile
    setting = hidden(account, region).service_settings.get(HOST_MANAGEMENT_SETTING)
    if setting is None or setting.value in _HOST_MANAGEMENT_OFF:
        return of_profile or Credentials(None, "instance-profile-missing")
    of_host_management = _of_host_management(account, region, setting.value, instance.id, agent_version)
    # A broken profile is the nearer cause than broken host management behind it.
    return of_profile if of_profile is not None and of_host_management.obstacle else of_host_management


def of_hybrid_node(account: str, region: str, role_name: str, node_id: str) -> Credentials:
    """A hybrid node's credentials: those of its activation's role."""
    role = find_role(account, region, role_name)
    if role is None or not trusts(role, "ssm.amazonaws.com"):
        return Credentials(role, "role-trust-wrong")
    return _registering(role, node_id, region)


def _of_profile(account: str, region: str, instance: Instance) -> Credentials | None:
    profile = _profile(account, region, instance)
    if profile is None:
        return None
    if not profile.roles:
        return Credentials(None, "instance-profile-empty")
    role = profile.roles[0]
    if not trusts(role, "ec2.amazonaws.com"):
        return Credentials(role, "role-trust-wrong")
    return _registering(role, instance.id, region)


def _registering(role: Role, node_id: str, region: str) -> Credentials:
    identity = NodeIdentity.of(role, node_id, region)
    return Credentials(role, None if identity.may_report() else "role-core-denied")


def _of_host_management(account: str, region: str, role_name: str, node_id: str, agent_version: str) -> Credentials:
    role = find_role(account, region, role_name)
    if role is None or not trusts(role, "ssm.amazonaws.com"):
        return Credentials(role, "dhmc-role-broken")
    if _registering(role, node_id, region).obstacle:
        return Credentials(role, "dhmc-role-broken")
    if _numbers(agent_version) < _HOST_MANAGEMENT_SINCE:
        return Credentials(role, "dhmc-agent-too-old")
    return Credentials(role)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _profile(account: str, region: str, instance: Instance) -> InstanceProfile | None:
    # Replacing an association changes moto's association and leaves the instance's own copy as it was.
    association = instance.ec2_backend.iam_instance_profile_associations.get(instance.id)
    if association is None:
        return None
    profiles = iam_backends[account][get_partition(region)].instance_profiles
    return next((p for p in profiles.values() if p.arn == association.iam_instance_profile.arn), None)
