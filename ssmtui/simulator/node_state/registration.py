"""Compute the registration of a node: the role whose credentials its agent uses, and its calls that AWS refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Literal

from moto.ec2.models import EC2Backend
from moto.ec2.models.instances import Instance
from moto.iam.models import InstanceProfile, Role, iam_backends
from moto.utilities.utils import get_partition

from ssmtui.simulator.authorisation import (
    Need,
    Policies,
    Policy,
    Principal,
    permission,
    policies_of,
    principal_of,
    refusal,
)
from ssmtui.simulator.authorisation.key_facts import context_keys, data_key_context
from ssmtui.simulator.authorisation.permission import log_group_arn, log_lookup_arn, node_arn
from ssmtui.simulator.authorisation.stored_policies import find_key, find_role, trusts
from ssmtui.simulator.node_state import network, preferences
from ssmtui.simulator.node_state.network import endpoint_to, find_instance, internet_nat_gateway
from ssmtui.simulator.node_state.preferences import SessionPreferences
from ssmtui.simulator.state import Agent, HiddenState, HybridNode, agent, control_policies_of, hidden, now

# TEST-NET-2 of RFC 5737: the source address of machines outside EC2.
_OUTSIDE: Final = "198.51.100.20"
_SINCE_REFRESH: Final = timedelta(minutes=20)
_TELLING_WHOSE: Final = ("kms", "s3")
_SUFFIXES: Final = {"aws-cn": "amazonaws.com.cn"}


def request_keys_of_node(account: str, region: str, node_id: str, service: str) -> Mapping[str, str]:
    """Return the condition keys of a request that a node makes itself, to a service of its Region."""
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
    """Return the condition keys of every request with a role's credentials, which an agent renews every hour."""
    version = agent(account, region, node_id).version
    return {
        "aws:UserAgent": f"aws-sdk-go/1.55.5 (go1.22.7; linux; amd64) amazon-ssm-agent/{version}",
        "aws:TokenIssueTime": f"{now() - _SINCE_REFRESH:%Y-%m-%dT%H:%M:%SZ}",
        "aws:MultiFactorAuthPresent": "false",
    }


def _owner_of_endpoint(account: str) -> dict[str, str]:
    member_of = control_policies_of(account).organization
    return {"aws:VpceAccount": account, **({"aws:VpceOrgID": member_of} if member_of else {})}


def request_keys_through_s3(region: str) -> Mapping[str, str]:
    """Return the condition keys of a request that S3 makes on behalf of a node."""
    suffix = _SUFFIXES.get(get_partition(region), "amazonaws.com")
    return {"aws:ViaAWSService": "true", "kms:ViaService": f"s3.{region}.{suffix}"}


def _public_address(instance: Instance) -> str:
    """Return the address that the internet sees: a NAT gateway's, else the instance's own."""
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
    """The agent's credentials: a role that works, or `obstacle`, the slug of the cause why there is none.

    A role with an obstacle is the role that was tried.
    """

    role: Role | None
    obstacle: str | None = None


_ANY_SESSION: Final = "alex-0a1b2c3d4e5f6a7b8"


def _need(action: str, resource: str, node_id: str) -> Need:
    """Return what a call of a node needs: it decrypts only the data keys of sessions to itself."""
    if action != "kms:Decrypt":
        return Need(action, resource)
    return Need(action, resource, context_keys(data_key_context(_ANY_SESSION, node_id)))


@dataclass(frozen=True, slots=True)
class NodeIdentity:
    """A role as a node uses it, with all policies of that role."""

    principal: Principal
    policies: Policies
    region: str
    node_id: str

    @classmethod
    def of(cls, role: Role, node_id: str, region: str) -> NodeIdentity:
        """Return a node's session of a role."""
        session = f"arn:{get_partition(region)}:sts::{role.account_id}:assumed-role/{role.name}/{node_id}"
        principal = principal_of(session)
        return cls(principal, policies_of(principal), region, node_id)

    def may(self, action: str, resource: str = "*", service: str = "") -> bool:
        """Return whether the node is allowed to do that, including key and bucket policies.

        `service` is the service name for endpoints, if it is not that of the action.
        """
        need = _need(action, resource, self.node_id)
        keys = self.request_keys(need, service)
        return permission(self.principal, need, self.region, self.policies, keys).allowed

    def request_keys(self, need: Need, service: str = "") -> Mapping[str, str]:
        """Return the condition keys of a request that the node makes itself."""
        asked = service or need.action.partition(":")[0]
        return request_keys_of_node(self.principal.account, self.region, self.node_id, asked)

    def may_through_s3(self, action: str, resource: str) -> bool:
        """Return whether S3 is allowed to do that on behalf of the node."""
        keys = request_keys_through_s3(self.region)
        return permission(self.principal, Need(action, resource), self.region, self.policies, keys).allowed

    def may_report(self) -> bool:
        """Return whether the node is allowed to register and report itself, which is checked on its own ARN."""
        return self.may("ssm:UpdateInstanceInformation", node_arn(self.node_id, self.principal.account, self.region))

    def through(self, endpoint_policy: Policy | None) -> NodeIdentity:
        """Return the same identity, with calls through a VPC endpoint with that policy."""
        return replace(self, policies=replace(self.policies, endpoint=endpoint_policy))


def credentials_of_instance(account: str, region: str, instance: Instance, agent_version: str) -> Credentials:
    """Return an instance's credentials: of its profile if that works, else of default host management."""
    if instance.metadata_options.http_endpoint == "disabled":
        return Credentials(None, "imds-disabled")
    of_profile = _of_profile(account, region, instance)
    if of_profile is not None and of_profile.obstacle is None:
        return of_profile
    setting = hidden(account, region).service_settings.get(HOST_MANAGEMENT_SETTING)
    if setting is None or setting.value in _HOST_MANAGEMENT_OFF:
        return of_profile or Credentials(None, "instance-profile-missing")
    of_host_management = _of_host_management(account, region, setting.value, instance.id, agent_version)
    # A broken profile is a nearer cause than broken host management.
    return of_profile if of_profile is not None and of_host_management.obstacle else of_host_management


def credentials_of_hybrid_node(account: str, region: str, role_name: str, node_id: str) -> Credentials:
    """Return a hybrid node's credentials: those of its activation's role."""
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
    # Replacing an association changes moto's association, but not the instance's own copy.
    association = instance.ec2_backend.iam_instance_profile_associations.get(instance.id)
    if association is None:
        return None
    profiles = iam_backends[account][get_partition(region)].instance_profiles
    return next((p for p in profiles.values() if p.arn == association.iam_instance_profile.arn), None)


PingStatus = Literal["Online", "ConnectionLost"]
ConnectionStatus = Literal["connected", "notconnected"]

_FIRST_REPORT = timedelta(minutes=5)
_LOOKS_AGAIN = timedelta(minutes=30)
_REPORT = ("ssm:UpdateInstanceInformation",)
_CONTROL_CHANNEL = ("ssmmessages:CreateControlChannel", "ssmmessages:OpenControlChannel")


@dataclass(frozen=True, slots=True)
class RegistrationStatus:
    """The API's view of a node; `ping_status` is None if the node is not listed. `iam_role` is a role's name."""

    listed: bool
    ping_status: PingStatus | None
    connection: ConnectionStatus
    agent_version: str
    iam_role: str | None


@dataclass(frozen=True, slots=True)
class Registration:
    """The facts behind a status: the node's credentials, and the slugs of what keeps it from reporting.

    `unreported` and `unconnected` are None if nothing blocks the ping and the control channel.
    """

    agent: Agent
    role: Role | None
    unreported: str | None
    unconnected: str | None
    listed: bool
    instance: Instance | None = None


def registration_status(account: str, region: str, node_id: str) -> RegistrationStatus:
    """Return the current status of a node. A node that reports stays known, whatever happens to it later."""
    registration = registration_of(account, region, node_id)
    reports = registration.unreported is None
    if reports and not registration.agent.registered_before:
        hidden(account, region).agents[node_id] = replace(registration.agent, registered_before=True)
    ping: PingStatus | None = None
    if registration.listed:
        ping = "Online" if reports else "ConnectionLost"
    return RegistrationStatus(
        listed=registration.listed,
        ping_status=ping,
        connection="connected" if registration.unconnected is None else "notconnected",
        agent_version=registration.agent.version,
        iam_role=registration.role.name if registration.role else None,
    )


def reporting_identity(account: str, region: str, node_id: str) -> tuple[str, bool] | None:
    """Return the session ARN with which an agent calls Systems Manager, and whether that is allowed; else None."""
    registration = registration_of(account, region, node_id)
    instance = registration.instance
    if instance is None or registration.unreported not in {None, "wrong-principal", "role-core-denied"}:
        return None
    shadow = _shadow(registration.agent, account, region, node_id)
    if shadow is not None:
        return shadow.principal.caller_arn, shadow.may_report()
    if registration.role is None:
        return None
    own = NodeIdentity.of(registration.role, node_id, region)
    return own.principal.caller_arn, own.may_report()


def _shadow(its_agent: Agent, account: str, region: str, node_id: str) -> NodeIdentity | None:
    """Return the identity of the agent if it finds other credentials before those of its role."""
    role = find_role(account, region, its_agent.shadowed_by) if its_agent.shadowed_by else None
    return NodeIdentity.of(role, node_id, region) if role is not None else None


def _shadow_fault(shadow: NodeIdentity | None, actions: tuple[str, ...]) -> str | None:
    return None if shadow is None or _may_all(shadow, actions) else "wrong-principal"


def _may_all(identity: NodeIdentity, actions: tuple[str, ...]) -> bool:
    return all(identity.may_report() if action in _REPORT else identity.may(action) for action in actions)


def registration_of(account: str, region: str, node_id: str) -> Registration:
    """Return a node's registration, or what prevents it, in the order of the node's path."""
    hybrid = hidden(account, region).hybrid_nodes.get(node_id)
    if hybrid is not None:
        return _of_hybrid_node(account, region, hybrid)
    its_agent = agent(account, region, node_id)
    instance = network.find_instance(account, region, node_id)
    if instance is None or instance.state != "running":
        return Registration(its_agent, None, "instance-not-running", "instance-not-running", listed=False)
    known = hidden(account, region)
    held = credentials_of_instance(account, region, instance, its_agent.version)
    shadow = _shadow(its_agent, account, region, node_id)
    unreported = _first(
        "instance-impaired" if node_id in known.impaired else None,
        "root-volume-full" if its_agent.disk_full else None,
        "node-clock-skewed" if its_agent.clock_skewed else None,
        "run-out-of-watches" if its_agent.out_of_watches else None,
        held.obstacle,
        _shadow_fault(shadow, _REPORT),
        network.obstacle(instance, "ssm"),
        "endpoint-certificate-untrusted" if its_agent.distrusts else None,
        _stopped_at_endpoint(held.role, instance, "ssm", _REPORT),
        "duplicate-registration" if _answers_elsewhere(known, instance, its_agent) else None,
        _delayed(known, node_id, its_agent),
        "agent-absent" if not its_agent.installed and known.console_output.get(node_id) else None,
        _idle(its_agent),
    )
    if unreported == "instance-profile-missing" and its_agent.registered_before:
        # Only host management can have registered a node without a profile.
        unreported = "dhmc-off"
    unconnected = _first(
        unreported,
        _refused(held.role, node_id, region),
        _shadow_fault(shadow, _CONTROL_CHANNEL),
        network.obstacle(instance, "ssmmessages"),
        _stopped_at_endpoint(held.role, instance, "ssmmessages", _CONTROL_CHANNEL),
        _lost_channel(its_agent),
    )
    listed = unreported is None or its_agent.registered_before
    return Registration(its_agent, held.role, unreported, unconnected, listed, instance)


def _of_hybrid_node(account: str, region: str, node: HybridNode) -> Registration:
    its_agent = agent(account, region, node.node_id)
    held = credentials_of_hybrid_node(account, region, node.iam_role, node.node_id)
    unreported = _first(held.obstacle, _idle(its_agent))
    unconnected = _first(unreported, _refused(held.role, node.node_id, region), _lost_channel(its_agent))
    return Registration(its_agent, held.role, unreported, unconnected, listed=True)


def awaits_host_management(account: str, region: str, node_id: str) -> bool:
    """Return whether an agent that does not report yet waits for default host management to take effect."""
    its_agent, instance = agent(account, region, node_id), network.find_instance(account, region, node_id)
    setting = hidden(account, region).service_settings.get(HOST_MANAGEMENT_SETTING)
    if instance is None or setting is None or _idle(its_agent) is None:
        return False
    without_profile = instance.ec2_backend.iam_instance_profile_associations.get(node_id) is None
    return without_profile and now() < setting.modified_at + _LOOKS_AGAIN


def _answers_elsewhere(known: HiddenState, instance: Instance, its_agent: Agent) -> bool:
    """Return whether the machine was registered by an activation, and never as an instance."""
    return not its_agent.registered_before and any(
        node.ip_address == instance.private_ip and known.agents[node_id].computer_name == its_agent.computer_name
        for node_id, node in known.hybrid_nodes.items()
    )


def _delayed(known: HiddenState, node_id: str, its_agent: Agent) -> str | None:
    """Return what an agent that does not report yet waits for: its first minutes, or its next look for credentials."""
    if _idle(its_agent) is None:
        return None
    launched = known.launch_times.get(node_id)
    attached = known.profile_times.get(node_id)
    if launched is not None and now() < launched + _FIRST_REPORT:
        return "instance-starting"
    if attached is not None and now() < attached + _LOOKS_AGAIN:
        return "profile-attached-late"
    return None


def _idle(its_agent: Agent) -> str | None:
    if its_agent.hibernating:
        return "agent-hibernating"
    if its_agent.lost_by:
        return its_agent.lost_by
    if its_agent.installed and its_agent.running and not its_agent.disk_full:
        return None
    return "connection-lost" if its_agent.registered_before else "not-registered"


def _lost_channel(its_agent: Agent) -> str | None:
    is_away = its_agent.reconnects_at is not None and now() < its_agent.reconnects_at
    return "control-channel-down" if its_agent.channel_stuck or is_away else None


def _refused(role: Role | None, node_id: str, region: str) -> str | None:
    if role is None:
        return None
    identity = NodeIdentity.of(role, node_id, region)
    return None if all(identity.may(action) for action in _CONTROL_CHANNEL) else "role-channels-denied"


def _stopped_at_endpoint(role: Role | None, instance: Instance, service: str, actions: tuple[str, ...]) -> str | None:
    policy = network.endpoint_policy(instance, service)
    if role is None or policy is None:
        return None
    identity = NodeIdentity.of(role, instance.id, instance.region_name).through(policy)
    return None if _may_all(identity, actions) else "endpoint-policy-denies"


def _first(*obstacles: str | None) -> str | None:
    return next((str(obstacle) for obstacle in obstacles if obstacle is not None), None)


@dataclass(frozen=True, slots=True)
class RefusedCall:
    """A call of a node that AWS refused: source and name of the event, and the message. It is a management event."""

    principal: str
    source: str
    event: str
    message: str


def refused_calls(account: str, region: str, node_id: str) -> tuple[RefusedCall, ...]:
    """Return the refused calls in the agent's order, up to the first that ends the session; none if not connected."""
    registration = registration_of(account, region, node_id)
    if registration.unconnected is not None or registration.role is None:
        return ()
    identity = NodeIdentity.of(registration.role, node_id, region)
    refused: list[RefusedCall] = []
    for event, need, ends in _asked(account, region, node_id, preferences.in_force(account, region)):
        keys = identity.request_keys(need)
        decision = permission(identity.principal, need, region, identity.policies, keys)
        if decision.allowed:
            continue
        service = need.action.partition(":")[0]
        said = refusal(service, identity.principal.caller_arn, need, decision)
        refused.append(RefusedCall(identity.principal.caller_arn, service, event, said.message))
        if ends:
            break
    return tuple(refused)


def _asked(account: str, region: str, node_id: str, wanted: SessionPreferences) -> Iterator[tuple[str, Need, bool]]:
    key = find_key(account, region, wanted.key_id) if wanted.key_id else None
    if key is not None:
        yield "Decrypt", _need("kms:Decrypt", key.arn, node_id), True
    if wanted.log_group and wanted.only_encrypted_log_group:
        yield "DescribeLogGroups", Need("logs:DescribeLogGroups", log_lookup_arn(account, region)), True
    if wanted.bucket and wanted.only_encrypted_bucket:
        arn = f"arn:{get_partition(region)}:s3:::{wanted.bucket}"
        yield "GetBucketEncryption", Need("s3:GetEncryptionConfiguration", arn), True
    if wanted.log_group:
        yield "CreateLogStream", Need("logs:CreateLogStream", log_group_arn(wanted.log_group, account, region)), False
