"""The API operations that the writer may send: writes, and reads that guard and settle them."""

from __future__ import annotations

WRITES = frozenset(
    {
        ("ec2", "AssociateIamInstanceProfile"),
        ("ec2", "AuthorizeSecurityGroupEgress"),
        ("ec2", "AuthorizeSecurityGroupIngress"),
        ("ec2", "CreateVpcEndpoint"),
        ("ec2", "DeleteVpcEndpoints"),
        ("ec2", "DisassociateIamInstanceProfile"),
        ("ec2", "ModifyInstanceMetadataOptions"),
        ("ec2", "ModifyVpcAttribute"),
        ("ec2", "ModifyVpcEndpoint"),
        ("ec2", "RebootInstances"),
        ("ec2", "ReplaceIamInstanceProfileAssociation"),
        ("ec2", "RevokeSecurityGroupEgress"),
        ("ec2", "RevokeSecurityGroupIngress"),
        ("ec2", "StartInstances"),
        ("ec2", "StopInstances"),
        ("iam", "AddRoleToInstanceProfile"),
        ("iam", "AttachRolePolicy"),
        ("iam", "CreateRole"),
        ("iam", "DeleteRole"),
        ("iam", "DeleteRolePolicy"),
        ("iam", "DetachRolePolicy"),
        ("iam", "PutRolePolicy"),
        ("iam", "RemoveRoleFromInstanceProfile"),
        ("iam", "UpdateAssumeRolePolicy"),
        ("kms", "CancelKeyDeletion"),
        ("kms", "DisableKey"),
        ("kms", "EnableKey"),
        ("kms", "TagResource"),
        ("kms", "UntagResource"),
        ("logs", "AssociateKmsKey"),
        ("logs", "CreateLogGroup"),
        ("logs", "DeleteLogGroup"),
        ("logs", "DisassociateKmsKey"),
        ("ssm", "CreateDocument"),
        ("ssm", "ResetServiceSetting"),
        ("ssm", "SendCommand"),
        ("ssm", "TerminateSession"),
        ("ssm", "UpdateDocument"),
        ("ssm", "UpdateDocumentDefaultVersion"),
        ("ssm", "UpdateServiceSetting"),
        ("ssm", "DeleteDocument"),
    }
)
READS = frozenset(
    {
        ("ec2", "DescribeIamInstanceProfileAssociations"),
        ("ec2", "DescribeInstances"),
        ("ec2", "DescribeSecurityGroupRules"),
        ("ec2", "DescribeVpcAttribute"),
        ("ec2", "DescribeVpcEndpoints"),
        ("iam", "GetInstanceProfile"),
        ("iam", "GetRole"),
        ("iam", "GetRolePolicy"),
        ("iam", "ListAttachedRolePolicies"),
        ("kms", "DescribeKey"),
        ("kms", "ListResourceTags"),
        ("logs", "DescribeLogGroups"),
        ("logs", "DescribeLogStreams"),
        ("ssm", "DescribeDocument"),
        ("ssm", "DescribeInstanceInformation"),
        ("ssm", "DescribeSessions"),
        ("ssm", "GetCommandInvocation"),
        ("ssm", "GetDocument"),
        ("ssm", "GetServiceSetting"),
        ("ssm", "ListCommands"),
        ("sts", "GetCallerIdentity"),
    }
)

FURTHER_ACTIONS = {
    ("ec2", "AssociateIamInstanceProfile"): ("iam:PassRole",),
    ("ec2", "ReplaceIamInstanceProfileAssociation"): ("iam:PassRole",),
    ("ec2", "CreateVpcEndpoint"): ("ec2:CreateTags", "route53:AssociateVPCWithHostedZone"),
    ("iam", "AddRoleToInstanceProfile"): ("iam:PassRole",),
    ("ssm", "UpdateServiceSetting"): ("iam:PassRole",),
}
"""What AWS asks for besides the action of the operation's own name, by operation."""
