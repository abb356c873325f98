"""What an error text tells besides its cause."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.causes.matching import extract_fields
from tests.causes.texts import CALLER, KEY_ARN, NODE, NODE_ARN, ROLE, SESSION, SESSION_ARN, refused, unauthorized


def one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            refused("AccessDeniedException", "StartSession", unauthorized("ssm:StartSession", NODE_ARN)),
            {
                "account": "123456789012",
                "action": "ssm:StartSession",
                "arn": NODE_ARN,
                "caller": CALLER,
                "instance_id": NODE,
                "operation": "StartSession",
                "region": "eu-west-3",
                "role": "Operator",
            },
        ),
        (
            unauthorized("kms:Decrypt", KEY_ARN, ROLE),
            {
                "account": "123456789012",
                "action": "kms:Decrypt",
                "arn": KEY_ARN,
                "caller": ROLE,
                "instance_id": NODE,
                "key": KEY_ARN,
                "region": "eu-west-3",
                "role": "web",
            },
        ),
        (
            f"Access to {SESSION_ARN}. Denied, request id: 3a1b9d4e-0c5f-4f6a-9d55-8a1c2f0e7b11",
            {
                "account": "123456789012",
                "arn": SESSION_ARN,
                "region": "eu-west-3",
                "request_id": "3a1b9d4e-0c5f-4f6a-9d55-8a1c2f0e7b11",
                "session_id": SESSION,
            },
        ),
        (f"SessionId: {SESSION} : EOF", {"session_id": SESSION}),
        (f"Exiting session with sessionId: {SESSION}.", {"session_id": SESSION}),
        ("mi-0123456789abcdef0 is not connected.", {"instance_id": "mi-0123456789abcdef0"}),
        ('Post "https://kms.us-gov-west-1.amazonaws.com/": dial', {"region": "us-gov-west-1"}),
        ('Post "https://ssmmessages.cn-north-1.amazonaws.com.cn/": dial', {"region": "cn-north-1"}),
        ("Document with name Mine does not exist.", {"document": "Mine"}),
        ("failed to start pty since RunAs user jane does not exist", {"user": "jane"}),
        ("listen tcp 127.0.0.1:5432: bind: address already in use", {"port": "5432"}),
        (
            "arn:aws:iam::123456789012:role/path/web",
            {
                "account": "123456789012",
                "arn": "arn:aws:iam::123456789012:role/path/web",
                "role": "web",
            },
        ),
        ("no MGS endpoint found in region eu-west-3", {"region": "eu-west-3"}),
        (
            "Failed to upload /var/lib/amazon/ssm/x/Standard_Stream/ipcTempFile.log to s3://audit.logs/ssm/x.log err:x",
            {"bucket": "audit.logs"},
        ),
        ("S3 bucket audit-logs is not encrypted", {"bucket": "audit-logs"}),
        ("S3 bucket policies are not encrypted", {}),
        (
            'Log group "/ssm/sessions" or log stream "jane-0a1b" not found. Log stream stopped.',
            {"log_group": "/ssm/sessions"},
        ),
        ("nothing to see", {}),
    ],
)
def test_what_a_text_tells(text: str, told: dict[str, str]) -> None:
    assert extract_fields(one_line(text)) == told


@given(st.text(max_size=200))
def test_any_text_is_read_and_every_value_stands_in_it(text: str) -> None:
    assert all(value and value in text for value in extract_fields(text).values())
