"""The resource types of actions, as IAM's simulation uses them.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_ARNS: Final = {
    "document": "arn:${Partition}:ssm:${Region}:${Account}:document/${DocumentName}",
    "ssm-session": "arn:${Partition}:ssm:${Region}:${Account}:session/${SessionId}",
    "managed-instance": "arn:${Partition}:ssm:${Region}:${Account}:managed-instance/${InstanceId}",
    "servicesetting": "arn:${Partition}:ssm:${Region}:${Account}:servicesetting/${ResourceId}",
    "instance": "arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}",
    "security-group": "arn:${Partition}:ec2:${Region}:${Account}:security-group/${SecurityGroupId}",
    "security-group-rule": "arn:${Partition}:ec2:${Region}:${Account}:security-group-rule/${SecurityGroupRuleId}",
    "subnet": "arn:${Partition}:ec2:${Region}:${Account}:subnet/${SubnetId}",
    "route-table": "arn:${Partition}:ec2:${Region}:${Account}:route-table/${RouteTableId}",
    "vpc": "arn:${Partition}:ec2:${Region}:${Account}:vpc/${VpcId}",
    "vpc-endpoint": "arn:${Partition}:ec2:${Region}:${Account}:vpc-endpoint/${VpcEndpointId}",
    "instance-profile": "arn:${Partition}:iam::${Account}:instance-profile/${InstanceProfileNameWithPath}",
    "role": "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}",
    "key": "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}",
    "log-group": "arn:${Partition}:logs:${Region}:${Account}:log-group:${LogGroupName}",
    "log-stream": "arn:${Partition}:logs:${Region}:${Account}:log-group:${LogGroupName}:log-stream:${LogStreamName}",
    # In simulations, actions on buckets and on objects share their resources [github.com/radkawar/stackd].
    "bucket": "arn:${Partition}:s3:::${BucketName}",
    "hostedzone": "arn:${Partition}:route53:::hostedzone/${Id}",
}

_ENDPOINT_PARTS: Final = ("vpc-endpoint", "route-table", "security-group", "subnet")
_NODE: Final = ("instance", "managed-instance")
_TYPES: Final[dict[str, tuple[str, ...]]] = {
    "ec2:AssociateIamInstanceProfile": ("instance",),
    "ec2:AuthorizeSecurityGroupEgress": ("security-group", "security-group-rule"),
    "ec2:AuthorizeSecurityGroupIngress": ("security-group", "security-group-rule"),
    "ec2:CreateTags": ("vpc-endpoint",),
    "ec2:CreateVpcEndpoint": ("vpc", *_ENDPOINT_PARTS),
    "ec2:DeleteVpcEndpoints": ("vpc-endpoint",),
    "ec2:DescribeInstances": (),
    "ec2:DisassociateIamInstanceProfile": ("instance",),
    "ec2:ModifyInstanceMetadataOptions": ("instance",),
    "ec2:ModifyVpcAttribute": ("vpc",),
    "ec2:ModifyVpcEndpoint": _ENDPOINT_PARTS,
    "ec2:RebootInstances": ("instance",),
    "ec2:ReplaceIamInstanceProfileAssociation": ("instance",),
    "ec2:RevokeSecurityGroupEgress": ("security-group",),
    "ec2:RevokeSecurityGroupIngress": ("security-group",),
    "ec2:StartInstances": ("instance",),
    "ec2:StopInstances": ("instance",),
    "iam:AddRoleToInstanceProfile": ("instance-profile",),
    "iam:AttachRolePolicy": ("role",),
    "iam:CreateRole": ("role",),
    "iam:DeleteRole": ("role",),
    "iam:DeleteRolePolicy": ("role",),
    "iam:DetachRolePolicy": ("role",),
    "iam:ListUsers": (),
    "iam:PassRole": ("role",),
    "iam:PutRolePolicy": ("role",),
    "iam:RemoveRoleFromInstanceProfile": ("instance-profile",),
    "iam:UpdateAssumeRolePolicy": ("role",),
    "kms:CancelKeyDeletion": ("key",),
    "kms:Decrypt": ("key",),
    "kms:DisableKey": ("key",),
    "kms:EnableKey": ("key",),
    "kms:GenerateDataKey": ("key",),
    "kms:TagResource": ("key",),
    "kms:UntagResource": ("key",),
    "logs:AssociateKmsKey": ("log-group",),
    "logs:CreateLogGroup": ("log-group",),
    "logs:CreateLogStream": ("log-stream",),
    "logs:DeleteLogGroup": ("log-group",),
    "logs:DescribeLogGroups": (),
    "logs:DescribeLogStreams": ("log-group",),
    "logs:DisassociateKmsKey": ("log-group",),
    "logs:PutLogEvents": ("log-stream",),
    "route53:AssociateVPCWithHostedZone": ("hostedzone",),
    "s3:GetEncryptionConfiguration": ("bucket",),
    "s3:GetObject": ("bucket",),
    "s3:PutObject": ("bucket",),
    "s3:PutObjectAcl": ("bucket",),
    "ssm-guiconnect:CancelConnection": (),
    "ssm-guiconnect:GetConnection": (),
    "ssm-guiconnect:StartConnection": (),
    "ssm:CreateDocument": ("document",),
    "ssm:DeleteDocument": ("document",),
    "ssm:GetDocument": ("document",),
    "ssm:ResetServiceSetting": ("servicesetting",),
    "ssm:ResumeSession": ("ssm-session",),
    "ssm:SendCommand": ("document", "bucket", *_NODE),
    "ssm:StartAccessRequest": _NODE,
    "ssm:StartSession": ("document", *_NODE),
    "ssm:TerminateSession": ("ssm-session",),
    "ssm:UpdateDocument": ("document",),
    "ssm:UpdateDocumentDefaultVersion": ("document",),
    "ssm:UpdateInstanceInformation": _NODE,
    "ssm:UpdateServiceSetting": ("servicesetting",),
    "ssmmessages:CreateControlChannel": (),
    "ssmmessages:CreateDataChannel": (),
    "ssmmessages:OpenControlChannel": (),
    "ssmmessages:OpenDataChannel": (),
    "sts:GetCallerIdentity": (),
}


def is_known(action: str) -> bool:
    """Return whether the simulation knows an action, with its resource types. Its spelling counts."""
    return action in _TYPES


def is_resource_of(action: str, resource: str) -> bool:
    """Return whether a resource has a type of the action: the simulation denies the action on any other.

    Every resource is one of an action that the simulation does not know, and `*` is one of every action. Source:
    answers of IAM that github.com/radkawar/stackd records (`testdata/aws/iam/simulation_inputs.json`).
    """
    if resource == "*" or not is_known(action):
        return True
    return any(_pattern(_ARNS[each]).fullmatch(resource) is not None for each in _TYPES[action])


_FIELDS: Final = frozenset({"Partition", "Region", "Account"})


@lru_cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\$\{(\w+)\}", template)
    variables = ("[^:]*" if each in _FIELDS else ".+" for each in parts[1::2])
    return re.compile("".join(map("".join, zip(map(re.escape, parts[::2]), (*variables, ""), strict=True))))
