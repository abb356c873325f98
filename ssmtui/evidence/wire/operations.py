"""The reads that ssmtui makes. What is not here cannot be called: reading holds no client that could write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ssmtui.model.authorization import LOOK_UP

READ_OPERATIONS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("cloudtrail", "LookupEvents"): ("cloudtrail:LookupEvents",),
    ("ec2", "DescribeInstanceStatus"): ("ec2:DescribeInstanceStatus",),
    ("ec2", "DescribeInstances"): ("ec2:DescribeInstances",),
    ("ec2", "DescribeNatGateways"): ("ec2:DescribeNatGateways",),
    ("ec2", "DescribeNetworkAcls"): ("ec2:DescribeNetworkAcls",),
    ("ec2", "DescribeNetworkInterfaces"): ("ec2:DescribeNetworkInterfaces",),
    ("ec2", "DescribeRegions"): ("ec2:DescribeRegions",),
    ("ec2", "DescribeRouteTables"): ("ec2:DescribeRouteTables",),
    ("ec2", "DescribeSecurityGroups"): ("ec2:DescribeSecurityGroups",),
    ("ec2", "DescribeSubnets"): ("ec2:DescribeSubnets",),
    ("ec2", "DescribeTags"): ("ec2:DescribeTags",),
    ("ec2", "DescribeVpcAttribute"): ("ec2:DescribeVpcAttribute",),
    ("ec2", "DescribeVpcEndpoints"): ("ec2:DescribeVpcEndpoints",),
    ("ec2", "GetConsoleOutput"): ("ec2:GetConsoleOutput",),
    ("ec2", "GetManagedPrefixListEntries"): ("ec2:GetManagedPrefixListEntries",),
    ("iam", "GetInstanceProfile"): ("iam:GetInstanceProfile",),
    ("iam", "GetPolicy"): ("iam:GetPolicy",),
    ("iam", "GetPolicyVersion"): ("iam:GetPolicyVersion",),
    ("iam", "GetRole"): ("iam:GetRole",),
    ("iam", "GetRolePolicy"): ("iam:GetRolePolicy",),
    ("iam", "GetUser"): ("iam:GetUser",),
    ("iam", "ListAttachedRolePolicies"): ("iam:ListAttachedRolePolicies",),
    ("iam", "ListInstanceProfiles"): ("iam:ListInstanceProfiles",),
    ("iam", "ListRolePolicies"): ("iam:ListRolePolicies",),
    ("iam", "ListRoleTags"): ("iam:ListRoleTags",),
    ("iam", "ListRoles"): ("iam:ListRoles",),
    ("iam", "ListUserTags"): ("iam:ListUserTags",),
    ("iam", "SimulatePrincipalPolicy"): ("iam:SimulatePrincipalPolicy",),
    ("iam-toolbox", "GetRequestAuthorizationDetails"): (LOOK_UP,),
    ("kms", "DescribeKey"): ("kms:DescribeKey",),
    ("kms", "GetKeyPolicy"): ("kms:GetKeyPolicy",),
    ("kms", "ListAliases"): ("kms:ListAliases",),
    ("kms", "ListGrants"): ("kms:ListGrants",),
    ("kms", "ListKeys"): ("kms:ListKeys",),
    ("kms", "ListResourceTags"): ("kms:ListResourceTags",),
    ("logs", "DescribeLogGroups"): ("logs:DescribeLogGroups",),
    ("logs", "ListTagsForResource"): ("logs:ListTagsForResource",),
    ("organizations", "DescribeOrganization"): ("organizations:DescribeOrganization",),
    ("s3", "GetBucketEncryption"): ("s3:GetEncryptionConfiguration",),
    ("s3", "GetBucketLocation"): ("s3:GetBucketLocation",),
    ("s3", "GetBucketPolicy"): ("s3:GetBucketPolicy",),
    ("s3", "HeadBucket"): ("s3:ListBucket",),
    ("s3", "ListBuckets"): ("s3:ListAllMyBuckets",),
    ("ssm", "DescribeActivations"): ("ssm:DescribeActivations",),
    ("ssm", "DescribeDocument"): ("ssm:DescribeDocument",),
    ("ssm", "DescribeInstanceInformation"): ("ssm:DescribeInstanceInformation",),
    ("ssm", "DescribeInstanceProperties"): ("ssm:DescribeInstanceProperties",),
    ("ssm", "DescribeSessions"): ("ssm:DescribeSessions",),
    ("ssm", "GetConnectionStatus"): ("ssm:GetConnectionStatus",),
    ("ssm", "GetDocument"): ("ssm:GetDocument",),
    ("ssm", "GetServiceSetting"): ("ssm:GetServiceSetting",),
    ("ssm", "ListCommandInvocations"): ("ssm:ListCommandInvocations",),
    ("ssm", "ListDocuments"): ("ssm:ListDocuments",),
    ("ssm", "ListInventoryEntries"): ("ssm:ListInventoryEntries",),
    ("ssm", "ListTagsForResource"): ("ssm:ListTagsForResource",),
    ("sts", "GetCallerIdentity"): ("sts:GetCallerIdentity",),
}
"""Every read by botocore's service and operation, with the IAM actions it needs."""

CREDENTIAL_OPERATIONS = frozenset(
    {
        ("sts", "AssumeRole"),
        ("sts", "AssumeRoleWithWebIdentity"),
        ("sso", "GetRoleCredentials"),
        ("sso-oidc", "CreateToken"),
        ("signin", "CreateOAuth2Token"),
    }
)
"""What the SDK itself calls to come by credentials; no reader can."""


@dataclass(frozen=True, slots=True)
class Paging:
    """How an operation hands out its pages: the parameter that asks for the next, and where its value is."""

    parameter: str
    answer: str


PAGING: Mapping[tuple[str, str], Paging] = {
    ("cloudtrail", "LookupEvents"): Paging("NextToken", "NextToken"),
    ("ec2", "DescribeInstanceStatus"): Paging("NextToken", "NextToken"),
    ("ec2", "DescribeInstances"): Paging("NextToken", "NextToken"),
    ("ec2", "DescribeNatGateways"): Paging("NextToken", "NextToken"),
    ("ec2", "DescribeNetworkAcls"): Paging("NextToken", "NextToken"),
    ("ec2", "DescribeNetworkInterfaces"): Paging("NextToken", "NextToken"),
    ("ec2", "DescribeRouteTables"): Paging("NextToken", "NextToken"),
    ("ec2", "DescribeSecurityGroups"): Paging("NextToken", "NextToken"),
    ("ec2", "DescribeSubnets"): Paging("NextToken", "NextToken"),
    ("ec2", "DescribeVpcEndpoints"): Paging("NextToken", "NextToken"),
    ("ec2", "GetManagedPrefixListEntries"): Paging("NextToken", "NextToken"),
    ("iam", "ListAttachedRolePolicies"): Paging("Marker", "Marker"),
    ("iam", "ListInstanceProfiles"): Paging("Marker", "Marker"),
    ("iam", "ListRolePolicies"): Paging("Marker", "Marker"),
    ("iam", "ListRoleTags"): Paging("Marker", "Marker"),
    ("iam", "ListRoles"): Paging("Marker", "Marker"),
    ("iam", "ListUserTags"): Paging("Marker", "Marker"),
    ("iam", "SimulatePrincipalPolicy"): Paging("Marker", "Marker"),
    ("iam-toolbox", "GetRequestAuthorizationDetails"): Paging("nextToken", "nextToken"),
    ("kms", "ListAliases"): Paging("Marker", "NextMarker"),
    ("kms", "ListGrants"): Paging("Marker", "NextMarker"),
    ("kms", "ListKeys"): Paging("Marker", "NextMarker"),
    ("logs", "DescribeLogGroups"): Paging("nextToken", "nextToken"),
    ("ssm", "DescribeActivations"): Paging("NextToken", "NextToken"),
    ("ssm", "DescribeInstanceInformation"): Paging("NextToken", "NextToken"),
    ("ssm", "DescribeInstanceProperties"): Paging("NextToken", "NextToken"),
    ("ssm", "DescribeSessions"): Paging("NextToken", "NextToken"),
    ("ssm", "ListCommandInvocations"): Paging("NextToken", "NextToken"),
    ("ssm", "ListDocuments"): Paging("NextToken", "NextToken"),
    ("ssm", "ListInventoryEntries"): Paging("NextToken", "NextToken"),
}
"""The operations that answer in pages."""


class NotARead(Exception):
    """An operation that is not on the list. Never AWS's doing: a defect in ssmtui, refused before anything is sent."""

    def __init__(self, service: str, operation: str) -> None:
        super().__init__(f"{service}:{operation} is not one of ssmtui's reads")


def action_of(service: str, operation: str) -> str:
    """The IAM action that an operation needs first.

    Raises:
        NotARead: the operation is not on the list.

    """
    try:
        return READ_OPERATIONS[service, operation][0]
    except KeyError:
        raise NotARead(service, operation) from None
