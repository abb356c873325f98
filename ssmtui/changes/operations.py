"""What the writer may send, and nothing else: the writes, and the reads that guard and settle them."""

from __future__ import annotations

WRITES = frozenset(
    {
        ("ec2", "AuthorizeSecurityGroupEgress"),
        ("ec2", "AuthorizeSecurityGroupIngress"),
        ("ec2", "ModifyInstanceMetadataOptions"),
        ("ec2", "ModifyVpcAttribute"),
        ("ec2", "RevokeSecurityGroupEgress"),
        ("ec2", "RevokeSecurityGroupIngress"),
        ("ec2", "StartInstances"),
        ("ec2", "StopInstances"),
        ("iam", "AttachRolePolicy"),
        ("iam", "DeleteRolePolicy"),
        ("iam", "DetachRolePolicy"),
        ("iam", "PutRolePolicy"),
        ("kms", "CancelKeyDeletion"),
        ("kms", "DisableKey"),
        ("kms", "EnableKey"),
        ("logs", "CreateLogGroup"),
        ("logs", "DeleteLogGroup"),
        ("ssm", "CreateDocument"),
        ("ssm", "UpdateDocument"),
        ("ssm", "UpdateDocumentDefaultVersion"),
        ("ssm", "DeleteDocument"),
    }
)
READS = frozenset(
    {
        ("ec2", "DescribeInstances"),
        ("ec2", "DescribeSecurityGroupRules"),
        ("ec2", "DescribeVpcAttribute"),
        ("iam", "GetRolePolicy"),
        ("iam", "ListAttachedRolePolicies"),
        ("kms", "DescribeKey"),
        ("logs", "DescribeLogStreams"),
        ("ssm", "DescribeDocument"),
        ("ssm", "GetDocument"),
        ("sts", "GetCallerIdentity"),
    }
)

ABSENT_CODES = frozenset(
    {
        "InvalidDocument",
        "InvalidGroup.NotFound",
        "InvalidInstanceID.NotFound",
        "InvalidVpcID.NotFound",
        "NoSuchEntity",
        "NotFoundException",
        "ResourceNotFoundException",
    }
)
"""Codes by which AWS says that the thing which is read does not exist."""

LOST_CODES = frozenset(
    {
        "DocumentAlreadyExists",
        "InvalidDocumentVersion",
        "InvalidPermission.Duplicate",
        "ResourceAlreadyExistsException",
    }
)
"""Codes by which AWS says that somebody was quicker: a newer version, or the thing that was to be made."""
