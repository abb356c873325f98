"""What a bucket's default encryption asks of whoever writes."""

from __future__ import annotations

import pytest

from ssmtui.model.storage import BucketEncryption

KEY = "arn:aws:kms:eu-west-3:123456789012:key/k"
MANAGED = "arn:aws:kms:eu-west-3:123456789012:alias/aws/s3"


@pytest.mark.parametrize(
    ("algorithm", "key", "asks"),
    [
        ("aws:kms", KEY, True),
        ("aws:kms:dsse", KEY, True),
        ("aws:kms", "alias/mine", True),
        ("aws:kms", MANAGED, False),
        ("aws:kms", "alias/aws/s3", False),
        ("aws:kms", None, False),
        ("AES256", KEY, False),
    ],
)
def test_only_a_customer_key_asks_for_a_permission(algorithm: str, key: str | None, asks: object) -> None:
    assert BucketEncryption(algorithm, key).names_customer_key is asks
