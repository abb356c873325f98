"""Handlers of EC2 operations: instances, instance profiles and networks."""

from __future__ import annotations

from collections.abc import Mapping

from ssmtui.language import say
from ssmtui.model.network import RULES_PATH, https_line
from ssmtui.model.plan import JSON, json_text
from ssmtui.remediation.apply.operation_handler import (
    ChangeFailedError,
    ChangeWriter,
    OperationHandler,
    OutcomeCheck,
    OutcomeUnknownError,
    Parameters,
    Response,
    Settlement,
    handler_of_single_call,
    value_at,
)

_UP = frozenset({"pending", "running"})
_DOWN = frozenset({"stopping", "stopped"})
_METADATA_OPTIONS = ("HttpEndpoint", "HttpTokens")


def _instances_are(wanted: frozenset[str], was: frozenset[str]) -> OutcomeCheck:
    def look(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
        answer = writer.read("ec2", "DescribeInstances", {"InstanceIds": parameters["InstanceIds"]})
        states = frozenset((value_at(answer, "Reservations.*.Instances.*.State.Name") or "").splitlines())
        if states and states <= wanted:
            return {}
        return Settlement.NOT_MADE if states and states <= was else Settlement.UNKNOWN

    return look


def _metadata_is_as_wanted(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    answer = writer.read("ec2", "DescribeInstances", {"InstanceIds": [parameters["InstanceId"]]})
    option = next(name for name in _METADATA_OPTIONS if name in parameters)
    found = value_at(answer, f"Reservations.0.Instances.0.MetadataOptions.{option}")
    if found is None:
        return Settlement.UNKNOWN
    return {} if found == parameters[option] else Settlement.NOT_MADE


def _nothing_tells(_writer: ChangeWriter, _parameters: Parameters) -> Response | Settlement:
    """EC2 shows no reboot: the launch time stays what it was."""
    return Settlement.UNKNOWN


INSTANCE_HANDLERS: Mapping[tuple[str, str], OperationHandler] = {
    ("ec2", "StartInstances"): handler_of_single_call("ec2", "StartInstances", _instances_are(_UP, was=_DOWN)),
    ("ec2", "RebootInstances"): handler_of_single_call("ec2", "RebootInstances", _nothing_tells),
    ("ec2", "StopInstances"): handler_of_single_call("ec2", "StopInstances", _instances_are(_DOWN, was=_UP)),
    ("ec2", "ModifyInstanceMetadataOptions"): handler_of_single_call(
        "ec2", "ModifyInstanceMetadataOptions", _metadata_is_as_wanted
    ),
}


_ARN = "IamInstanceProfileAssociations.0.IamInstanceProfile.Arn"


def _associations(writer: ChangeWriter, which: Mapping[str, JSON]) -> Response | None:
    return writer.read("ec2", "DescribeIamInstanceProfileAssociations", which)


def _of_instance(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    filters: JSON = [
        {"Name": "instance-id", "Values": [parameters["InstanceId"]]},
        {"Name": "state", "Values": ["associating", "associated"]},
    ]
    arn = value_at(_associations(writer, {"Filters": filters}), _ARN)
    if arn is None:
        return Settlement.NOT_MADE
    return {} if _is_named(arn, parameters) else Settlement.UNKNOWN


def _is_over(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    answer = _associations(writer, {"AssociationIds": [parameters["AssociationId"]]})
    state = value_at(answer, "IamInstanceProfileAssociations.0.State")
    return {} if state in (None, "disassociating", "disassociated") else Settlement.NOT_MADE


def _of_association(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    arn = value_at(_associations(writer, {"AssociationIds": [parameters["AssociationId"]]}), _ARN)
    if arn is None:
        return Settlement.UNKNOWN
    return {} if _is_named(arn, parameters) else Settlement.NOT_MADE


def _is_named(arn: str, parameters: Parameters) -> bool:
    return arn.rpartition("/")[2] == value_at(parameters["IamInstanceProfile"], "Name")


def _role_is(*, there: bool) -> OutcomeCheck:
    def look(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
        which = {"InstanceProfileName": parameters["InstanceProfileName"]}
        roles = value_at(writer.read("iam", "GetInstanceProfile", which), "InstanceProfile.Roles.*.RoleName")
        if roles is None:
            return Settlement.UNKNOWN
        return {} if (parameters["RoleName"] in roles.splitlines()) is there else Settlement.NOT_MADE

    return look


PROFILE_HANDLERS: Mapping[tuple[str, str], OperationHandler] = {
    ("ec2", "AssociateIamInstanceProfile"): handler_of_single_call("ec2", "AssociateIamInstanceProfile", _of_instance),
    ("ec2", "DisassociateIamInstanceProfile"): handler_of_single_call(
        "ec2", "DisassociateIamInstanceProfile", _is_over
    ),
    ("ec2", "ReplaceIamInstanceProfileAssociation"): handler_of_single_call(
        "ec2", "ReplaceIamInstanceProfileAssociation", _of_association
    ),
    ("iam", "AddRoleToInstanceProfile"): handler_of_single_call(
        "iam", "AddRoleToInstanceProfile", _role_is(there=True)
    ),
    ("iam", "RemoveRoleFromInstanceProfile"): handler_of_single_call(
        "iam", "RemoveRoleFromInstanceProfile", _role_is(there=False)
    ),
}


_LOOKS = 360
_GONE = frozenset({"deleting", "deleted", "failed", "rejected", "expired"})
_ATTRIBUTES = {"EnableDnsSupport": "enableDnsSupport", "EnableDnsHostnames": "enableDnsHostnames"}


def _rule_is(*, there: bool, egress: bool) -> OutcomeCheck:
    def look(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
        which = {"Filters": [{"Name": "group-id", "Values": [parameters["GroupId"]]}]}
        rules = value_at(writer.read("ec2", "DescribeSecurityGroupRules", which), RULES_PATH)
        if rules is None:
            return Settlement.UNKNOWN
        cidr = value_at(parameters["IpPermissions"], "0.IpRanges.0.CidrIp") or ""
        found = https_line(cidr, egress=egress) in rules.splitlines()
        return {} if found is there else Settlement.NOT_MADE

    return look


def _attribute_is_set(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    member = next(name for name in _ATTRIBUTES if name in parameters)
    which = {"VpcId": parameters["VpcId"], "Attribute": _ATTRIBUTES[member]}
    found = value_at(writer.read("ec2", "DescribeVpcAttribute", which), f"{member}.Value")
    if found is None:
        return Settlement.UNKNOWN
    return {} if found == value_at(parameters[member], "Value") else Settlement.NOT_MADE


def _private_dns_is_as_wanted(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    which = {"VpcEndpointIds": [parameters["VpcEndpointId"]]}
    found = value_at(writer.read("ec2", "DescribeVpcEndpoints", which), "VpcEndpoints.0.PrivateDnsEnabled")
    if found is None:
        return Settlement.UNKNOWN
    return {} if found == json_text(parameters["PrivateDnsEnabled"]) else Settlement.NOT_MADE


def _create_endpoint(writer: ChangeWriter, parameters: Parameters) -> Response:
    """Create it, and wait until it takes requests."""
    answer = writer.write("ec2", "CreateVpcEndpoint", parameters)
    made = value_at(answer, "VpcEndpoint.VpcEndpointId")
    if made is None:
        raise OutcomeUnknownError(say("AWS's answer names no VPC endpoint"))
    for _ in range(_LOOKS):
        state = _endpoint_state(writer, made)
        if state == "available":
            return answer
        if state in _GONE:
            raise ChangeFailedError(
                "", say("the VPC endpoint {endpoint} was not made: it is {state}", endpoint=made, state=state)
            )
        writer.pause()
    raise OutcomeUnknownError(say("the VPC endpoint {endpoint} is not available yet", endpoint=made))


def _endpoint_is_there(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    """Look for the endpoint by the tags that it was to get; without any, nothing tells it from somebody else's."""
    filters: list[JSON] = [
        {"Name": "vpc-id", "Values": [parameters["VpcId"]]},
        {"Name": "service-name", "Values": [parameters["ServiceName"]]},
        *_tag_filters(parameters),
    ]
    found = writer.read("ec2", "DescribeVpcEndpoints", {"Filters": filters})
    states = (value_at(found, "VpcEndpoints.*.State") or "").casefold().splitlines()
    if not {"pending", "available"} & set(states):
        return Settlement.NOT_MADE
    return {} if _tag_filters(parameters) else Settlement.UNKNOWN


def _tag_filters(parameters: Parameters) -> list[JSON]:
    match parameters.get("TagSpecifications"):
        case [{"Tags": [*tags]}]:
            return [{"Name": f"tag:{value_at(each, 'Key')}", "Values": [value_at(each, "Value")]} for each in tags]
    return []


def _delete_endpoints(writer: ChangeWriter, parameters: Parameters) -> Response:
    answer = writer.write("ec2", "DeleteVpcEndpoints", parameters)
    why = value_at(answer, "Unsuccessful.0.Error.Message")
    if why is not None:
        raise ChangeFailedError(value_at(answer, "Unsuccessful.0.Error.Code") or "", why)
    return answer


def _endpoints_are_gone(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    ids = parameters["VpcEndpointIds"]
    there = [_endpoint_state(writer, str(each)) for each in ids] if isinstance(ids, list) else []
    return {} if all(state in _GONE for state in there) else Settlement.NOT_MADE


def _endpoint_state(writer: ChangeWriter, endpoint_id: str) -> str:
    """In small letters; EC2 spells states in several ways. Deleted, where there is no such endpoint."""
    answer = writer.read("ec2", "DescribeVpcEndpoints", {"VpcEndpointIds": [endpoint_id]})
    return (value_at(answer, "VpcEndpoints.0.State") or "deleted").casefold()


NETWORK_HANDLERS: Mapping[tuple[str, str], OperationHandler] = {
    ("ec2", "AuthorizeSecurityGroupIngress"): handler_of_single_call(
        "ec2", "AuthorizeSecurityGroupIngress", _rule_is(there=True, egress=False)
    ),
    ("ec2", "AuthorizeSecurityGroupEgress"): handler_of_single_call(
        "ec2", "AuthorizeSecurityGroupEgress", _rule_is(there=True, egress=True)
    ),
    ("ec2", "RevokeSecurityGroupIngress"): handler_of_single_call(
        "ec2", "RevokeSecurityGroupIngress", _rule_is(there=False, egress=False)
    ),
    ("ec2", "RevokeSecurityGroupEgress"): handler_of_single_call(
        "ec2", "RevokeSecurityGroupEgress", _rule_is(there=False, egress=True)
    ),
    ("ec2", "CreateVpcEndpoint"): OperationHandler(_create_endpoint, _endpoint_is_there, is_named_by_aws=True),
    ("ec2", "DeleteVpcEndpoints"): OperationHandler(_delete_endpoints, _endpoints_are_gone),
    ("ec2", "ModifyVpcEndpoint"): handler_of_single_call("ec2", "ModifyVpcEndpoint", _private_dns_is_as_wanted),
    ("ec2", "ModifyVpcAttribute"): handler_of_single_call("ec2", "ModifyVpcAttribute", _attribute_is_set),
}
