"""A proxy's page is neither a refusal of AWS's, which would name a permission, nor an answer without members."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from ssmtui.evidence.wire.aws import ReadFailed
from ssmtui.evidence.wire.clients import Clients, ClientSettings
from ssmtui.evidence.wire.sdk import Timeouts
from ssmtui.evidence.wire.sdk_failures import failed_read
from ssmtui.model.answers import Obstacle
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
    assert told.obstacle is Obstacle.UNREACHABLE
    assert told.why.endswith(f"a web page (HTTP {status}, “Access Denied”) came in the place of AWS's answer")


def test_a_page_that_was_asked_again_for_is_not_quoted_either() -> None:
    answered = {"Error": {"Code": "503", "Message": PAGE.decode()}, "ResponseMetadata": {"HTTPStatusCode": 503}}
    failed = failed_read(ClientError(answered, "DescribeDocument"), "ssm:DescribeDocument", 1)
    assert isinstance(failed, ReadFailed)
    assert failed.unreadable.obstacle is Obstacle.FAILED
    assert failed.unreadable.why == (
        "ssm:DescribeDocument: a web page (HTTP 503, “Access Denied”) came in the place of AWS's answer"
    )
