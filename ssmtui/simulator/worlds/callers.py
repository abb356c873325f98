"""The role of whoever looks at the simulated account."""

from __future__ import annotations

from ssmtui.simulator.scenario import InlinePolicy, Role, StatementJSON
from ssmtui.simulator.state import ACCOUNT
from ssmtui.simulator.worlds.permissions import allow

_PREFERENCES = f"arn:aws:ssm:*:{ACCOUNT}:document/SSM-SessionManagerRunShell"
_TRUSTED = (f"arn:aws:iam::{ACCOUNT}:root",)

_SESSIONS: tuple[StatementJSON, ...] = (
    allow(
        "ssm:StartSession",
        f"arn:aws:ec2:*:{ACCOUNT}:instance/*",
        f"arn:aws:ssm:*:{ACCOUNT}:managed-instance/*",
        _PREFERENCES,
        "arn:aws:ssm:*::document/AWS-StartInteractiveCommand",
        "arn:aws:ssm:*::document/AWS-StartNonInteractiveCommand",
        "arn:aws:ssm:*::document/AWS-StartPortForwardingSession",
        "arn:aws:ssm:*::document/AWS-StartPortForwardingSessionToRemoteHost",
        "arn:aws:ssm:*::document/AWS-StartSSHSession",
    ),
    allow(
        ("ssm:TerminateSession", "ssm:ResumeSession", "ssmmessages:OpenDataChannel"),
        "arn:aws:ssm:*:*:session/${aws:userid}-*",
    ),
    allow("kms:GenerateDataKey", f"arn:aws:kms:*:{ACCOUNT}:key/*"),
    allow(("ssm-guiconnect:StartConnection", "ssm-guiconnect:GetConnection", "ssm-guiconnect:CancelConnection")),
)

_SESSION_PREFERENCES = allow(
    ("ssm:CreateDocument", "ssm:UpdateDocument", "ssm:UpdateDocumentDefaultVersion", "ssm:DeleteDocument"),
    _PREFERENCES,
)

_REPAIRS: tuple[StatementJSON, ...] = (
    allow(
        (
            "iam:PutRolePolicy",
            "iam:DeleteRolePolicy",
            "iam:AttachRolePolicy",
            "iam:DetachRolePolicy",
            "iam:CreateRole",
            "iam:DeleteRole",
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
            "ec2:CreateTags",
            "ec2:ModifyVpcEndpoint",
            "ec2:DeleteVpcEndpoints",
            "ec2:ModifyVpcAttribute",
        ),
    ),
    allow("route53:AssociateVPCWithHostedZone"),
    allow(("ssm:UpdateServiceSetting", "ssm:ResetServiceSetting")),
    allow(
        (
            "kms:EnableKey",
            "kms:DisableKey",
            "kms:CancelKeyDeletion",
            "kms:ScheduleKeyDeletion",
            "kms:TagResource",
            "kms:UntagResource",
        ),
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

WITH_DOCUMENTS = _engineer(
    InlinePolicy("open-sessions", (*_SESSIONS, allow("ssm:StartSession", f"arn:aws:ssm:*:{ACCOUNT}:document/Acme-*")))
)
"""May read everything, and open sessions by some documents of the account too."""

READER = _engineer(_OPEN_SESSIONS)
"""May read everything and open sessions, and change nothing."""

_NODES = (f"arn:aws:ec2:*:{ACCOUNT}:instance/*", f"arn:aws:ssm:*:{ACCOUNT}:managed-instance/*")
_OWN_SESSIONS = "arn:aws:ssm:*:*:session/${aws:userid}-*"
_START = allow("ssm:StartSession", *_NODES, _PREFERENCES)
_OWN = allow(("ssm:TerminateSession", "ssm:ResumeSession", "ssmmessages:OpenDataChannel"), _OWN_SESSIONS)
_KEYS = allow("kms:GenerateDataKey", f"arn:aws:kms:*:{ACCOUNT}:key/*")


def _opener(*statements: StatementJSON) -> Role:
    return _engineer(InlinePolicy("open-sessions", statements))


WITHOUT_START = _opener(_OWN, _KEYS)
"""May do everything with sessions but start one."""

BY_REQUEST = _opener(allow("ssm:StartAccessRequest", *_NODES), _OWN, _KEYS)
"""May ask for access, and start no session without."""

BY_TAG = _opener({**_START, "Condition": {"StringEquals": {"ssm:resourceTag/Env": "test"}}}, _OWN, _KEYS)
"""May start sessions to what carries a tag."""

WITHOUT_ONE_NODE = _opener(
    allow("ssm:StartSession", f"arn:aws:ec2:*:{ACCOUNT}:instance/*"),
    {"Effect": "Deny", "Action": "ssm:StartSession", "Resource": f"arn:aws:ssm:*:{ACCOUNT}:managed-instance/*"},
    _OWN,
    _KEYS,
)
"""May start sessions to instances and is denied everything else."""

WITHOUT_DOCUMENT = _opener(
    {
        **allow("ssm:StartSession", *_NODES, "arn:aws:ssm:*::document/AWS-StartSSHSession"),
        "Condition": {"BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"}},
    },
    _OWN,
    _KEYS,
)
"""May start SSH sessions, and asks for documents to be checked."""

WITHOUT_CHANNEL = _opener(_START, allow(("ssm:TerminateSession", "ssm:ResumeSession"), _OWN_SESSIONS), _KEYS)
"""May start sessions and not open their channel."""

WITHOUT_TERMINATE = _opener(_START, allow(("ssm:ResumeSession", "ssmmessages:OpenDataChannel"), _OWN_SESSIONS), _KEYS)
"""May start sessions and not end them."""

WITHOUT_RESUME = _opener(_START, allow(("ssm:TerminateSession", "ssmmessages:OpenDataChannel"), _OWN_SESSIONS), _KEYS)
"""May start sessions and not take them up again."""

WITHOUT_DESKTOP = _opener(_START, _OWN, _KEYS)
"""May open shells, and no remote desktop."""

WITHOUT_KEY = _opener(_START, _OWN)
"""May start sessions, and not make their data keys."""

_HERE = {"StringEquals": {"aws:RequestedRegion": "eu-west-3"}, "Bool": {"aws:SecureTransport": "true"}}
_NOT_ELSEWHERE = {
    "Effect": "Deny",
    "Action": ["ssm:*", "ssmmessages:*", "kms:*"],
    "Resource": "*",
    "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-3"}},
}
_NOT_OTHERS = {
    "Effect": "Deny",
    "Action": "ssm:StartSession",
    "Resource": "*",
    "Condition": {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Engineer"}},
}
ON_CONDITIONS = _opener(
    *({**each, "Condition": _HERE} for each in (_START, _OWN, _KEYS, _SESSIONS[-1])), _NOT_ELSEWHERE, _NOT_OTHERS
)
"""May open sessions in one Region, over TLS, under its own name."""

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

ADMINISTRATOR = Role("Engineer", trusted=_TRUSTED, managed=("AdministratorAccess",))
"""May do everything."""

BOUNDED = Role(
    "Engineer", trusted=_TRUSTED, managed=("ReadOnlyAccess",), inline=(_OPEN_SESSIONS,), boundary="ReadOnlyAccess"
)
"""May open sessions by its own policies, within a boundary that does not let it."""

PERMISSION_SET = Role(
    "AWSReservedSSO_Operators_0123456789abcdef",
    trusted=_TRUSTED,
    managed=("ReadOnlyAccess",),
    inline=(InlinePolicy("AwsSSOInlinePolicy", (_OWN, _KEYS)),),
    path="/aws-reserved/sso.amazonaws.com/eu-west-3/",
)
"""Somebody who works by a permission set of IAM Identity Center, which lacks the start of sessions."""
