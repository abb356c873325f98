"""Set up nodes: instances by API calls, hybrid nodes by flags."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final

from moto.ec2.models import ec2_backends

from ssmtui.simulator import state
from ssmtui.simulator.authorisation import principal_of
from ssmtui.simulator.node_state.network import find_instance
from ssmtui.simulator.scenario import AZURE, STARTED, HybridNode, Instance, Node, RegionScenario
from ssmtui.simulator.setup.clients import Clients
from ssmtui.simulator.setup.networks import NetworkIds

_AGE: Final = timedelta(days=40)
_WINDOWS_SERVICES: Final = ("AmazonSSMAgent", "W32Time", "WinRM")


def make_nodes(clients: Clients, region: RegionScenario, network_ids: NetworkIds) -> dict[str, str]:
    """Create the Region's nodes; return their ids by name."""
    return {
        node.name: _make_instance(clients.of("ec2", region.name), region.name, node, network_ids)
        if isinstance(node, Instance)
        else _make_hybrid_node(region.name, node)
        for node in region.nodes
    }


def _make_instance(ec2: Any, region: str, node: Instance, network_ids: NetworkIds) -> str:  # noqa: ANN401
    profile = {"IamInstanceProfile": {"Name": node.profile}} if node.profile is not None else {}
    launched = ec2.run_instances(
        ImageId=node.platform.image_id,
        InstanceType="t3.medium",
        MinCount=1,
        MaxCount=1,
        SubnetId=network_ids.subnets[node.subnet],
        SecurityGroupIds=[network_ids.security_groups[node.security_group]],
        MetadataOptions={
            "HttpEndpoint": "enabled" if node.metadata.enabled else "disabled",
            "HttpTokens": "required" if node.metadata.tokens_required else "optional",
            "HttpPutResponseHopLimit": 2,
        },
        TagSpecifications=[{"ResourceType": "instance", "Tags": _tags(node)}],
        **profile,
    )["Instances"][0]
    node_id: str = launched["InstanceId"]
    if node.second_interface is not None:
        subnet, group = node.second_interface
        groups = [network_ids.security_groups[group]]
        interface = ec2.create_network_interface(SubnetId=network_ids.subnets[subnet], Groups=groups)[
            "NetworkInterface"
        ]
        ec2.attach_network_interface(
            NetworkInterfaceId=interface["NetworkInterfaceId"], InstanceId=node_id, DeviceIndex=1
        )
    if not node.running:
        ec2.stop_instances(InstanceIds=[node_id])
    hidden = state.hidden(state.account_in_setup(), region)
    hidden.launch_times[node_id] = state.now() - node.launched_ago
    if node.profile_attached_ago is not None:
        hidden.profile_times[node_id] = state.now() - node.profile_attached_ago
    if node.managed_by:
        hidden.operators[node_id] = node.managed_by
    if node.impaired:
        hidden.impaired.add(node_id)
    for number, ago in enumerate(node.left_open, start=1):
        owner = str(state.caller_arn())
        session = f"{principal_of(owner).user_id}-{_digest(f'{node.name} {number}')[:17]}"
        hidden.sessions[session] = state.Session(session, node_id, owner, state.now() - ago)
    for number, ago in enumerate(node.updates, start=1):
        command = _digest(f"{node.name} update {number}")
        hidden.commands[command] = state.Command(
            command, node_id, "AWS-UpdateSSMAgent", "", {}, state.now() - ago, "Failed"
        )
    instance = find_instance(state.account_in_setup(), region, node_id)
    if instance is not None and node.platform.kind == "Windows":
        # AWS takes the value from the image, which moto does not have.
        instance.platform = "windows"
    console = node.console_output
    if console is None and node.agent.installed and node.platform.kind == "Linux":
        console = STARTED.format(version=node.agent.version)
    if console is not None:
        hidden.console_output[node_id] = console
    _hide(region, node_id, node, computer_name=launched.get("PrivateDnsName", node.name))
    return node_id


def _make_hybrid_node(region: str, node: HybridNode) -> str:
    hidden = state.hidden(state.account_in_setup(), region)
    registered_at = state.now() - _AGE
    activation_id = _activation_id(node.role)
    earlier = hidden.activations.get(activation_id)
    if not node.location:
        hidden.activations[activation_id] = state.Activation(
            activation_id=activation_id,
            iam_role=node.role,
            registration_limit=100,
            registrations=(earlier.registrations if earlier else 0) + 1,
            created_at=registered_at,
            expires_at=registered_at + timedelta(days=30),
            description=f"{node.role} machines",
        )
    node_id = hybrid_node_id(node.name)
    address, computer_name = _machine(region, node)
    hidden.hybrid_nodes[node_id] = state.HybridNode(
        node_id=node_id,
        name=node.name,
        iam_role=node.role,
        ip_address=address,
        activation_id=activation_id,
        registered_at=registered_at,
        source_type=node.source_type,
        source_id=_activation_id(node.name) if node.location else node_id,
        location=node.location,
    )
    hidden.hybrid_node_tags[node_id] = dict(node.tags)
    _hide(region, node_id, node, computer_name=computer_name)
    return node_id


def _machine(region: str, node: HybridNode) -> tuple[str, str]:
    """Return the address and name that a machine outside EC2 reports: those of an instance, if it really is one."""
    if node.source_type == AZURE:
        # User Guide, hybrid-multicloud-ssm-agent-install-azure: the subscription, the resource group and the name.
        return node.address, f"{_activation_id(node.role)}:stores-rg:{node.name}"
    if node.same_machine_as is None:
        return node.address, f"{node.name}.stores.acme.example"
    for reservation in ec2_backends[state.account_in_setup()][region].reservations.values():
        for instance in reservation.instances:
            if any(tag["key"] == "Name" and tag["value"] == node.same_machine_as for tag in instance.get_tags()):
                return str(instance.private_ip), state.agent(
                    state.account_in_setup(), region, instance.id
                ).computer_name
    raise LookupError(node.same_machine_as)


def _tags(node: Instance) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in {"Name": node.name, **node.tags}.items()]


def _hide(region: str, node_id: str, node: Node, computer_name: str) -> None:
    hidden = state.hidden(state.account_in_setup(), region)
    hidden.agents[node_id] = state.Agent(
        **asdict(node.agent),
        platform_type=node.platform.kind,
        platform_name=node.platform.title,
        platform_version=node.platform.version,
        computer_name=computer_name,
    )
    if node.platform.kind == "Windows":
        services = (*_WINDOWS_SERVICES, *(("NTDS",) if node.agent.domain_controller else ()))
        hidden.inventory[node_id] = {"AWS:Service": tuple(_running_service(name) for name in services)}


def _running_service(name: str) -> Mapping[str, str]:
    return {
        "Name": name,
        "DisplayName": name,
        "ServiceType": "Win32OwnProcess",
        "DependentServices": "",
        "ServicesDependedOn": "",
        "StartType": "Automatic",
        "Status": "Running",
    }


def hybrid_node_id(name: str) -> str:
    """Return the id of a hybrid node, which is the same in every run."""
    return f"mi-{_digest(name)[:17]}"


def _activation_id(role: str) -> str:
    digest = _digest(role)
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
