"""What each API call asks permission for."""

from __future__ import annotations

import pytest

from ssmtui.simulator.authorisation import Call, Need, action_of

ACCOUNT = "123456789012"
REGION = "eu-west-3"
SSM = f"arn:aws:ssm:{REGION}:{ACCOUNT}"
EC2 = f"arn:aws:ec2:{REGION}:{ACCOUNT}"
IAM = f"arn:aws:iam::{ACCOUNT}"


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "needs"),
    [
        ("sts", "GetCallerIdentity", {}, []),
        ("ec2", "DescribeInstances", {"MaxResults": 1000}, [("ec2:DescribeInstances", "*")]),
        (
            "ec2",
            "StartInstances",
            {"InstanceIds": ["i-1", "i-2"]},
            [("ec2:StartInstances", f"{EC2}:instance/i-1"), ("ec2:StartInstances", f"{EC2}:instance/i-2")],
        ),
        (
            "ec2",
            "AuthorizeSecurityGroupIngress",
            {"GroupId": "sg-1"},
            [("ec2:AuthorizeSecurityGroupIngress", f"{EC2}:security-group/sg-1")],
        ),
        ("ssm", "DescribeInstanceProperties", {}, [("ssm:DescribeInstanceProperties", "*")]),
        ("ssm", "GetConnectionStatus", {"Target": "i-1"}, [("ssm:GetConnectionStatus", f"{EC2}:instance/i-1")]),
        (
            "ssm",
            "GetConnectionStatus",
            {"Target": "mi-1"},
            [("ssm:GetConnectionStatus", f"{SSM}:managed-instance/mi-1")],
        ),
        (
            "ssm",
            "UpdateDocument",
            {"Name": "SSM-SessionManagerRunShell", "Content": "{}"},
            [("ssm:UpdateDocument", f"{SSM}:document/SSM-SessionManagerRunShell")],
        ),
        (
            "ssm",
            "GetDocument",
            {"Name": "AWS-StartSSHSession"},
            [("ssm:GetDocument", f"arn:aws:ssm:{REGION}::document/AWS-StartSSHSession")],
        ),
        (
            "ssm",
            "StartSession",
            {"Target": "i-1", "DocumentName": "Acme-Shell"},
            [
                ("ssm:StartSession", f"{EC2}:instance/i-1"),
                ("ssm:StartSession", f"{SSM}:document/Acme-Shell"),
            ],
        ),
        (
            "ssm",
            "StartAccessRequest",
            {"Reason": "why", "Targets": [{"Key": "InstanceIds", "Values": ["i-1"]}]},
            [("ssm:StartAccessRequest", f"{EC2}:instance/i-1")],
        ),
        (
            "ssm",
            "GetServiceSetting",
            {"SettingId": "/ssm/managed-instance/activation-tier"},
            [("ssm:GetServiceSetting", f"{SSM}:servicesetting/ssm/managed-instance/activation-tier")],
        ),
        (
            "iam",
            "SimulatePrincipalPolicy",
            {"PolicySourceArn": f"{IAM}:role/web", "ActionNames": ["kms:Decrypt"]},
            [("iam:SimulatePrincipalPolicy", f"{IAM}:role/web")],
        ),
        (
            "iam",
            "GetInstanceProfile",
            {"InstanceProfileName": "web"},
            [("iam:GetInstanceProfile", f"{IAM}:instance-profile/web")],
        ),
        ("kms", "ListAliases", {"KeyId": "1"}, [("kms:ListAliases", "*")]),
        ("kms", "DescribeKey", {"KeyId": "1"}, [("kms:DescribeKey", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1")]),
        ("s3", "HeadBucket", {"Bucket": "audit"}, [("s3:ListBucket", "arn:aws:s3:::audit")]),
        (
            "s3",
            "GetBucketEncryption",
            {"Bucket": "audit"},
            [("s3:GetEncryptionConfiguration", "arn:aws:s3:::audit")],
        ),
        (
            "logs",
            "DescribeLogGroups",
            {"logGroupNamePrefix": "/ssm"},
            [("logs:DescribeLogGroups", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group::log-stream:")],
        ),
    ],
)
def test_the_needs_of_a_call(
    service: str, operation: str, parameters: dict[str, object], needs: list[tuple[str, str]]
) -> None:
    call = Call(service, operation, parameters, ACCOUNT, REGION)
    assert action_of(call) == tuple(Need(action, resource) for action, resource in needs)


def test_another_partition_has_other_arns() -> None:
    call = Call("ssm", "GetConnectionStatus", {"Target": "i-1"}, ACCOUNT, "cn-north-1")
    assert action_of(call) == (Need("ssm:GetConnectionStatus", f"arn:aws-cn:ec2:cn-north-1:{ACCOUNT}:instance/i-1"),)
