"""What AWS's error codes mean for a read."""

from __future__ import annotations

import pytest

from ssmtui.evidence.aws.failures import classify_error_code
from ssmtui.evidence.aws.reader_api import ReadFailed
from ssmtui.model.fact import ReadFailure, Unreadable


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("AccessDenied", 403),
        ("AccessDeniedException", 400),
        ("UnauthorizedOperation", 403),
        ("403", 403),
        ("SomethingForbidden", 403),
    ],
)
def test_a_refusal_names_the_action_that_would_settle_it(code: str, status: int) -> None:
    failed = classify_error_code(code, "no", status, "kms:DescribeKey")
    assert isinstance(failed, ReadFailed)
    assert failed.unreadable == Unreadable("kms:DescribeKey", f"{code}: no", ReadFailure.REFUSED)


def test_the_action_that_aws_names_is_the_one_that_counts() -> None:
    said = "User: arn:aws:iam::1:user/a is not authorized to perform: s3:ListBucket on resource: x"
    failed = classify_error_code("AccessDenied", said, 403, "s3:GetBucketLocation")
    assert isinstance(failed, ReadFailed)
    assert failed.unreadable.action == "s3:ListBucket"
