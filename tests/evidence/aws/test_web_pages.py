"""A proxy's page is neither a refusal of AWS's, which would name a permission, nor an answer without members."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from ssmtui.evidence.aws.clients import Clients, ClientSettings
from ssmtui.evidence.aws.failures import classify_exception
from ssmtui.evidence.aws.reader_api import AwsError, ReadFailed
from ssmtui.evidence.aws.sdk import Timeouts
from ssmtui.model.fact import ReadFailure
from ssmtui.model.scope import ScopeName
from tests.evidence.answered_alike import answering

pytestmark = pytest.mark.usefixtures("keys")

PARIS = ScopeName(None, "eu-west-3")
PAGE = b"<!DOCTYPE html><html><head><title>Access Denied</title></head><body><br>Ask IT.</body></html>"


def shown(status: int) -> bytes:
    lines = (f"HTTP/1.1 {status} X", "Content-Type: text/html", f"Content-Length: {len(PAGE)}", "Connection: close")
    return "\r\n".join((*lines, "", "")).encode() + PAGE


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("ssm", "DescribeInstanceInformation", {}),
        ("ec2", "DescribeInstances", {}),
        ("iam", "GetRole", {"RoleName": "web"}),
        ("s3", "GetBucketPolicy", {"Bucket": "logs"}),
    ],
)
@pytest.mark.parametrize("status", [200, 403])
async def test_a_page_says_that_aws_was_not_reached(
    service: str, operation: str, parameters: dict[str, str], status: int
) -> None:
    async with answering(shown(status), []) as endpoint:
        clients = Clients(ClientSettings(endpoint_url=endpoint, timeouts=Timeouts(attempts=1)))
        try:
            with pytest.raises(ReadFailed) as failed:
                await clients.scope(PARIS).call(service, operation, **parameters)
        finally:
            await clients.close()
    told = failed.value.unreadable
    assert told.obstacle is ReadFailure.UNREACHABLE
    assert told.why.endswith(f"a web page (HTTP {status}, “Access Denied”) was returned instead of the AWS response")


def headed(status: int, *headers: str) -> bytes:
    lines = (f"HTTP/1.1 {status} X", "Server: squid", "Content-Length: 0", "Connection: close", *headers)
    return "\r\n".join((*lines, "", "")).encode()


async def head_bucket(answer: bytes) -> str:
    """What HeadBucket comes to: how the read failed, an error's code, or nothing."""
    async with answering(answer, []) as endpoint:
        clients = Clients(ClientSettings(endpoint_url=endpoint, timeouts=Timeouts(attempts=1)))
        try:
            await clients.scope(PARIS).call("s3", "HeadBucket", Bucket="logs")
        except ReadFailed as failed:
            return f"{failed.unreadable.obstacle.name}: {failed.unreadable.why}"
        except AwsError as error:
            return error.code
        finally:
            await clients.close()
    return ""


@pytest.mark.parametrize("status", [200, 301, 302, 400, 403, 404, 407])
async def test_an_answer_to_head_without_a_request_id_is_no_answer_of_awss(status: int) -> None:
    assert await head_bucket(headed(status)) == (
        f"UNREACHABLE: s3:ListBucket: a response (HTTP {status}) without an AWS request ID was returned, "
        "by a proxy or gateway instead of AWS"
    )


@pytest.mark.parametrize(("status", "told"), [(200, ""), (403, "REFUSED: 403: Forbidden"), (404, "404")])
async def test_an_answer_to_head_with_one_is(status: int, told: str) -> None:
    assert await head_bucket(headed(status, "x-amz-request-id: 4442587FB7D0A2F9")) == told


def test_a_page_that_was_asked_again_for_is_not_quoted_either() -> None:
    answered = {"Error": {"Code": "503", "Message": PAGE.decode()}, "ResponseMetadata": {"HTTPStatusCode": 503}}
    failed = classify_exception(ClientError(answered, "DescribeDocument"), "ssm:DescribeDocument", 1)
    assert isinstance(failed, ReadFailed)
    assert failed.unreadable.obstacle is ReadFailure.FAILED
    assert failed.unreadable.why == (
        "ssm:DescribeDocument: a web page (HTTP 503, “Access Denied”) was returned instead of the AWS response"
    )
