"""The role whose credentials an agent uses, and the condition keys of its requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from moto.ec2.models import EC2Backend
from moto.ec2.models.instances import Instance
from moto.iam.models import InstanceProfile, Role, iam_backends
from moto.utilities.utils import get_partition

from ssmtui.simulator import organization
from ssmtui.simulator.authorisation import Need, Policies, Policy, Principal, permission, policies_of, principal_of
from ssmtui.simulator.authorisation.actions import node_arn
from ssmtui.simulator.authorisation.stored_policies import find_role, trusts
from ssmtui.simulator.node_state.network import endpoint_to, find_instance, internet_nat_gateway
from ssmtui.simulator.state import agent, hidden, now

# TEST-NET-2 of RFC 5737: where machines outside EC2 call from.
_OUTSIDE: Final = "198.51.100.20"
_SINCE_REFRESH: Final = timedelta(minutes=20)
_TELLING_WHOSE: Final = ("kms", "s3")
_SUFFIXES: Final = {"aws-cn": "amazonaws.com.cn"}


def request_keys_of_node(account: str, region: str, node_id: str, service: str) -> Mapping[str, str]:
    """Those of a request that a node makes itself, to a service of its Region."""
    instance = find_instance(account, region, node_id)
    of_agent = _of_agent(account, region, node_id)
    if instance is None:
        return of_agent | {"aws:SourceIp": _OUTSIDE}
    private_ip, vpc_id = str(instance.private_ip or ""), str(instance.vpc_id or "")
    itself = of_agent | {
        "ec2:SourceInstanceARN": node_arn(node_id, account, region),
        "aws:Ec2InstanceSourceVpc": vpc_id,
        "aws:Ec2InstanceSourcePrivateIPv4": private_ip,
        "ec2:RoleDelivery": "2.0",
    }
    endpoint = endpoint_to(instance, service)
    if endpoint is not None:
        by_endpoint = {"aws:SourceVpc": vpc_id, "aws:SourceVpce": endpoint.id, "aws:VpcSourceIp": private_ip}
        return itself | by_endpoint | (_owner_of_endpoint(account) if service in _TELLING_WHOSE else {})
    address = _public_address(instance)
    return itself | {"aws:SourceIp": address} if address else itself


def _of_agent(account: str, region: str, node_id: str) -> dict[str, str]:
    """Those of every request with a role's credentials, which an agent gets anew every hour, and by an agent."""
    version = agent(account, region, node_id).version
    return {
        "aws:UserAgent": f"aws-sdk-go/1.55.5 (go1.22.7; linux; amd64) amazon-ssm-agent/{version}",
        "aws:TokenIssueTime": f"{now() - _SINCE_REFRESH:%Y-%m-%dT%H:%M:%SZ}",
        "aws:MultiFactorAuthPresent": "false",
    }


def _owner_of_endpoint(account: str) -> dict[str, str]:
    member_of = organization.control_policies_of(account).organization
    return {"aws:VpceAccount": account, **({"aws:VpceOrgID": member_of} if member_of else {})}


def request_keys_through_s3(region: str) -> Mapping[str, str]:
    """Those of a request that S3 makes on behalf of a node."""
    suffix = _SUFFIXES.get(get_partition(region), "amazonaws.com")
    return {"aws:ViaAWSService": "true", "kms:ViaService": f"s3.{region}.{suffix}"}


def _public_address(instance: Instance) -> str:
    """The address that the internet sees: a NAT gateway's, else the instance's own."""
    backend: EC2Backend = instance.ec2_backend
    nat = internet_nat_gateway(backend, instance)
    if nat is None:
        return str(instance.public_ip or "")
    interface = nat._eni.id
    own = (each for each in backend.addresses if getattr(each.eni, "id", None) == interface)
    return next((str(each.public_ip) for each in own), "")


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
        keys = request_keys_of_node(self.principal.account, self.region, self.node_id, service)
        return permission(self.principal, Need(action, resource), self.region, self.policies, keys).allowed

    def may_through_s3(self, action: str, resource: str) -> bool:
        """Whether S3 may do that in the node's name."""
        keys = request_keys_through_s3(self.region)
        return permission(self.principal, Need(action, resource), self.region, self.policies, keys).allowed

    def may_report(self) -> bool:
        """Whether the node may register and report itself, which is judged on its own ARN."""
        return self.may("ssm:UpdateInstanceInformation", node_arn(self.node_id, self.principal.account, self.region))

    def through(self, endpoint_policy: Policy | None) -> NodeIdentity:
        """The same identity, its calls passing a VPC endpoint with that policy."""
        return replace(self, policies=replace(self.policies, endpoint=endpoint_policy))


def credentials_of_instance(account: str, region: str, instance: Instance, agent_version: str) -> Credentials:
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


def credentials_of_hybrid_node(account: str, region: str, role_name: str, node_id: str) -> Credentials:
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
