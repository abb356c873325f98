from __future__ import annotations

import pytest

from ssmtui.model.request_context import can_be_in_request


@pytest.mark.parametrize(
    ("key", "action"),
    [
        ("aws:SourceIp", "ssm:StartSession"),
        ("aws:ResourceTag/team", "kms:Decrypt"),
        ("ssm:resourceTag/Env", "ssm:StartSession"),
        ("ssm:resourceTag/aws:ssmmessages:session-id", "ssmmessages:OpenDataChannel"),
        ("KMS:ViaService", "kms:Decrypt"),
        ("s3:x-amz-acl", "S3:PutObject"),
        ("ec2:SourceInstanceARN", "s3:PutObject"),
        ("ec2:RoleDelivery", "logs:PutLogEvents"),
        ("identitystore:UserId", "ssm:StartSession"),
        ("saml:aud", "ssm:StartSession"),
        ("accounts.google.com:sub", "ssm:StartSession"),
    ],
)
def test_a_key_of_the_service_and_one_of_who_asks_may_be_there(key: str, action: str) -> None:
    assert can_be_in_request(key, action)


@pytest.mark.parametrize(
    ("key", "action"),
    [
        ("s3:prefix", "ssm:UpdateInstanceInformation"),
        ("iam:PassedToService", "ssm:StartSession"),
        ("ec2:ResourceTag/team", "ssm:StartSession"),
        ("kms:ViaService", "s3:PutObject"),
        ("aws:RequestTag/team", "ssm:StartSession"),
        ("aws:TagKeys", "logs:CreateLogStream"),
    ],
)
def test_a_key_of_another_service_and_one_of_tagging_is_never_there(key: str, action: str) -> None:
    assert not can_be_in_request(key, action)
