"""The role of whoever looks at the simulated account."""

from __future__ import annotations

from ssmtui.simulator.scenario import InlinePolicy, Role, Statement
from ssmtui.simulator.state import ACCOUNT
from ssmtui.simulator.worlds.permissions import allow

_PREFERENCES = f"arn:aws:ssm:*:{ACCOUNT}:document/SSM-SessionManagerRunShell"
_TRUSTED = (f"arn:aws:iam::{ACCOUNT}:root",)

_SESSIONS: tuple[Statement, ...] = (
    allow(
        "ssm:StartSession",
        f"arn:aws:ec2:*:{ACCOUNT}:instance/*",
        f"arn:aws:ssm:*:{ACCOUNT}:managed-instance/*",
        _PREFERENCES,
        "arn:aws:ssm:*::document/AWS-StartPortForwardingSession",
        "arn:aws:ssm:*::document/AWS-StartSSHSession",
    ),
    allow(
        ("ssm:TerminateSession", "ssm:ResumeSession", "ssmmessages:OpenDataChannel"),
        "arn:aws:ssm:*:*:session/${aws:userid}-*",
    ),
    allow("kms:GenerateDataKey", f"arn:aws:kms:*:{ACCOUNT}:key/*"),
)

_SESSION_PREFERENCES = allow(
    ("ssm:CreateDocument", "ssm:UpdateDocument", "ssm:UpdateDocumentDefaultVersion", "ssm:DeleteDocument"),
    _PREFERENCES,
)

_REPAIRS: tuple[Statement, ...] = (
    allow(
        (
            "iam:PutRolePolicy",
            "iam:DeleteRolePolicy",
            "iam:AttachRolePolicy",
            "iam:DetachRolePolicy",
            "iam:UpdateAssumeRolePolicy",
            "iam:PassRole",
        ),
        f"arn:aws:iam::{ACCOUNT}:role/*",
    ),
    allow(
        ("iam:AddRoleToInstanceProfile", "iam:RemoveRoleFromInstanceProfile"),
        f"arn:aws:iam::{ACCOUNT}:instance-profile/*",
    ),
    allow(
        (
            "ec2:AssociateIamInstanceProfile",
            "ec2:DisassociateIamInstanceProfile",
            "ec2:ReplaceIamInstanceProfileAssociation",
            "ec2:ModifyInstanceMetadataOptions",
            "ec2:StartInstances",
            "ec2:StopInstances",
            "ec2:RebootInstances",
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:RevokeSecurityGroupIngress",
            "ec2:AuthorizeSecurityGroupEgress",
            "ec2:RevokeSecurityGroupEgress",
            "ec2:CreateVpcEndpoint",
            "ec2:ModifyVpcEndpoint",
            "ec2:DeleteVpcEndpoints",
            "ec2:ModifyVpcAttribute",
        ),
    ),
    allow(("ssm:UpdateServiceSetting", "ssm:ResetServiceSetting")),
    allow(
        ("kms:EnableKey", "kms:DisableKey", "kms:CancelKeyDeletion", "kms:ScheduleKeyDeletion", "kms:TagResource"),
        f"arn:aws:kms:*:{ACCOUNT}:key/*",
    ),
    allow(
        ("logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:AssociateKmsKey", "logs:DisassociateKmsKey"),
        f"arn:aws:logs:*:{ACCOUNT}:log-group:*",
    ),
    allow("ssm:SendCommand"),
)


def _engineer(*policies: InlinePolicy) -> Role:
    return Role("Engineer", trusted=_TRUSTED, managed=("ReadOnlyAccess",), inline=policies)


_OPEN_SESSIONS = InlinePolicy("open-sessions", _SESSIONS)

ENGINEER = _engineer(_OPEN_SESSIONS, InlinePolicy("repair", (_SESSION_PREFERENCES, *_REPAIRS)))
"""May read everything, open sessions and repair."""

READER = _engineer(_OPEN_SESSIONS)
"""May read everything and open sessions, and change nothing."""

STRANGER = Role("Engineer", trusted=_TRUSTED, inline=(InlinePolicy("whoami", (allow("ec2:DescribeRegions"),)),))
"""May not even list nodes."""

WITHOUT_SIMULATION = _engineer(
    _OPEN_SESSIONS,
    InlinePolicy("repair", (_SESSION_PREFERENCES, *_REPAIRS)),
    InlinePolicy(
        "no-simulation",
        ({"Effect": "Deny", "Action": ["iam:SimulatePrincipalPolicy", "iam:SimulateCustomPolicy"], "Resource": "*"},),
    ),
)
"""May do everything but ask IAM what a role may do."""
