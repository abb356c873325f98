"""How security groups and VPCs are opened, and read back where the answer was lost."""

from __future__ import annotations

from collections.abc import Mapping

from ssmtui.changes.conduct import Conduct, Look, Parameters, Settled, sent_once
from ssmtui.changes.problems import ChangeFailed, OutcomeUnknown
from ssmtui.changes.writing import Response, Writing, value_at
from ssmtui.language import say
from ssmtui.model.group_rule_text import RULES_PATH, https_line
from ssmtui.model.plan import JSON, json_text

_LOOKS = 360
_GONE = frozenset({"deleting", "deleted", "failed", "rejected", "expired"})
_ATTRIBUTES = {"EnableDnsSupport": "enableDnsSupport", "EnableDnsHostnames": "enableDnsHostnames"}


def _rule_is(*, there: bool, egress: bool) -> Look:
    def look(writer: Writing, parameters: Parameters) -> Response | Settled:
        which = {"Filters": [{"Name": "group-id", "Values": [parameters["GroupId"]]}]}
        rules = value_at(writer.read("ec2", "DescribeSecurityGroupRules", which), RULES_PATH)
        if rules is None:
            return Settled.UNKNOWN
        cidr = value_at(parameters["IpPermissions"], "0.IpRanges.0.CidrIp") or ""
        found = https_line(cidr, egress=egress) in rules.splitlines()
        return {} if found is there else Settled.NOT_MADE

    return look


def _attribute_is_set(writer: Writing, parameters: Parameters) -> Response | Settled:
    member = next(name for name in _ATTRIBUTES if name in parameters)
    which = {"VpcId": parameters["VpcId"], "Attribute": _ATTRIBUTES[member]}
    found = value_at(writer.read("ec2", "DescribeVpcAttribute", which), f"{member}.Value")
    if found is None:
        return Settled.UNKNOWN
    return {} if found == value_at(parameters[member], "Value") else Settled.NOT_MADE


def _private_dns_is_as_wanted(writer: Writing, parameters: Parameters) -> Response | Settled:
    which = {"VpcEndpointIds": [parameters["VpcEndpointId"]]}
    found = value_at(writer.read("ec2", "DescribeVpcEndpoints", which), "VpcEndpoints.0.PrivateDnsEnabled")
    if found is None:
        return Settled.UNKNOWN
    return {} if found == json_text(parameters["PrivateDnsEnabled"]) else Settled.NOT_MADE


def _create_endpoint(writer: Writing, parameters: Parameters) -> Response:
    """Create it, and wait until it takes requests."""
    answer = writer.write("ec2", "CreateVpcEndpoint", parameters)
    made = value_at(answer, "VpcEndpoint.VpcEndpointId")
    if made is None:
        raise OutcomeUnknown(say("AWS's answer names no VPC endpoint"))
    for _ in range(_LOOKS):
        state = _endpoint_state(writer, made)
        if state == "available":
            return answer
        if state in _GONE:
            raise ChangeFailed(
                "", say("the VPC endpoint {endpoint} was not made: it is {state}", endpoint=made, state=state)
            )
        writer.pause()
    raise OutcomeUnknown(say("the VPC endpoint {endpoint} is not available yet", endpoint=made))


def _endpoint_is_there(writer: Writing, parameters: Parameters) -> Response | Settled:
    """Look for the endpoint by the tags that it was to get; without any, nothing tells it from somebody else's."""
    filters: list[JSON] = [
        {"Name": "vpc-id", "Values": [parameters["VpcId"]]},
        {"Name": "service-name", "Values": [parameters["ServiceName"]]},
        *_tag_filters(parameters),
    ]
    found = writer.read("ec2", "DescribeVpcEndpoints", {"Filters": filters})
    states = (value_at(found, "VpcEndpoints.*.State") or "").casefold().splitlines()
    if not {"pending", "available"} & set(states):
        return Settled.NOT_MADE
    return {} if _tag_filters(parameters) else Settled.UNKNOWN


def _tag_filters(parameters: Parameters) -> list[JSON]:
    match parameters.get("TagSpecifications"):
        case [{"Tags": [*tags]}]:
            return [{"Name": f"tag:{value_at(each, 'Key')}", "Values": [value_at(each, "Value")]} for each in tags]
    return []


def _delete_endpoints(writer: Writing, parameters: Parameters) -> Response:
    answer = writer.write("ec2", "DeleteVpcEndpoints", parameters)
    why = value_at(answer, "Unsuccessful.0.Error.Message")
    if why is not None:
        raise ChangeFailed(value_at(answer, "Unsuccessful.0.Error.Code") or "", why)
    return answer


def _endpoints_are_gone(writer: Writing, parameters: Parameters) -> Response | Settled:
    ids = parameters["VpcEndpointIds"]
    there = [_endpoint_state(writer, str(each)) for each in ids] if isinstance(ids, list) else []
    return {} if all(state in _GONE for state in there) else Settled.NOT_MADE


def _endpoint_state(writer: Writing, endpoint_id: str) -> str:
    """In small letters; EC2 spells states in several ways. Deleted, where there is no such endpoint."""
    answer = writer.read("ec2", "DescribeVpcEndpoints", {"VpcEndpointIds": [endpoint_id]})
    return (value_at(answer, "VpcEndpoints.0.State") or "deleted").casefold()


NETWORK_CONDUCT: Mapping[tuple[str, str], Conduct] = {
    ("ec2", "AuthorizeSecurityGroupIngress"): sent_once(
        "ec2", "AuthorizeSecurityGroupIngress", _rule_is(there=True, egress=False)
    ),
    ("ec2", "AuthorizeSecurityGroupEgress"): sent_once(
        "ec2", "AuthorizeSecurityGroupEgress", _rule_is(there=True, egress=True)
    ),
    ("ec2", "RevokeSecurityGroupIngress"): sent_once(
        "ec2", "RevokeSecurityGroupIngress", _rule_is(there=False, egress=False)
    ),
    ("ec2", "RevokeSecurityGroupEgress"): sent_once(
        "ec2", "RevokeSecurityGroupEgress", _rule_is(there=False, egress=True)
    ),
    ("ec2", "CreateVpcEndpoint"): Conduct(_create_endpoint, _endpoint_is_there, is_named_by_aws=True),
    ("ec2", "DeleteVpcEndpoints"): Conduct(_delete_endpoints, _endpoints_are_gone),
    ("ec2", "ModifyVpcEndpoint"): sent_once("ec2", "ModifyVpcEndpoint", _private_dns_is_as_wanted),
    ("ec2", "ModifyVpcAttribute"): sent_once("ec2", "ModifyVpcAttribute", _attribute_is_set),
}
