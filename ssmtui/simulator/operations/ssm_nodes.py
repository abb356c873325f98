"""Implement managed nodes, their connection, activations, inventory, and Run Command."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import NAMESPACE_OID, uuid4, uuid5

from moto.ec2.models.instances import Instance

from ssmtui.simulator import gateway, state
from ssmtui.simulator.call import ApiCall, AwsError, Result, operation, page
from ssmtui.simulator.node_state.network import find_instance
from ssmtui.simulator.node_state.registration import RegistrationStatus, registration_status
from ssmtui.simulator.scenario import AZURE

# An agent reports every five minutes.
_SINCE_LAST_PING: Final = timedelta(seconds=90)


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A listed node: its status, its agent, and its instance or hybrid registration."""

    node_id: str
    standing: RegistrationStatus
    agent: state.Agent
    instance: Instance | None = None
    hybrid: state.HybridNode | None = None

    def shared_members(self) -> dict[str, Any]:
        """Return the members that DescribeInstanceInformation and DescribeInstanceProperties share."""
        members: dict[str, Any] = {
            "InstanceId": self.node_id,
            "PingStatus": self.standing.ping_status,
            "LastPingDateTime": self.last_ping,
            "AgentVersion": self.standing.agent_version,
            "PlatformType": self.agent.platform_type,
            "PlatformName": self.agent.platform_name,
            "PlatformVersion": self.agent.platform_version,
            "ComputerName": self.agent.computer_name or self.node_id,
            "AssociationStatus": "Success",
            "AssociationOverview": {
                "DetailedStatus": "Success",
                "InstanceAssociationStatusAggregatedCount": {"Success": 1},
            },
            "SourceId": self.node_id,
        }
        if self.hybrid is not None:
            elsewhere = {"SourceLocation": self.hybrid.location} if self.hybrid.location else {}
            named = {} if self.hybrid.source_type == AZURE else {"Name": self.hybrid.name}
            return members | {
                **named,
                **elsewhere,
                "IPAddress": self.hybrid.ip_address,
                "IamRole": self.hybrid.iam_role,
                "ActivationId": self.hybrid.activation_id,
                "RegistrationDate": self.hybrid.registered_at,
                "ResourceType": "ManagedInstance",
                "SourceType": self.hybrid.source_type,
                "SourceId": self.hybrid.source_id,
            }
        members |= {"ResourceType": "EC2Instance", "SourceType": "AWS::EC2::Instance"}
        return members | ({"IPAddress": self.instance.private_ip} if self.instance else {})

    @property
    def last_ping(self) -> datetime:
        """The time of the agent's last report."""
        if self.standing.ping_status == "Online":
            return state.now() - _SINCE_LAST_PING
        return state.time_before_build(self.agent.last_ping_age)

    @property
    def tags(self) -> dict[str, str]:
        """The tags of the instance."""
        if self.instance is None:
            return {}
        return {tag["key"]: tag["value"] for tag in self.instance.get_tags()}


def node_row(call: ApiCall, node_id: str) -> NodeRow | None:
    """Return the row of one node, or None if Systems Manager does not list it."""
    stands = registration_status(call.account, call.region, node_id)
    if not stands.listed:
        return None
    return NodeRow(
        node_id=node_id,
        standing=stands,
        agent=state.agent(call.account, call.region, node_id),
        instance=find_instance(call.account, call.region, node_id),
        hybrid=call.hidden.hybrid_nodes.get(node_id),
    )


def node_rows(call: ApiCall) -> Iterator[NodeRow]:
    """Yield the rows of all listed nodes of the Region, by id."""
    hidden = call.hidden
    for node_id in sorted({*hidden.agents, *hidden.hybrid_nodes}):
        row = node_row(call, node_id)
        if row is not None:
            yield row


_MEMBERS: Final = {
    "InstanceIds": "InstanceId",
    "AgentVersion": "AgentVersion",
    "PingStatus": "PingStatus",
    "PlatformTypes": "PlatformType",
    "ActivationIds": "ActivationId",
    "IamRole": "IamRole",
    "ResourceType": "ResourceType",
    "AssociationStatus": "AssociationStatus",
    "SourceIds": "SourceId",
    "SourceTypes": "SourceType",
}

_TAG_KEY: Final = "tag-key"
_TAG: Final = "tag:"

_OPERATORS: Final[dict[str, Callable[[str, str], bool]]] = {
    "Equal": lambda actual, wanted: actual == wanted,
    "NotEqual": lambda actual, wanted: actual != wanted,
    "BeginWith": lambda actual, wanted: actual.startswith(wanted),
    "LessThan": lambda actual, wanted: _numbers(actual) < _numbers(wanted),
    "GreaterThan": lambda actual, wanted: _numbers(actual) > _numbers(wanted),
}


def filters_of(parameters: Mapping[str, Any], *names: str) -> list[dict[str, Any]]:
    """Return the filters of a call, for any names of the parameter and its members; two kinds cannot be combined."""
    given = [parameters[name] for name in names if parameters.get(name)]
    if len(given) > 1:
        raise AwsError("InvalidFilterKey", f"{' and '.join(names)} cannot be used together.")
    return [{name.lower(): value for name, value in entry.items()} for entry in (given[0] if given else [])]


def check_filters(filters: Sequence[Mapping[str, Any]], keys: Collection[str], most: int) -> None:
    """Raise AwsError for a key that the operation does not have, and for too many values."""
    for entry in filters:
        key, count = str(entry["key"]), len(_wanted(entry))
        if key not in keys and key != _TAG_KEY and not key.startswith(_TAG):
            raise AwsError("InvalidFilterKey", f"The specified filter key {key} isn't valid.")
        if count > most:
            problem = f"Value at 'values' failed to satisfy constraint: Member must have length at most {most}"
            raise AwsError("ValidationException", problem)


def matching(rows: Iterable[NodeRow], filters: Sequence[Mapping[str, Any]]) -> list[NodeRow]:
    """Return the rows that match every filter."""
    return [row for row in rows if all(_passes(row, entry) for entry in filters)]


def wanted_ids(filters: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the node ids in the filters."""
    return {value for entry in filters if entry["key"] == "InstanceIds" for value in _wanted(entry)}


def _wanted(entry: Mapping[str, Any]) -> Sequence[str]:
    values: Sequence[str] = entry.get("values") or entry.get("valueset") or ()
    return values


def _passes(row: NodeRow, entry: Mapping[str, Any]) -> bool:
    key, values = str(entry["key"]), _wanted(entry)
    if key == _TAG_KEY:
        return any(value in row.tags for value in values)
    is_tag = key.startswith(_TAG)
    actual = row.tags.get(key.removeprefix(_TAG)) if is_tag else row.shared_members().get(_MEMBERS[key])
    compare = _OPERATORS[str(entry.get("operator", "Equal"))]
    outcomes = [actual is not None and compare(str(actual), value) for value in values]
    return all(outcomes) if entry.get("operator") == "NotEqual" else any(outcomes)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


Entries = Sequence[Mapping[str, str]]

_SCHEMA: Final = "1.0"
_GATHERED: Final = timedelta(minutes=12)
_INSTANCE_INFORMATION: Final = "AWS:InstanceInformation"


@operation("ssm", "ListInventoryEntries")
def list_inventory_entries(call: ApiCall) -> Result:
    """Return the entries of one type on one node; none if that type was not gathered."""
    node_id, type_name = str(call.parameters["InstanceId"]), str(call.parameters["TypeName"])
    hidden = call.hidden
    if node_id not in hidden.agents:
        raise AwsError("InvalidInstanceId", f"The instance ID {node_id} isn't valid.")
    gathered = hidden.inventory.get(node_id, {}).get(type_name)
    entries = [
        entry
        for entry in gathered or ()
        if all(_fits(entry.get(_attribute(wanted["Key"])), wanted) for wanted in call.parameters.get("Filters", ()))
    ]
    answer = {"InstanceId": node_id, "TypeName": type_name, **page(call, "Entries", entries, 50)}
    return answer | ({"SchemaVersion": _SCHEMA, "CaptureTime": _captured()} if gathered else {})


@operation("ssm", "GetInventory")
def get_inventory(call: ApiCall) -> Result:
    """Return the gathered inventory of the requested types, for every listed node that matches the filters."""
    types = [str(wanted["TypeName"]) for wanted in call.parameters.get("ResultAttributes", ())]
    entities = []
    for row in node_rows(call):
        gathered: dict[str, Entries] = {
            _INSTANCE_INFORMATION: [_instance_information(row.shared_members())],
            **call.hidden.inventory.get(row.node_id, {}),
        }
        if all(_holds(gathered, wanted) for wanted in call.parameters.get("Filters", ())):
            data = {name: _item(name, gathered[name]) for name in types or [_INSTANCE_INFORMATION] if name in gathered}
            entities.append({"Id": row.node_id, "Data": data})
    return page(call, "Entities", entities, 50)


def _item(type_name: str, entries: Entries) -> dict[str, Any]:
    return {"TypeName": type_name, "SchemaVersion": _SCHEMA, "CaptureTime": _captured(), "Content": list(entries)}


def _holds(gathered: Mapping[str, Entries], wanted: Mapping[str, Any]) -> bool:
    type_name, _, attribute = str(wanted["Key"]).partition(".")
    if type_name == _INSTANCE_INFORMATION and attribute not in gathered[type_name][0]:
        raise AwsError("InvalidFilter", f"The filter {wanted['Key']} isn't valid.")
    return any(_fits(entry.get(attribute), wanted) for entry in gathered.get(type_name, ()))


def _fits(actual: str | None, wanted: Mapping[str, Any]) -> bool:
    values = wanted.get("Values", ())
    match wanted.get("Type", "Equal"):
        case "Exists":
            return actual is not None
        case "NotEqual":
            return actual not in values
        case "BeginWith":
            return actual is not None and actual.startswith(tuple(values))
        case "Equal":
            return actual in values
        case other:
            raise AwsError("InvalidFilter", f"The filter type {other} isn't supported for this attribute.")


def _attribute(key: str) -> str:
    return key.rpartition(".")[2]


def _instance_information(members: Mapping[str, Any]) -> dict[str, str]:
    names = (
        *("InstanceId", "AgentVersion", "ComputerName", "PlatformName", "PlatformType", "PlatformVersion"),
        "ResourceType",
    )
    status = {"Online": "Active"}.get(str(members["PingStatus"]), str(members["PingStatus"]))
    return {name: str(members[name]) for name in names} | {
        "IpAddress": str(members.get("IPAddress", "")),
        "InstanceStatus": status,
        "AgentType": "amazon-ssm-agent",
    }


def _captured() -> str:
    return (state.now() - _GATHERED).strftime("%Y-%m-%dT%H:%M:%SZ")


_NEWEST_AGENT: Final = (3, 3, 4624, 0)


@operation("ssm", "DescribeInstanceInformation")
def describe_instance_information(call: ApiCall) -> Result:
    """List nodes, with whether their agent is the latest version."""
    filters = filters_of(call.parameters, "Filters", "InstanceInformationFilterList")
    check_filters(filters, _MEMBERS, 100)
    rows = list(node_rows(call))
    unknown = wanted_ids(filters) - {row.node_id for row in rows}
    if unknown:
        raise AwsError("InvalidInstanceId", f"Instances not in a valid state for account: {', '.join(sorted(unknown))}")
    return page(call, "InstanceInformationList", matching(rows, filters), 10, _information)


@operation("ssm", "DescribeInstanceProperties")
def describe_instance_properties(call: ApiCall) -> Result:
    """List nodes in pages of up to 1,000, with their EC2 properties."""
    filters = filters_of(call.parameters, "FiltersWithOperator", "InstancePropertyFilterList")
    check_filters(filters, _MEMBERS, 40)
    return page(call, "InstanceProperties", matching(node_rows(call), filters), 50, partial(_properties, call))


@operation("ssm", "GetConnectionStatus")
def get_connection_status(call: ApiCall) -> Result:
    """Return whether a node has its control channel open; AWS also answers for unknown ids."""
    target = str(call.parameters["Target"])
    return {"Target": target, "Status": registration_status(call.account, call.region, target).connection}


@operation("ssm", "DescribeActivations")
def describe_activations(call: ApiCall) -> Result:
    """List hybrid activations."""
    activations = sorted(call.hidden.activations.values(), key=lambda activation: activation.activation_id)
    members = {"ActivationIds": "ActivationId", "IamRole": "IamRole", "DefaultInstanceName": "DefaultInstanceName"}
    listed = [_activation(activation) for activation in activations]
    for entry in call.parameters.get("Filters", ()):
        listed = [one for one in listed if one.get(members[entry["FilterKey"]]) in entry["FilterValues"]]
    return page(call, "ActivationList", listed, 50)


_ACTIVATION_LASTS: Final = timedelta(hours=24)


@operation("ssm", "CreateActivation")
def create_activation(call: ApiCall) -> Result:
    """Create a hybrid activation, with which machines register; return its id and its code."""
    given = call.parameters
    id_ = str(uuid4())
    activation = state.Activation(
        activation_id=id_,
        iam_role=str(given["IamRole"]).removeprefix("service-role/"),
        registration_limit=int(given.get("RegistrationLimit", 1)),
        registrations=0,
        created_at=state.now(),
        expires_at=given.get("ExpirationDate") or state.now() + _ACTIVATION_LASTS,
        description=str(given.get("Description", "")),
        node_name=str(given.get("DefaultInstanceName", "")),
        code=secrets.token_urlsafe(15),
    )
    call.hidden.activations[id_] = activation
    # A machine that registers is a real one, and its agent keeps a channel open from then on.
    gateway.start()
    return {"ActivationId": id_, "ActivationCode": activation.code}


@operation("ssm", "PutInventory")
def put_inventory(call: ApiCall) -> Result:
    """Store what an agent has gathered on its node, by type."""
    stored = call.hidden.inventory.setdefault(str(call.parameters["InstanceId"]), {})
    for item in call.parameters["Items"]:
        stored[str(item["TypeName"])] = tuple(item.get("Content", ()))
    return {}


def _information(row: NodeRow) -> dict[str, Any]:
    version = tuple(int(part) for part in row.standing.agent_version.split(".") if part.isdigit())
    return row.shared_members() | {"IsLatestVersion": version >= _NEWEST_AGENT}


def _properties(call: ApiCall, row: NodeRow) -> dict[str, Any]:
    members = row.shared_members()
    instance = row.instance
    if instance is None:
        return members
    association = instance.ec2_backend.iam_instance_profile_associations.get(instance.id)
    known = {
        "Name": row.tags.get("Name"),
        "InstanceType": instance.instance_type,
        "InstanceRole": association.iam_instance_profile.arn if association else None,
        "KeyName": instance.key_name,
        "InstanceState": instance.state,
        "Architecture": instance.architecture,
        "LaunchTime": call.hidden.launch_times.get(instance.id, instance.launch_time),
        "AvailabilityZone": instance.placement.availability_zone,
    }
    return members | {name: value for name, value in known.items() if value is not None}


def _activation(activation: state.Activation) -> dict[str, Any]:
    return {
        "ActivationId": activation.activation_id,
        "Description": activation.description,
        "IamRole": activation.iam_role,
        "RegistrationLimit": activation.registration_limit,
        "RegistrationsCount": activation.registrations,
        "ExpirationDate": activation.expires_at,
        "Expired": activation.expires_at <= state.now(),
        "CreatedDate": activation.created_at,
    }


_DOCUMENTS: Final = {
    "AWS-RunShellScript": ("Linux", "MacOS"),
    "AWS-RunPowerShellScript": ("Windows",),
    "AWS-UpdateSSMAgent": ("Linux", "MacOS", "Windows"),
}
_UPDATED_AGENT: Final = "3.3.5828.0"
_RESTARTS: Final = ("amazon-ssm-agent", "AmazonSSMAgent", "com.amazon.aws.ssm")


@operation("ssm", "SendCommand")
def send_command(call: ApiCall) -> Result:
    """Send a command: a node that reports runs it at once, any other node never receives it."""
    node_id, document = str(call.parameters["InstanceIds"][0]), str(call.parameters["DocumentName"])
    if document not in _DOCUMENTS:
        raise AwsError("InvalidDocument", f"The simulated AWS has no command document {document}.")
    its_agent = state.agent(call.account, call.region, node_id)
    where = registration_status(call.account, call.region, node_id)
    if not where.listed:
        raise AwsError("InvalidInstanceId", f"Instances [[{node_id}]] not in a valid state for account {call.account}")
    if its_agent.platform_type not in _DOCUMENTS[document]:
        raise AwsError("UnsupportedPlatformType", f"{document} isn't supported on {its_agent.platform_type}.")
    known = call.hidden
    # The agent's older channel (ec2messages) still delivers commands if the newer one is stuck.
    status = "Success" if where.ping_status == "Online" else "Pending"
    command = state.Command(
        command_id=str(uuid5(NAMESPACE_OID, f"{call.region} {len(known.commands)}")),
        node_id=node_id,
        document=document,
        comment=str(call.parameters.get("Comment", "")),
        parameters={name: tuple(values) for name, values in call.parameters.get("Parameters", {}).items()},
        sent_at=state.now(),
        status=status,
    )
    known.commands[command.command_id] = command
    if status == "Success":
        known.agents[node_id] = _carried_out(command, its_agent)
    return {"Command": _shown_command(command)}


@operation("ssm", "ListCommands")
def list_commands(call: ApiCall) -> Result:
    """List commands, the newest first."""
    return page(call, "Commands", _wanted_commands(call), 50, _shown_command)


@operation("ssm", "ListCommandInvocations")
def list_command_invocations(call: ApiCall) -> Result:
    """List the results of commands on their nodes, the newest first."""
    return page(call, "CommandInvocations", _wanted_commands(call), 50, _shown_command)


@operation("ssm", "GetCommandInvocation")
def get_command_invocation(call: ApiCall) -> Result:
    """Return the status of a command on its node."""
    command = call.hidden.commands.get(str(call.parameters["CommandId"]))
    if command is None or command.node_id != call.parameters["InstanceId"]:
        raise AwsError("InvocationDoesNotExist", "")
    return _shown_command(command)


def _wanted_commands(call: ApiCall) -> list[state.Command]:
    commands = [
        each
        for each in call.hidden.commands.values()
        if call.parameters.get("InstanceId", each.node_id) == each.node_id
        and call.parameters.get("CommandId", each.command_id) == each.command_id
        and all(_command_passes(each, one["key"], one["value"]) for one in call.parameters.get("Filters", ()))
    ]
    return sorted(commands, key=lambda each: each.sent_at, reverse=True)


def _carried_out(command: state.Command, its_agent: state.Agent) -> state.Agent:
    """Return the agent after the command."""
    if command.document == "AWS-UpdateSSMAgent":
        return replace(its_agent, version=_UPDATED_AGENT, channel_stuck=False)
    script = "\n".join(command.parameters.get("commands", ()))
    restarts = "restart" in script.lower() or "kickstart" in script
    if restarts and any(name in script for name in _RESTARTS):
        return replace(its_agent, channel_stuck=False)
    return its_agent


def _command_passes(command: state.Command, key: str, value: str) -> bool:
    match key:
        case "InvokedAfter":
            return command.sent_at >= datetime.fromisoformat(value)
        case "InvokedBefore":
            return command.sent_at < datetime.fromisoformat(value)
        case "Status":
            return command.status == value
        case "DocumentName":
            return command.document == value
        case _:
            raise AwsError("InvalidFilterKey", f"The specified key {key} isn't valid.")


def _shown_command(command: state.Command) -> dict[str, Any]:
    """Return the members of a command and its invocation; members unknown to a response's model are dropped later."""
    return {
        "CommandId": command.command_id,
        "InstanceId": command.node_id,
        "InstanceIds": [command.node_id],
        "DocumentName": command.document,
        "Comment": command.comment,
        "Parameters": {name: list(values) for name, values in command.parameters.items()},
        "RequestedDateTime": command.sent_at,
        "Status": command.status,
        "StatusDetails": command.status,
        "TargetCount": 1,
        "ResponseCode": 0 if command.status == "Success" else -1,
        "StandardOutputContent": "",
        "StandardErrorContent": "",
    }
