"""Systems Manager: the nodes that are registered, whether they report and are connected, activations, sessions."""

from __future__ import annotations

from typing import Any, Final

from ssmtui.simulator import state
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.errors import AwsError
from ssmtui.simulator.operations.node_filters import filters_of, matching, wanted_ids
from ssmtui.simulator.operations.node_rows import NodeRow, node_rows
from ssmtui.simulator.operations.paging import page
from ssmtui.simulator.operations.registry import Result, operation
from ssmtui.simulator.reality import standing

_NEWEST_AGENT: Final = (3, 3, 4624, 0)


@operation("ssm", "DescribeInstanceInformation")
def describe_instance_information(call: ApiCall) -> Result:
    """List nodes, with whether their agent is the newest."""
    filters = filters_of(call.parameters, "Filters", "InstanceInformationFilterList")
    rows = list(node_rows(call))
    unknown = wanted_ids(filters) - {row.node_id for row in rows}
    if unknown:
        raise AwsError("InvalidInstanceId", f"Instances not in a valid state for account: {', '.join(sorted(unknown))}")
    shown = page(call, matching(rows, filters), default_size=10)
    return {"InstanceInformationList": [_information(row) for row in shown.items], "NextToken": shown.next_token}


@operation("ssm", "DescribeInstanceProperties")
def describe_instance_properties(call: ApiCall) -> Result:
    """List nodes in pages of up to 1,000, with what EC2 knows of them."""
    filters = filters_of(call.parameters, "FiltersWithOperator", "InstancePropertyFilterList")
    shown = page(call, matching(node_rows(call), filters), default_size=50)
    return {"InstanceProperties": [_properties(call, row) for row in shown.items], "NextToken": shown.next_token}


@operation("ssm", "GetConnectionStatus")
def get_connection_status(call: ApiCall) -> Result:
    """Whether a node holds its control channel open; AWS says so of ids that it has never seen, too."""
    target = str(call.parameters["Target"])
    return {"Target": target, "Status": standing(call.account, call.region, target).connection}


@operation("ssm", "DescribeActivations")
def describe_activations(call: ApiCall) -> Result:
    """List hybrid activations."""
    activations = sorted(
        state.hidden(call.account, call.region).activations.values(), key=lambda activation: activation.activation_id
    )
    members = {"ActivationIds": "ActivationId", "IamRole": "IamRole", "DefaultInstanceName": "DefaultInstanceName"}
    listed = [_activation(activation) for activation in activations]
    for entry in call.parameters.get("Filters", ()):
        listed = [one for one in listed if one.get(members[entry["FilterKey"]]) in entry["FilterValues"]]
    shown = page(call, listed, default_size=50)
    return {"ActivationList": list(shown.items), "NextToken": shown.next_token}


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
        "LaunchTime": state.hidden(call.account, call.region).launch_times.get(instance.id, instance.launch_time),
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
