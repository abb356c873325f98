"""The registration of a node with Systems Manager, and calls of its agent that AWS refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from moto.ec2.models.instances import Instance
from moto.iam.models import Role
from moto.utilities.utils import get_partition

from ssmtui.simulator.authorisation import Need, permission, refusal
from ssmtui.simulator.authorisation.actions import log_group_arn, log_lookup_arn
from ssmtui.simulator.authorisation.stored_policies import find_key, find_role
from ssmtui.simulator.node_state import credentials, network, preferences
from ssmtui.simulator.node_state.credentials import NodeIdentity
from ssmtui.simulator.node_state.preferences import SessionPreferences
from ssmtui.simulator.state import Agent, HiddenState, HybridNode, agent, hidden, now

PingStatus = Literal["Online", "ConnectionLost"]
ConnectionStatus = Literal["connected", "notconnected"]

_FIRST_REPORT = timedelta(minutes=5)
_LOOKS_AGAIN = timedelta(minutes=30)
_REPORT = ("ssm:UpdateInstanceInformation",)
_CONTROL_CHANNEL = ("ssmmessages:CreateControlChannel", "ssmmessages:OpenControlChannel")


@dataclass(frozen=True, slots=True)
class RegistrationStatus:
    """What the API tells of a node; `ping_status` is None of one that is not listed. `iam_role` is a role's name."""

    listed: bool
    ping_status: PingStatus | None
    connection: ConnectionStatus
    agent_version: str
    iam_role: str | None


@dataclass(frozen=True, slots=True)
class Registration:
    """The truth behind a standing: what the node works with, and the slugs of what keeps it from reporting.

    `unreported` and `unconnected` are None where nothing stands in the way of the ping and of the control channel.
    """

    agent: Agent
    role: Role | None
    unreported: str | None
    unconnected: str | None
    listed: bool
    instance: Instance | None = None


def registration_status(account: str, region: str, node_id: str) -> RegistrationStatus:
    """Where a node stands now. A node that reports stays known, whatever happens to it later."""
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
    """As whom an instance's agent calls Systems Manager, by the session's ARN, and whether that is let; else None."""
    registration = registration_of(account, region, node_id)
    instance = registration.instance
    if instance is None or registration.unreported not in {None, "wrong-principal", "role-core-denied"}:
        return None
    shadow = _shadow(registration.agent, account, region, node_id)
    if shadow is not None:
        return shadow.principal.caller_arn, shadow.may_report()
    if registration.role is None:
        return None
    own = credentials.NodeIdentity.of(registration.role, node_id, region)
    return own.principal.caller_arn, own.may_report()


def _shadow(its_agent: Agent, account: str, region: str, node_id: str) -> credentials.NodeIdentity | None:
    """Whom the agent works as, where it finds other credentials before those of its role."""
    role = find_role(account, region, its_agent.shadowed_by) if its_agent.shadowed_by else None
    return credentials.NodeIdentity.of(role, node_id, region) if role is not None else None


def _shadow_fault(shadow: credentials.NodeIdentity | None, actions: tuple[str, ...]) -> str | None:
    return None if shadow is None or _may_all(shadow, actions) else "wrong-principal"


def _may_all(identity: credentials.NodeIdentity, actions: tuple[str, ...]) -> bool:
    return all(identity.may_report() if action in _REPORT else identity.may(action) for action in actions)


def registration_of(account: str, region: str, node_id: str) -> Registration:
    """How a node's registration comes about, or what prevents it, in the order of the path to it."""
    hybrid = hidden(account, region).hybrid_nodes.get(node_id)
    if hybrid is not None:
        return _of_hybrid_node(account, region, hybrid)
    its_agent = agent(account, region, node_id)
    instance = network.find_instance(account, region, node_id)
    if instance is None or instance.state != "running":
        return Registration(its_agent, None, "instance-not-running", "instance-not-running", listed=False)
    known = hidden(account, region)
    held = credentials.credentials_of_instance(account, region, instance, its_agent.version)
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
        "control-channel-down" if its_agent.channel_stuck else None,
    )
    listed = unreported is None or its_agent.registered_before
    return Registration(its_agent, held.role, unreported, unconnected, listed, instance)


def _of_hybrid_node(account: str, region: str, node: HybridNode) -> Registration:
    its_agent = agent(account, region, node.node_id)
    held = credentials.credentials_of_hybrid_node(account, region, node.iam_role, node.node_id)
    unreported = _first(held.obstacle, _idle(its_agent))
    unconnected = _first(unreported, _refused(held.role, node.node_id, region))
    return Registration(its_agent, held.role, unreported, unconnected, listed=True)


def awaits_host_management(account: str, region: str, node_id: str) -> bool:
    """Whether an agent that does not report yet is waiting for default host management to take effect."""
    its_agent, instance = agent(account, region, node_id), network.find_instance(account, region, node_id)
    setting = hidden(account, region).service_settings.get(credentials.HOST_MANAGEMENT_SETTING)
    if instance is None or setting is None or _idle(its_agent) is None:
        return False
    without_profile = instance.ec2_backend.iam_instance_profile_associations.get(node_id) is None
    return without_profile and now() < setting.modified_at + _LOOKS_AGAIN


def _answers_elsewhere(known: HiddenState, instance: Instance, its_agent: Agent) -> bool:
    """Whether the machine was registered by an activation before it was ever known as an instance."""
    return not its_agent.registered_before and any(
        node.ip_address == instance.private_ip and known.agents[node_id].computer_name == its_agent.computer_name
        for node_id, node in known.hybrid_nodes.items()
    )


def _delayed(known: HiddenState, node_id: str, its_agent: Agent) -> str | None:
    """What an agent that is not there yet waits for: its first minutes, or its next look for credentials."""
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


def _refused(role: Role | None, node_id: str, region: str) -> str | None:
    if role is None:
        return None
    identity = credentials.NodeIdentity.of(role, node_id, region)
    return None if all(identity.may(action) for action in _CONTROL_CHANNEL) else "role-channels-denied"


def _stopped_at_endpoint(role: Role | None, instance: Instance, service: str, actions: tuple[str, ...]) -> str | None:
    policy = network.endpoint_policy(instance, service)
    if role is None or policy is None:
        return None
    identity = credentials.NodeIdentity.of(role, instance.id, instance.region_name).through(policy)
    return None if _may_all(identity, actions) else "endpoint-policy-denies"


def _first(*obstacles: str | None) -> str | None:
    return next((str(obstacle) for obstacle in obstacles if obstacle is not None), None)


@dataclass(frozen=True, slots=True)
class RefusedCall:
    """A call of a node that AWS refused: the event's source and name, and what AWS said. It is a management event."""

    principal: str
    source: str
    event: str
    message: str


def refused_calls(account: str, region: str, node_id: str) -> tuple[RefusedCall, ...]:
    """In the agent's order, up to the first that ends the session; a node that is not connected has tried none."""
    registration = registration_of(account, region, node_id)
    if registration.unconnected is not None or registration.role is None:
        return ()
    identity = NodeIdentity.of(registration.role, node_id, region)
    refused: list[RefusedCall] = []
    for event, need, ends in _asked(account, region, preferences.in_force(account, region)):
        decision = permission(identity.principal, need, region, identity.policies)
        if decision.allowed:
            continue
        service = need.action.partition(":")[0]
        said = refusal(service, identity.principal.caller_arn, need, decision)
        refused.append(RefusedCall(identity.principal.caller_arn, service, event, said.message))
        if ends:
            break
    return tuple(refused)


def _asked(account: str, region: str, wanted: SessionPreferences) -> Iterator[tuple[str, Need, bool]]:
    key = find_key(account, region, wanted.key_id) if wanted.key_id else None
    if key is not None:
        yield "Decrypt", Need("kms:Decrypt", key.arn), True
    if wanted.log_group and wanted.only_encrypted_log_group:
        yield "DescribeLogGroups", Need("logs:DescribeLogGroups", log_lookup_arn(account, region)), True
    if wanted.bucket and wanted.only_encrypted_bucket:
        arn = f"arn:{get_partition(region)}:s3:::{wanted.bucket}"
        yield "GetBucketEncryption", Need("s3:GetEncryptionConfiguration", arn), True
    if wanted.log_group:
        yield "CreateLogStream", Need("logs:CreateLogStream", log_group_arn(wanted.log_group, account, region)), False
