"""Export a plan as a CloudFormation template in JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from ssmtui.language import say, translatable
from ssmtui.model.plan import JSON, Call, Plan
from ssmtui.remediation.export.cli_steps import known_beforehand, tags_on_creation
from ssmtui.remediation.export.format import export_format
from ssmtui.remediation.export.request import ChangeRequest, NotExpressibleError, json_document
from ssmtui.text.printable import printable

_VERSION = "2010-09-09"

Resource = Mapping[str, JSON]


@export_format("cloudformation", label=translatable("CloudFormation"), after="terraform")
def template_text(request: ChangeRequest) -> str:
    """The template.

    Raises:
        CannotExpress: a call changes what CloudFormation has no resource for, or nothing is left to describe.

    """
    plan = request.plan
    resources: dict[str, JSON] = {}
    for call in plan.calls:
        for name, resource in _of(call, plan).items():
            number = sum(each.startswith(name) for each in resources)
            resources[f"{name}{number + 1}" if number else name] = resource
    if not resources:
        raise NotExpressibleError(say("CloudFormation has nothing to describe in this change."))
    description = f"{printable(plan.title)} ({plan.scope.account}, {plan.scope.region})"
    template: JSON = {
        "AWSTemplateFormatVersion": _VERSION,
        "Description": description[:1024],
        "Resources": resources,
    }
    return f"{json_document(template)}\n"


def _of(call: Call, plan: Plan) -> Mapping[str, Resource]:
    operation = (call.service, call.operation)
    if operation in _UNEXPRESSED:
        raise NotExpressibleError(say(_UNEXPRESSED[operation]))
    if operation not in _EXPRESSED:
        raise NotExpressibleError(
            say("CloudFormation has no resource for {action}, as far as ssmtui knows.", action=call.action)
        )
    return _EXPRESSED[operation](call, plan)


def _resource(type_: str, call: Call, *names: tuple[str, str]) -> Resource:
    """A resource with those of its properties that the call has parameters for."""
    properties: dict[str, JSON] = {}
    for parameter, name in names:
        if parameter in call.parameters:
            properties[name] = known_beforehand(parameter, call.parameters[parameter])
    # A stack that is deleted, or that replaces the resource, must not take with it what others use by then.
    return {"Type": type_, "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain", "Properties": properties}


def _with(resource: Resource, properties: Mapping[str, JSON]) -> Resource:
    held = resource["Properties"]
    return {**resource, "Properties": {**(held if isinstance(held, Mapping) else {}), **properties}}


def _role_policy(call: Call, plan: Plan) -> Mapping[str, Resource]:
    if plan.before:
        raise NotExpressibleError(
            say("The role has that inline policy already, and CloudFormation cannot take an inline policy over.")
        )
    made = _resource("AWS::IAM::RolePolicy", call, ("RoleName", "RoleName"), ("PolicyName", "PolicyName"))
    document: JSON = json.loads(str(call.parameters["PolicyDocument"]))
    return {"SessionManagerPolicy": _with(made, {"PolicyDocument": document})}


def _role(call: Call, plan: Plan) -> Mapping[str, Resource]:
    made = _resource("AWS::IAM::Role", call, ("RoleName", "RoleName"), ("Path", "Path"))
    trust: JSON = json.loads(str(call.parameters["AssumeRolePolicyDocument"]))
    attached: list[JSON] = [
        str(each.parameters["PolicyArn"]) for each in plan.calls if each.operation == "AttachRolePolicy"
    ]
    return {"NodeRole": _with(made, {"AssumeRolePolicyDocument": trust, "ManagedPolicyArns": attached})}


def _attachment(_call: Call, plan: Plan) -> Mapping[str, Resource]:
    if any(each.operation == "CreateRole" for each in plan.calls):
        return {}  # the role that is created names it
    raise NotExpressibleError(
        say(
            "A managed policy is attached in the ManagedPolicyArns of the AWS::IAM::Role that made the role; "
            "CloudFormation has no resource for it alone."
        )
    )


def _document(call: Call, _plan: Plan) -> Mapping[str, Resource]:
    if call.operation != "CreateDocument":
        raise NotExpressibleError(
            say(
                "The document is there already: CloudFormation changes it only in the stack that made it, or after it "
                "has been imported into one."
            )
        )
    named = (("Name", "Name"), ("DocumentType", "DocumentType"), ("DocumentFormat", "DocumentFormat"))
    made = _resource("AWS::SSM::Document", call, *named)
    content: JSON = json.loads(str(call.parameters["Content"]))
    return {"SessionPreferences": _with(made, {"Content": content, "UpdateMethod": "NewVersion"})}


def _nothing(_call: Call, _plan: Plan) -> Mapping[str, Resource]:
    return {}


def _log_group(call: Call, _plan: Plan) -> Mapping[str, Resource]:
    return {
        "SessionLogGroup": _resource(
            "AWS::Logs::LogGroup", call, ("logGroupName", "LogGroupName"), ("kmsKeyId", "KmsKeyId")
        )
    }


def _endpoint(call: Call, _plan: Plan) -> Mapping[str, Resource]:
    names = (
        "VpcId",
        "ServiceName",
        "VpcEndpointType",
        "SubnetIds",
        "SecurityGroupIds",
        "RouteTableIds",
        "PrivateDnsEnabled",
    )
    endpoint = _resource("AWS::EC2::VPCEndpoint", call, *((name, name) for name in names))
    tags = tags_on_creation(call)
    return {"Endpoint": _with(endpoint, {"Tags": tags}) if tags else endpoint}


_PEERS: Mapping[str, Sequence[tuple[str, str, str]]] = {
    "Ingress": (
        ("IpRanges", "CidrIp", "CidrIp"),
        ("Ipv6Ranges", "CidrIpv6", "CidrIpv6"),
        ("PrefixListIds", "PrefixListId", "SourcePrefixListId"),
        ("UserIdGroupPairs", "GroupId", "SourceSecurityGroupId"),
    ),
    "Egress": (
        ("IpRanges", "CidrIp", "CidrIp"),
        ("Ipv6Ranges", "CidrIpv6", "CidrIpv6"),
        ("PrefixListIds", "PrefixListId", "DestinationPrefixListId"),
        ("UserIdGroupPairs", "GroupId", "DestinationSecurityGroupId"),
    ),
}


def _group_rule(direction: str) -> Callable[[Call, Plan], Mapping[str, Resource]]:
    def rules(call: Call, _plan: Plan) -> Mapping[str, Resource]:
        made = _resource(f"AWS::EC2::SecurityGroup{direction}", call, ("GroupId", "GroupId"))
        permissions = call.parameters["IpPermissions"]
        found: list[Resource] = []
        for permission in permissions if isinstance(permissions, list | tuple) else ():
            if isinstance(permission, Mapping):
                ports = {name: permission[name] for name in ("IpProtocol", "FromPort", "ToPort") if name in permission}
                for listed, member, name in _PEERS[direction]:
                    peers = permission.get(listed, ())
                    found.extend(
                        _with(made, {**ports, name: each[member]})
                        for each in (peers if isinstance(peers, list | tuple) else ())
                        if isinstance(each, Mapping)
                    )
        return {f"Https{direction}{number or ''}": each for number, each in enumerate(found)}

    return rules


def _instance_profile(call: Call, plan: Plan) -> Mapping[str, Resource]:
    if call.operation == "AddRoleToInstanceProfile":
        if any(each.operation == "CreateInstanceProfile" for each in plan.calls):
            return {}  # the profile that is created names the role
        raise NotExpressibleError(
            say("The role belongs in the AWS::IAM::InstanceProfile that made the profile: change it in its stack.")
        )
    made = _resource(
        "AWS::IAM::InstanceProfile", call, ("InstanceProfileName", "InstanceProfileName"), ("Path", "Path")
    )
    added = [str(each.parameters["RoleName"]) for each in plan.calls if each.operation == "AddRoleToInstanceProfile"]
    roles: list[JSON] = list(added)
    return {"NodeProfile": _with(made, {"Roles": roles})}


_EXPRESSED: Mapping[tuple[str, str], Callable[[Call, Plan], Mapping[str, Resource]]] = {
    ("ssm", "CreateDocument"): _document,
    ("ssm", "UpdateDocument"): _document,
    ("ssm", "UpdateDocumentDefaultVersion"): _nothing,
    ("iam", "PutRolePolicy"): _role_policy,
    ("iam", "AttachRolePolicy"): _attachment,
    ("iam", "CreateRole"): _role,
    ("iam", "CreateInstanceProfile"): _instance_profile,
    ("iam", "AddRoleToInstanceProfile"): _instance_profile,
    ("ec2", "AuthorizeSecurityGroupIngress"): _group_rule("Ingress"),
    ("ec2", "AuthorizeSecurityGroupEgress"): _group_rule("Egress"),
    ("ec2", "CreateVpcEndpoint"): _endpoint,
    ("logs", "CreateLogGroup"): _log_group,
}

_IN_ITS_STACK = translatable(
    "CloudFormation changes what is there already only in the stack that made it, or after it has been imported into "
    "one."
)
_NO_STATE = translatable("What this change does is no state that CloudFormation could describe.")

_UNEXPRESSED: Mapping[tuple[str, str], str] = {
    ("iam", "UpdateAssumeRolePolicy"): _IN_ITS_STACK,
    ("logs", "AssociateKmsKey"): _IN_ITS_STACK,
    ("ec2", "ModifyVpcAttribute"): _IN_ITS_STACK,
    ("ec2", "ModifyVpcEndpoint"): _IN_ITS_STACK,
    ("ec2", "ModifyInstanceMetadataOptions"): _IN_ITS_STACK,
    ("ec2", "AssociateIamInstanceProfile"): _IN_ITS_STACK,
    ("ec2", "ReplaceIamInstanceProfileAssociation"): _IN_ITS_STACK,
    ("kms", "EnableKey"): _IN_ITS_STACK,
    ("kms", "CancelKeyDeletion"): _NO_STATE,
    ("ec2", "StartInstances"): _NO_STATE,
    ("ec2", "StopInstances"): _NO_STATE,
    ("ec2", "RebootInstances"): _NO_STATE,
    ("ssm", "SendCommand"): _NO_STATE,
    ("ssm", "TerminateSession"): _NO_STATE,
}
"""Why CloudFormation has no words for an operation."""
