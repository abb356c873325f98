"""What leaves is a read by its bytes, whoever made the request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSRequest

from ssmtui.evidence.aws import sdk
from ssmtui.evidence.aws.allowed_reads import NotAReadOperation
from ssmtui.evidence.aws.http_session import refuse_unless_read
from tests.evidence.stub_server import StubServer, stub_server

pytestmark = pytest.mark.usefixtures("keys")

AWS = "https://aws.example"
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}


@pytest.mark.parametrize(
    ("method", "url", "headers", "body"),
    [
        ("POST", "/", {"X-Amz-Target": "AmazonSSM.DescribeInstanceInformation"}, b"{}"),
        ("POST", "/", {"x-amz-target": b"AmazonSSM.GetConnectionStatus"}, b"{}"),
        ("POST", "/", FORM, "Action=GetRole&RoleName=DeleteRole"),
        ("POST", "/", FORM, b"Version=1&Action=AssumeRole"),
        ("GET", "/logs?policy", {}, None),
        ("HEAD", "/logs", {}, b""),
        ("GET", "/authorization-details/1234?nextToken=5", {}, None),
        ("GET", "/federation/credentials?role_name=x", {}, None),
        ("POST", "/token", {"Content-Type": "application/json"}, b"{}"),
    ],
)
def test_reads_leave_and_so_does_the_sdk_s_way_to_credentials(
    method: str, url: str, headers: Mapping[str, Any], body: object
) -> None:
    refuse_unless_read(method, AWS + url, headers, body)


@pytest.mark.parametrize(
    ("method", "url", "headers", "body"),
    [
        ("POST", "/", {"X-Amz-Target": "AmazonSSM.UpdateDocument"}, b"{}"),
        ("POST", "/", {"x-amz-target": b"AmazonSSM.StartSession"}, b"{}"),
        ("POST", "/", {"X-Amz-Target": ""}, b"{}"),
        ("POST", "/", FORM, "Action=DeleteRole&RoleName=GetRole"),
        ("POST", "/", FORM, "Action=GetRole&Action=DeleteRole"),
        ("POST", "/", FORM, "Action=GetRole&%41ction=DeleteRole"),
        ("POST", "/?Action=DeleteRole", FORM, "Action=GetRole"),
        ("POST", "/?Action=DeleteRole", {"X-Amz-Target": "AmazonSSM.GetDocument"}, b"{}"),
        ("POST", "/", {**FORM, "X-Amz-Target": "AmazonSSM.GetDocument"}, "Action=DeleteRole"),
        ("GET", "/?Action=DeleteRole&RoleName=x", {}, None),
        ("GET", "/?X-Amz-Target=AmazonSSM.UpdateDocument", {}, None),
        ("GET", "/", {}, b"Action=DeleteRole"),
        ("POST", "/", {}, b"Action=GetRole"),
        ("GET", "/logs/key", {}, None),
        ("GET", "/logs?session", {}, None),
        ("PUT", "/logs?policy", {}, b"{}"),
        ("DELETE", "/logs", {}, None),
        ("PATCH", "/", {"X-Amz-Target": "AmazonSSM.GetDocument"}, b"{}"),
        ("POST", "/logs", {"Content-Type": "multipart/form-data; boundary=x"}, b"--x"),
        ("POST", "/logout", {}, b""),
        ("POST", "/token", {"Authorization": "AWS4-HMAC-SHA256 Credential=x"}, b"{}"),
    ],
)
def test_what_aws_could_read_as_anything_else_does_not(
    method: str, url: str, headers: Mapping[str, Any], body: object
) -> None:
    with pytest.raises(NotAReadOperation):
        refuse_unless_read(method, AWS + url, headers, body)


def test_an_object_is_no_bucket_where_the_host_names_that() -> None:
    refuse_unless_read("GET", "https://logs.s3.eu-west-3.amazonaws.com/?policy", {}, None)
    with pytest.raises(NotAReadOperation):
        refuse_unless_read("GET", "https://logs.s3.eu-west-3.amazonaws.com/key", {}, None)


async def test_no_way_below_the_refusals_of_a_client_leads_around_it() -> None:
    async with stub_server() as stub:
        session = sdk.Session(None, "eu-west-3", sdk.Terminal())
        await session.take_credentials()
        async with session.client("ssm", "eu-west-3", stub.endpoint_url, sdk.Timeouts(attempts=1)) as client:
            guard = sdk.READS_ONLY
            for event, handler in (("before-call", guard.refuse_call), ("before-sign", guard.refuse_signing)):
                client.meta.events.unregister(event, handler)
            with pytest.raises(NotAReadOperation, match="UpdateDocument"):
                await client.update_document(Name="x", Content="{}")
            sender = client._endpoint.http_session
            with pytest.raises(NotAReadOperation, match="UpdateDocument"):
                await sender.send(prepared(stub))
            with pytest.raises(NotAReadOperation, match="UpdateDocument"):
                await (await sender._get_session(None)).request("POST", url=stub.endpoint_url, headers=TARGET, data=b"")
        assert stub.asked == {}


async def test_what_is_read_is_answered() -> None:
    async with stub_server() as stub:
        stub.answer("DescribeInstanceProperties", {"InstanceProperties": []})
        session = sdk.Session(None, "eu-west-3", sdk.Terminal())
        await session.take_credentials()
        async with session.client("ssm", "eu-west-3", stub.endpoint_url, sdk.Timeouts(attempts=1)) as client:
            answer = await client.describe_instance_properties()
        assert answer["InstanceProperties"] == []


TARGET = {"X-Amz-Target": "AmazonSSM.UpdateDocument"}


def prepared(stub: StubServer) -> AWSPreparedRequest:
    """A request that the client had no hand in."""
    return AWSRequest("POST", stub.endpoint_url, TARGET, b"{}").prepare()
