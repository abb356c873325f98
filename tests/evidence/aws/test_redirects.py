"""An answer that sends elsewhere is not followed: whoever is there would be given the session's token."""

from __future__ import annotations

from contextlib import suppress

import pytest
from aiobotocore.utils import AioContainerMetadataFetcher
from botocore.exceptions import CredentialRetrievalError

from ssmtui.evidence.aws import sdk
from ssmtui.evidence.aws.clients import Clients, ClientSettings
from ssmtui.evidence.aws.reader_api import AwsError, ReadFailed
from ssmtui.evidence.aws.sdk import NoCredentials, Timeouts
from ssmtui.model.scope import ScopeName
from tests.evidence.answered_alike import answering

pytestmark = pytest.mark.usefixtures("keys")

PARIS = ScopeName(None, "eu-west-3")


def sending_to(place: str, status: int) -> bytes:
    return f"HTTP/1.1 {status} X\r\nLocation: {place}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


NOTHING = b"HTTP/1.1 200 X\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("ssm", "DescribeInstanceInformation", {}),
        ("ec2", "DescribeInstances", {}),
        ("iam", "GetRole", {"RoleName": "web"}),
        ("s3", "GetBucketPolicy", {"Bucket": "logs"}),
    ],
)
async def test_a_read_that_is_sent_elsewhere_fails_and_nobody_there_is_asked(
    service: str, operation: str, parameters: dict[str, str], status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "canary")
    here: list[bytes] = []
    there: list[bytes] = []
    async with answering(NOTHING, there) as elsewhere, answering(sending_to(elsewhere, status), here) as endpoint:
        clients = Clients(ClientSettings(endpoint_url=endpoint, timeouts=Timeouts(attempts=1)))
        try:
            with pytest.raises((ReadFailed, AwsError)):
                await clients.scope(PARIS).call(service, operation, **parameters)
        finally:
            await clients.close()
    assert there == []
    assert b"canary" in here[0]


@pytest.mark.parametrize("variable", ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_EC2_METADATA_SERVICE_ENDPOINT"])
async def test_who_gives_credentials_is_not_followed_elsewhere_either(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_EC2_METADATA_DISABLED"):
        monkeypatch.delenv(each)
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "canary")
    monkeypatch.setattr(AioContainerMetadataFetcher, "SLEEP_TIME", 0)
    here: list[bytes] = []
    there: list[bytes] = []
    async with answering(NOTHING, there) as elsewhere, answering(sending_to(elsewhere, 307), here) as address:
        monkeypatch.setenv(variable, address)
        session = sdk.Session(None, "eu-west-3", sdk.Terminal())
        with suppress(NoCredentials, CredentialRetrievalError):
            await session.take_credentials()
    assert there == []
    assert here
