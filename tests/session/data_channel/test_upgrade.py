from __future__ import annotations

import hashlib
import hmac

import pytest

from ssmtui.model.scope import SharedCredentials
from ssmtui.session.data_channel.stream_url import signed_headers

KEYS = SharedCredentials("AKIDEXAMPLE", "the secret", "the token")
URL = "wss://ssmmessages.eu-west-3.amazonaws.com/v1/data-channel/ann-1?role=publish_subscribe&cell-number=AA%2BB"


def signature(host: str, path: str, headers: dict[str, str], query: str) -> str:
    """AWS's own recipe (IAM User Guide, Signature Version 4), written out."""
    time = headers["X-Amz-Date"]
    names = ["host", "x-amz-date", *(["x-amz-security-token"] if "X-Amz-Security-Token" in headers else [])]
    values = {"host": host, "x-amz-date": time, "x-amz-security-token": headers.get("X-Amz-Security-Token", "")}
    canonical = "\n".join(
        [
            "GET",
            path,
            query,
            *(f"{each}:{values[each]}" for each in names),
            "",
            ";".join(names),
            hashlib.sha256(b"").hexdigest(),
        ]
    )
    place = f"{time[:8]}/eu-west-3/ssmmessages/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{time}\n{place}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = b"AWS4the secret"
    for each in place.split("/"):
        key = hmac.digest(key, each.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def test_the_upgrade_is_signed_as_aws_signs() -> None:
    headers = signed_headers(URL, "eu-west-3", KEYS)
    assert set(headers) == {"Authorization", "X-Amz-Date", "X-Amz-Security-Token"}
    assert headers["X-Amz-Security-Token"] == "the token"
    expected = signature(
        "ssmmessages.eu-west-3.amazonaws.com",
        "/v1/data-channel/ann-1",
        headers,
        "cell-number=AA%2BB&role=publish_subscribe",
    )
    assert headers["Authorization"] == (
        f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{headers['X-Amz-Date'][:8]}/eu-west-3/ssmmessages/aws4_request, "
        f"SignedHeaders=host;x-amz-date;x-amz-security-token, Signature={expected}"
    )


def test_the_port_of_a_loopback_server_is_part_of_what_is_signed() -> None:
    headers = signed_headers(
        "ws://127.0.0.1:8123/v1/data-channel/ann-1", "eu-west-3", SharedCredentials("A", "the secret", None)
    )
    assert set(headers) == {"Authorization", "X-Amz-Date"}
    assert headers["Authorization"].endswith(signature("127.0.0.1:8123", "/v1/data-channel/ann-1", headers, ""))


@pytest.mark.parametrize("name", ["X-Amz-Signature", "x-amz-credential"])
def test_a_presigned_url_is_not_signed_again(name: str) -> None:
    assert signed_headers(f"{URL}&{name}=x", "eu-west-3", KEYS) == {}
