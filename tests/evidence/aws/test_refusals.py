"""What AWS's error codes mean for a read."""

from __future__ import annotations

import pytest

from ssmtui.evidence.aws.failures import classify_error_code
from ssmtui.evidence.aws.reader_api import AwsError, ReadFailed
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


@pytest.mark.parametrize(
    ("code", "status", "obstacle"),
    [
        ("ExpiredToken", 400, ReadFailure.EXPIRED),
        ("ExpiredTokenException", 403, ReadFailure.EXPIRED),
        ("RequestExpired", 400, ReadFailure.EXPIRED),
        ("InvalidClientTokenId", 403, ReadFailure.REFUSED),
        ("ThrottlingException", 400, ReadFailure.THROTTLED),
        ("RequestLimitExceeded", 503, ReadFailure.THROTTLED),
        ("503", 503, ReadFailure.THROTTLED),
        ("InternalFailure", 500, ReadFailure.FAILED),
        ("UnknownOperationException", 400, ReadFailure.FAILED),
        ("NotImplemented", 501, ReadFailure.FAILED),
    ],
)
def test_what_no_permission_would_settle_names_none(code: str, status: int, obstacle: ReadFailure) -> None:
    failed = classify_error_code(code, "no", status, "iam:GetRole")
    assert isinstance(failed, ReadFailed)
    assert (failed.unreadable.action, failed.unreadable.obstacle) == ("", obstacle)


@pytest.mark.parametrize(
    ("code", "status"), [("NoSuchEntity", 404), ("404", 404), ("NotFoundException", 400), ("InvalidDocument", 400)]
)
def test_an_answer_about_the_thing_is_no_failure_to_read(code: str, status: int) -> None:
    error = classify_error_code(code, "no", status, "iam:GetRole")
    assert isinstance(error, AwsError)
    assert (error.code, error.message) == (code, "no")
