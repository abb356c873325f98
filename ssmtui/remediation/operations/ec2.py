"""Write operations of EC2: instances, instance profiles and networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ssmtui.language import say, translatable
from ssmtui.model.network import RULES_PATH, https_line
from ssmtui.model.plan import JSON, Call, Plan, json_text
from ssmtui.remediation.operations.resource_forms import (
    IN_ITS_STACK,
    NO_CLOUDFORMATION_STATE,
    Arguments,
    CloudFormationForm,
    Properties,
    TerraformForm,
    imported_by,
    members,
)
from ssmtui.remediation.operations.write_operation import (
    ChangeFailedError,
    ChangeWriter,
    OutcomeCheck,
    OutcomeUnknownError,
    Parameters,
    Response,
    Settlement,
    WriteOperation,
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
    """Return that the outcome is unknown: EC2 does not show reboots, and the launch time stays the same."""
    return Settlement.UNKNOWN


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
    """Create the endpoint, and wait until it accepts requests."""
    answer = writer.write("ec2", "CreateVpcEndpoint", parameters)
    made = value_at(answer, "VpcEndpoint.VpcEndpointId")
    if made is None:
        raise OutcomeUnknownError(say("the AWS response names no VPC endpoint"))
    for _ in range(_LOOKS):
        state = _endpoint_state(writer, made)
        if state == "available":
            return answer
        if state in _GONE:
            raise ChangeFailedError(
                "", say("the VPC endpoint {endpoint} was not created: its state is {state}", endpoint=made, state=state)
            )
        writer.pause()
    raise OutcomeUnknownError(say("the VPC endpoint {endpoint} is not available yet", endpoint=made))


def _endpoint_is_there(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    """Look for the endpoint by its planned tags; without tags, it cannot be distinguished from other endpoints."""
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
    tags = _tags(parameters.get("TagSpecifications"))
    return [{"Name": f"tag:{value_at(each, 'Key')}", "Values": [value_at(each, "Value")]} for each in tags]


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
    """Return the state in lower case (EC2 spells states in several ways); `deleted` if there is no such endpoint."""
    answer = writer.read("ec2", "DescribeVpcEndpoints", {"VpcEndpointIds": [endpoint_id]})
    return (value_at(answer, "VpcEndpoints.0.State") or "deleted").casefold()


def _states_of_instances(state: str) -> Callable[[Call, Plan, Properties], Sequence[Arguments]]:
    def complete(call: Call, _plan: Plan, _values: Properties) -> Sequence[Arguments]:
        ids = call.parameters["InstanceIds"]
        return [{"instance_id": str(each), "state": state} for each in ids] if isinstance(ids, list | tuple) else []

    return complete


def _instance_id(_call: Call, _plan: Plan, arguments: Arguments) -> str:
    return str(arguments["instance_id"])


def _terraform_state(state: str) -> TerraformForm:
    return TerraformForm(
        "aws_ec2_instance_state",
        "node",
        {},
        identifiers=("InstanceIds",),
        import_id=_instance_id,
        complete=_states_of_instances(state),
    )


# https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_security_group_ingress_rule
_INLINE_RULES = translatable(
    "If Terraform manages the security group with inline rules (ingress or egress blocks of its aws_security_group), "
    "add the rule there instead. Terraform removes all other rules."
)


def _rules(names: Mapping[str, str]) -> Callable[[Call, Plan, Properties], Sequence[Properties]]:
    """Return a function that makes one resource per network of a rule, with the members of the rule by these names."""

    def complete(call: Call, _plan: Plan, values: Properties) -> Sequence[Properties]:
        rules = [
            {**permission, **network}
            for permission in members(call.parameters["IpPermissions"])
            for network in members(permission.get("IpRanges"))
        ]
        return [
            {**values, **{name: rule[member] for member, name in names.items() if member in rule}} for rule in rules
        ]

    return complete


_RULE_MEMBERS = ("IpProtocol", "FromPort", "ToPort", "CidrIp")
_RULE_ARGUMENTS = {"IpProtocol": "ip_protocol", "FromPort": "from_port", "ToPort": "to_port", "CidrIp": "cidr_ipv4"}
_RULE_PARAMETERS = ("GroupId", "IpPermissions")


def _authorization(direction: str) -> WriteOperation:
    return WriteOperation(
        "ec2",
        f"AuthorizeSecurityGroup{direction}",
        _RULE_PARAMETERS,
        _rule_is(there=True, egress=direction == "Egress"),
        reads=("DescribeSecurityGroupRules",),
        terraform=TerraformForm(
            f"aws_vpc_security_group_{direction.lower()}_rule",
            "https",
            {"GroupId": "security_group_id"},
            identifiers=("IpPermissions",),
            complete=_rules(_RULE_ARGUMENTS),
            remark=_INLINE_RULES,
        ),
        cloudformation=CloudFormationForm(
            f"AWS::EC2::SecurityGroup{direction}",
            f"Https{direction}",
            {"GroupId": "GroupId"},
            identifiers=("IpPermissions",),
            complete=_rules({name: name for name in _RULE_MEMBERS}),
        ),
    )


def _revocation(direction: str) -> WriteOperation:
    return WriteOperation(
        "ec2",
        f"RevokeSecurityGroup{direction}",
        _RULE_PARAMETERS,
        _rule_is(there=False, egress=direction == "Egress"),
        reads=("DescribeSecurityGroupRules",),
    )


def _attributes(_call: Call, _plan: Plan, values: Properties) -> Sequence[Properties]:
    return ({name: value["Value"] for name, value in values.items() if isinstance(value, Mapping)},)


def _tags_as_object(_call: Call, _plan: Plan, values: Properties) -> Sequence[Properties]:
    tags = {str(each["Key"]): each["Value"] for each in _tags(values.get("tags"))}
    others = {name: value for name, value in values.items() if name != "tags"}
    return ({**others, "tags": tags} if tags else others,)


def _tags_as_list(_call: Call, _plan: Plan, values: Properties) -> Sequence[Properties]:
    tags = _tags(values.get("Tags"))
    others = {name: value for name, value in values.items() if name != "Tags"}
    return ({**others, "Tags": tags} if tags else others,)


def _tags(specifications: JSON) -> Sequence[Mapping[str, JSON]]:
    """Return the tags that a call gives to the new resource."""
    return [tag for each in members(specifications) for tag in members(each.get("Tags"))]


_PROFILE_OF_INSTANCE = translatable(
    "The instance profile is not a separate resource. It is the argument iam_instance_profile of the aws_instance."
)
_ASSOCIATIONS = ("DescribeIamInstanceProfileAssociations",)
_ENDPOINT_ARGUMENTS = {
    "VpcId": "vpc_id",
    "ServiceName": "service_name",
    "VpcEndpointType": "vpc_endpoint_type",
    "SubnetIds": "subnet_ids",
    "SecurityGroupIds": "security_group_ids",
    "RouteTableIds": "route_table_ids",
    "PrivateDnsEnabled": "private_dns_enabled",
}

EC2_OPERATIONS = (
    WriteOperation(
        "ec2",
        "StartInstances",
        ("InstanceIds",),
        _instances_are(_UP, was=_DOWN),
        reads=("DescribeInstances",),
        terraform=_terraform_state("running"),
        cloudformation=NO_CLOUDFORMATION_STATE,
    ),
    WriteOperation(
        "ec2",
        "StopInstances",
        ("InstanceIds",),
        _instances_are(_DOWN, was=_UP),
        reads=("DescribeInstances",),
        terraform=_terraform_state("stopped"),
        cloudformation=NO_CLOUDFORMATION_STATE,
    ),
    WriteOperation(
        "ec2",
        "RebootInstances",
        ("InstanceIds",),
        _nothing_tells,
        reads=("DescribeInstances",),
        terraform=translatable("Terraform cannot express a reboot."),
        cloudformation=NO_CLOUDFORMATION_STATE,
    ),
    WriteOperation(
        "ec2",
        "ModifyInstanceMetadataOptions",
        ("InstanceId", *_METADATA_OPTIONS),
        _metadata_is_as_wanted,
        reads=("DescribeInstances",),
        terraform=translatable(
            "The metadata options are not a separate resource. They are the argument metadata_options of the "
            "aws_instance."
        ),
        cloudformation=IN_ITS_STACK,
    ),
    WriteOperation(
        "ec2",
        "AssociateIamInstanceProfile",
        ("InstanceId", "IamInstanceProfile"),
        _of_instance,
        reads=_ASSOCIATIONS,
        further_actions=("iam:PassRole",),
        terraform=_PROFILE_OF_INSTANCE,
        cloudformation=IN_ITS_STACK,
    ),
    WriteOperation("ec2", "DisassociateIamInstanceProfile", ("AssociationId",), _is_over, reads=_ASSOCIATIONS),
    WriteOperation(
        "ec2",
        "ReplaceIamInstanceProfileAssociation",
        ("AssociationId", "IamInstanceProfile"),
        _of_association,
        reads=_ASSOCIATIONS,
        further_actions=("iam:PassRole",),
        terraform=_PROFILE_OF_INSTANCE,
        cloudformation=IN_ITS_STACK,
    ),
    _authorization("Ingress"),
    _authorization("Egress"),
    _revocation("Ingress"),
    _revocation("Egress"),
    WriteOperation(
        "ec2",
        "ModifyVpcAttribute",
        ("VpcId", *_ATTRIBUTES),
        _attribute_is_set,
        reads=("DescribeVpcAttribute",),
        terraform=TerraformForm(
            "aws_vpc",
            "nodes",
            {"EnableDnsSupport": "enable_dns_support", "EnableDnsHostnames": "enable_dns_hostnames"},
            identifiers=("VpcId",),
            import_id=imported_by("VpcId"),
            keep=True,
            complete=_attributes,
        ),
        cloudformation=IN_ITS_STACK,
    ),
    WriteOperation(
        "ec2",
        "CreateVpcEndpoint",
        (*_ENDPOINT_ARGUMENTS, "TagSpecifications"),
        _endpoint_is_there,
        reads=("DescribeVpcEndpoints",),
        further_actions=("ec2:CreateTags", "route53:AssociateVPCWithHostedZone"),
        carry_out=_create_endpoint,
        is_named_by_aws=True,
        terraform=TerraformForm(
            "aws_vpc_endpoint",
            "session_manager",
            {**_ENDPOINT_ARGUMENTS, "TagSpecifications": "tags"},
            complete=_tags_as_object,
        ),
        cloudformation=CloudFormationForm(
            "AWS::EC2::VPCEndpoint",
            "Endpoint",
            {**{name: name for name in _ENDPOINT_ARGUMENTS}, "TagSpecifications": "Tags"},
            complete=_tags_as_list,
        ),
    ),
    WriteOperation(
        "ec2",
        "DeleteVpcEndpoints",
        ("VpcEndpointIds",),
        _endpoints_are_gone,
        reads=("DescribeVpcEndpoints",),
        carry_out=_delete_endpoints,
    ),
    WriteOperation(
        "ec2",
        "ModifyVpcEndpoint",
        ("VpcEndpointId", "PrivateDnsEnabled"),
        _private_dns_is_as_wanted,
        reads=("DescribeVpcEndpoints",),
        terraform=translatable(
            "Private DNS is the argument private_dns_enabled of the aws_vpc_endpoint. An import needs the service "
            "and the VPC of the endpoint, which this change does not contain."
        ),
        cloudformation=IN_ITS_STACK,
    ),
)
